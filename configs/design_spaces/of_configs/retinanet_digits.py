"""RetinaNet on digits on photographs: depth and width of the backbone, widths of neck and head, and convs of the head."""

design_space = dict(
    type='ConfigSpace',
    base='{{ fileDirname }}/../../_base_/varied/retinanet_digits.py',
    parameters={
        'model.backbone.depths.2': dict(law='uniform', low=1, high=6),
        'width': dict(law='log_uniform', low=8, high=32, step=8),
        'model.neck.out_channels': dict(law='log_uniform', low=16, high=96, step=16),
        'head_channels': dict(law='log_uniform', low=16, high=96, step=16),
        'model.bbox_head.stacked_convs': [1, 2, 3, 4],
        'resolution': [128, 160, 192],
    },
    derived={
        'model.backbone.widths': 'width * (1, 2, 4, 8)',
        'model.bbox_head.feat_channels': 'head_channels',
        'train_dataloader.dataset.pipeline.2.scale': '(resolution, resolution)',
        'val_dataloader.dataset.pipeline.1.scale': '(resolution, resolution)',
    },
)
