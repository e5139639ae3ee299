"""EfficientNet-B1 on ImageNet, 100 epochs, table 4, 240x240: 0.7 GF, 7.8 M parameters, 10.9 M activations.

Top-1 error 24.1 ± 0.16 in the paper (mean and deviation of 5 trainings); 21.2 as originally reported.
"""

_base_ = '../_base_/efficientnet_dds_8xb32.py'

model = dict(backbone=dict(arch='b1'), head=dict(in_channels=1280))

train_pipeline, test_pipeline = _base_.train_pipeline, _base_.test_pipeline
train_pipeline[1].scale = 240
test_pipeline[1].scale = 274
test_pipeline[2].crop_size = 240
train_dataloader = dict(dataset=dict(pipeline=train_pipeline))
val_dataloader = test_dataloader = dict(dataset=dict(pipeline=test_pipeline))
