"""How long networks take: ``latency.jsonl`` in a population's folder, a line per network, device,
batch and threads.
"""

import json
from contextlib import contextmanager
from dataclasses import asdict, dataclass, field
from datetime import datetime, timezone
from typing import Optional

from regnet_plugin.files import alone_at, drop_broken_end, is_there, naming, unambiguous
from regnet_plugin.population.store import PopulationError

LATENCIES = 'latency.jsonl'


@dataclass(frozen=True)
class Latency:
    """Times of one network.

    Attributes:
        network (str): its number in the population.
        device (str): name of the GPU, or of the CPU.
        threads (int): of PyTorch on a CPU, 0 on a GPU.
        batch, resolution (int): images in a step, and their side.
        inference, training (float, optional): seconds of a forward pass, and of a training step
            (forward, backward and SGD), medians over the rounds; None if it does not fit into
            memory.
        inference_spread, training_spread (float, optional): half the distance between the
            quartiles, as a fraction.
        rounds (int): that were measured.
        versions (dict): of regnet_plugin, torch and python.
        measured (str): time, UTC, ISO 8601.
    """

    network: str
    device: str
    threads: int
    batch: int
    resolution: int
    inference: Optional[float]
    training: Optional[float]
    inference_spread: Optional[float] = None
    training_spread: Optional[float] = None
    rounds: int = 1
    versions: dict = field(default_factory=dict)
    measured: str = field(
        default_factory=lambda: datetime.now(timezone.utc).isoformat(timespec='seconds')
    )


def read_latencies(population):
    """Read the times of a population's networks; a last line that a kill cut off does not count.

    Returns:
        list[Latency]: in the order in which they were measured; none if nothing was.

    Raises:
        PopulationError: naming the line that cannot be read.
    """
    path = population.directory / LATENCIES
    with naming(path):
        lines = path.read_bytes().split(b'\n')[:-1] if is_there(path) else []
    latencies = []
    for number, line in enumerate(lines, 1):
        try:
            latencies.append(Latency(**unambiguous(line)))
        except (ValueError, TypeError, RecursionError) as error:
            raise PopulationError(f'{path}:{number}: {error}') from None
    return latencies


@contextmanager
def appended_latencies(population):
    """Give a function that adds a `Latency` to those of a population, while no other process does.

    Raises:
        PopulationError: if another process is measuring.
    """
    path = population.directory / LATENCIES
    try:
        with alone_at(path) as file:
            drop_broken_end(path)
            yield lambda latency: print(json.dumps(asdict(latency)), file=file, flush=True)
    except BlockingIOError:
        raise PopulationError(
            f'latency is measured alone, but another process is writing {path}'
        ) from None
