"""A small ConvNeXt on the digits at 32x32, whose keys configs/design_spaces/of_configs/convnext_digits.py varies."""

_base_ = ['../datasets/digits.py', '../schedules/adamw_digits.py', '../default_runtime.py']
custom_imports = dict(imports=['regnet_plugin.config_spaces.networks'])

model = dict(
    type='ImageClassifier',
    backbone=dict(
        type='regnet_plugin.VariedConvNeXt',
        arch=dict(depths=[1, 1, 2, 1], channels=[16, 32, 64, 128]),
        stem_patch_size=2,
        kernel_size=7,
        mlp_ratio=4,
        drop_path_rate=0.0,
    ),
    head=dict(
        type='LinearClsHead',
        num_classes=10,
        in_channels=128,
        loss=dict(type='CrossEntropyLoss'),
        topk=(1,),
    ),
)
