"""The paper's recipe for 8 GPUs of 32 images: networks of 32 GF."""

_base_ = 'regnet_dds_8xb128.py'

train_dataloader = dict(batch_size=32)
val_dataloader = dict(batch_size=32)
test_dataloader = dict(batch_size=32)
optim_wrapper = dict(optimizer=dict(lr=0.2))
auto_scale_lr = dict(base_batch_size=256)
