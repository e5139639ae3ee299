"""The stored results of a study: a table per part, and that of the selection."""

import csv
import json
from collections.abc import Iterator
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

from regnet_plugin.design_spaces.configuration import design_space_of
from regnet_plugin.files import replace as replace_file
from regnet_plugin.population.readers import read_records
from regnet_plugin.population.records import Records
from regnet_plugin.population.runs.order import first_networks
from regnet_plugin.report.populations import ReportedPopulation, Rules, reported_populations
from regnet_plugin.study.checks import check_names
from regnet_plugin.study.looking import Looked, look_at_pairs
from regnet_plugin.study.plan import Part, Plan

SELECTION = 'selection.csv'


@dataclass(frozen=True)
class Selected:
    """A network of the selection.

    Attributes:
        network: its number, or a baseline's name.
        baseline: whether it is one.
        errors: in percent, one per seed.
        flops, parameters, activations: for one image.
    """

    network: str
    baseline: bool
    errors: tuple[float, ...]
    flops: int
    parameters: int
    activations: int


@dataclass(frozen=True)
class Results:
    """What a study found.

    Attributes:
        plan: the study.
        populations: by key, those parts that are carried out.
        selection: the network that was found first; empty before it is trained.
        looked: what the looks at each pair of the plan came to; empty where it plans none.
    """

    plan: Plan
    populations: dict[str, ReportedPopulation]
    selection: tuple[Selected, ...] = ()
    looked: tuple[Looked, ...] = ()

    def key_of(self, population: ReportedPopulation) -> str:
        """Return the key of a population of the study."""
        return next(key for key, one in self.populations.items() if one.name == population.name)

    def get(self, *keys: str) -> list[ReportedPopulation] | None:
        """Return the populations of some parts, in this order; None unless all are there."""
        if not all(key in self.populations for key in keys):
            return None
        return [self.populations[key] for key in keys]


def read_results(plan: Plan, folder: str | Path) -> Results:
    """Read what is there of a study's results.

    Args:
        plan: of the study.
        folder: of the tables.

    Returns:
        Results of the parts whose table is there, at least one.

    Raises:
        ValueError: in one line, naming a file that cannot be read, or if there is none, or two
            parts have one name.
    """
    check_names(plan.parts)
    folder = Path(folder)
    records = {}
    for part in plan.parts:
        table = folder / f'{part.key}.jsonl'
        if table.exists():
            records[part.key] = _records(part, table)
    if not records:
        raise ValueError(
            f'{folder} must have results of the parts of {plan.path}, {plan.parts[0].key}.jsonl '
            'and so on, but there is none'
        )
    populations = dict(zip(records, reported_populations(records.values(), Rules())))
    selection = folder / SELECTION
    return Results(
        plan,
        populations,
        tuple(_selected(selection)) if selection.exists() else (),
        tuple(look_at_pairs(plan, folder)) if plan.looks else (),
    )


def keep_results(written: Path, table: Path, seed: int) -> None:
    """Add the results of a table to those of a part's own, which may be from another machine.

    Args:
        written: table of all networks of the part, some of them with a result.
        table: of the part; where it is there, its results stay. It is replaced, all or nothing.
        seed: of the part's sampling, which the order of its trainings follows from.

    Raises:
        ValueError: if the two are of different networks.
    """
    rows = [json.loads(line) for line in written.read_text().splitlines()]
    if table.exists():
        before = [json.loads(line) for line in table.read_text().splitlines()]
        if [_identity(row) for row in before] != [_identity(row) for row in rows]:
            raise ValueError(
                f'a table that is added to must be of the same networks, but {table} and {written} '
                'are of different ones'
            )
        rows = [old if _has_result(old) else new for old, new in zip(before, rows)]
    ended = {row['network'] for row in rows if _has_result(row)}
    names = [row['network'] for row in rows]
    rows[0].pop('random_part', None)
    if ended == set(first_networks(names, seed, len(ended))):
        rows[0]['random_part'] = True
    table.parent.mkdir(parents=True, exist_ok=True)
    replace_file(table, ''.join(json.dumps(row) + '\n' for row in rows))


def _identity(row: dict[str, Any]) -> tuple[Any, ...]:
    return row['network'], row.get('depths'), row.get('widths'), row.get('flops')


def _has_result(row: dict[str, Any]) -> bool:
    return 'last_error' in row or row.get('status') == 'failed'


def _records(part: Part, path: Path) -> Records:
    """Read a table, and add what its design space is, which only the plan knows."""
    (records,) = read_records(path, name=part.name)
    space, described, _ = design_space_of(part.space)
    low, high = part.flops
    known = dict(
        name=part.name,
        size=space.size,
        paper_size=space.paper_size,
        dimension=space.dimension,
        low=low,
        high=high,
        description=described,
    )
    return replace(
        records, space={name: value for name, value in known.items() if value is not None}
    )


def _selected(path: Path) -> Iterator[Selected]:
    with path.open() as file:
        for row in csv.DictReader(file):
            yield Selected(
                network=row['network'],
                baseline=row['baseline'] == '1',
                errors=tuple(float(error) for error in row['errors'].split()),
                flops=int(row['flops']),
                parameters=int(row['parameters']),
                activations=int(row['activations']),
            )
