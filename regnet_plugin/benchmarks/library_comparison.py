"""The tables of tools/benchmark.py: steps of networks on fast paths in several libraries, and a
config's data loader.
"""

import sys
from itertools import product

import torch
from mmcv.cnn.utils.fuse_conv_bn import fuse_conv_bn

from regnet_plugin.benchmarks.library_networks import contestants
from regnet_plugin.benchmarks.step_timing import (
    inference_step,
    peak_memory,
    race,
    training_hours,
    training_step,
)
from regnet_plugin.cli.errors import blame

STEPS = {'inference': inference_step, 'training': training_step}
PARTS = ('channels_last', 'bfloat16', 'compile')
PATHS = tuple(
    '+'.join(part for part, on in zip(PARTS, chosen) if on) or 'eager'
    for chosen in product((False, True), repeat=len(PARTS))
)

_HEADER = (
    f'{"network":<15}{"step":<11}{"path":<33}{"library":<16}{"median":>11}{"spread":>8}{"ratio":>8}{"images/s":>10}'
    f'{"100 epochs":>12}{"peak":>10}'
)


def _networks(name, path, libraries):
    """The libraries' networks on a path; ours once more, for the noise, and once with BN folded
    into the convs.
    """
    fast_path = {part: part in path.split('+') for part in PARTS}
    with blame(name):
        networks = contestants(name, ('ours', *libraries), fast_path)
    networks['ours again'], fused = (
        contestants(name, ['ours'], fast_path)['ours'] for _ in range(2)
    )
    networks['ours, BN fused'] = fuse_conv_bn(fused.eval())
    return networks


def _make_steps(name, kind, paths, libraries, images):
    steps = {}
    for path in paths:
        for library, network in _networks(name, path, libraries).items():
            if library != 'ours, BN fused' or kind == 'inference':
                steps[path, library] = STEPS[kind](network.to(images.device), images)
    return steps


def print_races(names, paths, kinds, libraries, batch, resolution, rounds):
    """Time every network on every path in every library, and print a row for each when a race is
    over.

    Args:
        names (Sequence[str]): published networks.
        paths (Sequence[str]): of `PATHS`; all paths of a network and a kind of step are timed in
            turn.
        kinds (Sequence[str]): of 'inference' and 'training'.
        libraries (Sequence[str]): of 'timm', 'torchvision' and 'mmpretrain', beside ours.
        batch, resolution, rounds (int): images in a step, their side, steps of each contestant.
    """
    device = 'cuda' if torch.cuda.is_available() else 'cpu'
    where = (
        torch.cuda.get_device_name()
        if device == 'cuda'
        else f'CPU, {torch.get_num_threads()} threads'
    )
    print(
        f'{where}; torch {torch.__version__}; float32 where not said otherwise; {batch} images of '
        f'{resolution}x{resolution}, {rounds} rounds\n{_HEADER}',
        flush=True,
    )
    # of a function; contestants are of one class, each compiled for itself
    torch._dynamo.config.recompile_limit = 1000
    images = torch.randn(batch, 3, resolution, resolution, device=device)
    for name, kind in product(names, kinds):
        steps = _make_steps(name, kind, paths, libraries, images)
        progress = say_round(f'{name}, {kind}, {len(steps)} contestants', rounds)
        timings = race(steps, rounds, progress)
        for (path, library), timing in timings.items():
            hours = f'{training_hours(timing.median, batch):.1f} h' if kind == 'training' else ''
            print(
                f'{name:<15}{kind:<11}{path:<33}{library:<16}{1000 * timing.median:>8.1f} '
                f'ms{timing.spread:>7.0%} '
                f'{timing.ratio_to(timings[path, "ours"]):>7.3f}{batch / timing.median:>10.0f}{hours:>12}'
                f'{peak_memory(steps[path, library]) / 2**20:>6.0f} MiB',
                flush=True,
            )


def say_round(title, rounds):
    """Say on a terminal which round it is; two come before the first."""

    def say(done):
        if sys.stderr.isatty():
            print(
                f'\r{title}: round {done} of {rounds} ' if done < rounds else '\r' + ' ' * 78,
                end='\r',
                file=sys.stderr,
                flush=True,
            )

    return say
