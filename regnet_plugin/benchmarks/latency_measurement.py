"""Timing inference and training steps of a population's networks, alone on the machine."""

import os
import platform
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass

import torch

from regnet_plugin import __version__
from regnet_plugin.benchmarks.device import torch_device
from regnet_plugin.benchmarks.library_networks import Classifier
from regnet_plugin.benchmarks.step_timing import WARM_UP_ROUNDS, Timing, time_in_turn
from regnet_plugin.benchmarks.steps import Step, inference_step, training_step
from regnet_plugin.cli.errors import UserError, is_out_of_memory
from regnet_plugin.core.vocabulary import activation_config
from regnet_plugin.design_spaces.sample import Sample
from regnet_plugin.models import AnyNet
from regnet_plugin.population.latency_file import Latency, appended_latencies, read_latencies
from regnet_plugin.population.runs.attempts import attempts_of
from regnet_plugin.population.runs.run import cost_of
from regnet_plugin.population.selection import networks_of
from regnet_plugin.population.store import Population, SampledNetwork
from regnet_plugin.training.populations.own_modules import check_modules, import_modules
from regnet_plugin.training.running.running_errors import is_one_value
from regnet_plugin.training.workers.circumstances import processor

_TOGETHER = 8  # networks that are timed in turn; each has its weights in memory twice
_MOST_IMAGES = 2**31 - 1  # in a batch: PyTorch's operators count in 32 bits
STEPS = {'inference': inference_step, 'training': training_step}

Progress = Callable[[int, int, float], None]


@dataclass(frozen=True)
class _Setting:
    """What makes a measurement another one: on what and with how many images it is done."""

    device: str
    threads: int
    batch: int


def _say_nothing(done: int, total: int, fraction: float) -> None:
    """The progress that nobody wants to know of."""


def measure_latencies(
    population: Population,
    *,
    batch: int,
    rounds: int,
    threads: int = 1,
    names: Sequence[str] | None = None,
    progress: Progress = _say_nothing,
) -> tuple[list[Latency], int]:
    """Time a forward pass and a training step of each network, and write them down.

    Networks are timed in groups of eight whose costs are spread over the population's, in turn and
    in an order that rotates from round to round, so that a machine that gets slower or faster does
    so for cheap and costly networks alike; a group is written when it is measured. float32, made-up
    images in memory. A network that has been measured with the same device, threads and batch is
    not measured again.

    Args:
        population: whose networks are timed, at their resolution and with their classes.
        batch: images in a step; the paper's is 64.
        rounds: steps of each network and kind, after two that do not count.
        threads: of PyTorch on a CPU; no matter on a GPU.
        names: of networks. Default: None, all.
        progress: told the networks done, how many there are, and the fraction of the work that is
            done.

    Returns:
        The times of all these networks, also those that were measured before; and how many are new.

    Raises:
        UserError: if runs of the population are being trained on this machine.
        PopulationError: if there is no network of a name, or another process is measuring.
        ValueError: if batch or threads are out of range.
    """
    _check_range('batch', batch, _MOST_IMAGES)
    _check_range('threads', threads, os.cpu_count() or 1)
    check_alone(population)
    check_modules(population)
    import_modules(population.manifest.get('custom_imports', []))
    torch.set_num_threads(threads)
    torch.backends.cudnn.benchmark = True
    networks = networks_of(population, names)
    setting = _Setting(processor(), 0 if torch.cuda.is_available() else threads, batch)
    with appended_latencies(population) as append:
        known = _measured(population, setting)
        missing = [network for network in networks if network.name not in known]
        groups = _groups(missing)
        work = _WorkDone(missing, rounds, progress)
        for group in groups:
            for latency in _measure(group, rounds, setting, work.tell_round):
                append(latency)
            work.end_group()
    known = _measured(population, setting)
    return [known[network.name] for network in networks], len(missing)


def _check_range(name: str, value: int, most: int) -> None:
    if not 1 <= value <= most:
        raise ValueError(f'{name} must be from 1 to {most}, but it is {value}')


def check_alone(population: Population) -> None:
    """Check that no runs of a population are being trained on this machine.

    They would disturb the measuring.

    Raises:
        UserError: saying which runs are.
    """
    folders = sorted({path.parent for path in population.directory.rglob('attempt-*.json')})
    busy = []
    for folder in folders:
        attempts = attempts_of(folder)
        if attempts and attempts[-1].here and not attempts[-1].over:
            busy.append(f'{folder.relative_to(population.directory)} ({attempts[-1].where})')
    if busy:
        raise UserError(
            'latency is measured alone on a machine, but runs are being trained on this one: '
            f'{", ".join(busy)}'
        )


