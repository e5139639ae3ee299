"""All networks of all populations, for the table at the end of the page."""

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

from regnet_plugin.population.records import Records
from regnet_plugin.report.document import NetworkTable
from regnet_plugin.report.plot import Column
from regnet_plugin.report.populations import ReportedPopulation

# Columns of `Records` in the order of the table; those of the stages are in the networks' diagrams.
_COLUMNS = (
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


def network_table(populations: Sequence[ReportedPopulation]) -> NetworkTable:
    """Collect all networks, also those that do not count.

    Returns:
        A row per network. Columns that no network has a number in are left out, but for the error.
        Links are the paths of the configs.
    """
    which_error = populations[0].rules.error
    records = [population.records for population in populations]
    columns: dict[str, Column] = dict(
        population=[one.name for one in records for _ in one.networks],
        network=[name for one in records for name in one.networks],
        status=[status for one in records for status in _statuses(one)],
        error=np.concatenate([one.error(which_error) for one in records]),
    )
    numbers = dict(deviation=np.concatenate([one.deviation for one in records]))
    for name in _COLUMNS:
        numbers[name] = np.concatenate([_column(one, name) for one in records])
    for name, values in numbers.items():
        if not np.isnan(values).all():
            columns[name] = values
    return NetworkTable(
        columns,
        [backbone for one in records for backbone in one.backbones],
        [config for one in records for config in one.configs],
    )


def _statuses(records: Records) -> list[str]:
    """Return the status of each network; in place of 'failed' the reason where it is known."""
    return [reason or status for status, reason in zip(records.status.tolist(), records.reasons)]


def _column(records: Records, name: str) -> NDArray[np.float64]:
    values = records.columns.get(name)
    return np.full(len(records.networks), np.nan) if values is None else values
