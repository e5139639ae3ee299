"""EfficientNet-B4 on ImageNet, 100 epochs, table 4, 380x380: 4.4 GF, 19.3 M parameters, 49.5 M activations.

Top-1 error 21.2 ± 0.06 in the paper (mean and deviation of 5 trainings); 17.4 as originally reported. Table 4 prints the
original paper's 4.2 GF and 19.0 M parameters, and 48.5 M activations, of which the authors' code counts 49.5 M as well.
"""

_base_ = '../_base_/efficientnet_dds_8xb32.py'

model = dict(backbone=dict(arch='b4'), head=dict(in_channels=1792))

train_pipeline, test_pipeline = _base_.train_pipeline, _base_.test_pipeline
train_pipeline[1].scale = 380
test_pipeline[1].scale = 434
test_pipeline[2].crop_size = 380
train_dataloader = dict(batch_size=16, dataset=dict(pipeline=train_pipeline))
val_dataloader = test_dataloader = dict(batch_size=16, dataset=dict(pipeline=test_pipeline))
optim_wrapper = dict(optimizer=dict(lr=0.2))
auto_scale_lr = dict(base_batch_size=128)
