"""What a rule on networks does in a design space: it rejects, or tells how stages are drawn."""

from collections.abc import Callable, Mapping
from dataclasses import replace
from typing import Any

import numpy as np
from numpy.typing import NDArray

from regnet_plugin.core.complexity import COMPLEXITY_FIELDS, COUNTS, Complexities
from regnet_plugin.design_spaces.distributions import Parameter
from regnet_plugin.design_spaces.expressions import Expression, Known
from regnet_plugin.design_spaces.laws import LogUniform

# What stages have, by the names of an expression, and the lists of a network that have it.
LISTS = dict(
    depth='depths', width='widths', bottleneck_ratio='bottleneck_ratios', group_width='group_widths'
)
# Those that a space may draw for whole networks, before the group-width rule.
_NOMINAL = ('bottleneck_ratio', 'group_width')
_ORDERS = dict(rising='increasing', falling='decreasing', equal='shared')


def constructed(
    parameters: Mapping[str, Parameter], where: Expression | None
) -> dict[str, Parameter]:
    """Return parameters that are drawn so as to keep what they can of a rule.

    Lists in a rising or falling order are drawn by the law of independent draws conditioned on it,
    as where they are rejected. Equal ones are one draw for all stages, as the configs' 'shared':
    independent draws are hardly ever equal.

    Args:
        parameters: of a space.
        where: a rule, which the networks must be held to still; None for none.
    """
    drawn = dict(parameters)
    for order, name in () if where is None else where.orders():
        parameter = drawn.get(LISTS.get(name, ''))
        if parameter is not None and _can_keep(parameter, _ORDERS[order]):
            drawn[LISTS[name]] = replace(parameter, order=_ORDERS[order])
    return drawn


def _can_keep(parameter: Parameter, order: str) -> bool:
    """Whether a parameter of stages can be drawn in an order, and what it kept is kept still."""
    if order == 'shared':
        return parameter.stages is not None
    is_free = parameter.stages is not None and parameter.order is None
    return is_free and not isinstance(parameter.law, LogUniform)


def kept_by(
    where: Expression,
    lists: Mapping[str, NDArray[Any]],
    values: Mapping[str, NDArray[Any]],
    most_stages: int,
    counts: Callable[[], Complexities],
) -> NDArray[np.bool_]:
    """Return which of n networks keep a rule, shape (n,).

    It is asked of what was drawn, before the group-width rule, where that was drawn: networks
    belong to a space by their nominal parameters.

    Args:
        where: the rule.
        lists: of the repaired networks, by their names, of shape (n, S).
        values: what they were drawn from, n rows.
        most_stages: that a network of the space may have; the others have NaN in those beyond.
        counts: counts the networks; called where the rule asks for counts.

    Raises:
        ValueError: if the rule names something that there is not.
    """
    shape = lists['depths'].shape
    stages: dict[str, NDArray[Any]] = {}
    numbers: dict[str, NDArray[Any]] = {}
    for name, array in values.items():
        if name not in (*LISTS, *LISTS.values()) and array.dtype.kind in 'iuf':
            (numbers if array.ndim == 1 else stages)[name] = array
    for name, plural in LISTS.items():
        if plural in values:
            stages[name] = values[plural]
        elif name in _NOMINAL and name in values:
            stages[name] = np.broadcast_to(values[name][:, None], shape)
        elif plural in lists:
            stages[name] = lists[plural]
    numbers['depth'] = lists['depths'].sum(axis=1)
    if where.names & set(COUNTS):
        counted = counts()
        numbers.update((name, getattr(counted, name)) for name in COUNTS)
    padded = {name: with_stages(array, most_stages) for name, array in stages.items()}
    return where.holds(Known(padded, numbers, also=COUNTS))


def with_stages(array: NDArray[Any], count: int) -> NDArray[np.float64]:
    """Return what n networks have in each of so many stages: NaN in those that they lack."""
    missing = max(0, count - array.shape[1])
    numbers = array.astype(np.float64)
    return np.pad(numbers, [(0, 0), (0, missing)], constant_values=np.nan) if missing else numbers


def check_rule(
    where: Expression,
    values: Mapping[str, NDArray[Any]],
    most_stages: int,
    *,
    bottleneck: bool,
    grouped: bool,
) -> None:
    """Compare a rule with what there is in a space, before any network is made.

    Args:
        where, values, most_stages: as `kept_by` has them, of one draw.
        bottleneck, grouped: see `DesignSpace.check`.

    Raises:
        ValueError: if the rule names something that there is not.
    """
    has = dict(depth=True, width=True, bottleneck_ratio=bottleneck, group_width=grouped)
    one = np.ones((1, most_stages))
    lists = {plural: one for name, plural in LISTS.items() if has[name]}
    counts = Complexities(**{name: np.ones(1, dtype=np.int64) for name in COMPLEXITY_FIELDS})
    kept_by(where, lists, values, most_stages, lambda: counts)
