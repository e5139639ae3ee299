"""What was read: the populations and their networks in numbers."""

import numpy as np

from regnet_plugin.core.complexity import COUNTS
from regnet_plugin.report.document import Section, Table
from regnet_plugin.report.wording import count, listed, power

_N = dict(outside='with an error', counted='with an error, or failed')
_COLUMNS = (
    'population',
    'networks',
    'n',
    'failed',
    'not finished',
    'minimum',
    'mean',
    'best network',
    'flops',
    'parameters',
    'activations',
    'space',
)


def overview(entries):
    """The section: a table of the populations."""
    failures = [
        f'{entry.name}: {listed(f"{number} {reason}" for reason, number in entry.reasons.items())}'
        for entry in entries
        if entry.reasons
    ]
    text = [f'Failed networks: {"; ".join(failures)}.'] if failures else []
    partly = [
        f'{entry.name}: {count(trainings, "training")} of {count(networks, "network")}'
        for entry in entries
        for networks, trainings in [entry.partly_failed]
        if networks
    ]
    text += (
        [f'Failed trainings beside others that ended well: {"; ".join(partly)}.'] if partly else []
    )
    return Section(
        'read',
        'Populations',
        [*text, entries[0].rules.text],
        [
            Table(
                'populations',
                'Populations',
                _COLUMNS,
                [_row(entry) for entry in entries],
                f'n: networks {_N[entries[0].rules.failed]}. Flops (multiply-adds), parameters and '
                'activations '
                '(outputs of convolutions): medians. Space: its number of networks, as the paper '
                'counts it.',
            )
        ],
    )


def _row(entry):
    medians = (_median(entry.column(name)) for name in COUNTS)
    best = entry.networks[entry.order[0]] if entry.trained else None
    sizes = (entry.records.space.get(name) for name in ('paper_size', 'size'))
    return (
        entry.name,
        len(entry.records.networks),
        entry.n,
        entry.failed,
        entry.unfinished,
        entry.edf.minimum,
        entry.edf.mean,
        best,
        *medians,
        power(next(filter(None, sizes), None)),
    )


def _median(values):
    values = values[np.isfinite(values)]
    return float(np.median(values)) if len(values) else float('nan')
