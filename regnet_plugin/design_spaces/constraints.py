"""Which samples are rejected: intervals on complexity and on the number of stages, and limits that grow with the flops."""
from dataclasses import dataclass, fields
from math import inf
from typing import Optional, Tuple

import numpy as np

from regnet_plugin.architecture import is_real

GIGAFLOP = 1e9


@dataclass(frozen=True)
class Limit:
    """An upper limit that grows with the flops F, in GF: constant + linear * F + root * sqrt(F); the limit is excluded."""

    constant: float = 0.0
    linear: float = 0.0
    root: float = 0.0

    def __call__(self, flops):
        return self.constant + self.linear * flops / GIGAFLOP + self.root * np.sqrt(flops / GIGAFLOP)


# As the paper's authors advise in their code; the paper prints no numbers (section 4).
PAPER_LIMITS = dict(parameters=dict(constant=3e6, linear=5.5e6), activations=dict(root=6.5e6))


@dataclass(frozen=True)
class Constraints:
    """Bounds that a sample has to keep; both ends of an interval belong to it, None leaves an end open.

    Args:
        flops, parameters, activations, stages (tuple, optional): (low, high).
        limits (dict[str, dict]): for 'parameters' and 'activations' the arguments of a `Limit`. F is the upper end of the
            flops interval, the flop regime, where there is one; else the network's own flops.

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
        limits = {}
        for name, values in (self.limits or {}).items():
            if name not in ('parameters', 'activations') or not isinstance(values, dict) \
                    or set(values) - {field.name for field in fields(Limit)} or not all(map(is_real, values.values())):
                raise ValueError('limits must be a dict of parameters and activations, each a dict of constant, linear and '
                                 f'root, but limits={self.limits!r}')
            limits[name] = Limit(**values)
        object.__setattr__(self, 'limits', limits)

    def quantities(self, counts, stages):
        """Yield name, values, low, high and whether high is excluded, for all that is constrained.

        Args:
            counts (Complexity): arrays of shape (n, ).
            stages (int): of these networks.
        """
        for name in ('flops', 'parameters', 'activations'):
            low, high = getattr(self, name)
            if (low, high) != (-inf, inf):
                yield name, getattr(counts, name), low, high, False
        if self.stages != (-inf, inf):
            yield 'stages', np.full(counts.flops.shape, stages), *self.stages, False
        for name, limit in self.limits.items():
            yield f'{name} under the limit', getattr(counts, name), -inf, limit(self._regime(counts.flops)), True

    def _regime(self, flops):
        return flops if self.flops[1] == inf else self.flops[1]

    def allow(self, counts, stages):
        """Return which of n networks keep all bounds, bool of shape (n, )."""
        allowed = np.ones(counts.flops.shape, dtype=bool)
        for _, values, low, high, excluded in self.quantities(counts, stages):
            allowed &= (values >= low) & ((values < high) if excluded else (values <= high))
        return allowed

    def to_dict(self):
        """Return what was given, fit for JSON."""
        intervals = {name: [None if abs(end) == inf else end for end in getattr(self, name)]
                     for name in ('flops', 'parameters', 'activations', 'stages') if getattr(self, name) != (-inf, inf)}
        limits = {name: {field.name: getattr(limit, field.name) for field in fields(Limit)}
                  for name, limit in self.limits.items()}
        return dict(intervals, **(dict(limits=limits) if limits else {}))


def _interval(name, value):
    if value is None:
        return -inf, inf
    pair = list(value) if isinstance(value, (list, tuple)) else []
    if len(pair) != 2 or not all(end is None or is_real(end) for end in pair):
        raise ValueError(f'{name} must be a pair of numbers (low, high), with None for an open end, but {name}={value!r}')
    low, high = -inf if pair[0] is None else pair[0], inf if pair[1] is None else pair[1]
    if low > high:
        raise ValueError(f'{name} must be an interval from low to high, but {name}={value!r}')
    return low, high
