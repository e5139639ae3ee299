"""Which samples are rejected: intervals of counts and stages, limits that grow with the flops."""

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import asdict, dataclass, fields
from math import inf
from typing import Any, TypeVar

import numpy as np
from numpy.typing import NDArray

from regnet_plugin.core.complexity import COUNTS, Complexities
from regnet_plugin.core.layers.activation_memory import peak_activations
from regnet_plugin.core.number_checks import is_real
from regnet_plugin.device.device_model import DeviceModel
from regnet_plugin.device.packaged import device_model

GIGAFLOP = 1e9

_SAID_AS = dict(latency='latency in seconds', peak_activations='peak_activations')

# From keywords of `core.layers.layer_shapes.network_shapes` to a number for each network.
Prediction = Callable[..., NDArray[Any]]
Flops = TypeVar('Flops', float, NDArray[Any])
Interval = tuple[float, float]
EVERYTHING: Interval = (-inf, inf)

BOUNDED = (*COUNTS, 'stages')  # what an interval may be given for
# What an interval may be given for beside these; it is computed for networks that keep all others.
PREDICTED = ('latency', 'peak_activations')
LIMITED = ('parameters', 'activations')  # what a limit may be given for


@dataclass(frozen=True)
class Limit:
    """An upper limit that grows with the flops; the limit itself is excluded.

    It is constant + linear * F + root * sqrt(F) for F in GF: the forms of figure 12, in which
    parameters grow with the flops, activations with their root.
    """

    constant: float = 0.0
    linear: float = 0.0
    root: float = 0.0

    def __call__(self, flops: Flops) -> Flops:
        """Return the limit at a number of flops, or at each of an array."""
        gigaflops = flops / GIGAFLOP
        limit: Flops = self.constant + self.linear * gigaflops + self.root * np.sqrt(gigaflops)
        return limit


@dataclass(frozen=True)
class Bound:
    """One of the bounds that n networks are held to, and what they have; for messages.

    Attributes:
        name: of the quantity.
        values: of the networks, shape (n, ).
        low: least that is allowed; -inf where there is no such bound.
        high: most that is allowed, for all networks or for each; inf where there is no such bound.
    """

    name: str
    values: NDArray[Any]
    low: float
    high: float | NDArray[Any]


