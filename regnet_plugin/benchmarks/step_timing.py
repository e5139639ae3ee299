"""Measuring networks side by side: alternating runs, medians, ratios, peak memory; and what a data
loader delivers.
"""

import gc
import json
import os
import statistics
import tempfile
import time
from dataclasses import dataclass
from itertools import accumulate
from pathlib import Path
from typing import Callable, Tuple

import torch
from torch import nn
from torch.profiler import ProfilerActivity, profile

from regnet_plugin.training.memory import memory_peak, reset_memory_peak, resident_memory

IMAGENET_IMAGES = 1_281_167
EPOCHS = 100  # of the training times in the paper's tables


@dataclass(frozen=True)
class Timing:
    """Seconds per step of one contestant, a value per round.

    Attributes:
        seconds (tuple[float]): one per round.
    """

    seconds: Tuple[float, ...]

    @property
    def median(self):
        return statistics.median(self.seconds)

    @property
    def spread(self):
        """Half the distance between the quartiles, as a fraction of the median; 0 for less than two
        rounds.
        """
        if len(self.seconds) < 2:
            return 0.0
        low, _, high = statistics.quantiles(self.seconds, n=4)
        return (high - low) / 2 / self.median

    def ratio_to(self, other):
        """Median over rounds of this time by the other's of the same round: noise common to a round
        cancels.
        """
        return statistics.median(mine / theirs for mine, theirs in zip(self.seconds, other.seconds))


@dataclass(frozen=True)
class Step:
    """What is measured: one step of a network on a batch.

    Attributes:
        run (Callable[[], None]): does it once.
        held_bytes (int): memory that stays between steps: weights and statistics; in training
            momentum, too.
    """

    run: Callable[[], None]
    held_bytes: int


def _bytes(tensors):
    return sum(tensor.numel() * tensor.element_size() for tensor in tensors)


def evaluation_step(network, compute):
    """Return the `Step` that computes something with a network in evaluation mode.

    Args:
        network (nn.Module): is put into that mode.
        compute (Callable[[], object]): calls it.
    """
    network.eval()

    def run():
        with torch.inference_mode():
            compute()

    return Step(run, _bytes(network.parameters()) + _bytes(network.buffers()))


def optimization_step(network, loss, learning_rate=1e-4):
    """Return the `Step` that does forward, backward and an SGD step, and lets go of the gradients.

    Args:
        network (nn.Module): is put into training mode.
        loss (Callable[[], torch.Tensor]): calls it, and makes one number of what it says.
        learning_rate (float): 0 lets every step do the same work. Default: 1e-4.
    """
    network.train()
    trained = [parameter for parameter in network.parameters() if parameter.requires_grad]
    optimizer = torch.optim.SGD(
        trained, lr=learning_rate, momentum=0.9, nesterov=True, weight_decay=5e-5
    )

    def run():
        loss().backward()
        optimizer.step()
        optimizer.zero_grad()

    return Step(run, _bytes(network.parameters()) + _bytes(trained) + _bytes(network.buffers()))


def inference_step(network, images):
    """Return the `Step` that computes a classifier's outputs for the images."""
    return evaluation_step(network, lambda: network(images))


def training_step(network, images):
    """Return the `Step` that trains a classifier on the images and made-up labels."""
    # there with any number of classes
    labels = torch.zeros(len(images), dtype=torch.long, device=images.device)
    return optimization_step(network, lambda: nn.functional.cross_entropy(network(images), labels))


def training_hours(seconds, batch):
    """Hours for the paper's 100 epochs of ImageNet on this one device, from the seconds of a step
    and its batch.
    """
    return EPOCHS * IMAGENET_IMAGES / batch * seconds / 3600


def _seconds(step):
    start = time.perf_counter()
    step.run()
    if torch.cuda.is_available():
        torch.cuda.synchronize()
    return time.perf_counter() - start


def race(steps, rounds, progress=lambda done: None):
    """Time steps in turn, in an order that rotates from round to round.

    Args:
        steps (dict[Hashable, Step]): the contestants.
        rounds (int): each does one step a round, after two that do not count (in which compiled
            networks compile).
        progress (Callable[[int], None]): told the number of rounds done.

    Returns:
        dict[Hashable, Timing]: in the order of ``steps``.
    """
    seconds = {name: [] for name in steps}
    names = list(steps)
    for count in range(-2, rounds):
        for name in names[count % len(names) :] + names[: count % len(names)]:
            duration = _seconds(steps[name])
            if count >= 0:
                seconds[name].append(duration)
        progress(count + 1)
    return {name: Timing(tuple(values)) for name, values in seconds.items()}


def peak_memory(step):
    """Measure the memory at the worst moment of a step that has run before.

    Returns:
        int: bytes, without the batch itself: allocated by PyTorch on a GPU; resident memory of the
        process on a CPU, whose allocator keeps some of what it frees, so that small differences
        mean nothing.
    """
    reset_memory_peak()
    before = (
        torch.cuda.memory_allocated() if torch.cuda.is_available() else resident_memory('VmRSS')
    )
    step.run()
    if torch.cuda.is_available():
        torch.cuda.synchronize()
    return step.held_bytes + max(0, memory_peak() - before)


def peak_allocation(step):
    """Measure what PyTorch has allocated at the worst moment of a step that has run before, to the
    byte.

    Unlike `peak_memory` this does not see what other libraries take for a moment, nor what an
    allocator keeps.

    Returns:
        int: bytes, without the batch itself.
    """
    if torch.cuda.is_available():
        return peak_memory(step)
    # the profiler's: it takes it for an error that there is no GPU
    os.environ.setdefault('KINETO_LOG_LEVEL', '5')
    gc.collect()  # what is freed in the step should be its own
    with profile(activities=[ProfilerActivity.CPU], profile_memory=True, acc_events=True) as seen:
        step.run()
    with tempfile.TemporaryDirectory() as folder:
        trace = Path(folder, 'trace.json')
        seen.export_chrome_trace(str(trace))
        events = [
            event
            for event in json.loads(trace.read_text())['traceEvents']
            if event.get('name') == '[memory]'
        ]
    events.sort(key=lambda event: (event['ts'], event['args']['Ev Idx']))
    return step.held_bytes + max(accumulate(event['args']['Bytes'] for event in events))


def loader_rate(loader, seconds=5.0):
    """Count the images per second that a data loader delivers, after its first batch.

    Args:
        loader (Iterable): gives batches that are dicts with a list or tensor ``inputs``, as
            mmpretrain's do; begun again when it ends.
        seconds (float): how long to look, at least.

    Returns:
        float: images per second.
    """
    images, start, batches = 0, None, iter(loader)
    while start is None or time.perf_counter() - start < seconds:
        batch = next(batches, None)
        if batch is None:
            batches = iter(loader)
            continue
        images, start = (
            (0, time.perf_counter()) if start is None else (images + len(batch['inputs']), start)
        )
    return images / (time.perf_counter() - start)
