"""Timing inference and training steps of a population's networks, alone on the machine."""

import os
import platform
import statistics
from collections import defaultdict
from contextlib import contextmanager

import torch
from rich.console import Console
from rich.progress import BarColumn, Progress, TaskProgressColumn, TextColumn, TimeRemainingColumn

from regnet_plugin import __version__
from regnet_plugin.benchmarks.library_networks import Classifier
from regnet_plugin.benchmarks.step_timing import inference_step, race, training_step
from regnet_plugin.cli.errors import UserError, counted, is_out_of_memory
from regnet_plugin.core.vocabulary import activation_config
from regnet_plugin.models import AnyNet
from regnet_plugin.population.attempts import attempts_of
from regnet_plugin.population.latency_file import Latency, appended_latencies, read_latencies
from regnet_plugin.population.runs.run import cost_of
from regnet_plugin.population.selection import networks_of
from regnet_plugin.training.populations.own_modules import check_modules, import_modules
from regnet_plugin.training.populations.result_hook import processor
from regnet_plugin.training.running_errors import is_one_value

_TOGETHER = 8  # networks that are timed in turn; each has its weights in memory twice
_STEPS = dict(inference=inference_step, training=training_step)


def measure_latencies(
    population, *, batch, rounds, threads=1, names=None, progress=lambda done, total, fraction: None
):
    """Time a forward pass and a training step of each network, and write each group of networks
    when it is measured.

    Networks are timed in groups of eight whose costs are spread over the population's, in turn and
    in an order that rotates from round to round, so that a machine that gets slower or faster does
    so for cheap and costly networks alike. float32, made-up images in memory. A network that has
    been measured with the same device, threads and batch is not measured again.

    Args:
        population (Population): whose networks are timed, at their resolution and with their
            classes.
        batch (int): images in a step; the paper's is 64.
        rounds (int): steps of each network and kind, after two that do not count.
        threads (int): of PyTorch on a CPU; no matter on a GPU. Default: 1.
        names (Sequence[str], optional): of networks. Default: None, all.
        progress (Callable[[int, int, float], None]): told the networks done, how many there are,
            and the fraction of the work that is done.

    Returns:
        tuple[list[Latency], int]: of all these networks, also those that were measured before; how
            many are new.

    Raises:
        UserError: if runs of the population are being trained on this machine.
        PopulationError: if there is no network of a name, or another process is measuring.
        ValueError: if batch or threads are out of range.
    """
    for name, value, most in (('batch', batch, 2**31 - 1), ('threads', threads, os.cpu_count())):
        if not 1 <= value <= most:
            raise ValueError(f'{name} must be from 1 to {most}, but it is {value}')
    check_alone(population)
    check_modules(population)
    import_modules(population.manifest.get('custom_imports', []))
    torch.set_num_threads(threads)
    torch.backends.cudnn.benchmark = True
    networks = networks_of(population, names)
    where = dict(
        device=processor(), threads=0 if torch.cuda.is_available() else threads, batch=batch
    )
    with appended_latencies(population) as append:
        known = _known(population, where)
        missing = [network for network in networks if network.name not in known]
        groups = _groups(missing)
        costs = [sum(map(cost_of, group)) for group in groups]
        for index, group in enumerate(groups):
            done, before = sum(map(len, groups[:index])), sum(costs[:index])

            def tell(count, done=done, before=before, cost=costs[index]):
                share = (count + 2) / (rounds + 2)  # two do not count
                progress(done, sum(map(len, groups)), (before + share * cost) / sum(costs))

            for latency in _measure(group, rounds, tell, where):
                append(latency)
            progress(done + len(group), sum(map(len, groups)), (before + costs[index]) / sum(costs))
    known = _known(population, where)
    return [known[network.name] for network in networks], len(missing)


def check_alone(population):
    """Check that no runs of a population are being trained on this machine, which would disturb the
    measuring.

    Raises:
        UserError: saying which.
    """
    folders = sorted({path.parent for path in population.directory.rglob('attempt-*.json')})
    last = {
        folder: attempts[-1]
        for folder, attempts in zip(folders, map(attempts_of, folders))
        if attempts
    }
    busy = [
        f'{folder.relative_to(population.directory)} ({attempt.where})'
        for folder, attempt in last.items()
        if attempt.here and not attempt.over
    ]
    if busy:
        raise UserError(
            'latency is measured alone on a machine, but runs are being trained on this one: '
            f'{", ".join(busy)}'
        )