@dataclass(frozen=True)
class Constraints:
    """Bounds that a sample has to keep; both ends of an interval belong to it.

    Args:
        flops, parameters, activations, stages (tuple, optional): (low, high); None leaves an end
            open. Default: None, no bounds.
        latency (tuple, optional): likewise, of the seconds of a step that ``device`` predicts.
        peak_activations (tuple, optional): likewise, of
            `core.layers.activation_memory.peak_activations`.
        device (str | dict | DeviceModel, optional): a device model, its name in
            `regnet_plugin.device.packaged`, its file, or what is in it; where there is a latency.
        limits (dict[str, dict], optional): for 'parameters' and 'activations' the arguments of a
            `Limit`. F is the upper end of the flops interval, the flop regime, where there is one;
            else the network's own flops.

    Raises:
        ValueError: if an interval is not one, or there is a latency without a device model that is
            good enough for it.
    """

    flops: Sequence[float | None] | None = None
    parameters: Sequence[float | None] | None = None
    activations: Sequence[float | None] | None = None
    stages: Sequence[int | None] | None = None
    latency: Sequence[float | None] | None = None
    peak_activations: Sequence[float | None] | None = None
    device: str | Mapping[str, Any] | DeviceModel | None = None
    limits: Mapping[str, Any] | None = None

    def __post_init__(self) -> None:
        # Stored in one form, so that equal bounds are equal however they were written.
        for name in (*BOUNDED, *PREDICTED):
            object.__setattr__(self, name, _read_interval(name, getattr(self, name)))
        object.__setattr__(self, 'device', _read_device(self.device))
        if (self.interval('latency') != EVERYTHING) != (self.device is not None):
            raise ValueError(
                'a latency is one on a device, and a device is for a latency, but '
                f'latency={self.latency!r} and there is '
                f'{"no device" if self.device is None else "a device"}'
            )
        object.__setattr__(self, 'limits', _read_limits(self.limits))

    def interval(self, name: str) -> Interval:
        """Return the ends between which one of `BOUNDED` and `PREDICTED` has to be.

        Open ones are infinite.
        """
        interval: Interval = getattr(self, name)
        return interval

    @property
    def _limits(self) -> dict[str, Limit]:
        """The limits that there are, by name."""
        return dict(self.limits or {})

    @property
    def _regime(self) -> float | None:
        """F of the limits where there is a flop regime: its upper end."""
        _, high = self.interval('flops')
        return None if high == inf else high

    def _limits_for(
        self, counts: Complexities, regime: float | None
    ) -> dict[str, float | NDArray[Any]]:
        """The value of each limit at the regime, or else at each network's own flops."""
        if regime is not None:
            return {name: limit(regime) for name, limit in self._limits.items()}
        return {name: limit(counts.flops) for name, limit in self._limits.items()}

    def keep_limits(self, counts: Complexities, regime: float | None = None) -> NDArray[np.bool_]:
        """Return which of n networks keep the limits.

        Args:
            counts: of the networks, arrays of shape (n, ).
            regime: F of the limits; None for the networks' own flops.

        Returns:
            Bool of shape (n, ).
        """
        kept = np.ones(counts.flops.shape, dtype=bool)
        for name, limit in self._limits_for(counts, regime).items():
            kept &= getattr(counts, name) < limit
        return kept

    def bounds(self, counts: Complexities, stages: int) -> Iterator[Bound]:
        """Yield what networks have, and what they may have, of all that is bounded or limited.

        Args:
            counts: of n networks, arrays of shape (n, ).
            stages: of each of these networks.
        """
        yield from self._interval_bounds(counts, stages)
        for name, limit in self._limits_for(counts, self._regime).items():
            yield Bound(f'{name} under the limit', getattr(counts, name), -inf, limit)

    def _interval_bounds(self, counts: Complexities, stages: int) -> Iterator[Bound]:
        for name in BOUNDED:
            low, high = self.interval(name)
            if (low, high) == EVERYTHING:
                continue
            if name == 'stages':
                yield Bound(name, np.full(counts.flops.shape, stages), low, high)
            else:
                yield Bound(name, getattr(counts, name), low, high)

    def allow(self, counts: Complexities, stages: int) -> NDArray[np.bool_]:
        """Return which of n networks keep all bounds.

        Args:
            counts: of the networks, arrays of shape (n, ).
            stages: of each of these networks.

        Returns:
            Bool of shape (n, ).
        """
        allowed = self.keep_limits(counts, self._regime)
        for bound in self._interval_bounds(counts, stages):
            allowed &= (bound.values >= bound.low) & (bound.values <= bound.high)
        return allowed

    @property
    def predictions(self) -> dict[str, Prediction]:
        """What has to be predicted of networks, by the names of `PREDICTED`."""
        functions: dict[str, Prediction] = {}
        if isinstance(self.device, DeviceModel):
            functions['latency'] = self.device.predict
        if self.interval('peak_activations') != EVERYTHING:
            functions['peak_activations'] = peak_activations
        return functions

    def predicted_bounds(self, predicted: Mapping[str, NDArray[Any]]) -> Iterator[Bound]:
        """Yield what networks are predicted to have, and what they may have.

        Args:
            predicted: what `predictions` said of n networks, arrays of shape (n, ).
        """
        for name, values in predicted.items():
            yield Bound(_SAID_AS[name], values, *self.interval(name))

    def allow_predicted(self, predicted: Mapping[str, NDArray[Any]]) -> NDArray[np.bool_]:
        """Return which of n networks keep the bounds of what is predicted of them.

        Args:
            predicted: as for `predicted_bounds`, at least one array.
        """
        kept = [
            (bound.values >= bound.low) & (bound.values <= bound.high)
            for bound in self.predicted_bounds(predicted)
        ]
        allowed: NDArray[np.bool_] = np.all(kept, axis=0)
        return allowed

    def columns_of(self, predicted: Mapping[str, NDArray[Any]]) -> dict[str, NDArray[Any]]:
        """Return what was predicted under the names of `regnet_plugin.design_spaces.sample`."""
        names = {name: name for name in PREDICTED}
        if isinstance(self.device, DeviceModel):
            names['latency'] = self.device.column
        return {names[name]: values for name, values in predicted.items()}

    def to_dict(self) -> dict[str, Any]:
        """Return what was given, fit for JSON."""
        given: dict[str, Any] = {}
        for name in (*BOUNDED, *PREDICTED):
            interval = self.interval(name)
            if interval != EVERYTHING:
                given[name] = [None if abs(end) == inf else end for end in interval]
        if isinstance(self.device, DeviceModel):
            given['device'] = self.device.to_dict()
        limits = {name: asdict(limit) for name, limit in self._limits.items()}
        if limits:
            given['limits'] = limits
        return given


def _read_limits(given: object) -> dict[str, Limit]:
    """Make the limits that a config writes."""
    limits = {} if given is None else given
    if (
        not isinstance(limits, dict)
        or set(limits) - set(LIMITED)
        or not all(_is_limit(value) for value in limits.values())
    ):
        raise ValueError(
            'limits must be a dict of parameters and activations, each a dict of constant, linear '
            f'and root, but limits={given!r}'
        )
    return {name: Limit(**value) for name, value in limits.items()}


def _read_device(given: str | Mapping[str, Any] | DeviceModel | None) -> DeviceModel | None:
    """The device model of a config; refused if one cannot constrain with it."""
    if given is None:
        return None
    if isinstance(given, DeviceModel):
        model = given
    else:
        model = DeviceModel.from_dict(given) if isinstance(given, Mapping) else device_model(given)
    if model.why_not:
        raise ValueError(model.why_not)
    return model


def _is_limit(value: object) -> bool:
    if not isinstance(value, dict) or set(value) - {field.name for field in fields(Limit)}:
        return False
    return all(is_real(number) for number in value.values())


def _read_interval(name: str, given: object) -> Interval:
    """Read an interval of a config: a pair with None for an open end, or None for no bounds."""
    if given is None:
        return EVERYTHING
    pair = given if isinstance(given, (list, tuple)) else ()
    if len(pair) != 2 or not all(end is None or is_real(end) for end in pair):
        raise ValueError(
            f'{name} must be a pair of numbers (low, high), with None for an open end, but '
            f'{name}={given!r}'
        )
    low = -inf if pair[0] is None else pair[0]
    high = inf if pair[1] is None else pair[1]
    if low > high:
        raise ValueError(f'{name} must be an interval from low to high, but {name}={given!r}')
    return low, high
