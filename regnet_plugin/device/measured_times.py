"""Times that were measured, of networks that are known: what a device model is fitted to."""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from regnet_plugin.core.architecture import Architecture
from regnet_plugin.core.complexity import structure_of
from regnet_plugin.core.layers.layer_counts import LAYER_COUNTS, layer_counts


@dataclass(frozen=True)
class MeasuredNetwork:
    """A network and the time of its step.

    Attributes:
        name: for people.
        architecture: of a block of the paper.
        resolution: side of the image.
        num_classes: of the classifier.
        seconds: of a step of the batch; the same batch for all networks of a device model.
        spread: half the distance between the quartiles, as a fraction of the median; NaN if
            unknown.
    """

    name: str
    architecture: Architecture
    resolution: int
    num_classes: int
    seconds: float
    spread: float = float('nan')


@dataclass(frozen=True)
class MeasuredTimes:
    """Times of networks on one device, in one setting; see `DeviceModel` for the words.

    Attributes:
        networks: at least one.

    Raises:
        ValueError: if a time is not above 0.
    """

    networks: Sequence[MeasuredNetwork]
    name: str
    source: str
    step: str
    batch: int
    conditions: dict[str, str | int | float]

    def __post_init__(self) -> None:
        wrong = [one for one in self.networks if not 0 < one.seconds < np.inf]
        if wrong:
            raise ValueError(
                f'a time must be above 0, but that of {wrong[0].name} is {wrong[0].seconds} seconds'
            )

    @property
    def seconds(self) -> NDArray[np.float64]:
        """Measured times, shape (n, )."""
        return np.array([network.seconds for network in self.networks])

    def counts(self) -> NDArray[np.float64]:
        """Return all of `LAYER_COUNTS` of the networks, shape (n, counts)."""
        return np.concatenate(
            [
                layer_counts(
                    **structure_of(one.architecture),
                    resolution=one.resolution,
                    num_classes=one.num_classes,
                )
                for one in self.networks
            ]
        ).reshape(len(self.networks), len(LAYER_COUNTS))
