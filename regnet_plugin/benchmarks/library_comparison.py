"""The first table of tools/benchmark.py: steps of networks in several libraries, on fast paths."""

from collections.abc import Sequence
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
_FUSED = 'ours, BN fused'
# PyTorch compiles a function so often at most. Contestants are of one class, and each of them is
# compiled for itself.
_RECOMPILATIONS = 1000

_HEADER = (
    f'{"network":<15}{"step":<11}{"path":<33}{"library":<16}{"median":>11}{"spread":>8}'
    f'{"ratio":>8}{"images/s":>10}{"100 epochs":>12}{"peak":>10}'
)


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
    torch._dynamo.config.recompile_limit = _RECOMPILATIONS
    images = torch.randn(batch, 3, resolution, resolution, device=torch_device())
    for name, kind in product(names, kinds):
        steps = _steps(name, kind, paths, libraries, images)
        title = f'{name}, {kind}, {len(steps)} contestants'
        timings = time_in_turn(steps, rounds, terminal_progress(title, rounds))
        for (path, library), timing in timings.items():
            cells = f'{name:<15}{kind:<11}{path:<33}{library:<16}'
            cells += _times(timing, timings[path, 'ours'], kind, batch)
            cells += f'{peak_memory(steps[path, library]) / 2**20:>6.0f} MiB'
            say(cells)


def _steps(
    name: str, kind: str, paths: Sequence[str], libraries: Sequence[str], images: torch.Tensor
) -> dict[tuple[str, str], Step]:
    """The contestants by path and library."""
    steps = {}
    for path in paths:
        for library, network in _networks(name, path, libraries).items():
            if library == _FUSED and kind == 'training':
                continue  # what is folded cannot be trained
            steps[path, library] = _STEPS[kind](network.to(images.device), images)
    return steps


def _networks(name: str, path: str, libraries: Sequence[str]) -> dict[str, nn.Module]:
    """The libraries' networks on a path.

    Ours is there once more, for the noise, and once with BN folded into the convs.
    """
    parts = path.split('+')
    fast_path = {part: part in parts for part in PARTS}
    with blame(name):
        networks = networks_of_libraries(name, ('ours', *libraries), fast_path)
    networks['ours again'] = networks_of_libraries(name, ['ours'], fast_path)['ours']
    fused = networks_of_libraries(name, ['ours'], fast_path)['ours']
    networks[_FUSED] = fuse_conv_bn(fused.eval())
    return networks


def _times(timing: Timing, ours: Timing, kind: str, batch: int) -> str:
    """The cells of a row that are about time."""
    hours = f'{training_hours(timing.median, batch):.1f} h' if kind == 'training' else ''
    return (
        f'{1000 * timing.median:>8.1f} ms{timing.spread:>7.0%} '
        f'{timing.ratio_to(ours):>7.3f}{batch / timing.median:>10.0f}{hours:>12}'
    )
