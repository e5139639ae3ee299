"""All networks of all populations, for the table at the end of the page."""

from collections.abc import Sequence
from typing import TypeVar

import numpy as np
from numpy.typing import NDArray

from regnet_plugin.population.records import Records
from regnet_plugin.report.document import NetworkTable
from regnet_plugin.report.drawing.plot import Column
from regnet_plugin.report.populations import ReportedPopulation, unit_of
from regnet_plugin.report.units import units_of_errors

_Value = TypeVar('_Value')

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
        network=_of_all([one.networks for one in records]),
        status=_of_all([_statuses(one) for one in records]),
        error=_joined([one.error(which_error) for one in records]),
    )
    numbers = dict(deviation=_joined([one.deviation for one in records]))
    for name in _COLUMNS:
        if any(name in one.columns for one in records):
            numbers[name] = _joined([_column(one, name) for one in records])
    for name, values in numbers.items():
        if not np.isnan(values).all():
            columns[name] = values
    curves = [curve for one in records for curve in one.curves or ((),) * len(one.networks)]
    return NetworkTable(
        columns,
        _of_all([one.backbones for one in records]),
        _of_all([one.configs for one in records]),
        curves=curves if any(curves) else (),
        units=units_of_errors(['error'], ['deviation'], unit_of(populations)),
    )


def _of_all(parts: Sequence[Sequence[_Value]]) -> Sequence[_Value]:
    """Put what the populations have together, but for a single one, which may be large."""
    return parts[0] if len(parts) == 1 else [value for part in parts for value in part]


def _joined(parts: Sequence[NDArray[np.float64]]) -> NDArray[np.float64]:
    """Do the same with numbers."""
    return parts[0] if len(parts) == 1 else np.concatenate(parts)


def _statuses(records: Records) -> list[str]:
    """Return the status of each network; in place of 'failed' the reason where it is known."""
    different, places = np.unique(records.status, return_inverse=True)
    words = different.tolist()  # a million networks share the few
    return [reason or words[place] for place, reason in zip(places, records.reasons)]


def _column(records: Records, name: str) -> NDArray[np.float64]:
    values = records.columns.get(name)
    return np.full(len(records.networks), np.nan) if values is None else values
