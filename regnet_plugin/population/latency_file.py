"""How long networks take, as it was measured: ``latency.jsonl`` in a population's folder.

It has a line per network, device, batch and threads.
"""

import json
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import asdict, dataclass, field
from datetime import datetime, timezone

from regnet_plugin.files import alone_at, drop_broken_end, is_there, naming, unambiguous
from regnet_plugin.population.folder import LATENCIES
from regnet_plugin.population.store import Population, PopulationError

# What a measurement is known by, which a file may say in any way.
_KINDS: dict[str, type] = dict(network=str, device=str, threads=int, batch=int, resolution=int)


@dataclass(frozen=True)
class Latency:
    """Times of one network.

    Attributes:
        network: its number in the population.
        device: name of the GPU, or of the CPU.
        threads: of PyTorch on a CPU, 0 on a GPU.
        batch: images in a step.
        resolution: side of an image.
        inference: seconds of a forward pass, the median over the rounds; None if it does not fit
            into memory.
        training: seconds of a training step (forward, backward and SGD), likewise.
        inference_spread, training_spread: half the distance between the quartiles, as a fraction of
            the median; None if unknown.
        rounds: that were measured.
        versions: of regnet_plugin, torch and python.
        measured: time, UTC, ISO 8601.

    Raises:
        ValueError: if what it is known by is of another kind.
    """

    network: str
    device: str
    threads: int
    batch: int
    resolution: int
    inference: float | None
    training: float | None
    inference_spread: float | None = None
    training_spread: float | None = None
    rounds: int = 1
    versions: dict[str, str] = field(default_factory=dict)
    measured: str = field(
        default_factory=lambda: datetime.now(timezone.utc).isoformat(timespec='seconds')
    )

    def __post_init__(self) -> None:
        for name, kind in _KINDS.items():
            value = getattr(self, name)
            if not isinstance(value, kind):
                words = 'a text' if kind is str else 'a whole number'
                raise ValueError(f'{name} must be {words}, but it is {value!r}')


def read_latencies(population: Population) -> list[Latency]:
    """Read the times of a population's networks; a last line that a kill cut off does not count.

    Returns:
        In the order in which they were measured; none if nothing was.

    Raises:
        PopulationError: naming the line that cannot be read.
        OSError: naming the file, if it cannot be read now.
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
def appended_latencies(population: Population) -> Iterator[Callable[[Latency], None]]:
    """Give a function that adds a `Latency` to those of a population.

    No other process of this machine adds any meanwhile.

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
