"""Training steps of small networks with the channels outermost and innermost, side by side."""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass

import torch

from regnet_plugin.benchmarks.device import torch_device
from regnet_plugin.benchmarks.latency_measurement import classifier_of
from regnet_plugin.benchmarks.step_timing import Timing, time_in_turn
from regnet_plugin.benchmarks.steps import training_step
from regnet_plugin.population.store import SampledNetwork

_FORMATS: dict[str, dict[str, bool | str]] = {
    name: dict(channels_last=name == 'innermost', bfloat16=False, compile=False)
    for name in ('outermost', 'innermost')
}


@dataclass(frozen=True)
class ComparedFormats:
    """Training steps of a network in float32 in both memory formats, timed in turn.

    Attributes:
        network: its number in the population.
        batch: images in a step.
        outermost: seconds with the channels outermost, one value per round.
        innermost: likewise, with the channels innermost.
    """

    network: str
    batch: int
    outermost: tuple[float, ...]
    innermost: tuple[float, ...]

    @property
    def ratio(self) -> float:
        """Time with the channels outermost by that with them innermost, median over the rounds."""
        return Timing(self.outermost).ratio_to(Timing(self.innermost))


def compare_formats(
    networks: Iterable[SampledNetwork], *, batch: int, rounds: int
) -> Iterator[ComparedFormats]:
    """Time training steps of networks of a population in both memory formats.

    Args:
        networks: of one resolution or of several.
        batch: images in a step.
        rounds: steps of each network in each format.

    Yields:
        A network as soon as it is timed.
    """
    for network in networks:
        side = network.sample.resolution
        images = torch.randn(batch, 3, side, side, device=torch_device())
        steps = {
            name: training_step(classifier_of(network.sample, fast_path).to(torch_device()), images)
            for name, fast_path in _FORMATS.items()
        }
        timings = time_in_turn(steps, rounds)
        yield ComparedFormats(
            network.name, batch, timings['outermost'].seconds, timings['innermost'].seconds
        )
