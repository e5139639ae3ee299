"""DeepLabV3+ on digits on photographs: depths and width of a dilated backbone, widths of the head, its dilations.

Needs mmsegmentation (docs/how_to/segmentation.md). Widths that the heads take follow by themselves.
"""

design_space = dict(
    type='ConfigSpace',
    base='{{ fileDirname }}/../../_base_/varied/deeplabv3plus_digits.py',
    resolution=160,  # as the images are
    parameters={
        'model.backbone.depths.1': dict(law='uniform', low=1, high=4),
        'model.backbone.depths.2': dict(law='uniform', low=1, high=6),
        'width': dict(law='log_uniform', low=8, high=32, step=8),
        'model.decode_head.channels': dict(law='log_uniform', low=16, high=96, step=16),
        'model.decode_head.c1_channels': [8, 16, 32],
        'reach': [1, 2, 3],
    },
    derived={
        'model.backbone.widths': 'width * (1, 2, 4, 8)',
        'model.decode_head.dilations': '(1, 2 * reach, 4 * reach)',
    },
)
