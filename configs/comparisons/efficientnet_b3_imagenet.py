"""EfficientNet-B3 on ImageNet, 100 epochs, table 4, 300x300: 1.8 GF, 12.2 M parameters, 23.8 M activations.

Top-1 error 22.5 ± 0.05 in the paper (mean and deviation of 5 trainings); 18.9 as originally reported. Table 4 prints the
original paper's 12.0 M parameters.
"""

_base_ = '../_base_/efficientnet_dds_8xb32.py'

model = dict(backbone=dict(arch='b3'), head=dict(in_channels=1536))

train_pipeline, test_pipeline = _base_.train_pipeline, _base_.test_pipeline
train_pipeline[1].scale = 300
test_pipeline[1].scale = 342
test_pipeline[2].crop_size = 300
train_dataloader = dict(dataset=dict(pipeline=train_pipeline))
val_dataloader = test_dataloader = dict(dataset=dict(pipeline=test_pipeline))