def load_note():
    """Return what a person should know of a machine that is busy, None if it is not."""
    load = os.getloadavg()[0]
    return (
        f'the load of this machine was {load:.1f} in the last minute: see the spread'
        if load > 0.5
        else None
    )


def _known(population, where):
    return {
        latency.network: latency
        for latency in read_latencies(population)
        if dict(device=latency.device, threads=latency.threads, batch=latency.batch) == where
    }


def _groups(networks):
    """Groups of like range of cost."""
    count = -(-len(networks) // _TOGETHER)
    ordered = sorted(networks, key=cost_of)
    return [ordered[first::count] for first in range(count)]


def _measure(networks, rounds, progress, where):
    """Return the `Latency` of each network of a group."""
    steps, images = {}, {}
    for network in networks:
        side = network.sample.resolution
        for kind, make_step in _STEPS.items():  # with a network each: they are in different modes
            with _without_what_does_not_fit():
                if side not in images:
                    images[side] = torch.randn(
                        where['batch'], 3, side, side, device=_torch_device()
                    )
                step = make_step(classifier_of(network.sample).to(_torch_device()), images[side])
                step.run()
                steps[network.name, kind] = step
    timings = race(steps, rounds, progress) if steps else {}
    versions = dict(
        regnet_plugin=__version__, torch=torch.__version__, python=platform.python_version()
    )
    found = defaultdict(lambda: dict.fromkeys((*_STEPS, *(f'{kind}_spread' for kind in _STEPS))))
    for (name, kind), timing in timings.items():
        found[name].update({kind: timing.median, f'{kind}_spread': timing.spread})
    return [
        Latency(
            network=network.name,
            resolution=network.sample.resolution,
            rounds=rounds,
            versions=versions,
            **found[network.name],
            **where,
        )
        for network in networks
    ]


def _torch_device():
    return 'cuda' if torch.cuda.is_available() else 'cpu'


def classifier_of(sample):
    """Build a network of a population, with head: backbone, global average pooling, linear layer.

    Args:
        sample (Sample): the network.

    Returns:
        nn.Module: from images of shape (N, 3, resolution, resolution) to outputs of shape (N,
            num_classes).
    """
    last = len(sample.architecture.stages) - 1
    activation = activation_config(sample.activation)
    backbone = AnyNet(**sample.architecture.to_dict(), out_indices=(last,), act_cfg=activation)
    return Classifier(backbone, backbone.out_channels[-1], sample.num_classes)


@contextmanager
def _without_what_does_not_fit():
    """Go on where memory is not enough, or one image is not enough to train with."""
    try:
        yield
    except (RuntimeError, MemoryError, ValueError) as error:
        if not is_out_of_memory(error) and not is_one_value(error):
            raise


@contextmanager
def latency_progress():
    """Give a function for ``progress`` of `measure_latencies`: a bar with the time that is left."""
    console = Console(stderr=True)
    bar = Progress(
        TextColumn('{task.description}'),
        BarColumn(),
        TaskProgressColumn(),
        TextColumn('ETA'),
        TimeRemainingColumn(),
        speed_estimate_period=600,
        console=console,
        disable=not console.is_terminal,
    )
    task = bar.add_task('', total=1.0, visible=False)
    with bar:
        yield lambda done, total, fraction: bar.update(
            task, completed=fraction, visible=True, description=f'{done} of {total} networks'
        )


def latency_summary(latencies):
    """Say in some lines what was measured: where, the range of the times, and how noisy they are.

    Args:
        latencies (Sequence[Latency]): of one device, batch and number of threads.
    """
    first = latencies[0]
    threads = f', {counted(first.threads, "thread")}' if first.threads else ''
    lines = [
        f'{counted(len(latencies), "network")}, batches of {first.batch} on {first.device}{threads}'
    ]
    for kind in _STEPS:
        times = sorted(
            (getattr(latency, kind), getattr(latency, f'{kind}_spread'))
            for latency in latencies
            if getattr(latency, kind) is not None
        )
        if times:
            spread = statistics.median(spread for _, spread in times)
            lines.append(
                f'{kind}: {1000 * times[0][0]:.1f} to {1000 * times[-1][0]:.1f} ms, spread '
                f'{spread:.1%}'
            )
        if len(times) < len(latencies):
            why = (
                'out of memory'
                if first.batch > 1
                else 'out of memory, or one image is too few for maps of 1x1,'
            )
            lines.append(f'{kind}: {why} for {counted(len(latencies) - len(times), "network")}')
    return '\n'.join(lines)
