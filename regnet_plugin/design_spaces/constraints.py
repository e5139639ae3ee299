"""Which samples are rejected: intervals of counts and stages, limits that grow with the flops."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import asdict, dataclass, fields
from math import inf
from typing import Any, TypeVar

import numpy as np
from numpy.typing import NDArray

from regnet_plugin.core.complexity import COUNTS, Complexities
from regnet_plugin.core.number_checks import is_real

GIGAFLOP = 1e9

Flops = TypeVar('Flops', float, NDArray[Any])
Interval = tuple[float, float]
EVERYTHING: Interval = (-inf, inf)

BOUNDED = (*COUNTS, 'stages')  # what an interval may be given for
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
    values: NDArray[np.int64]
    low: float
    high: float | NDArray[Any]


@dataclass(frozen=True)
class Constraints:
    """Bounds that a sample has to keep; both ends of an interval belong to it.

    Args:
        flops, parameters, activations, stages (tuple, optional): (low, high); None leaves an end
            open. Default: None, no bounds.
        limits (dict[str, dict], optional): for 'parameters' and 'activations' the arguments of a
            `Limit`. F is the upper end of the flops interval, the flop regime, where there is one;
            else the network's own flops.

    Raises:
        ValueError: if an interval is not one.
    """

    flops: Sequence[float | None] | None = None
    parameters: Sequence[float | None] | None = None
    activations: Sequence[float | None] | None = None
    stages: Sequence[int | None] | None = None
    limits: Mapping[str, Any] | None = None

    def __post_init__(self) -> None:
        # Stored in one form, so that equal bounds are equal however they were written.
        for name in BOUNDED:
            object.__setattr__(self, name, _read_interval(name, getattr(self, name)))
        object.__setattr__(self, 'limits', _read_limits(self.limits))

    def interval(self, name: str) -> Interval:
        """Return the ends between which one of `BOUNDED` has to be; open ones are infinite."""
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

    def to_dict(self) -> dict[str, Any]:
        """Return what was given, fit for JSON."""
        given: dict[str, Any] = {}
        for name in BOUNDED:
            interval = self.interval(name)
            if interval != EVERYTHING:
                given[name] = [None if abs(end) == inf else end for end in interval]
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
