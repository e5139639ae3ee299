"""EfficientNet-B2 on ImageNet, 100 epochs, table 4, 260x260: 1.0 GF, 9.1 M parameters, 13.8 M activations.

Top-1 error 23.4 ± 0.06 in the paper (mean and deviation of 5 trainings); 20.2 as originally reported. Table 4 prints the
original paper's 9.2 M parameters.
"""

_base_ = '../_base_/efficientnet_dds_8xb32.py'

model = dict(backbone=dict(arch='b2'), head=dict(in_channels=1408))

train_pipeline, test_pipeline = _base_.train_pipeline, _base_.test_pipeline
train_pipeline[1].scale = 260
test_pipeline[1].scale = 298
test_pipeline[2].crop_size = 260
train_dataloader = dict(dataset=dict(pipeline=train_pipeline))
val_dataloader = test_dataloader = dict(dataset=dict(pipeline=test_pipeline))
