"""All networks of all populations, for the table at the end of the page."""

import numpy as np

from regnet_plugin.report.document import NetworkTable

_FIRST = (
    'flops',
    'parameters',
    'activations',
    'depth',
    'w_0',
    'w_a',
    'w_m',
    'b',
    'g',
    'lr',
    'weight_decay',
    'resolution',
    'latency',
    'seconds',
)


def networks(entries):
    """Collect the table; its links are the paths of the configs."""
    records = [entry.records for entry in entries]
    columns = dict(
        population=[one.name for one in records for _ in one.networks],
        network=[name for one in records for name in one.networks],
        status=[
            reason or status
            for one in records
            for status, reason in zip(one.status.tolist(), one.reasons)
        ],
    )
    for name, values in (
        ('error', [one.error(entries[0].rules.error) for one in records]),
        ('deviation', [one.deviation for one in records]),
    ):
        columns[name] = np.concatenate(values)
    for name in _FIRST:
        if any(name in one.columns for one in records):
            columns[name] = np.concatenate(
                [one.columns.get(name, np.full(len(one.networks), np.nan)) for one in records]
            )
    columns = {
        name: column
        for name, column in columns.items()
        if not (isinstance(column, np.ndarray) and np.isnan(column).all() and name != 'error')
    }
    return NetworkTable(
        columns,
        [backbone for one in records for backbone in one.backbones],
        [config for one in records for config in one.configs],
    )
