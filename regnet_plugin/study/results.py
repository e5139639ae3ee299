"""The stored results of a study: a table per part, and that of the selection."""

import csv
from collections.abc import Iterator
from dataclasses import dataclass, replace
from pathlib import Path

from regnet_plugin.design_spaces.configuration import design_space_of
from regnet_plugin.population.readers import read_records
from regnet_plugin.population.records import Records
from regnet_plugin.report.populations import ReportedPopulation, Rules, reported_populations
from regnet_plugin.study.checks import check_names
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
    """

    plan: Plan
    populations: dict[str, ReportedPopulation]
    selection: tuple[Selected, ...] = ()

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
    return Results(plan, populations, tuple(_selected(selection)) if selection.exists() else ())


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
