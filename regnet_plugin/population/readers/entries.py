"""What the readers have in common: networks one by one, and the `Records` that they become."""

import math
from dataclasses import dataclass, field
from functools import cache
from itertools import chain
from typing import Optional

import numpy as np

from regnet_plugin.core.limits import check_network_size
from regnet_plugin.population.records import Records

_SETTINGS = ('lr', 'weight_decay', 'resolution')  # no columns where they do not vary
_MOST_COLUMNS = 1000  # each is looked at by itself, for each population
_STAGES = dict(d='depths', w='widths', b='bottleneck_ratios', g='group_widths')


@dataclass
class Entry:
    """A network as a reader finds it: a row of `Records`, which says what the entries mean."""

    network: str
    status: str = 'waiting'
    reason: Optional[str] = None
    last_error: float = math.nan
    best_error: float = math.nan
    deviation: float = math.nan
    seeds: int = 0
    failed_seeds: int = 0
    numbers: dict = field(default_factory=dict)
    backbone: Optional[dict] = None
    config: Optional[str] = None
    conditions: dict = field(default_factory=dict)


def records_of(entries, **known):
    """Make arrays of networks.

    Args:
        entries (Sequence[Entry]): at least one.
        **known: what `Records` has beside the networks.

    Raises:
        ValueError: if there are more columns than anybody looks at.
    """
    names = dict.fromkeys(chain.from_iterable(entry.numbers for entry in entries))
    if len(names) > _MOST_COLUMNS:
        raise ValueError(
            f'there may be up to {_MOST_COLUMNS} columns of numbers, but there are {len(names)}'
        )
    columns = {
        name: _floats(entry.numbers.get(name, math.nan) for entry in entries) for name in names
    }
    return Records(
        networks=tuple(entry.network for entry in entries),
        status=np.array([entry.status for entry in entries]),
        reasons=tuple(entry.reason for entry in entries),
        last_error=_floats(entry.last_error for entry in entries),
        best_error=_floats(entry.best_error for entry in entries),
        deviation=_floats(entry.deviation for entry in entries),
        seeds=np.array([entry.seeds for entry in entries], dtype=int),
        failed_seeds=np.array([entry.failed_seeds for entry in entries], dtype=int),
        columns=_worth_a_column(columns),
        backbones=tuple(entry.backbone for entry in entries),
        configs=tuple(entry.config for entry in entries),
        conditions=tuple(entry.conditions for entry in entries),
        **known,
    )


def _floats(values):
    return np.fromiter(values, dtype=float)


def _worth_a_column(columns):
    known = {name: values[~np.isnan(values)] for name, values in columns.items()}
    kept = {
        name: values
        for name, values in columns.items()
        if len(known[name]) and (name not in _SETTINGS or known[name].min() < known[name].max())
    }
    if 'lr' in kept and 'weight_decay' in kept:
        kept.setdefault('lr_weight_decay', kept['lr'] * kept['weight_decay'])
    return kept


def stage_numbers(lists):
    """The columns that follow from the stages of a network.

    Args:
        lists (dict): depths, widths and, where there are such, bottleneck_ratios and group_widths.

    Returns:
        dict[str, float]: depth, ``d_1``, ``w_1`` and so on, and ``b`` and ``g`` where all stages
            share them.

    Raises:
        ValueError: if there are more stages, blocks or channels than a network may have.
        OverflowError: if a number is too large for a float.
    """
    check_network_size(lists['depths'], lists['widths'])
    numbers = dict(depth=float(sum(lists['depths'])))
    for letter, name in _STAGES.items():
        values = lists.get(name) or ()
        numbers.update(zip(_columns(letter, len(values)), map(float, values)))
        if letter in 'bg' and len(set(values)) == 1:
            numbers[letter] = float(values[0])
    return numbers


@cache
def _columns(letter, stages):
    return tuple(f'{letter}_{stage}' for stage in range(1, stages + 1))


def keep_shared(entries, given=()):
    """Take ``b`` and ``g`` out where the stages of some network do not share them: the others do so
    by chance.

    Args:
        entries (Sequence[Entry]): all networks.
        given (Container[str]): columns that the file has, and that stay.
    """
    for letter in 'bg':
        if letter not in given and not all(letter in entry.numbers for entry in entries):
            for entry in entries:
                entry.numbers.pop(letter, None)


def name_apart(entries):
    """Number networks whose names do not tell them apart, from 000000."""
    names = {entry.network for entry in entries}
    if len(names) < len(entries) or '' in names:
        for number, entry in enumerate(entries):
            entry.network = f'{number:06d}'
