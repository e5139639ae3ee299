"""The table of tools/benchmark_detector.py: mmdet's own RegNet and ours in one detector, with the
same weights.
"""

import copy
from itertools import product

import torch
from mmdet.structures import DetDataSample
from mmengine.config import Config
from mmengine.registry import MODELS, init_default_scope
from mmengine.structures import InstanceData

from regnet_plugin.benchmarks.step_timing import evaluation_step, optimization_step, peak_allocation, race
from regnet_plugin.benchmarks.library_comparison import say_round
from regnet_plugin.cli.errors import blame
from regnet_plugin.core.arch_argument import architecture_of

_CONFIG = 'mmdet::regnet/faster-rcnn_regnetx-3.2GF_fpn_1x_coco.py'
_CONTESTANTS = {
    'ours': 'regnet_plugin.RegNet',
    'mmdet': 'RegNet',
    'ours again': 'regnet_plugin.RegNet',
}
_BOXES = 8  # on each image
_HEADER = (
    f'{"network":<15}{"step":<11}{"backbone":<12}{"median":>11}{"spread":>8}{"ratio":>8}'
    f'{"peak":>12}{"ratio":>8}'
)


def _detectors(name):
    """mmdet's published Faster R-CNN with another size; nothing but the type of the backbone
    differs.
    """
    config = Config.fromstring(f'_base_ = {_CONFIG!r}', '.py')
    config.model.backbone.update(arch=name, init_cfg=None)
    config.model.neck.in_channels = list(architecture_of(name).widths)
    init_default_scope('mmdet')
    detectors = {}
    for contestant, kind in _CONTESTANTS.items():
        config.model.backbone.type = kind
        detectors[contestant] = MODELS.build(copy.deepcopy(config.model))
    weights = detectors['mmdet'].state_dict()
    for detector in detectors.values():
        detector.load_state_dict(weights)
    return detectors


def _batch(count, shape, device):
    generator = torch.Generator().manual_seed(0)
    metainfo = dict.fromkeys(('img_shape', 'pad_shape', 'batch_input_shape', 'ori_shape'), shape)
    metainfo['scale_factor'] = (1.0, 1.0)
    height, width = shape
    samples = []
    for _ in range(count):
        corners, sides = (
            torch.rand(2, _BOXES, 2, generator=generator) * torch.tensor([width, height]) / 2
        )
        boxes = torch.cat([corners, corners + sides + 1], dim=1).to(device)
        truth = InstanceData(bboxes=boxes, labels=torch.arange(_BOXES, device=device))
        samples.append(DetDataSample(gt_instances=truth, metainfo=metainfo))
    return torch.randn(count, 3, *shape, generator=generator).to(device), samples


def _loss(detector, images, samples):
    torch.manual_seed(0)  # of the samplers of boxes
    losses = detector.loss(images, copy.deepcopy(samples))
    return sum(
        sum(value) if isinstance(value, list) else value
        for name, value in losses.items()
        if 'loss' in name
    )


def _step(detector, kind, batch):
    if kind == 'inference':
        return evaluation_step(detector, lambda: detector.predict(*batch, rescale=False))
    return optimization_step(detector, lambda: _loss(detector, *batch), learning_rate=0)


def print_detector_races(names, kinds, batch, shape, rounds):
    """Time the detectors in turn, and print a row for each contestant when a race is over.

    Args:
        names (Sequence[str]): published RegNetX; mmdet has eight.
        kinds (Sequence[str]): of 'inference' and 'training'.
        batch (int): images in a step.
        shape (tuple[int, int]): their height and width.
        rounds (int): steps of each contestant.
    """
    device = 'cuda' if torch.cuda.is_available() else 'cpu'
    where = (
        torch.cuda.get_device_name()
        if device == 'cuda'
        else f'CPU, {torch.get_num_threads()} threads'
    )
    print(
        f'{where}; torch {torch.__version__}; Faster R-CNN, {batch} images of '
        f'{shape[0]}x{shape[1]}, '
        f'{rounds} rounds\n{_HEADER}',
        flush=True,
    )
    images = _batch(batch, tuple(shape), device)
    for name, kind in product(names, kinds):
        with blame(name):
            detectors = _detectors(name)
        steps = {
            contestant: _step(detector.to(device), kind, images)
            for contestant, detector in detectors.items()
        }
        timings = race(steps, rounds, say_round(f'{name}, {kind}', rounds))
        peaks = {contestant: peak_allocation(step) for contestant, step in steps.items()}
        for contestant, timing in timings.items():
            print(
                f'{name:<15}{kind:<11}{contestant:<12}{1000 * timing.median:>8.1f} '
                f'ms{timing.spread:>7.0%} '
                f'{timing.ratio_to(timings["ours"]):>7.3f}{peaks[contestant] / 2**20:>8.0f} MiB'
                f'{peaks[contestant] / peaks["ours"]:>8.3f}',
                flush=True,
            )
