"""A small vision transformer on the digits at 32x32, for configs/design_spaces/of_configs/vision_transformer_digits.py."""

_base_ = ['../datasets/digits.py', '../schedules/adamw_digits.py', '../default_runtime.py']

model = dict(
    type='ImageClassifier',
    backbone=dict(
        type='VisionTransformer',
        arch=dict(embed_dims=64, num_layers=4, num_heads=4, feedforward_channels=256),
        img_size=32,
        patch_size=4,
    ),
    head=dict(
        type='VisionTransformerClsHead',
        num_classes=10,
        in_channels=64,
        loss=dict(type='CrossEntropyLoss'),
        topk=(1,),
    ),
)
optim_wrapper = dict(optimizer=dict(lr=2e-3))
