"""The stored results of a study: a table per part, and that of the selection."""

import csv
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Dict, Tuple

from regnet_plugin.core.complexity import COUNTS
from regnet_plugin.design_spaces.configuration import design_space_of
from regnet_plugin.population.readers import read_records
from regnet_plugin.report.entries import Entry, Rules, entries_of
from regnet_plugin.study.checks import check_names
from regnet_plugin.study.plan import Plan

SELECTION = 'selection.csv'


@dataclass(frozen=True)
class Selected:
    """A network of the selection.

    Attributes:
        network (str): its number, or a baseline's name.
        baseline (bool): whether it is one.
        errors (tuple[float]): in percent, one per seed.
        flops, parameters, activations (int): for one image.
    """

    network: str
    baseline: bool
    errors: Tuple[float, ...]
    flops: int
    parameters: int
    activations: int


@dataclass(frozen=True)
class Results:
    """What a study found.

    Attributes:
        plan (Plan): the study.
        entries (dict[str, Entry]): by key, those parts that are carried out.
        selection (tuple[Selected]): the network that was found first; empty before it is trained.
    """

    plan: Plan
    entries: Dict[str, Entry]
    selection: Tuple[Selected, ...] = ()

    def get(self, *keys):
        """Entries of some parts, in this order; None unless all are there."""
        return (
            [self.entries[key] for key in keys]
            if all(key in self.entries for key in keys)
            else None
        )


def read_results(plan, folder):
    """Read what is there of a study's results.

    Args:
        plan (Plan): of the study.
        folder (str | Path): of the tables.

    Returns:
        Results: of the parts whose table is there, at least one.

    Raises:
        ValueError: in one line, naming a file that cannot be read, or if there is none, or two
            parts have one name.
    """
    check_names(plan.parts)
    folder = Path(folder)
    paths = [folder / f'{part.key}.jsonl' for part in plan.parts]
    found = {
        part.key: _records(part, path) for part, path in zip(plan.parts, paths) if path.exists()
    }
    entries = dict(zip(found, entries_of(found.values(), Rules())))
    if not entries:
        raise ValueError(
            f'{folder} must have results of the parts of {plan.path}, {plan.parts[0].key}.jsonl '
            'and so on, '
            'but there is none'
        )
    selection = folder / SELECTION
    return Results(plan, entries, tuple(_selected(selection)) if selection.exists() else ())


def _records(part, path):
    """A table, and what its design space is, which only the plan knows."""
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


def _selected(path):
    with path.open() as file:
        for row in csv.DictReader(file):
            yield Selected(
                row['network'],
                row['baseline'] == '1',
                tuple(map(float, row['errors'].split())),
                *(int(row[name]) for name in COUNTS),
            )
