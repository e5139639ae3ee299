"""What a run measured while it trained, read from the scalars that MMEngine writes."""

import json
from dataclasses import dataclass
from pathlib import Path
from typing import Tuple

from regnet_plugin.population.measured_error import is_unmeasured

_TIMES = ('time', 'data_time')  # of a validation row, beside its metrics


@dataclass(frozen=True)
class History:
    """Measurements of one training, in order.

    Attributes:
        training (tuple[dict]): rows with ``step`` (iteration), ``epoch``, ``loss``, ``lr``, ….
        validation (tuple[dict]): rows with ``step`` (epoch, or iteration in a run by iterations)
            and the metrics alone; what an evaluation could not measure is not there, and one
            without any metric, as of a detector that found nothing, has no row.
    """

    training: Tuple[dict, ...]
    validation: Tuple[dict, ...]


def _rows(path):
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


def _metrics(row):
    return {
        name: value
        for name, value in row.items()
        if name not in _TIMES and not is_unmeasured(name, value)
    }


def read_history(work_dir):
    """Read the scalars of a run and of its resumptions: each overrides from its first step on.

    Args:
        work_dir (str | Path): the run's folder, with ``<time>/vis_data/scalars.json``.

    Returns:
        History: empty if nothing was logged.

    Raises:
        ValueError: if a file is broken other than in its last line; the message names the line.
    """
    training, validation = [], []
    for path in sorted(Path(work_dir).glob('*/vis_data/scalars.json')):
        rows = [row for row in _rows(path) if 'step' in row]
        for kept, new in (
            (training, [row for row in rows if 'loss' in row]),
            (
                validation,
                [row for row in map(_metrics, rows) if 'loss' not in row and len(row) > 1],
            ),
        ):
            if new:
                kept[:] = [row for row in kept if row['step'] < new[0]['step']] + new
    return History(tuple(training), tuple(validation))
