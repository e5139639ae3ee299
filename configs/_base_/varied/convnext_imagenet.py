"""ConvNeXt-T on ImageNet by mmpretrain's recipe, with keys for kernel and hidden width: the base for another data."""

_base_ = 'mmpretrain::convnext/convnext-tiny_32xb128_in1k.py'
custom_imports = dict(imports=['regnet_plugin.config_spaces.networks'])

model = dict(
    backbone=dict(
        type='regnet_plugin.VariedConvNeXt',
        arch=dict(_delete_=True, depths=[3, 3, 9, 3], channels=[96, 192, 384, 768]),
        kernel_size=7,
        mlp_ratio=4,
    ),
)
