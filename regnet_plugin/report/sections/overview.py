"""What was read: the populations and their networks in numbers."""
import numpy as np

from regnet_plugin.report.document import Section, Table
from regnet_plugin.report.wording import listed

_COLUMNS = ('population', 'networks', 'n', 'failed', 'not finished', 'minimum', 'mean', 'best network', 'flops',
            'parameters', 'activations', 'size of the space')


def overview(entries):
    """The section: a table of the populations."""
    failures = [f'{entry.name}: {listed(f"{number} {reason}" for reason, number in entry.reasons.items())}'
                for entry in entries if entry.reasons]
    text = [f'Failed networks: {"; ".join(failures)}.'] if failures else []
    return Section('read', 'Populations', [*text, entries[0].rules.text],
                   [Table('populations', 'Populations', _COLUMNS, [_row(entry) for entry in entries],
                          'n: networks with an error. Flops, parameters and activations: medians. Flops are multiply-adds, '
                          'activations the outputs of convolutions. The size of a space is as the paper counts it.')])


def _row(entry):
    medians = (_median(entry.column(name)) for name in ('flops', 'parameters', 'activations'))
    best = entry.networks[entry.order[0]] if entry.trained else None
    sizes = (entry.records.space.get(name) for name in ('paper_size', 'size'))
    return (entry.name, len(entry.records.networks), entry.n, entry.failed, entry.unfinished, entry.edf.minimum,
            entry.edf.mean, best, *medians, next(filter(None, sizes), None))


def _median(values):
    values = values[np.isfinite(values)]
    return float(np.median(values)) if len(values) else float('nan')
