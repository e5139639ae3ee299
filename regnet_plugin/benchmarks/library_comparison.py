"""Steps of networks in several libraries, on fast paths: first table of tools/benchmark.py."""

from collections.abc import Sequence
from dataclasses import dataclass
from itertools import product

import torch
from mmcv.cnn.utils.fuse_conv_bn import fuse_conv_bn
from torch import nn

from regnet_plugin.benchmarks.device import described_device, torch_device
from regnet_plugin.benchmarks.library_networks import networks_of_libraries
from regnet_plugin.benchmarks.step_memory import peak_memory
from regnet_plugin.benchmarks.step_timing import (
    Timing,
    terminal_progress,
    time_in_turn,
    training_hours,
)
from regnet_plugin.benchmarks.steps import Step, inference_step, training_step
from regnet_plugin.cli.errors import blame
from regnet_plugin.cli.printing import say

PARTS = ('channels_last', 'bfloat16', 'compile')  # of the fast path
# All choices of parts, joined by +: 'eager' with none of them, 'channels_last' and so on.
PATHS = tuple(
    '+'.join(part for part, is_on in zip(PARTS, chosen) if is_on) or 'eager'
    for chosen in product((False, True), repeat=len(PARTS))
)
_STEPS = {'inference': inference_step, 'training': training_step}
AGAIN = 'ours again'  # the same network once more, for the noise
FUSED = 'ours, BN fused'  # with BN folded into the convs, which cannot be trained
# PyTorch compiles a function so often at most. Contestants are of one class, and each of them is
# compiled for itself.
_RECOMPILATIONS = 1000

_HEADER = (
    f'{"network":<15}{"step":<11}{"path":<33}{"library":<16}{"median":>11}{"spread":>8}'
    f'{"ratio":>8}{"images/s":>10}{"100 epochs":>12}{"peak":>10}'
)


@dataclass(frozen=True)
class ComparedStep:
    """A step of one contestant, timed in turn with those of the others.

    Attributes:
        network: its published name.
        kind: 'inference' or 'training'.
        path: of `PATHS`.
        library: whose network it is; 'ours', `AGAIN` and `FUSED` are three of ours.
        batch: images in a step.
        seconds: one value per round.
        peak: bytes at the worst moment of a step, without the batch.
    """

    network: str
    kind: str
    path: str
    library: str
    batch: int
    seconds: tuple[float, ...]
    peak: int

    @property
    def timing(self) -> Timing:
        """Its seconds, to be compared with those of another contestant."""
        return Timing(self.seconds)


def all_contestants(
    paths: Sequence[str], libraries: Sequence[str], kind: str
) -> list[tuple[str, str]]:
    """Every path in every library and in three networks of ours, by path and library.

    What is folded is left out where it is trained.
    """
    ours = ('ours', *libraries, AGAIN) if kind == 'training' else ('ours', *libraries, AGAIN, FUSED)
    return list(product(paths, ours))


def compare_steps(
    name: str,
    kind: str,
    contestants: Sequence[tuple[str, str]],
    *,
    batch: int,
    resolution: int,
    rounds: int,
) -> list[ComparedStep]:
    """Time a step of one network as several contestants do it, in turn, and measure its memory.

    Args:
        name: of a published network.
        kind: 'inference' or 'training'.
        contestants: pairs of a path of `PATHS` and a library: 'ours', `AGAIN`, `FUSED` or one that
            `networks_of_libraries` knows.
        batch: images in a step.
        resolution: their side.
        rounds: steps of each contestant.

    Returns:
        One for each contestant, in their order by path; those whose library has not this network
        are left out.
    """
    images = torch.randn(batch, 3, resolution, resolution, device=torch_device())
    steps = _steps(name, kind, contestants, images)
    title = f'{name}, {kind}, {len(steps)} contestants'
    timings = time_in_turn(steps, rounds, terminal_progress(title, rounds))
    return [
        ComparedStep(
            name, kind, path, library, batch, timing.seconds, peak_memory(steps[path, library])
        )
        for (path, library), timing in timings.items()
    ]


def print_library_comparison(
    names: Sequence[str],
    paths: Sequence[str],
    kinds: Sequence[str],
    libraries: Sequence[str],
    batch: int,
    resolution: int,
    rounds: int,
) -> None:
    """Time every network on every path in every library.

    The rows of a network and a kind of step are printed when all of them are timed, in turn.

    Args:
        names: published networks.
        paths: of `PATHS`.
        kinds: of 'inference' and 'training'.
        libraries: of 'timm', 'torchvision' and 'mmpretrain', beside ours.
        batch: images in a step.
        resolution: their side.
        rounds: steps of each contestant.
    """
    say(
        f'{described_device()}; float32 where not said otherwise; {batch} images of '
        f'{resolution}x{resolution}, {rounds} rounds\n{_HEADER}'
    )
    for name, kind in product(names, kinds):
        contestants = all_contestants(paths, libraries, kind)
        steps = compare_steps(
            name, kind, contestants, batch=batch, resolution=resolution, rounds=rounds
        )
        ours = {step.path: step.timing for step in steps if step.library == 'ours'}
        for step in steps:
            cells = f'{name:<15}{kind:<11}{step.path:<33}{step.library:<16}'
            cells += _times(step.timing, ours[step.path], kind, batch)
            say(f'{cells}{step.peak / 2**20:>6.0f} MiB')


def _steps(
    name: str, kind: str, contestants: Sequence[tuple[str, str]], images: torch.Tensor
) -> dict[tuple[str, str], Step]:
    """The contestants' steps by path and library."""
    torch._dynamo.config.recompile_limit = _RECOMPILATIONS
    steps = {}
    for path in dict.fromkeys(path for path, _ in contestants):
        libraries = [library for other, library in contestants if other == path]
        for library, network in _networks(name, path, libraries).items():
            steps[path, library] = _STEPS[kind](network, images)
    return steps


def _networks(name: str, path: str, libraries: Sequence[str]) -> dict[str, nn.Module]:
    """The libraries' networks on a path, on the device, where they are made: that is faster."""
    parts = path.split('+')
    fast_path = {part: part in parts for part in PARTS}
    with torch.device(torch_device()):
        with blame(name):
            known = [library for library in libraries if library not in (AGAIN, FUSED)]
            networks = networks_of_libraries(name, known, fast_path)
        for more in (AGAIN, FUSED):
            if more in libraries:
                networks[more] = networks_of_libraries(name, ['ours'], fast_path)['ours']
    if FUSED in networks:
        networks[FUSED] = fuse_conv_bn(networks[FUSED].eval())
    return networks


def _times(timing: Timing, ours: Timing, kind: str, batch: int) -> str:
    """The cells of a row that are about time."""
    hours = f'{training_hours(timing.median, batch):.1f} h' if kind == 'training' else ''
    return (
        f'{1000 * timing.median:>8.1f} ms{timing.spread:>7.0%} '
        f'{timing.ratio_to(ours):>7.3f}{batch / timing.median:>10.0f}{hours:>12}'
    )
