"""What a training step is made of: shares of its kinds of layers, and how far it is from a product.

The arithmetic of a network could be done as one product of matrices: no step of so many flops is
faster than that, but for what the convolutions' library does better.
"""

import statistics
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from math import ceil

import torch
from mmengine.config import Config
from torch.profiler import ProfilerActivity, profile

from regnet_plugin.benchmarks.device import torch_device, wait_for_device
from regnet_plugin.benchmarks.latency_measurement import classifier_of
from regnet_plugin.benchmarks.populations.memory_formats import compare_formats
from regnet_plugin.benchmarks.step_timing import time_in_turn
from regnet_plugin.benchmarks.steps import Step, training_step
from regnet_plugin.population.store import SampledNetwork
from regnet_plugin.training.estimates.step_timing import PASSES_PER_STEP

# Words in the names of PyTorch's operators, by the kind of work; the first one that fits counts.
_WORDS = {
    'convolutions': ('conv',),
    'normalization': ('batch_norm', 'BatchNorm'),
    'activations': ('relu', 'Relu', 'threshold', 'clamp', 'silu', 'sigmoid'),
}
OTHERS = 'sums, loss, optimizer, Python'
KINDS = (*_WORDS, OTHERS)
_STEPS = 5  # profiled, after as many that are not: the first ones choose algorithms
_SIDE = 512  # of the matrices
_ROUNDS = 5


def step_shares(step: Step) -> dict[str, float]:
    """Return the share of a step's time that each of `KINDS` takes, by PyTorch's profiler.

    Args:
        step: of a training, on a CPU or on a GPU.
    """
    for _ in range(_STEPS):
        step.run()
    wait_for_device()
    on_gpu = torch_device() == 'cuda'
    activity = ProfilerActivity.CUDA if on_gpu else ProfilerActivity.CPU
    with profile(activities=[activity]) as profiled:
        for _ in range(_STEPS):
            step.run()
        wait_for_device()
    seconds = dict.fromkeys(KINDS, 0.0)
    for event in profiled.key_averages():
        own = event.self_device_time_total if on_gpu else event.self_cpu_time_total
        seconds[_kind_of(event.key)] += own
    total = sum(seconds.values())
    return {kind: value / total for kind, value in seconds.items()}


def _kind_of(operator: str) -> str:
    for kind, words in _WORDS.items():
        if any(word in operator for word in words):
            return kind
    return OTHERS


def multiply(flops: float) -> None:
    """Do so many multiply-adds, or a few more, as products of square matrices.

    Args:
        flops: multiply-adds.
    """
    left, right = torch.ones(2, _SIDE, _SIDE, device=torch_device())
    whole, rest = divmod(flops, _SIDE**3)
    for _ in range(int(whole)):
        left @ right
    left[: ceil(rest / _SIDE**2)] @ right


@dataclass(frozen=True)
class StepMakeup:
    """What a training step of a network is made of.

    Attributes:
        shares: of its time, by `KINDS`.
        by_product: its time by that of one product of matrices of as many flops.
    """

    shares: dict[str, float]
    by_product: float


def makeup_of(
    network: SampledNetwork, *, batch: int, fast_path: bool | dict[str, bool | str], rounds: int
) -> StepMakeup:
    """Time a training step of a network of a population, and take it apart.

    Args:
        network: of the population.
        batch: images in a step.
        fast_path: as `AnyNet` takes it.
        rounds: steps that are timed, in turn with products.
    """
    sample = network.sample
    images = torch.randn(batch, 3, sample.resolution, sample.resolution, device=torch_device())
    step = training_step(classifier_of(sample, fast_path).to(torch_device()), images)
    flops = PASSES_PER_STEP * batch * sample.complexity.flops
    product = Step(lambda: multiply(flops), held_bytes=0)
    timings = time_in_turn({'step': step, 'product': product}, rounds)
    return StepMakeup(step_shares(step), timings['step'].ratio_to(timings['product']))


def told_of_steps(networks: Sequence[SampledNetwork], recipe: Config) -> Iterator[str]:
    """Take training steps of networks apart, and compare their memory formats.

    Args:
        networks: of a population, one at least.
        recipe: that they are trained by, see `read_recipe`.

    Yields:
        A line for each kind of work, the product of matrices, and the memory formats; medians over
        the networks.
    """
    batch = recipe.train_dataloader.batch_size
    fast_path = recipe.model.backbone.get('fast_path', False)
    makeups = [
        makeup_of(network, batch=batch, fast_path=fast_path, rounds=_ROUNDS) for network in networks
    ]
    for kind in KINDS:
        share = statistics.median(makeup.shares[kind] for makeup in makeups)
        yield f'{share:>7.1%} of a step: {kind}'
    by_product = statistics.median(makeup.by_product for makeup in makeups)
    yield f'step / product of matrices of as many multiply-adds: {by_product:.2f}'
    formats = compare_formats(networks, batch=batch, rounds=_ROUNDS)
    ratio = statistics.median(compared.ratio for compared in formats)
    yield f'step with the channels outermost / innermost: {ratio:.2f}'
