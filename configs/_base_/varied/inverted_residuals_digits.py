"""A small MobileNetV2 on the digits at 32x32, for configs/design_spaces/of_configs/inverted_residuals_digits.py."""

_base_ = ['../datasets/digits.py', '../schedules/adamw_digits.py', '../default_runtime.py']
custom_imports = dict(imports=['regnet_plugin.config_spaces.networks'])

model = dict(
    type='ImageClassifier',
    backbone=dict(
        type='regnet_plugin.InvertedResiduals',
        stages=[[1, 16, 1, 1], [6, 24, 2, 2], [6, 48, 2, 2], [6, 96, 1, 1]],
    ),
    neck=dict(type='GlobalAveragePooling'),
    head=dict(
        type='LinearClsHead',
        num_classes=10,
        in_channels=1280,
        loss=dict(type='CrossEntropyLoss'),
        topk=(1,),
    ),
)
