"""Times of networks for a device model: in turn over all of them, with the drift of the machine."""

import os
import platform
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from itertools import islice
from typing import Literal

import numpy as np
import torch
from numpy.typing import NDArray

from regnet_plugin.benchmarks.device import torch_device, wait_for_device
from regnet_plugin.benchmarks.latency_measurement import STEPS, classifier_of
from regnet_plugin.benchmarks.steps import Step
from regnet_plugin.core.complexity import complexity
from regnet_plugin.design_spaces.constraints import Constraints
from regnet_plugin.design_spaces.sample import Sample
from regnet_plugin.design_spaces.sampler import Sampler
from regnet_plugin.design_spaces.space import DesignSpace
from regnet_plugin.device.measured_times import MeasuredNetwork, MeasuredTimes
from regnet_plugin.training.workers.circumstances import processor

Clock = Literal['wall', 'cpu']
CLOCKS: tuple[Clock, ...] = ('wall', 'cpu')
SWITCHES = ('channels_last', 'bfloat16', 'compile')  # of the fast path
_WARM_UP = 2  # rounds that do not count
_BETWEEN = 8  # networks between two steps of the reference
_CANDIDATES = 8  # networks drawn for each that is measured, to be spread over the flops
# What is worth a warning: how far the slow tenth of the reference's steps is above its fast tenth,
# and how much longer a step takes than the processor works on it.
_DRIFT, _SHARED = 1.2, 1.1


@dataclass(frozen=True)
class Setting:
    """How networks are measured.

    Attributes:
        step: 'inference' or 'training'.
        batch: images in a step.
        threads: of PyTorch on a CPU.
        fast_path: what of `SWITCHES` is on.
        rounds: that count; each network does one step in each.
        clock: 'wall', or 'cpu' for the time that the process computes: what one thread takes on a
            machine that others use, too, without the time in which they have it.
    """

    step: str = 'inference'
    batch: int = 1
    threads: int = 1
    fast_path: tuple[str, ...] = ()
    rounds: int = 9
    clock: Clock = 'wall'


@dataclass(frozen=True)
class Steadiness:
    """How steady the machine was meanwhile.

    Attributes:
        drift: time of the reference network's slow steps by that of its fast ones: 90% by 10%.
        shared: time that passed by the time in which the process computed; 1 on a machine, or GPU,
            that is left alone, with one thread.
        spread: median over the networks of half the distance between the quartiles, as a fraction
            of the median.
    """

    drift: float
    shared: float
    spread: float

    @property
    def text(self) -> str:
        """What a person should know of it."""
        told = f'spread {self.spread:.1%}, drift of the machine {self.drift - 1:.0%} (taken out)'
        if self.drift > _DRIFT or self.shared > _SHARED:
            told += (
                f'; steps took {self.shared:.1f} times what the processor worked on them: others '
                'used this machine, and the times are less certain'
            )
        return told


def spread_samples(
    spaces: Sequence[DesignSpace],
    number: int,
    flops: tuple[float, float],
    resolutions: Sequence[int],
    seed: int,
) -> list[Sample]:
    """Draw networks whose flops are spread over a range, each space and resolution in turn.

    Args:
        spaces: to draw from.
        number: of networks.
        flops: range, at the resolution of each network.
        resolutions: sides of images.
        seed: of all of it.

    Returns:
        Samples with complexity at their resolutions.

    Raises:
        ValueError: if nothing is in the range.
    """
    samples: list[Sample] = []
    kinds = [(space, side) for side in resolutions for space in spaces]
    for place, (space, side) in enumerate(kinds):
        wanted = len(range(place, number, len(kinds)))
        if not wanted:
            continue
        scale = (space_resolution(space) / side) ** 2  # flops grow with the area
        constraints = Constraints(flops=(flops[0] * scale, flops[1] * scale))
        sampler = Sampler(space, constraints, seed)
        drawn = [sample for _, sample in islice(sampler, _CANDIDATES * wanted)]
        at_side = [_at(sample, side) for sample in drawn]
        samples += _spread(at_side, wanted)
    return samples


def space_resolution(space: DesignSpace) -> int:
    """Return the resolution that a space counts its networks at.

    Raises:
        ValueError: if it draws several.
    """
    law = space.parameters['resolution'].law
    sides: list[int] = list(getattr(law, 'values', []))
    if len(sides) != 1:
        raise ValueError('a space to measure must have one resolution, but this one draws it')
    return int(sides[0])


def _at(sample: Sample, side: int) -> Sample:
    counted = complexity(sample.structure, side, sample.num_classes)
    return replace(sample, resolution=side, complexity=counted)


def _spread(samples: Sequence[Sample], wanted: int) -> list[Sample]:
    """As many samples with flops as evenly spread, on a logarithmic axis, as they allow."""
    left = sorted(samples, key=lambda sample: sample.complexity.flops)
    low, high = left[0].complexity.flops, left[-1].complexity.flops
    chosen = []
    for target in np.geomspace(low, high, wanted):
        distances = [abs(np.log(sample.complexity.flops / target)) for sample in left]
        chosen.append(left.pop(int(np.argmin(distances))))
    return chosen


