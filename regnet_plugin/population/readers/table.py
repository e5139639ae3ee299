"""A table of one's own, as CSV or as JSON lines; its columns are described in docs/population_formats.md."""
import csv
import io

from regnet_plugin.architecture import BLOCKS, Architecture, is_count
from regnet_plugin.complexity import complexity
from regnet_plugin.population.readers.checks import MISREAD, is_number, known_numbers, parse_json, percent, read_text
from regnet_plugin.population.readers.entries import Entry, keep_shared, records_of, stage_numbers
from regnet_plugin.population.store import PopulationError
from regnet_plugin.quantized_linear import regnet

_ERRORS = ('error', 'last_error', 'best_error')
_STATUSES = ('done', 'failed', 'running', 'waiting')
_LISTS = ('depths', 'widths', 'bottleneck_ratios', 'group_widths', 'strides', 'dilations')
_NETWORK = ('block', 'stem', 'stem_width', 'se_ratio')  # arguments of AnyNet beside the lists
_NO_COLUMNS = {'network', 'status', 'reason', *_ERRORS, 'deviation', 'seeds', 'num_classes', 'device', *_LISTS, *_NETWORK}
_COUNTS = ('flops', 'parameters', 'activations')
_FROM_0 = (*_COUNTS, 'depth', 'w_0', 'w_a', 'w_m', 'b', 'g', 'lr', 'weight_decay', 'resolution', 'seconds', 'latency',
           'training_step')
_SHORT = dict(bottleneck_ratio='b', group_width='g')
_BRACKETS = str.maketrans('[](),;', '      ')  # around and between the entries of a list in a cell


def read_table(path, name):
    """Read a file whose name ends in .csv or .jsonl.

    Args:
        path (Path): of the file.
        name (str): of the population.

    Returns:
        tuple[Records]: one.

    Raises:
        PopulationError: naming the file and the line that breaks a rule.
    """
    columns, rows = (_csv_rows if path.suffix.lower() == '.csv' else _json_rows)(path, read_text(path))
    if not set(columns) & set(_ERRORS):
        raise PopulationError(f'{path} must have a column error, last_error or best_error, but it has '
                              f'{", ".join(columns) or "none"}')
    if not rows:
        raise PopulationError(f'{path} must have a line for each network, but there is none')
    further = _columns_of_numbers(rows)
    entries, lines = [], {}
    for line, values in rows:
        try:
            entry = _entry(str(values.get('network', f'{len(entries):06d}')), values, further)
            if entry.network in lines:
                raise ValueError(f'each network must be there once, but {entry.network} is in line '
                                 f'{lines[entry.network]}, too')
        except MISREAD as error:
            raise PopulationError(f'{path}:{line}: {error}') from None
        lines[entry.network] = line
        entries.append(entry)
    keep_shared(entries, [_SHORT.get(column, column) for column in further])
    devices = {str(values['device']) for _, values in rows if 'device' in values}
    return records_of(entries, name=name, source=str(path), space=dict(name=name),
                      device=devices.pop() if len(devices) == 1 else ''),


def _csv_rows(path, text):
    """Names of the columns; and per network the number of its line and its cells, without the empty ones and those of
    a column without a name, such as pandas' index."""
    header = text.partition('\n')[0]
    reader = csv.reader(io.StringIO(text, newline=''), delimiter=max(',;\t', key=header.count), strict=True)
    rows = []
    try:
        columns = [column.strip() for column in next(reader, [])]
        for column in filter(None, columns):
            if columns.count(column) > 1:
                raise PopulationError(f'{path}:1: each column must be there once, but {column} is there twice')
        for cells in reader:
            if cells and len(cells) != len(columns):
                raise PopulationError(f'{path}:{reader.line_num}: there must be {len(columns)} cells as in line 1, '
                                      f'but there are {len(cells)}')
            values = {column: cell.strip() for column, cell in zip(columns, cells) if column and cell.strip()}
            if values:
                rows.append((reader.line_num, values))
    except csv.Error as error:
        raise PopulationError(f'{path}:{reader.line_num}: {error}') from None
    return list(filter(None, columns)), rows


def _json_rows(path, text):
    """As `_csv_rows`, of objects, without their nulls."""
    columns, rows = {}, []
    for number, line in enumerate(text.split('\n'), 1):
        if not line.strip():
            continue
        values = parse_json(line, f'{path}:{number}')
        if not isinstance(values, dict):
            raise PopulationError(f'{path}:{number}: a line must be an object, but it is {line[:40]}')
        columns.update(values)
        rows.append((number, {column: value for column, value in values.items() if value is not None}))
    return list(columns), rows


def _columns_of_numbers(rows):
    """Names of the columns that become some: those whose first entry is a number. Others are notes."""
    first = {}
    for _, values in rows:
        for column, value in values.items():
            first.setdefault(column, value)
    return [column for column, value in first.items()
            if column not in _NO_COLUMNS and type(_plain(value)) in (int, float)]


def _plain(value):
    """A cell as a number where it is one; a whole number of 64 bits as int, however it is written."""
    if isinstance(value, str):
        for kind in (int, float):
            try:
                value = kind(value)
                break
            except ValueError:
                continue
    return int(value) if isinstance(value, float) and value.is_integer() and abs(value) < 2**63 else value


