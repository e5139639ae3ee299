"""ConvNeXt on the digits: depths, widths, kernel and hidden width; the head follows by itself.

For ImageNet: --cfg-options 'design_space.base={{ fileDirname }}/../../_base_/varied/convnext_imagenet.py' and wider widths.
"""

design_space = dict(
    type='ConfigSpace',
    base='{{ fileDirname }}/../../_base_/varied/convnext_digits.py',
    parameters={
        'model.backbone.arch.depths.0': dict(law='uniform', low=1, high=3),
        'model.backbone.arch.depths.1': dict(law='uniform', low=1, high=3),
        'model.backbone.arch.depths.2': dict(law='log_uniform', low=1, high=9),
        'model.backbone.arch.depths.3': dict(law='uniform', low=1, high=3),
        'width': dict(law='log_uniform', low=8, high=48, step=8),
        'model.backbone.kernel_size': [3, 5, 7],
        'model.backbone.mlp_ratio': [1, 2, 3, 4],
    },
    derived={'model.backbone.arch.channels': 'width * (1, 2, 4, 8)'},
)
constraints = dict(flops=(4e6, 5e6))