def measure_samples(
    samples: Sequence[Sample],
    setting: Setting,
    progress: Callable[[int, int, str], None] = lambda done, total, text: None,
) -> tuple[MeasuredTimes, Steadiness]:
    """Time a step of each network, each round in another order of all of them.

    A reference network, the one of middle flops, is timed every eight networks, and times are
    divided by how slow it was just then, so that a machine that gets slower or faster does so for
    all of them alike; the median over the rounds counts.

    Args:
        samples: networks, which are in memory all at once.
        setting: how.
        progress: told steps done, steps in all, and what is being done.

    Returns:
        The times, and how steady the machine was.

    Raises:
        ValueError: if the setting cannot be measured here.
    """
    _check(setting)
    torch.set_num_threads(setting.threads)
    torch.backends.cudnn.benchmark = True
    total = len(samples) * (setting.rounds + _WARM_UP + 1)
    steps = []
    for sample in samples:
        steps.append(_step_of(sample, setting))
        progress(len(steps), total, 'building')
    middle = np.argsort([sample.complexity.flops for sample in samples])[len(samples) // 2]
    rounds = [
        _round(steps, steps[middle], number, setting.clock, progress, total)
        for number in range(-_WARM_UP, setting.rounds)
    ]
    counted = rounds[_WARM_UP:]
    references = np.concatenate([one.references for one in counted])
    usual = float(np.median(references))
    seconds = np.array([one.corrected(usual) for one in counted])
    median = np.median(seconds, axis=0)
    low, high = np.quantile(seconds, [0.25, 0.75], axis=0)
    spread = (high - low) / 2 / median
    slow, fast = np.quantile(references, [0.9, 0.1])
    steadiness = Steadiness(
        drift=float(slow / fast),
        shared=float(np.median([one.shared for one in counted])),
        spread=float(np.median(spread)),
    )
    networks = [
        MeasuredNetwork(
            name=f'{number:03d}',
            architecture=sample.structure,
            resolution=sample.resolution,
            num_classes=sample.num_classes,
            seconds=float(time_of_it),
            spread=float(spread_of_it),
        )
        for number, (sample, time_of_it, spread_of_it) in enumerate(zip(samples, median, spread))
    ]
    return _times(networks, setting), steadiness


def _check(setting: Setting) -> None:
    cores = os.cpu_count() or 1
    if not 1 <= setting.threads <= cores:
        raise ValueError(f'threads must be from 1 to {cores}, but threads={setting.threads}')
    if setting.clock == 'cpu' and (torch.cuda.is_available() or setting.threads > 1):
        raise ValueError(
            'the time of the processor is that of a step only where one thread of a CPU computes, '
            f'but the device is {torch_device()} and threads={setting.threads}'
        )


def _step_of(sample: Sample, setting: Setting) -> Step:
    fast_path: dict[str, bool | str] = {name: name in setting.fast_path for name in SWITCHES}
    network = classifier_of(sample, fast_path).to(torch_device())
    side = sample.resolution
    images = torch.randn(setting.batch, 3, side, side, device=torch_device())
    return STEPS[setting.step](network, images)


@dataclass(frozen=True)
class _Round:
    """One step of each network.

    Attributes:
        seconds: of the networks.
        reference: seconds of the reference network at each of their places, from the step before
            and the one after.
        references: seconds of all its steps.
        shared: see `Steadiness`.
    """

    seconds: NDArray[np.float64]
    reference: NDArray[np.float64]
    references: NDArray[np.float64]
    shared: float

    def corrected(self, usual: float) -> NDArray[np.float64]:
        """Seconds, had the reference always taken as long as usual."""
        corrected: NDArray[np.float64] = self.seconds * usual / self.reference
        return corrected


def _round(
    steps: Sequence[Step],
    reference: Step,
    number: int,
    clock: Clock,
    progress: Callable[[int, int, str], None],
    total: int,
) -> _Round:
    order = np.random.default_rng(number + _WARM_UP).permutation(len(steps))
    seconds, worked = np.empty(len(steps)), np.empty(len(steps))
    places, references = [], []

    def look(place: int) -> None:
        _timed(reference, clock)  # what it left in the caches, or the last network, does not count
        references.append(_timed(reference, clock)[0])
        places.append(place)

    for place, row in enumerate(order):
        if place % _BETWEEN == 0:
            look(place)
        seconds[row], worked[row] = _timed(steps[row], clock)
        done = (number + _WARM_UP + 1) * len(steps) + place + 1
        progress(done, total, 'warming up' if number < 0 else 'measuring')
    look(len(order))
    at_places = np.interp(np.arange(len(order)) + 0.5, places, references)
    of_rows = np.empty(len(steps))
    of_rows[order] = at_places
    return _Round(seconds, of_rows, np.array(references), float(np.median(worked)))


def _timed(step: Step, clock: Clock) -> tuple[float, float]:
    """Seconds of a step, and how much more passed than the process computed."""
    start, worked_before = time.perf_counter(), time.process_time()
    step.run()
    wait_for_device()
    passed, worked = time.perf_counter() - start, time.process_time() - worked_before
    shared = passed / worked if worked else 1.0
    return (worked if clock == 'cpu' else passed), shared


def _times(networks: Sequence[MeasuredNetwork], setting: Setting) -> MeasuredTimes:
    conditions: dict[str, str | int | float] = dict(
        device=processor(),
        precision='bfloat16' if 'bfloat16' in setting.fast_path else 'fp32',
        channels_last='yes' if 'channels_last' in setting.fast_path else 'no',
        compiled='yes' if 'compile' in setting.fast_path else 'no',
        clock=setting.clock,
        torch=torch.__version__,
        python=platform.python_version(),
    )
    threads = ''
    if not torch.cuda.is_available():
        conditions['threads'] = setting.threads
        threads = f', {setting.threads} thread{"" if setting.threads == 1 else "s"}'
    images = f'{setting.batch} image{"" if setting.batch == 1 else "s"}'
    return MeasuredTimes(
        networks=networks,
        name=f'{processor()}{threads}, {conditions["precision"]}, {setting.step}, {images}',
        source='measured by tools/model_device.py',
        step=setting.step,
        batch=setting.batch,
        conditions=conditions,
    )
