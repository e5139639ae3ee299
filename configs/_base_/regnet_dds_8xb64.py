"""The paper's recipe for 8 GPUs of 64 images: networks from 3.2 to 16 GF."""

_base_ = 'regnet_dds_8xb128.py'

train_dataloader = dict(batch_size=64)
val_dataloader = dict(batch_size=64)
test_dataloader = dict(batch_size=64)
optim_wrapper = dict(optimizer=dict(lr=0.4))
auto_scale_lr = dict(base_batch_size=512)
