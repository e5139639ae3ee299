"""How many random networks find a good one (figure 9, right)."""

import numpy as np

from regnet_plugin.analysis import best_of, draws_needed
from regnet_plugin.report.document import Figure, Section
from regnet_plugin.report.figures import search_plot
from regnet_plugin.report.populations import error_label
from regnet_plugin.report.sketch import Sketch
from regnet_plugin.report.wording import count, error_text

_NEAR = 0.1  # of the way from the minimum to the mean


def search(entries):
    """The section."""
    entries = [entry for entry in entries if entry.n]
    found = {entry.name: best_of(entry.errors, _draws(entry.n)) for entry in entries}
    plot = Sketch(search_plot, 'search', found, error_label(entries))
    return (
        Section(
            'random-search',
            'Random search',
            [_sentence(entry) for entry in entries],
            [
                Figure(
                    plot,
                    'Error of the best of m random networks',
                    'Expected best error and one standard deviation to either side, in closed form '
                    '(2019 paper); networks are '
                    'drawn with replacement.',
                )
            ],
        )
        if entries
        else None
    )


def _draws(n):
    """1, 2, 4, … and n."""
    return np.unique(np.append(2 ** np.arange(int(np.log2(n)) + 1), n))


def _sentence(entry):
    tolerance = _NEAR * (entry.edf.mean - entry.edf.minimum)
    if not (np.isfinite(tolerance) and tolerance > 0):
        return f'{entry.name}: the best of its networks has {error_text(entry.edf.minimum, entry.records.unit)}.'
    needed = draws_needed(entry.errors, tolerance)
    return (
        f'{entry.name}: {count(needed, "random network")} are expected to come within '
        f'{tolerance:.2g}'
        f'{" points" if entry.records.unit else ""} of the best error, '
        f'{error_text(entry.edf.minimum, entry.records.unit)} (a tenth of the way from minimum to '
        'mean).'
    )
