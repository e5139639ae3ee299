"""What the readers have in common: networks one by one, and the `Records` that they become."""

import math
from collections.abc import Callable, Container, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from functools import cache
from pathlib import Path
from typing import Any, TypedDict

import numpy as np
from numpy.typing import NDArray

from regnet_plugin.core.limits import check_network_size
from regnet_plugin.population.columns import LETTERS, SETTINGS, of_stage
from regnet_plugin.population.readers.checks import MISREAD
from regnet_plugin.population.records import Records
from regnet_plugin.population.store import PopulationError

_MOST_COLUMNS = 1000  # each is looked at by itself, for each population


@dataclass
class NetworkRow:
    """A network as a reader finds it: a row of `Records`, which says what the entries mean.

    Attributes:
        network: its name; '' where a file has none.
        status, reason, last_error, best_error, deviation, seeds, failed_seeds: as in `Records`.
        numbers: by column.
        backbone, config, conditions: as in `Records`.
    """

    network: str
    status: str = 'waiting'
    reason: str | None = None
    last_error: float = math.nan
    best_error: float = math.nan
    deviation: float = math.nan
    seeds: int = 0
    failed_seeds: int = 0
    numbers: dict[str, float] = field(default_factory=dict)
    backbone: dict[str, Any] | None = None
    config: str | None = None
    conditions: Mapping[str, tuple[str, ...]] = field(default_factory=dict)


class RowOutcome(TypedDict, total=False):
    """Entries of a `NetworkRow` that say how its training ended."""

    status: str
    reason: str | None
    last_error: float
    best_error: float
    deviation: float
    seeds: int
    failed_seeds: int


def or_nan(value: float | None) -> float:
    """Give a number as arrays have it: NaN where it is unknown."""
    return math.nan if value is None else value


def records_of(rows: Sequence[NetworkRow], **known: Any) -> Records:
    """Make arrays of networks.

    Args:
        rows: at least one.
        **known: what `Records` has beside the networks.

    Raises:
        ValueError: if there are more columns than anybody looks at.
    """
    # a dict rather than a set: columns stay in the order in which they are met
    names = dict.fromkeys(name for row in rows for name in row.numbers)
    if len(names) > _MOST_COLUMNS:
        raise ValueError(
            f'there may be up to {_MOST_COLUMNS} columns of numbers, but there are {len(names)}'
        )
    columns = {name: _floats(row.numbers.get(name, math.nan) for row in rows) for name in names}
    return Records(
        networks=tuple(row.network for row in rows),
        status=np.array([row.status for row in rows]),
        reasons=tuple(row.reason for row in rows),
        last_error=_floats(row.last_error for row in rows),
        best_error=_floats(row.best_error for row in rows),
        deviation=_floats(row.deviation for row in rows),
        seeds=np.array([row.seeds for row in rows], dtype=int),
        failed_seeds=np.array([row.failed_seeds for row in rows], dtype=int),
        columns=_worth_a_column(columns),
        backbones=tuple(row.backbone for row in rows),
        configs=tuple(row.config for row in rows),
        conditions=tuple(row.conditions for row in rows),
        **known,
    )


def _floats(values: Iterable[float]) -> NDArray[np.float64]:
    return np.fromiter(values, dtype=np.float64)


def _worth_a_column(columns: Mapping[str, NDArray[np.float64]]) -> dict[str, NDArray[np.float64]]:
    """Leave out what is known of no network, and settings in which no two networks differ."""
    kept = {}
    for name, values in columns.items():
        known = values[~np.isnan(values)]
        if not len(known):
            continue
        if name not in SETTINGS or known.min() < known.max():
            kept[name] = values
    if 'lr' in kept and 'weight_decay' in kept:
        kept.setdefault('lr_weight_decay', kept['lr'] * kept['weight_decay'])
    return kept


def rows_of_jobs(
    path: Path, jobs: Iterable[Any], row_of: Callable[[Any], NetworkRow], part: str = ''
) -> list[NetworkRow]:
    """Read the jobs of a file, each the training of a network.

    Args:
        path: of the file, for messages.
        jobs: in JSON.
        row_of: that reads one.
        part: of the file that they are in, as messages name it. '' is the whole.

    Raises:
        PopulationError: naming the file and the job that breaks a rule.
    """
    rows = []
    for number, job in enumerate(jobs, 1):
        try:
            if not isinstance(job, dict):
                raise ValueError(f'a job must be an object, but it is {job!r}')
            rows.append(row_of(job))
        except MISREAD as error:
            rule = f'there is no {error}' if isinstance(error, KeyError) else error
            raise PopulationError(f'{path}: {part}job {number}: {rule}') from None
    return rows


def backbone_of(architecture: Mapping[str, Any]) -> dict[str, Any]:
    """Give the arguments of `regnet_plugin.AnyNet` that build an architecture.

    Args:
        architecture: as `Architecture.to_dict` gives it.
    """
    return {name: value for name, value in architecture.items() if value is not None}


def stage_numbers(lists: Mapping[str, Any]) -> dict[str, float]:
    """Give the columns that follow from the stages of a network.

    Args:
        lists: depths, widths and, where there are such, bottleneck_ratios and group_widths.

    Returns:
        depth, ``d_1``, ``w_1`` and so on, and ``b`` and ``g`` where all stages share them.

    Raises:
        ValueError: if there are more stages, blocks or channels than a network may have.
        OverflowError: if a number is too large for a float.
    """
    check_network_size(lists['depths'], lists['widths'])
    numbers = dict(depth=float(sum(lists['depths'])))
    for letter, name in LETTERS.items():
        values: Sequence[float] = lists.get(name) or []
        for column, value in zip(_columns(letter, len(values)), values, strict=True):
            numbers[column] = float(value)
        if letter in 'bg' and len(set(values)) == 1:
            numbers[letter] = float(values[0])
    return numbers


@cache  # 10^5 networks have few numbers of stages
def _columns(letter: str, stages: int) -> tuple[str, ...]:
    """The names of a number's columns: 'w_1', 'w_2' and so on."""
    return tuple(of_stage(letter, stage) for stage in range(1, stages + 1))


def keep_shared(rows: Sequence[NetworkRow], given: Container[str] = ()) -> None:
    """Take ``b`` and ``g`` out where the stages of some network do not share them.

    The others do so by chance.

    Args:
        rows: all networks.
        given: columns that the file has, and that stay.
    """
    for letter in 'bg':
        if letter in given or all(letter in row.numbers for row in rows):
            continue
        for row in rows:
            row.numbers.pop(letter, None)


def name_apart(rows: Sequence[NetworkRow]) -> None:
    """Number networks whose names do not tell them apart, from 000000."""
    names = {row.network for row in rows}
    if len(names) < len(rows) or '' in names:
        for number, row in enumerate(rows):
            row.network = f'{number:06d}'
