"""What tests read of a report: records of paths, items of a document, rows of its files."""

import csv

from killing import ROOT

from regnet_plugin.population.readers import read_records
from regnet_plugin.report.document import Table

PUBLISHED = ROOT / 'tests/population/readers/regnetx_400mf.csv'
STEPS = ('anynetx_a', 'anynetx_b', 'anynetx_c', 'anynetx_d', 'anynetx_e', 'regnetx')


def records_of(paths):
    return [one for path in paths for one in read_records(path)]


def items_of(document, kind):
    """Figures or tables of a document by their keys, also those that are folded away."""
    if kind is not Table:
        return {figure.key: figure for figure in document.figures}
    return {
        item.key: item
        for section in document.sections
        for item in section.figures_and_tables
        if isinstance(item, Table)
    }


def rows_of(path):
    with path.open(newline='') as file:
        return list(csv.DictReader(file))
