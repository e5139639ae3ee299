"""Tables of measured times: those of timm as they are, and tables of one's own in CSV."""

import csv
from collections import Counter
from collections.abc import Mapping
from pathlib import Path

from regnet_plugin.core.arch_argument import arch_of_text, architecture_of
from regnet_plugin.core.number_checks import is_count
from regnet_plugin.core.published import PUBLISHED, timm_name
from regnet_plugin.core.vocabulary import DEFAULT_NUM_CLASSES, DEFAULT_RESOLUTION
from regnet_plugin.device.device_model import STEPS
from regnet_plugin.device.measured_times import MeasuredNetwork, MeasuredTimes

# Columns of timm's tables, by step: images in a second, images in a step, side of an image.
_TIMM = {
    'inference': ('infer_samples_per_sec', 'infer_batch_size', 'infer_img_size'),
    'training': ('train_samples_per_sec', 'train_batch_size', 'train_img_size'),
}
_UNITS = ('seconds', 'milliseconds', 'images_per_second')
_LARGEST = 10_000_000  # bytes: timm's tables have some 100,000

Row = Mapping[str, str]


def read_time_table(
    path: str | Path, step: str = 'inference', name: str | None = None, source: str | None = None
) -> MeasuredTimes:
    """Read a table of measured times in CSV.

    A table of timm's (``results/benchmark-*.csv``) has a column ``model``, and its RegNets are
    taken; other networks of it have layers that are not counted. A table of one's own has a column
    ``network``, a published name or parameters such as 'depth=13,w_0=24,w_a=36.44,w_m=2.49,
    group_width=8'; one of ``seconds`` and ``milliseconds`` of a step or ``images_per_second``; and
    ``batch`` and ``resolution`` where these are not 1 and 224.

    Args:
        path: of the table.
        step: 'inference' or 'training'.
        name: of the device and its setting. Default: the file's, without its ending.
        source: whose times they are. Default: the file's name.

    Returns:
        Times of a step of the batch that most networks have. Where the table gives images in a
        second, those that were measured with another batch count as if they took as long for each
        image.

    Raises:
        ValueError: naming the file and the line that breaks a rule.
        OSError: if it cannot be read.
    """
    path = Path(path)
    if step not in STEPS:
        raise ValueError(f'step must be one of {", ".join(STEPS)}, but step={step!r}')
    if path.stat().st_size > _LARGEST:
        raise ValueError(f'{path}: a table of times must be a file of at most {_LARGEST:,} bytes')
    try:
        with path.open(encoding='utf-8-sig', newline='') as file:
            table = csv.DictReader(line for line in file if not line.startswith('#'))
            rows: list[Row] = [row for row in table]
            columns = [column for column in table.fieldnames or [] if column]
    except (UnicodeDecodeError, csv.Error) as error:
        raise ValueError(f'{path}: {error}') from None
    is_timm = 'model' in columns and 'network' not in columns
    rates = _timm_rates(path, rows, columns, step) if is_timm else _own_rates(path, rows, columns)
    if not rates:
        raise ValueError(
            f'{path}: a table of times must have a network that is known at least, but there is '
            'none'
        )
    batch = Counter(rate.batch for rate in rates).most_common(1)[0][0]
    return MeasuredTimes(
        networks=[rate.network(batch) for rate in rates],
        name=name or path.stem,
        source=source or path.name,
        step=step,
        batch=batch,
        conditions={},
    )


class _Rate:
    """A network's seconds for one image, in batches of some images."""

    def __init__(self, name: str, seconds: float, batch: int, resolution: int) -> None:
        self.name, self.seconds = name, seconds
        self.batch, self.resolution = batch, resolution
        self.architecture = architecture_of(arch_of_text(name))

    def network(self, batch: int) -> MeasuredNetwork:
        """The time of a step of so many images."""
        return MeasuredNetwork(
            name=self.name,
            architecture=self.architecture,
            resolution=self.resolution,
            num_classes=DEFAULT_NUM_CLASSES,
            seconds=self.seconds * batch,
        )


def _timm_rates(path: Path, rows: list[Row], columns: list[str], step: str) -> list[_Rate]:
    names = {timm_name(name): name for name in PUBLISHED}
    speed, batch, side = _TIMM[step]
    missing = [column for column in (speed, batch, side) if column not in columns]
    if missing:
        raise ValueError(
            f"{path}: a table of timm's with times of {step} has the columns {speed}, {batch} and "
            f'{side}, but there is no {", ".join(missing)}'
        )
    rates = []
    for number, row in enumerate(rows, 2):
        name = names.get((row['model'] or '').partition('.')[0])
        if name is not None and row[speed]:
            where = f'{path}:{number}'
            seconds = 1 / _number(where, speed, row[speed])
            rates.append(
                _Rate(name, seconds, _whole(where, row, batch, 1), _whole(where, row, side, 224))
            )
    return rates


def _own_rates(path: Path, rows: list[Row], columns: list[str]) -> list[_Rate]:
    units = [unit for unit in _UNITS if unit in columns]
    if 'network' not in columns or len(units) != 1:
        raise ValueError(
            f"{path}: a table of times must have a column network (timm's: model) and one of "
            f'{", ".join(_UNITS)}, but it has {", ".join(columns) or "none"}'
        )
    (unit,) = units
    rates = []
    for number, row in enumerate(rows, 2):
        where = f'{path}:{number}'
        value = _number(where, unit, row[unit])
        batch = _whole(where, row, 'batch', 1)
        step = value / 1000 if unit == 'milliseconds' else value
        seconds = 1 / value if unit == 'images_per_second' else step / batch
        try:
            side = _whole(where, row, 'resolution', DEFAULT_RESOLUTION)
            rates.append(_Rate(row['network'] or '', seconds, batch, side))
        except ValueError as error:
            raise ValueError(f'{where}: {error}') from None
    batches = {rate.batch for rate in rates}
    if unit != 'images_per_second' and len(batches) > 1:
        raise ValueError(
            f'{path}: times of steps must be of one batch, but these are of '
            + ', '.join(map(str, sorted(batches)))
        )
    return rates


def _number(where: str, column: str, text: str | None) -> float:
    try:
        value = float(text or '')
    except ValueError:
        value = float('nan')
    if not 0 < value < float('inf'):
        raise ValueError(f'{where}: {column} must be a number above 0, but it is {text!r}')
    return value


def _whole(where: str, row: Row, column: str, default: int) -> int:
    text = row.get(column)
    if not text:
        return default
    value = _number(where, column, text)
    if not is_count(int(value)) or value != int(value):
        raise ValueError(f'{where}: {column} must be a positive whole number, but it is {text!r}')
    return int(value)
