"""Restrictions that a population suggests: rules on its networks, and which of them keep each."""

from collections.abc import Iterator, Mapping
from typing import Any

import numpy as np
from numpy.typing import NDArray

from regnet_plugin.design_spaces.expressions import SYMBOLS, Expression, Known
from regnet_plugin.population.columns import COUNTS, DRAWN, SETTINGS, of_stage
from regnet_plugin.population.records import Records

Masks = dict[str, NDArray[np.bool_]]


def known_of(records: Records) -> Known:
    """Return what an expression may ask of a population's networks.

    That is what is known before a training: counts, stages, and what the space draws.

    Args:
        records: of the population.
    """
    columns = records.columns
    stages = {}
    for letter, name in SYMBOLS.items():
        values = _of_stages(columns, letter)
        if len(values) and letter in 'bg' and letter in columns:
            # nominal, where it is known: before the group-width rule, as it was drawn
            shared = np.where(np.isnan(values), np.nan, columns[letter])
            stages[name] = shared.T
        elif len(values):
            stages[name] = values.T
    drawn = dict.fromkeys([*DRAWN, *SETTINGS, *_drawn_by(records.space), *COUNTS])
    numbers = {}
    for name in drawn:
        if name in columns and name not in SYMBOLS and (name == 'depth' or name not in stages):
            numbers[name] = columns[name]
    if 'depth' in stages:  # a space of one's own may draw something else under this name
        missing = np.isnan(stages['depth']).all(axis=1)
        numbers['depth'] = np.where(missing, np.nan, np.nansum(stages['depth'], axis=1))
    return Known(stages, numbers)


def _of_stages(columns: Mapping[str, NDArray[np.float64]], letter: str) -> NDArray[np.float64]:
    """Return the columns of a letter, shape (S, n)."""
    found: list[NDArray[np.float64]] = []
    while (name := of_stage(letter, len(found) + 1)) in columns:
        found.append(columns[name])
    return np.array(found)


def _drawn_by(space: Mapping[str, Any]) -> list[str]:
    """Names of what a population's design space draws, as far as its config or manifest tells."""
    return [*(space.get('description') or {}), *(space.get('uniforms') or ())]


def proposals(records: Records) -> Masks:
    """Return restrictions of a population's space and which of its n networks keep each.

    They are rising, falling and equal depths, widths, bottleneck ratios and group widths of the
    stages, and the lower and the upper half of the networks by each parameter. What keeps all
    networks or none is no restriction, and of those that keep the same networks the first counts.

    Args:
        records: of the population; errors have no influence.

    Returns:
        Masks of shape (n,) by expressions that `Expression` reads.
    """
    known = known_of(records)
    found: Masks = {}
    met = set()
    for text in (*_orders(known), *_halves(known)):
        mask = Expression(text).holds(known)
        if 0 < mask.sum() < len(mask) and mask.tobytes() not in met:
            met.add(mask.tobytes())
            found[text] = mask
    return found


def kept_in(records: Records, where: str) -> NDArray[np.bool_]:
    """Return which of a population's n networks keep a rule.

    Args:
        records: of the population.
        where: an expression.

    Raises:
        ValueError: if it is none, or keeps all networks or none.
    """
    known = known_of(records)
    if not known.names:
        raise ValueError(
            f'a restriction is made of parameters, stages or counts, but {records.name} has errors '
            'only'
        )
    mask = Expression(where).holds(known)
    kept = int(mask.sum())
    if not 0 < kept < len(mask):
        raise ValueError(
            f'a restriction keeps some of the networks and leaves out others, but {where!r} keeps '
            f'{kept:,} of the {len(mask):,} of {records.name}'
        )
    return mask


def _orders(known: Known) -> Iterator[str]:
    for name in SYMBOLS.values():
        if name in known.stages:
            yield from (f'{order}({name})' for order in ('rising', 'falling', 'equal'))


def _halves(known: Known) -> Iterator[str]:
    """Yield rules that keep the lower and the upper half of the networks by each parameter."""
    for name, values in known.numbers.items():
        if name not in COUNTS:
            yield from _halves_of(name, values)
    for name, stages in known.stages.items():
        if bool(Expression(f'equal({name})').holds(known).all()):
            yield from _halves_of(name, stages[:, 0])
        else:
            for number, values in enumerate(stages.T, 1):
                yield from _halves_of(f'{name}[{number}]', values)


def _halves_of(name: str, values: NDArray[np.float64]) -> Iterator[str]:
    """Yield two rules that cut where it comes nearest to halves; none where values are equal."""
    different, counts = np.unique(values[np.isfinite(values)], return_counts=True)
    if len(different) > 1:
        shares = np.cumsum(counts)[:-1] / counts.sum()
        cut = np.argmin(np.abs(shares - 0.5))
        yield f'{name} <= {_number(different[cut])}'
        yield f'{name} >= {_number(different[cut + 1])}'


def _number(value: float) -> str:
    """Write a number so that it is read as the same one."""
    return f'{value:g}' if float(f'{value:g}') == value else repr(float(value))