def _entry(network, values, further):
    numbers = _numbers({column: _plain(values[column]) for column in further if column in values})
    lists = {name: _list(name, values[name]) for name in _LISTS if name in values}
    architecture = _architecture({name: _plain(values[name]) for name in _NETWORK if name in values}, lists, numbers)
    backbone = architecture and {name: value for name, value in architecture.to_dict().items() if value is not None}
    if architecture and architecture.kind:
        numbers.update(_counted(architecture, numbers, _plain(values.get('num_classes', 1000))))
    stages = backbone or lists
    if 'depths' in stages and 'widths' in stages:
        numbers.update({**stage_numbers(stages), **numbers})
    return Entry(network, **_outcome(values), numbers=numbers, backbone=backbone)


def _numbers(values):
    """Columns under their names; what is not there or NaN is unknown."""
    numbers = {_SHORT.get(name, name): value for name, value in values.items()}
    for name, value in numbers.items():
        if value == value and not is_number(value):
            raise ValueError(f'{name} must be a number, at most 1e100, but it is {value!r}')
    return {**{name: value for name, value in numbers.items() if value == value},
            **known_numbers({name: numbers[name] for name in _FROM_0 if name in numbers})}


def _list(name, value):
    """An entry per stage: of a JSON list, or of a cell such as '40 88 200 424'."""
    values = [_plain(entry) for entry in value.translate(_BRACKETS).split()] if isinstance(value, str) else value
    if not isinstance(values, list) or not values or not all(is_number(entry) and entry > 0 for entry in values):
        raise ValueError(f'{name} must be a list of positive numbers, one per stage, but it is {value!r}')
    return [_plain(entry) for entry in values]


def _architecture(network, lists, numbers):
    """The network that the lists of stages say, or else the parameters of a RegNet; None if they say too little."""
    block = network.get('block', 'X')
    if not isinstance(block, str):
        raise ValueError(f'block must be the name of a block, but it is {block!r}')
    kind = BLOCKS.get(block)
    if 'depths' in lists and 'widths' in lists:
        if numbers.get('depth', sum(lists['depths'])) != sum(lists['depths']):
            raise ValueError(f'depth must be the sum of depths, but depth={numbers["depth"]} and '
                             f'depths={lists["depths"]}')
        lists = _shared_as_lists(lists, numbers)
        needed = {'bottleneck_ratios'} if kind and kind.bottleneck else set()
        needed |= {'group_widths'} if kind and kind.grouped else set()
        if not needed <= set(lists):
            return None
        return Architecture.from_lists(**lists, **network)
    if not {'depth', 'w_0', 'w_a', 'w_m'} <= set(numbers) or kind and kind.grouped and 'g' not in numbers:
        return None
    try:
        return regnet(**{name: numbers[name] for name in ('depth', 'w_0', 'w_a', 'w_m')},
                      group_width=numbers.get('g'), bottleneck_ratio=numbers.get('b', 1), **network, **lists)
    except ValueError:
        if 'flops' in numbers:  # it was trained, whatever rule of this package it breaks
            return None
        raise


def _shared_as_lists(lists, numbers):
    """Add lists of bottleneck ratios and group widths that all stages share; a group is as wide as its bottleneck at
    most (appendix D)."""
    if 'b' in numbers:
        lists = dict(dict(bottleneck_ratios=[numbers['b']] * len(lists['widths'])), **lists)
    if 'g' in numbers:
        ratios = lists.get('bottleneck_ratios', [1] * len(lists['widths']))
        lists = dict(dict(group_widths=[min(numbers['g'], int(width / ratio))
                                        for width, ratio in zip(lists['widths'], ratios)]), **lists)
    return lists


def _counted(architecture, numbers, num_classes):
    """What the file does not say of flops, parameters and activations."""
    missing = [name for name in _COUNTS if name not in numbers]
    if not missing:
        return {}
    counts = complexity(architecture, numbers.get('resolution', 224), num_classes)
    return {name: getattr(counts, name) for name in missing}


def _outcome(values):
    errors = dict(last_error=values.get('last_error', values.get('error')),
                  best_error=values.get('best_error', values.get('error')))
    errors = {name: percent(_plain(value)) for name, value in errors.items() if value is not None}
    reason = values.get('reason')
    status = values.get('status', 'done' if errors else 'failed' if reason else 'waiting')
    if status not in _STATUSES:
        raise ValueError(f'status must be one of {", ".join(_STATUSES)}, but it is {status!r}')
    if (status == 'done') != bool(errors):
        raise ValueError(f'a network that is done, and no other, has an error, but its status is {status} and it has '
                         f'{"one" if errors else "none"}')
    if reason is not None and status != 'failed':
        raise ValueError(f'a network that failed, and no other, has a reason, but its status is {status}')
    if status != 'done':
        return dict(status=status, reason=None if reason is None else str(reason))
    seeds = _plain(values.get('seeds', 1))
    if not is_count(seeds) or seeds >= 2**31:
        raise ValueError(f'seeds must be a whole number from 1 to {2**31 - 1}, but it is {seeds!r}')
    return dict(status=status, seeds=seeds, **errors, **known_numbers(
        {name: _plain(values[name]) for name in ('deviation', ) if name in values}))