def _measured(population: Population, setting: _Setting) -> dict[str, Latency]:
    """What is known of networks in a setting, by their names."""
    return {
        latency.network: latency
        for latency in read_latencies(population)
        if _Setting(latency.device, latency.threads, latency.batch) == setting
    }


def _groups(networks: Sequence[SampledNetwork]) -> list[list[SampledNetwork]]:
    """Groups of networks, each with cheap and costly ones, the cheapest first."""
    count = -(-len(networks) // _TOGETHER)  # rounded up
    ordered = sorted(networks, key=cost_of)
    return [ordered[first::count] for first in range(count)]


class _WorkDone:
    """Tells how much of the measuring is done: networks, and the fraction of their cost.

    Args:
        networks: all that are measured.
        rounds: that count.
        tell: as ``progress`` of `measure_latencies`.
    """

    def __init__(self, networks: Sequence[SampledNetwork], rounds: int, tell: Progress) -> None:
        self._groups = _groups(networks)
        self._costs = [sum(map(cost_of, group)) for group in self._groups]
        self._total = len(networks)
        self._rounds = rounds
        self._tell = tell
        self._done = 0  # groups

    def tell_round(self, rounds_done: int) -> None:
        """Tell that a group is so far: -1 after the first round that does not count."""
        done = (rounds_done + WARM_UP_ROUNDS) / (self._rounds + WARM_UP_ROUNDS)
        self._tell_cost(done * self._costs[self._done])

    def end_group(self) -> None:
        """Tell that a group is measured."""
        self._done += 1
        self._tell_cost(0)

    def _tell_cost(self, of_this_group: float) -> None:
        networks = sum(map(len, self._groups[: self._done]))
        cost = sum(self._costs[: self._done]) + of_this_group
        self._tell(networks, self._total, cost / sum(self._costs))


def _measure(
    networks: Sequence[SampledNetwork],
    rounds: int,
    setting: _Setting,
    progress: Callable[[int], None],
) -> list[Latency]:
    """Time a group of networks.

    Returns:
        The `Latency` of each, without the times of steps that do not fit into memory.
    """
    steps: dict[tuple[str, str], Step] = {}
    images: dict[int, torch.Tensor] = {}
    for network in networks:
        side = network.sample.resolution
        for kind, make_step in STEPS.items():  # with a network each: they are in different modes
            with _without_what_does_not_fit():
                if side not in images:
                    shape = (setting.batch, 3, side, side)
                    images[side] = torch.randn(*shape, device=torch_device())
                step = make_step(classifier_of(network.sample).to(torch_device()), images[side])
                step.run()
                steps[network.name, kind] = step
    timings = time_in_turn(steps, rounds, progress) if steps else {}
    return [_latency_of(network, timings, rounds, setting) for network in networks]


def _latency_of(
    network: SampledNetwork,
    timings: Mapping[tuple[str, str], Timing],
    rounds: int,
    setting: _Setting,
) -> Latency:
    """What is written down of a network."""
    inference = timings.get((network.name, 'inference'))
    training = timings.get((network.name, 'training'))
    return Latency(
        network=network.name,
        device=setting.device,
        threads=setting.threads,
        batch=setting.batch,
        resolution=network.sample.resolution,
        inference=inference.median if inference else None,
        training=training.median if training else None,
        inference_spread=inference.spread if inference else None,
        training_spread=training.spread if training else None,
        rounds=rounds,
        versions=dict(
            regnet_plugin=__version__, torch=torch.__version__, python=platform.python_version()
        ),
    )


def classifier_of(sample: Sample, fast_path: bool | dict[str, bool | str] = False) -> Classifier:
    """Build a network of a population, with head: backbone, global average pooling, linear layer.

    Args:
        sample: the network.
        fast_path: as `AnyNet` takes it.

    Returns:
        A classifier of images (N, 3, resolution, resolution), with outputs (N, num_classes).
    """
    last = len(sample.structure.stages) - 1
    activation = activation_config(sample.activation)
    backbone = AnyNet(
        **sample.structure.to_dict(),
        out_indices=(last,),
        act_cfg=activation,
        fast_path=fast_path,
    )
    return Classifier(backbone, backbone.out_channels[-1], sample.num_classes)


@contextmanager
def _without_what_does_not_fit() -> Iterator[None]:
    """Go on where memory is not enough, or one image is not enough to train with."""
    try:
        yield
    except (RuntimeError, MemoryError, ValueError) as error:
        if not is_out_of_memory(error) and not is_one_value(error):
            raise
