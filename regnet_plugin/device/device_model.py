"""A device model: the time of a step as a sum of counts, each times the seconds it takes."""

import json
from collections.abc import Mapping
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from regnet_plugin.core.architecture import Architecture
from regnet_plugin.core.complexity import structure_of
from regnet_plugin.core.layers.layer_counts import LAYER_COUNTS, layer_counts
from regnet_plugin.core.layers.layer_shapes import network_shapes
from regnet_plugin.core.number_checks import is_count, is_real
from regnet_plugin.core.vocabulary import DEFAULT_NUM_CLASSES, DEFAULT_RESOLUTION
from regnet_plugin.files import read_object, replace

STEPS = ('inference', 'training')
FORMAT = 1  # of the files
RANGED = ('flops', 'activations')  # counts whose range is kept, beside the resolution's
# What is good enough to constrain with: intervals of times that people ask for are some 10% wide,
# and with a lower rank correlation too many networks are on the wrong side of a limit.
LARGEST_MEDIAN_ERROR = 0.1
LEAST_RANK_CORRELATION = 0.9


@dataclass(frozen=True)
class PredictionError:
    """How well networks are predicted that a fit has not seen.

    Each network is predicted by counts that were chosen, and coefficients that were fitted, without
    it.

    Attributes:
        networks: how many.
        median, mean: of ``|predicted / measured - 1|``.
        rank_correlation: Spearman's, of predicted and measured times.
    """

    networks: int
    median: float
    mean: float
    rank_correlation: float

    def __str__(self) -> str:
        return (
            f'median error {self.median:.1%}, mean {self.mean:.1%}, rank correlation '
            f'{self.rank_correlation:.3f}, each of {self.networks} networks predicted from the '
            'others'
        )


