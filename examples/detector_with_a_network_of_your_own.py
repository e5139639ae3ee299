#!/usr/bin/env python
"""A network of your own in a detector: stages in, boxes out.

    python examples/detector_with_a_network_of_your_own.py

Builds RetinaNet with an AnyNet whose stages are typed here, says what the network costs, and runs
it on one of the photographs that come inside scikit-learn. Nothing is downloaded; the weights are
random, and so are the boxes. Needs mmdet and mmcv's ops (`make ops`).
"""

from pathlib import Path

import torch
from mmdet.apis import inference_detector, init_detector
from mmengine.config import Config

from regnet_plugin.core.architecture import Architecture
from regnet_plugin.core.complexity import complexity
from regnet_plugin.datasets.embedded import photographs

ROOT = Path(__file__).resolve().parent.parent
STAGES = dict(
    depths=[1, 3, 6, 2],
    widths=[32, 64, 160, 320],
    bottleneck_ratios=[1, 1, 1, 1],
    group_widths=[16, 16, 16, 16],
)


def detector_config() -> Config:
    """The config of a RetinaNet with the network in the place of its backbone."""
    config = Config.fromfile(ROOT / 'configs/detection/retinanet_regnetx_3.2gf_fpn_1x_coco.py')
    config.model.backbone = dict(type='regnet_plugin.AnyNet', out_indices=(0, 1, 2, 3), **STAGES)
    # The neck takes maps of these widths; typed wrongly, tools/train.py refuses them in one line.
    config.model.neck.in_channels = STAGES['widths']
    return config


def main() -> None:
    network = Architecture.from_lists(**STAGES)
    counts = complexity(network, resolution=224)
    print(f'flops {counts.flops:,}, parameters {counts.parameters:,} at 224 pixels')

    config = detector_config()
    torch.manual_seed(0)
    detector = init_detector(config, device='cpu')
    photograph = photographs()['flower.jpg'][..., ::-1].copy()  # mmdet reads images as BGR
    found = inference_detector(detector, photograph).pred_instances
    print(f'{len(found)} boxes of shape {tuple(found.bboxes.shape)}, before any training')


if __name__ == '__main__':
    main()
