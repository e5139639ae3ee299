"""Backbones within Faster R-CNN, timed beside what a device model predicts of them.

That is the check of the model for detectors: tools/benchmark_detector.py --device.
"""

import time
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import torch
from mmengine.config import Config
from mmengine.registry import MODELS, init_default_scope

from regnet_plugin.benchmarks.detector_comparison import FASTER_RCNN, made_up_batch
from regnet_plugin.benchmarks.device import torch_device, wait_for_device
from regnet_plugin.benchmarks.step_timing import WARM_UP_ROUNDS, Timing
from regnet_plugin.cli.printing import say
from regnet_plugin.core.arch_argument import architecture_of
from regnet_plugin.device.device_model import DeviceModel

_HEADER = f'{"network":<15}{"measured":>11}{"spread":>8}{"predicted":>11}{"difference":>12}'


@dataclass(frozen=True)
class BackboneTime:
    """The time of a backbone within a detector.

    Attributes:
        network: published name.
        timing: one value per round, in seconds.
        predicted: seconds, by the device model.
    """

    network: str
    timing: Timing
    predicted: float

    @property
    def difference(self) -> float:
        """How much more is predicted than was measured, as a fraction of the latter."""
        return self.predicted / self.timing.median - 1


def backbone_times(
    names: Sequence[str], device: DeviceModel, *, shape: tuple[int, int], rounds: int, cpu: bool
) -> list[BackboneTime]:
    """Time the backbones of detectors that look for boxes, in turn, each within its own detector.

    Args:
        names: published RegNets.
        device: its model; steps have as many images as it was made for.
        shape: height and width of the images.
        rounds: in each of which every detector has a turn.
        cpu: count the time in which the process computes, not what passes.
    """
    clock = time.process_time if cpu else time.perf_counter
    detectors = {name: _detector(name) for name in names}
    batch = made_up_batch(device.batch, *shape)
    seconds: Mapping[str, list[float]] = {name: [] for name in names}
    for _ in range(WARM_UP_ROUNDS + rounds):
        for name, detector in detectors.items():
            seconds[name].append(_time_within(detector, batch, clock))
    return [
        BackboneTime(
            name,
            Timing(tuple(seconds[name][WARM_UP_ROUNDS:])),
            device.predict_one(architecture_of(name), shape, 0),
        )
        for name in names
    ]


def print_backbone_times(
    names: Sequence[str], device: DeviceModel, *, shape: tuple[int, int], rounds: int, cpu: bool
) -> None:
    """Time the backbones, and print a row for each."""
    height, width = shape
    say(f'{device.name}; within Faster R-CNN, images of {height}x{width}, {rounds} rounds')
    say(_HEADER)
    for one in backbone_times(names, device, shape=shape, rounds=rounds, cpu=cpu):
        say(
            f'{one.network:<15}{1000 * one.timing.median:>8.1f} ms{one.timing.spread:>8.1%}'
            f'{1000 * one.predicted:>8.1f} ms{one.difference:>+12.1%}'
        )


def _detector(name: str) -> Any:
    """Faster R-CNN around a RegNet, with random weights."""
    config = Config.fromstring(f'_base_ = {FASTER_RCNN!r}', '.py')
    config.model.backbone = dict(type='regnet_plugin.RegNet', arch=name)
    config.model.neck.in_channels = list(architecture_of(name).widths)
    init_default_scope('mmdet')
    return MODELS.build(config.model).to(torch_device()).eval()


def _time_within(detector: Any, batch: Any, clock: Any) -> float:
    """Seconds of the backbone while a detector looks for boxes."""
    marks: list[float] = []

    def mark(*_: object) -> None:
        wait_for_device()
        marks.append(clock())

    hooks = [
        detector.backbone.register_forward_pre_hook(mark),
        detector.backbone.register_forward_hook(mark),
    ]
    with torch.inference_mode():
        detector.predict(*batch, rescale=False)
    for hook in hooks:
        hook.remove()
    start, end = marks
    return end - start
