"""mmdet's own RegNet and ours in one detector: the table of tools/benchmark_detector.py.

Both have the same weights.
"""

import copy
from collections.abc import Sequence
from dataclasses import dataclass
from itertools import product
from typing import Any, NamedTuple

import torch
from mmdet.structures import DetDataSample
from mmengine.config import Config
from mmengine.registry import MODELS, init_default_scope
from mmengine.structures import InstanceData

from regnet_plugin.benchmarks.device import described_device, torch_device
from regnet_plugin.benchmarks.step_memory import peak_allocation
from regnet_plugin.benchmarks.step_timing import Timing, terminal_progress, time_in_turn
from regnet_plugin.benchmarks.steps import Step, evaluation_step, optimization_step
from regnet_plugin.cli.errors import blame
from regnet_plugin.cli.printing import say
from regnet_plugin.core.arch_argument import architecture_of

FASTER_RCNN = 'mmdet::regnet/faster-rcnn_regnetx-3.2GF_fpn_1x_coco.py'
_BACKBONES = {  # of the contestants; ours is there twice, to see the noise
    'ours': 'regnet_plugin.RegNet',
    'mmdet': 'RegNet',
    'ours again': 'regnet_plugin.RegNet',
}
_BOXES = 8  # on each image, about as many as there are on an image of COCO
_HEADER = (
    f'{"network":<15}{"step":<11}{"backbone":<12}{"median":>11}{"spread":>8}{"ratio":>8}'
    f'{"peak":>12}{"ratio":>8}'
)


class _Batch(NamedTuple):
    """What a step is done with.

    Attributes:
        images: (N, 3, H, W).
        samples: what mmdet keeps beside each image, with the boxes on it.
    """

    images: torch.Tensor
    samples: list[Any]


@dataclass(frozen=True)
class ComparedDetector:
    """A step of a detector with one contestant's backbone, timed in turn with the others'.

    Attributes:
        network: published name of the backbone.
        kind: 'inference' or 'training'.
        backbone: 'ours', 'mmdet' or 'ours again'.
        batch: images in a step.
        shape: their height and width.
        seconds: one value per round.
        peak: bytes at the worst moment of a step, without the batch.
    """

    network: str
    kind: str
    backbone: str
    batch: int
    shape: tuple[int, int]
    seconds: tuple[float, ...]
    peak: int

    @property
    def timing(self) -> Timing:
        """Its seconds, to be compared with those of another contestant."""
        return Timing(self.seconds)


def compare_detectors(
    name: str, kind: str, *, batch: int, shape: tuple[int, int], rounds: int
) -> list[ComparedDetector]:
    """Time a step of a detector with each contestant's backbone, in turn, and measure its memory.

    Args:
        name: a published RegNetX; mmdet has eight.
        kind: 'inference' or 'training'.
        batch: images in a step.
        shape: their height and width.
        rounds: steps of each contestant.

    Returns:
        One for each contestant: ours, mmdet's, and ours again.
    """
    with blame(name):
        detectors = _detectors(name)
    made_up = made_up_batch(batch, *shape)
    steps = {
        contestant: _step(detector.to(torch_device()), kind, made_up)
        for contestant, detector in detectors.items()
    }
    timings = time_in_turn(steps, rounds, terminal_progress(f'{name}, {kind}', rounds))
    return [
        ComparedDetector(
            name, kind, contestant, batch, shape, timing.seconds, peak_allocation(steps[contestant])
        )
        for contestant, timing in timings.items()
    ]


def print_detector_comparison(
    names: Sequence[str], kinds: Sequence[str], batch: int, shape: tuple[int, int], rounds: int
) -> None:
    """Compare the detectors, and print a row for each when all of a network are timed.

    Args:
        names: published RegNetX.
        kinds: of 'inference' and 'training'.
        batch, shape, rounds: see `compare_detectors`.
    """
    height, width = shape
    say(
        f'{described_device()}; Faster R-CNN, {batch} images of {height}x{width}, {rounds} rounds\n'
        f'{_HEADER}'
    )
    for name, kind in product(names, kinds):
        steps = compare_detectors(name, kind, batch=batch, shape=shape, rounds=rounds)
        ours = next(step for step in steps if step.backbone == 'ours')
        for step in steps:
            timing = step.timing
            say(
                f'{name:<15}{kind:<11}{step.backbone:<12}{1000 * timing.median:>8.1f} '
                f'ms{timing.spread:>7.0%} '
                f'{timing.ratio_to(ours.timing):>7.3f}{step.peak / 2**20:>8.0f} '
                f'MiB{step.peak / ours.peak:>8.3f}',
            )


def _detectors(name: str) -> dict[str, Any]:
    """mmdet's published Faster R-CNN with another size, by contestant.

    Nothing but the type of the backbone differs.
    """
    config = Config.fromstring(f'_base_ = {FASTER_RCNN!r}', '.py')
    config.model.backbone.update(arch=name, init_cfg=None)
    config.model.neck.in_channels = list(architecture_of(name).widths)
    init_default_scope('mmdet')
    detectors = {}
    for contestant, backbone in _BACKBONES.items():
        config.model.backbone.type = backbone
        detectors[contestant] = MODELS.build(copy.deepcopy(config.model))
    weights = detectors['mmdet'].state_dict()
    for detector in detectors.values():
        detector.load_state_dict(weights)
    return detectors


def made_up_batch(count: int, height: int, width: int) -> _Batch:
    """Random images with random boxes, the same ones each time."""
    generator = torch.Generator().manual_seed(0)
    shapes = ('img_shape', 'pad_shape', 'batch_input_shape', 'ori_shape')
    metainfo: dict[str, Any] = dict.fromkeys(shapes, (height, width))
    metainfo['scale_factor'] = (1.0, 1.0)
    device = torch_device()
    samples = []
    for _ in range(count):
        numbers = torch.rand(2, _BOXES, 2, generator=generator)
        corners, sides = numbers * torch.tensor([width, height]) / 2
        boxes = torch.cat([corners, corners + sides + 1], dim=1).to(device)
        truth = InstanceData(bboxes=boxes, labels=torch.arange(_BOXES, device=device))
        samples.append(DetDataSample(gt_instances=truth, metainfo=metainfo))
    images = torch.randn(count, 3, height, width, generator=generator)
    return _Batch(images.to(device), samples)


def _step(detector: Any, kind: str, batch: _Batch) -> Step:
    if kind == 'inference':
        return evaluation_step(detector, lambda: detector.predict(*batch, rescale=False))
    return optimization_step(detector, lambda: _loss(detector, batch), learning_rate=0)


def _loss(detector: Any, batch: _Batch) -> torch.Tensor:
    """The sum of a detector's losses; some of them are lists with an entry per level."""
    torch.manual_seed(0)  # of the samplers of boxes
    losses = detector.loss(batch.images, copy.deepcopy(batch.samples))
    total: Any = 0  # a tensor with the first loss
    for name, value in losses.items():
        if 'loss' in name:
            total = total + (sum(value) if isinstance(value, list) else value)
    return total