@dataclass(frozen=True)
class DeviceModel:
    """Seconds of a step on one device, in one setting.

    Attributes:
        name: of the device and the setting, for people.
        source: who measured the times, and where they stand.
        step: 'inference' or 'training'.
        batch: images in a step.
        conditions: what else the times depend on, such as precision and threads.
        seconds: by count of `LAYER_COUNTS`, for one of it in one image of the batch; from 0.
        error: of networks that were not measured.
        ranges: least and most ``flops``, ``activations``, ``resolution`` and ``group_width``, the
            narrowest of each network, of those that were measured: where the model holds.

    Raises:
        ValueError: if a field is not what it should be.
    """

    name: str
    source: str
    step: str
    batch: int
    conditions: Mapping[str, Any]
    seconds: Mapping[str, float]
    error: PredictionError
    ranges: Mapping[str, tuple[float, float]]

    def __post_init__(self) -> None:
        if self.step not in STEPS:
            raise ValueError(f'step must be one of {", ".join(STEPS)}, but step={self.step!r}')
        if not is_count(self.batch):
            raise ValueError(f'batch must be a positive whole number, but batch={self.batch!r}')
        unknown = [name for name in self.seconds if name not in LAYER_COUNTS]
        wrong = [value for value in self.seconds.values() if not is_real(value) or value < 0]
        if unknown or wrong or not self.seconds:
            raise ValueError(
                f'seconds must be numbers from 0 by counts, of {", ".join(LAYER_COUNTS)}, but '
                f'seconds={dict(self.seconds)!r}'
            )
        pairs = {name: tuple(pair) for name, pair in self.ranges.items()}
        names = {*RANGED, 'resolution', 'group_width'}
        if set(pairs) != names or not all(_is_range(pair) for pair in pairs.values()):
            raise ValueError(
                f'ranges must be pairs (least, most) of {", ".join(sorted(names))}, but '
                f'ranges={dict(self.ranges)!r}'
            )
        object.__setattr__(self, 'ranges', pairs)

    def predict(self, **structure: Any) -> NDArray[np.float64]:
        """Return the seconds of a step of n networks, of shape (n, ).

        Args:
            **structure: as `core.layers.layer_shapes.network_shapes` takes it.
        """
        counts = layer_counts(tuple(self.seconds), **structure)
        seconds: NDArray[np.float64] = counts @ np.array(list(self.seconds.values()))
        return seconds

    def predict_one(
        self,
        architecture: Architecture,
        resolution: int | tuple[int, int] = DEFAULT_RESOLUTION,
        num_classes: int = DEFAULT_NUM_CLASSES,
    ) -> float:
        """Return the seconds of a step of one network."""
        structure = dict(structure_of(architecture), resolution=resolution, num_classes=num_classes)
        return float(self.predict(**structure)[0])

    def holds(self, **structure: Any) -> NDArray[np.bool_]:
        """Return for which of n networks it was measured what they are like; shape (n, ).

        Their flops, activations and image are within the range (of an image that is no square the
        root of its area), and no groups are narrower than any there.
        """
        counts = layer_counts(RANGED, **structure)
        low, high = np.array([self.ranges[name] for name in RANGED]).T
        shapes = network_shapes(**structure)
        within: NDArray[np.bool_] = np.all((counts >= low) & (counts <= high), axis=1)
        least, most = self.ranges['resolution']
        is_of_size = least <= float(shapes.image.area) ** 0.5 <= most
        within &= shapes.narrowest_groups() >= self.ranges['group_width'][0]
        everything: NDArray[np.bool_] = within & is_of_size
        return everything

    @property
    def column(self) -> str:
        """Name of what it predicts in tables of networks."""
        return {'inference': 'predicted_latency', 'training': 'predicted_training_step'}[self.step]

    @property
    def is_good_enough(self) -> bool:
        """Whether one can constrain with it."""
        return self.why_not is None

    @property
    def why_not(self) -> str | None:
        """Why it is not good enough to constrain with; None if it is."""
        if self.error.median > LARGEST_MEDIAN_ERROR:
            return (
                'to constrain with a device model its median error must be at most '
                f'{LARGEST_MEDIAN_ERROR:.0%}, but that of {self.name} is {self.error.median:.1%}'
            )
        if not self.error.rank_correlation >= LEAST_RANK_CORRELATION:
            return (
                'to constrain with a device model its rank correlation must be at least '
                f'{LEAST_RANK_CORRELATION}, but that of {self.name} is '
                f'{self.error.rank_correlation:.2f}'
            )
        return None

    def to_dict(self) -> dict[str, Any]:
        """Return plain numbers and texts, fit for JSON; `from_dict` inverts it."""
        return dict(
            format=FORMAT,
            name=self.name,
            source=self.source,
            step=self.step,
            batch=self.batch,
            conditions=dict(self.conditions),
            seconds=dict(self.seconds),
            error=asdict(self.error),
            ranges={name: list(pair) for name, pair in self.ranges.items()},
        )

    @classmethod
    def from_dict(cls, values: Mapping[str, Any]) -> 'DeviceModel':
        """Build from what `to_dict` gave.

        Raises:
            ValueError: if an entry is missing, unknown or not what it should be.
        """
        entries = {name: value for name, value in values.items() if name != 'format'}
        known = tuple(cls.__dataclass_fields__)
        if values.get('format') != FORMAT or set(entries) != set(known):
            raise ValueError(
                f'a device model is an object of format {FORMAT} with {", ".join(known)}, but it '
                f'has {", ".join(map(str, values))}'
            )
        try:
            return cls(**{**entries, 'error': PredictionError(**entries['error'])})
        except (TypeError, AttributeError) as error:
            raise ValueError(f'a device model has entries of other kinds: {error}') from None

    def write(self, path: str | Path) -> None:
        """Write it as JSON, in place of a file that may be there."""
        replace(Path(path), json.dumps(self.to_dict(), indent=2) + '\n')


def read_device_model(path: str | Path) -> DeviceModel:
    """Read what `DeviceModel.write` wrote.

    Raises:
        ValueError: naming the file, if it is something else.
        OSError: if it cannot be read.
    """
    try:
        return DeviceModel.from_dict(read_object(Path(path)))
    except ValueError as error:
        raise ValueError(f'{path}: {error}') from None


def _is_range(pair: tuple[Any, ...]) -> bool:
    return len(pair) == 2 and all(is_real(end) for end in pair) and 0 < pair[0] <= pair[1]
