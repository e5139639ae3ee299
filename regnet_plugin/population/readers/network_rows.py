"""What the readers have in common: networks one by one, and the `Records` that they become."""

import math
from array import array
from collections.abc import Callable, Container, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from functools import cache
from itertools import chain
from pathlib import Path
from typing import Any, TypedDict

import numpy as np
from numpy.typing import NDArray

from regnet_plugin.core.limits import check_network_size
from regnet_plugin.core.vocabulary import DEFAULT_BLOCK, activation_config, default_activation
from regnet_plugin.population.columns import LETTERS, SETTINGS, of_stage
from regnet_plugin.population.readers.checks import MISREAD
from regnet_plugin.population.records import Records
from regnet_plugin.population.store import PopulationError

_MOST_COLUMNS = 1000  # each is looked at by itself, for each population
# Fields of `Records` with an entry per network, beside status and columns.
_FLOATS = ('last_error', 'best_error', 'deviation')
_INTEGERS = ('seeds', 'failed_seeds')
_OTHERS = ('networks', 'reasons', 'backbones', 'configs', 'conditions')


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
    collected = Collected()
    collected.add(part_of(rows))
    return collected.records(**known)


def part_of(rows: Sequence[NetworkRow]) -> Records:
    """Make arrays of some networks of a population, as `Collected` takes them."""
    # a dict rather than a set: columns stay in the order in which they are met
    names = dict.fromkeys(name for row in rows for name in row.numbers)
    return Records(
        name='',
        source='',
        networks=tuple(row.network for row in rows),
        status=np.array([row.status for row in rows]),
        reasons=tuple(row.reason for row in rows),
        last_error=_floats(row.last_error for row in rows),
        best_error=_floats(row.best_error for row in rows),
        deviation=_floats(row.deviation for row in rows),
        seeds=np.array([row.seeds for row in rows], dtype=int),
        failed_seeds=np.array([row.failed_seeds for row in rows], dtype=int),
        columns={name: _floats(row.numbers.get(name, math.nan) for row in rows) for name in names},
        backbones=tuple(row.backbone for row in rows),
        configs=tuple(row.config for row in rows),
        conditions=tuple(row.conditions for row in rows),
    )


class Collected:
    """The networks of a population that is read part by part.

    Numbers are in arrays that grow in place: for a second copy of a million networks there may be
    no room.
    """

    def __init__(self) -> None:
        self._count = 0
        self._status: list[NDArray[np.str_]] = []
        # Tuples of texts are no work for Python's garbage collector, as one long list would be.
        self._others: dict[str, list[tuple[Any, ...]]] = {name: [] for name in _OTHERS}
        self._floats = {name: array('d') for name in _FLOATS}
        self._integers = {name: array('q') for name in _INTEGERS}
        self._columns: dict[str, array[float]] = {}

    def add(self, part: Records) -> None:
        """Add networks behind those that are there; what is not one per network is passed over."""
        self._status.append(part.status)
        for name, values in self._others.items():
            values.append(getattr(part, name))
        for name, floats in self._floats.items():
            floats.frombytes(getattr(part, name).tobytes())
        for name, integers in self._integers.items():
            integers.frombytes(getattr(part, name).tobytes())
        for name in part.columns:
            self._columns.setdefault(name, array('d', [math.nan]) * self._count)
        unknown = np.full(len(part.networks), math.nan)
        for name, floats in self._columns.items():
            floats.frombytes(part.columns.get(name, unknown).tobytes())
        self._count += len(part.networks)

    def records(self, given: Container[str] = (), **known: Any) -> Records:
        """Return all networks.

        Args:
            given: columns that the file has, and that stay although the stages of some networks do
                not share them.
            **known: what `Records` has beside the networks.

        Raises:
            ValueError: if there are more columns than anybody looks at.
        """
        if len(self._columns) > _MOST_COLUMNS:
            raise ValueError(
                f'there may be up to {_MOST_COLUMNS} columns of numbers, but there are '
                f'{len(self._columns)}'
            )
        columns = {name: np.frombuffer(floats) for name, floats in self._columns.items()}
        fields: dict[str, Any] = dict(known, status=np.concatenate(self._status))
        for name, floats in self._floats.items():
            fields[name] = np.frombuffer(floats)
        for name, integers in self._integers.items():
            fields[name] = np.frombuffer(integers, dtype=np.int64)
        nothing = (None,) * self._count  # which most tables say of most fields
        for name, parts in self._others.items():
            values = tuple(chain.from_iterable(parts))
            fields[name] = nothing if values == nothing else values
        return Records(columns=_worth_a_column(columns, given), **fields)


def _floats(values: Iterable[float]) -> NDArray[np.float64]:
    return np.fromiter(values, dtype=np.float64)


def _worth_a_column(
    columns: Mapping[str, NDArray[np.float64]], given: Container[str]
) -> dict[str, NDArray[np.float64]]:
    """Leave out what says nothing.

    That is what is known of no network, settings in which no two networks differ, and ``b`` and
    ``g`` where the stages of some network do not share them: those of the others do so by chance.
    """
    kept = {}
    for name, values in columns.items():
        unknown = np.isnan(values)
        if unknown.all() or (name in ('b', 'g') and name not in given and unknown.any()):
            continue
        known = values[~unknown]
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


def backbone_of(architecture: Mapping[str, Any], activation: str | None = None) -> dict[str, Any]:
    """Give the arguments of `regnet_plugin.AnyNet` that build an architecture.

    Args:
        architecture: as `Architecture.to_dict` gives it.
        activation: its name in MMEngine's registry. Default: that of the block.
    """
    backbone = {name: value for name, value in architecture.items() if value is not None}
    default = default_activation(architecture.get('block', DEFAULT_BLOCK))
    if activation not in (None, default):
        backbone['act_cfg'] = activation_config(str(activation))
    return backbone


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


def name_apart(rows: Sequence[NetworkRow]) -> None:
    """Number networks whose names do not tell them apart, from 000000."""
    names = {row.network for row in rows}
    if len(names) < len(rows) or '' in names:
        for number, row in enumerate(rows):
            row.network = f'{number:06d}'
