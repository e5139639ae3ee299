"""Which samples are rejected: intervals on complexity and on the number of stages, and limits that
grow with the flops.
"""

from dataclasses import dataclass, fields
from math import inf
from typing import Optional, Tuple

import numpy as np

from regnet_plugin.core.number_checks import is_real

GIGAFLOP = 1e9


@dataclass(frozen=True)
class Limit:
    """An upper limit that grows with the flops F, in GF: constant + linear * F + root * sqrt(F);
    the limit is excluded.
    """

    constant: float = 0.0
    linear: float = 0.0
    root: float = 0.0

    def __call__(self, flops):
        return (
            self.constant + self.linear * flops / GIGAFLOP + self.root * np.sqrt(flops / GIGAFLOP)
        )


@dataclass(frozen=True)
class Constraints:
    """Bounds that a sample has to keep; both ends of an interval belong to it, None leaves an end
    open.

    Args:
        flops, parameters, activations, stages (tuple, optional): (low, high).
        limits (dict[str, dict]): for 'parameters' and 'activations' the arguments of a `Limit`. F
            is the upper end of the flops interval, the flop regime, where there is one; else the
            network's own flops.

    Raises:
        ValueError: if an interval is not one.
    """

    flops: Optional[Tuple[Optional[float], Optional[float]]] = None
    parameters: Optional[Tuple[Optional[float], Optional[float]]] = None
    activations: Optional[Tuple[Optional[float], Optional[float]]] = None
    stages: Optional[Tuple[Optional[int], Optional[int]]] = None
    limits: Optional[dict] = None

    def __post_init__(self):
        for name in ('flops', 'parameters', 'activations', 'stages'):
            object.__setattr__(self, name, _interval(name, getattr(self, name)))
        given = {} if self.limits is None else self.limits
        if (
            not isinstance(given, dict)
            or set(given) - {'parameters', 'activations'}
            or not all(map(_is_limit, given.values()))
        ):
            raise ValueError(
                'limits must be a dict of parameters and activations, each a dict of constant, '
                'linear and '
                f'root, but limits={self.limits!r}'
            )
        object.__setattr__(
            self, 'limits', {name: Limit(**values) for name, values in given.items()}
        )

    def keep_limits(self, counts, regime=None):
        """Return which of n networks keep the limits, bool of shape (n, ); F is the regime, or else
        their own flops.
        """
        flops = counts.flops if regime is None else regime
        return np.all(
            [
                np.ones(counts.flops.shape, dtype=bool),
                *(getattr(counts, name) < limit(flops) for name, limit in self.limits.items()),
            ],
            axis=0,
        )

    def quantities(self, counts, stages):
        """Yield name, values and ends (low, high) of all intervals, and of the limits.

        Args:
            counts (Complexity): arrays of shape (n, ).
            stages (int): of these networks.
        """
        values = dict(
            flops=counts.flops,
            parameters=counts.parameters,
            activations=counts.activations,
            stages=np.full(counts.flops.shape, stages),
        )
        for name, found in values.items():
            low, high = getattr(self, name)
            if (low, high) != (-inf, inf):
                yield name, found, low, high
        flops = counts.flops if self._regime is None else self._regime
        for name, limit in self.limits.items():
            yield f'{name} under the limit', values[name], -inf, limit(flops)

    @property
    def _regime(self):
        return None if self.flops[1] == inf else self.flops[1]

    def allow(self, counts, stages):
        """Return which of n networks keep all bounds, bool of shape (n, )."""
        allowed = self.keep_limits(counts, self._regime)
        for _, values, low, high in self.quantities(counts, stages):
            allowed &= (values >= low) & (values <= high)
        return allowed

    def to_dict(self):
        """Return what was given, fit for JSON."""
        intervals = {
            name: [None if abs(end) == inf else end for end in getattr(self, name)]
            for name in ('flops', 'parameters', 'activations', 'stages')
            if getattr(self, name) != (-inf, inf)
        }
        limits = {
            name: {field.name: getattr(limit, field.name) for field in fields(Limit)}
            for name, limit in self.limits.items()
        }
        return dict(intervals, **(dict(limits=limits) if limits else {}))


def _is_limit(value):
    return (
        isinstance(value, dict)
        and all(map(is_real, value.values()))
        and not set(value) - {field.name for field in fields(Limit)}
    )


def _interval(name, value):
    if value is None:
        return -inf, inf
    pair = list(value) if isinstance(value, (list, tuple)) else []
    if len(pair) != 2 or not all(end is None or is_real(end) for end in pair):
        raise ValueError(
            f'{name} must be a pair of numbers (low, high), with None for an open end, but '
            f'{name}={value!r}'
        )
    low, high = -inf if pair[0] is None else pair[0], inf if pair[1] is None else pair[1]
    if low > high:
        raise ValueError(f'{name} must be an interval from low to high, but {name}={value!r}')
    return low, high
