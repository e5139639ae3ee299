"""Detectors of mmdet small enough to train in a moment, around any backbone.

There is a fixed batch for them.
"""

import torch
from mmdet.structures import DetDataSample
from mmengine.config import Config
from mmengine.registry import MODELS, init_default_scope
from mmengine.structures import InstanceData

# in mmdet's words: 1, 1, 1, 2 blocks
ARCH = dict(w0=24, wa=16, wm=1.5, depth=5, group_w=8, bot_mul=1.0)
WIDTHS = (24, 32, 56, 80)
HEIGHT, WIDTH = 96, 128  # mmcv's DCN takes no map smaller than 3x3
WIDTH_OF_NECK = 16

RETINANET = dict(
    bbox_head=dict(
        num_classes=3, in_channels=WIDTH_OF_NECK, feat_channels=WIDTH_OF_NECK, stacked_convs=1
    ),
    test_cfg=dict(score_thr=0.0, nms_pre=50, max_per_img=20),
)
FASTER_RCNN = dict(
    rpn_head=dict(in_channels=WIDTH_OF_NECK, feat_channels=WIDTH_OF_NECK),
    roi_head=dict(
        bbox_roi_extractor=dict(out_channels=WIDTH_OF_NECK),
        bbox_head=dict(in_channels=WIDTH_OF_NECK, fc_out_channels=32, num_classes=3),
    ),
    train_cfg=dict(rpn_proposal=dict(max_per_img=50), rcnn=dict(sampler=dict(num=32))),
    test_cfg=dict(rpn=dict(max_per_img=50), rcnn=dict(score_thr=0.0, max_per_img=20)),
)
DETECTORS = {'retinanet_r50_fpn': RETINANET, 'faster-rcnn_r50_fpn': FASTER_RCNN}


def build_detector(name, backbone, **changes):
    """Build a detector of ``DETECTORS`` with a backbone of the widths ``WIDTHS``.

    Changes are merged into its config.
    """
    init_default_scope('mmdet')
    config = Config.fromstring(f"_base_ = 'mmdet::_base_/models/{name}.py'", '.py')
    neck = dict(in_channels=list(WIDTHS), out_channels=WIDTH_OF_NECK)
    for change in (DETECTORS[name], dict(neck=neck), changes):
        config.merge_from_dict(dict(model=change))
    config.model.backbone = backbone
    return MODELS.build(config.model)


def batch():
    """Two images of noise, with two boxes on the first and one on the second."""
    generator = torch.Generator().manual_seed(0)
    boxes = [[[4.0, 6.0, 40.0, 50.0], [30.0, 10.0, 90.0, 60.0]], [[10.0, 10.0, 58.0, 44.0]]]
    shape = (HEIGHT, WIDTH)
    samples = [
        DetDataSample(
            gt_instances=InstanceData(bboxes=torch.tensor(box), labels=torch.arange(len(box))),
            metainfo=dict(
                img_shape=shape,
                pad_shape=shape,
                batch_input_shape=shape,
                ori_shape=shape,
                scale_factor=(1.0, 1.0),
            ),
        )
        for box in boxes
    ]
    return torch.randn(2, 3, HEIGHT, WIDTH, generator=generator), samples


def loss(detector):
    """Return the losses of the batch by name, in training mode; samplers draw from a fixed seed.

    They are computed where the detector is.
    """
    torch.manual_seed(0)
    detector.train()
    device = next(detector.parameters()).device
    images, samples = batch()
    losses = detector.loss(images.to(device), [sample.to(device) for sample in samples])
    return {
        name: sum(value) if isinstance(value, list) else value for name, value in losses.items()
    }


def train(detector):
    """Compute gradients on the batch; return the losses that they are of."""
    losses = {name: value for name, value in loss(detector).items() if 'loss' in name}
    sum(losses.values()).backward()
    return losses


@torch.no_grad()
def detect(detector):
    """Return boxes, scores and labels of each image of the batch."""
    results = [sample.pred_instances for sample in detector.eval().predict(*batch(), rescale=False)]
    return [(result.bboxes, result.scores, result.labels) for result in results]
