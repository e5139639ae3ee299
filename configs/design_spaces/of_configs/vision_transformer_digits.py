"""Small vision transformers on the digits at equal flops: wider or deeper? Depth, width, heads, hidden width and patch vary."""

design_space = dict(
    type='ConfigSpace',
    base='{{ fileDirname }}/../../_base_/varied/vision_transformer_digits.py',
    parameters={
        'depth': dict(law='log_uniform', low=1, high=12),
        'width': dict(law='log_uniform', low=16, high=128, step=8),
        'channels_per_head': [8, 16],
        'mlp_ratio': [2, 3, 4],
        'model.backbone.patch_size': [4, 8],
    },
    derived={
        'model.backbone.arch.num_layers': 'depth',
        'model.backbone.arch.embed_dims': 'width',
        'model.backbone.arch.num_heads': 'width // channels_per_head',
        'model.backbone.arch.feedforward_channels': 'mlp_ratio * width',
    },
    where='width % channels_per_head == 0',
)
constraints = dict(flops=(3e6, 4e6))
