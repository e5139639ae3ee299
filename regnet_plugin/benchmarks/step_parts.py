"""What a training step is made of: shares of its kinds of layers, and how far it is from a product.

The arithmetic of a network could be done as one product of matrices: no step of so many flops is
faster than that, but for what the convolutions' library does better.
"""

import statistics
import time
from collections.abc import Callable

import torch
from torch.profiler import ProfilerActivity, profile

from regnet_plugin.benchmarks.device import torch_device, wait_for_device
from regnet_plugin.benchmarks.steps import Step

# Words in the names of PyTorch's operators, by the kind of work; the first one that fits counts.
_WORDS = {
    'convolutions': ('conv',),
    'normalization': ('batch_norm', 'BatchNorm'),
    'activations': ('relu', 'Relu', 'threshold', 'clamp', 'silu', 'sigmoid'),
}
OTHERS = 'sums, loss, optimizer, Python'
KINDS = (*_WORDS, OTHERS)
_STEPS = 5  # profiled, after as many that are not: the first ones choose algorithms
_SIDE = 1024  # of the matrices
_PRODUCTS = 5


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


def product_seconds(flops: float) -> float:
    """Return how long products of square matrices take that are so many multiply-adds in all.

    Args:
        flops: multiply-adds.
    """
    left, right = torch.randn(2, _SIDE, _SIDE, device=torch_device())
    seconds = [_duration(lambda: left @ right) for _ in range(_PRODUCTS)]
    return statistics.median(seconds) * flops / _SIDE**3


def _duration(compute: Callable[[], object]) -> float:
    start = time.perf_counter()
    compute()
    wait_for_device()
    return time.perf_counter() - start
