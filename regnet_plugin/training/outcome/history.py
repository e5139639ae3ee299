"""What a run measured while it trained, read from the scalars that MMEngine writes."""

import json
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from regnet_plugin.population.measured_error import is_unmeasured

_TIMES = ('time', 'data_time')  # of a validation row, beside its metrics


@dataclass(frozen=True)
class History:
    """Measurements of one training, in order.

    Attributes:
        training: rows with ``step`` (iteration), ``epoch``, ``loss``, ``lr``, ….
        validation: rows with ``step`` (epoch, or iteration in a run by iterations) and the metrics
            alone; what an evaluation could not measure is not there, and one without any metric, as
            of a detector that found nothing, has no row.
    """

    training: tuple[dict[str, Any], ...]
    validation: tuple[dict[str, Any], ...]


def read_history(work_dir: str | Path) -> History:
    """Read the scalars of a run and of its resumptions: each overrides from its first step on.

    Args:
        work_dir: the run's folder, with ``<time>/vis_data/scalars.json``.

    Returns:
        an empty history if nothing was logged.

    Raises:
        ValueError: if a file is broken other than in its last line; the message names the line.
    """
    training: list[dict[str, Any]] = []
    validation: list[dict[str, Any]] = []
    for path in sorted(Path(work_dir).glob('*/vis_data/scalars.json')):
        rows = [row for row in _rows(path) if 'step' in row]
        of_training = [row for row in rows if 'loss' in row]
        measured = [_metrics(row) for row in rows]
        # A row of metrics that has nothing but its step says nothing.
        of_validation = [row for row in measured if 'loss' not in row and len(row) > 1]
        training = _overridden(training, of_training)
        validation = _overridden(validation, of_validation)
    return History(tuple(training), tuple(validation))


def _overridden(before: list[dict[str, Any]], after: list[dict[str, Any]]) -> list[dict[str, Any]]:
    """Rows of a run and of its resumption, which trained some steps again."""
    if not after:
        return before
    return [row for row in before if row['step'] < after[0]['step']] + after


def _rows(path: Path) -> list[dict[str, Any]]:
    """Rows of one file; a killed run may have cut off the last line."""
    lines = path.read_text().splitlines()
    rows = []
    for number, line in enumerate(lines, 1):
        try:
            rows.append(json.loads(line))
        except ValueError:
            if number < len(lines):
                raise ValueError(f'{path}:{number}: not a line of JSON') from None
    return rows


def _metrics(row: Mapping[str, Any]) -> dict[str, Any]:
    """A row without times, and without what could not be measured."""
    return {
        name: value
        for name, value in row.items()
        if name not in _TIMES and not is_unmeasured(name, value)
    }
