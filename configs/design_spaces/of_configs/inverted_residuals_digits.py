"""Inverted residuals, as of MobileNetV2, on the digits: expansion, widths and depths of four stages."""

design_space = dict(
    type='ConfigSpace',
    base='{{ fileDirname }}/../../_base_/varied/inverted_residuals_digits.py',
    parameters={
        'expansion': [1, 2, 3, 4, 6],
        'width': dict(law='log_uniform', low=8, high=32, step=8),
        'slope': dict(law='log_uniform', low=1.2, high=2.4, step=0.1),
        'depth_2': dict(law='uniform', low=1, high=4),
        'depth_3': dict(law='uniform', low=1, high=4),
        'depth_4': dict(law='uniform', low=1, high=3),
    },
    derived={
        'widths': '(width, multiple(width * slope, 8), multiple(width * slope ** 2, 8), '
        'multiple(width * slope ** 3, 8))',
        'model.backbone.stages': '((1, widths[0], 1, 1), (expansion, widths[1], depth_2, 2), '
        '(expansion, widths[2], depth_3, 2), (expansion, widths[3], depth_4, 1))',
    },
)
constraints = dict(flops=(3e6, 4e6))
