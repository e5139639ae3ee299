"""A table of one's own, as CSV or as JSON lines; its columns are described in
docs/population_formats.md.
"""

import csv
import io
import re

from regnet_plugin.core.architecture import Architecture
from regnet_plugin.core.complexity import complexity
from regnet_plugin.core.number_checks import is_count
from regnet_plugin.core.quantized_linear import regnet
from regnet_plugin.core.vocabulary import BLOCKS, DEFAULT_ACTIVATION, activation_config
from regnet_plugin.population.columns import (
    ALIASES,
    CONDITIONS,
    COUNTS,
    DESCRIPTIONS,
    DRAWN,
    ERRORS,
    KNOWN,
    LISTS,
    MEASURED,
    NETWORK,
    OF_STAGES,
    OWN_UNIT,
    STATUSES,
    is_number_column,
)
from regnet_plugin.population.measured_error import PERCENT
from regnet_plugin.population.readers.cells import hint, plain
from regnet_plugin.population.readers.checks import (
    MISREAD,
    is_number,
    known_numbers,
    parse_json,
    percent,
    read_text,
    space_of,
)
from regnet_plugin.population.readers.entries import Entry, keep_shared, records_of, stage_numbers
from regnet_plugin.population.store import PopulationError

_FROM_0 = {*MEASURED, *DRAWN}
_ACCURACY = re.compile('acc|top_?[15]|map$|_ap$|^ap', re.IGNORECASE)
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
    columns, rows = (_csv_rows if path.suffix.lower() == '.csv' else _json_rows)(
        path, read_text(path)
    )
    _check_columns(path, columns)
    if not rows:
        raise PopulationError(f'{path} must have a line for each network, but there is none')
    further = _columns_of_numbers(rows)
    entries, lines = [], {}
    for line, values in rows:
        try:
            entry = _entry(str(values.get('network', f'{len(entries):06d}')), values, further)
            if entry.network in lines:
                raise ValueError(
                    f'each network must be there once, but {entry.network} is in line '
                    f'{lines[entry.network]}, too'
                )
        except MISREAD as error:
            raise PopulationError(f'{path}:{line}: {error}') from None
        lines[entry.network] = line
        entries.append(entry)
    keep_shared(entries, [ALIASES.get(column, column) for column in further])
    return (
        records_of(
            entries,
            name=name,
            source=str(path),
            space=_space(path, name, rows, entries),
            device=_shared([values.get('device') for _, values in rows]) or '',
            unit=_unit(path, rows),
            **_metric(entries),
        ),
    )


def _check_columns(path, columns):
    """Each known column is called as it is known, and there is an error among them."""
    known = {_letters(name): name for name in KNOWN}
    for column in columns:
        meant = known.get(_letters(column))
        if len(column) > 1 and meant and column not in KNOWN:
            raise PopulationError(
                f'{path}: a known column must have its name, {meant}, but it is called {column}'
            )
    if not set(columns) & set(ERRORS):
        accuracy = next(filter(_ACCURACY.search, columns), None)
        raise PopulationError(
            f'{path} must have a column error, last_error or best_error, but it has '
            f'{", ".join(columns) or "none"}'
            + (
                f'; if {accuracy} is an accuracy in percent, error is 100 - {accuracy}'
                if accuracy
                else ''
            )
        )


def _letters(name):
    return re.sub('[^a-z0-9]', '', name.lower())


def _shared(values):
    """The one value that there is among some that may be unknown; None where there are several."""
    known = [value for value in values if value is not None]
    return known[0] if known and all(value == known[0] for value in known) else None


def _metric(entries):
    metrics = list(filter(None, (entry.conditions.get('metric') for entry in entries)))
    return dict(metric=metrics[0][0]) if metrics else {}


def _unit(path, rows):
    units = {str(values.get('unit', PERCENT)) for _, values in rows if set(values) & set(ERRORS)}
    if len(units) > 1:
        raise PopulationError(
            f'{path}: all errors must have one unit, but there are {", ".join(sorted(units))}'
        )
    return '' if units == {OWN_UNIT} else PERCENT


def _space(path, name, rows, entries):
    """What the lines say of the design space: that of all of them, without what they do not have in
    common.
    """
    found = _shared([values.get('design_space') for _, values in rows])
    known = space_of(found) if isinstance(found, dict) else {}
    for setting in ('num_classes', 'resolution'):
        said = known.get('description', {}).get(setting)
        given = {value for entry in entries for value in entry.conditions.get(setting, ())}
        if type(said) is int and given - {str(said)}:
            raise PopulationError(
                f'{path}: {setting} must be that of design_space, {said}, but it is '
                f'{", ".join(sorted(given))}'
            )
    return dict(known, name=found if isinstance(found, str) else name)


def _csv_rows(path, text):
    """Names of the columns; and per network the number of its line and its cells, without the empty
    ones and those of a column without a name, such as pandas' index.
    """
    header = text.partition('\n')[0]
    reader = csv.reader(
        io.StringIO(text, newline=''), delimiter=max(',;\t', key=header.count), strict=True
    )
    rows = []
    try:
        columns = [column.strip() for column in next(reader, [])]
        for column in filter(None, columns):
            if columns.count(column) > 1:
                raise PopulationError(
                    f'{path}:1: each column must be there once, but {column} is there twice'
                )
        for cells in reader:
            if cells and len(cells) != len(columns):
                more = (
                    '; numbers have a decimal point and no thousands separators'
                    if len(cells) > len(columns)
                    else ''
                )
                raise PopulationError(
                    f'{path}:{reader.line_num}: there must be {len(columns)} cells as in line 1, '
                    f'but there are {len(cells)}{more}'
                )
            values = {
                column: cell.strip()
                for column, cell in zip(columns, cells)
                if column and cell.strip()
            }
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
            raise PopulationError(
                f'{path}:{number}: a line must be an object, but it is {line[:40]}'
            )
        columns.update(values)
        rows.append(
            (number, {column: value for column, value in values.items() if value is not None})
        )
    return list(columns), rows


def _columns_of_numbers(rows):
    """Names of the columns that become some: known ones, and others whose first entry is a number.
    The rest are notes.
    """
    first = {}
    for _, values in rows:
        for column, value in values.items():
            first.setdefault(column, value)
    return [
        column
        for column, value in first.items()
        if is_number_column(column)
        or column not in DESCRIPTIONS
        and type(plain(value)) in (int, float)
    ]


def _entry(network, values, further):
    numbers = _numbers({column: values[column] for column in further if column in values})
    lists = {name: _list(name, values[name]) for name in LISTS if name in values}
    architecture = _architecture(
        {name: plain(values[name]) for name in NETWORK if name in values}, lists, numbers
    )
    backbone = architecture and {
        name: value for name, value in architecture.to_dict().items() if value is not None
    }
    conditions = _conditions(values, numbers)
    if architecture and architecture.kind:
        numbers.update(_counted(architecture, numbers, plain(values.get('num_classes', 1000))))
    stages = backbone or lists
    if 'depths' in stages and 'widths' in stages:
        _check_stages(stages, lists, numbers)
        numbers.update({**stage_numbers(stages), **numbers})
    if backbone and values.get('activation', DEFAULT_ACTIVATION) != DEFAULT_ACTIVATION:
        backbone['act_cfg'] = activation_config(_text('activation', values['activation']))
    return Entry(
        network, **_outcome(values), numbers=numbers, backbone=backbone, conditions=conditions
    )


def _numbers(values):
    """Columns under their names; what is not there or NaN is unknown."""
    for name, short in ALIASES.items():
        if name in values and short in values:
            raise ValueError(
                f'{name} and {short} are one column, but both are given: {values[name]!r} and '
                f'{values[short]!r}'
            )
    cells = {ALIASES.get(name, name): value for name, value in values.items()}
    numbers = {name: plain(value) for name, value in cells.items()}
    for name, value in numbers.items():
        if value != value:
            continue
        if not is_number(value):
            raise ValueError(
                f'{name} must be a number, at most 1e100, but it is {value!r}{hint(cells[name])}'
            )
    return {
        **{name: value for name, value in numbers.items() if value == value},
        **known_numbers(
            {
                name: numbers[name]
                for name in numbers
                if name in _FROM_0 or OF_STAGES.fullmatch(name)
            }
        ),
    }


def _list(name, value):
    """An entry per stage: of a JSON list, or of a cell such as '40 88 200 424'."""
    values = (
        [plain(entry) for entry in value.translate(_BRACKETS).split()]
        if isinstance(value, str)
        else value
    )
    if (
        not isinstance(values, list)
        or not values
        or not all(is_number(entry) and entry > 0 for entry in values)
    ):
        raise ValueError(
            f'{name} must be a list of positive numbers, one per stage, but it is {value!r}'
        )
    return [plain(entry) for entry in values]


def _text(name, value):
    if not isinstance(value, (str, int, float)) or isinstance(value, bool):
        raise ValueError(f'{name} must be a text, but it is {value!r}')
    return str(plain(value)) if isinstance(value, float) else str(value)


def _conditions(values, numbers):
    """What the errors and counts of a network depend on, see `Records.conditions`; several values
    are a list in JSON.
    """
    found = {}
    for name in CONDITIONS:
        if name in values:
            given = values[name] if isinstance(values[name], list) else [values[name]]
            found[name] = tuple(sorted({_text(name, value) for value in given}))
    if 'num_classes' in values:
        classes = plain(values['num_classes'])
        if not is_count(classes):
            raise ValueError(
                f'num_classes must be a positive whole number, but it is {classes!r}{hint(classes)}'
            )
        found['num_classes'] = (str(classes),)
    if 'resolution' in numbers:
        found['resolution'] = (str(numbers['resolution']),)
    if not isinstance(values.get('design_space', ''), (str, dict)):
        raise ValueError(f'design_space must be an object, but it is {values["design_space"]!r}')
    _text('device', values.get('device', ''))
    return {name: value for name, value in found.items() if value}


def _check_stages(stages, lists, numbers):
    """What stands in columns of its own beside the stages must be what the stages say; nominal
    group widths are larger.
    """
    said = stage_numbers(stages)
    for name, value in numbers.items():
        known = (
            f'{name[0]}_1' in said
            if OF_STAGES.fullmatch(name)
            else name in ('b', 'depth') and name in said
        )
        if known and value != said.get(name):
            raise ValueError(
                f'{name} must be what the stages say, {said.get(name)}, but it is {value!r}'
            )
    if 'b' in numbers and {numbers['b']} != set(lists.get('bottleneck_ratios', [numbers['b']])):
        raise ValueError(
            f'b must be the bottleneck ratio of all stages, but b={numbers["b"]} and '
            f'bottleneck_ratios={lists["bottleneck_ratios"]}'
        )
    if 'g' in numbers and numbers['g'] < max(lists.get('group_widths', [0])):
        raise ValueError(
            f'g must be the nominal group width, of which none is above, but g={numbers["g"]} and '
            f'group_widths={lists["group_widths"]}'
        )


def _architecture(network, lists, numbers):
    """The network that the lists of stages say, or else the parameters of a RegNet; None if they
    say too little.
    """
    block = network.get('block', 'X')
    if not isinstance(block, str):
        raise ValueError(f'block must be the name of a block, but it is {block!r}')
    kind = BLOCKS.get(block)
    if 'depths' in lists and 'widths' in lists:
        if numbers.get('depth', sum(lists['depths'])) != sum(lists['depths']):
            raise ValueError(
                f'depth must be the sum of depths, but depth={numbers["depth"]} and '
                f'depths={lists["depths"]}'
            )
        lists = _shared_as_lists(lists, numbers)
        needed = {'bottleneck_ratios'} if kind and kind.bottleneck else set()
        needed |= {'group_widths'} if kind and kind.grouped else set()
        if not needed <= set(lists):
            return None
        return Architecture.from_lists(**lists, **network)
    if (
        not {'depth', 'w_0', 'w_a', 'w_m'} <= set(numbers)
        or kind
        and kind.grouped
        and 'g' not in numbers
    ):
        return None
    try:
        return regnet(
            **{name: numbers[name] for name in ('depth', 'w_0', 'w_a', 'w_m')},
            group_width=numbers.get('g'),
            bottleneck_ratio=numbers.get('b', 1),
            **network,
            **lists,
        )
    except ValueError:
        if 'flops' in numbers:  # it was trained, whatever rule of this package it breaks
            return None
        raise


def _shared_as_lists(lists, numbers):
    """Add lists of bottleneck ratios and group widths that all stages share; a group is as wide as
    its bottleneck at most (appendix D).
    """
    if 'b' in numbers:
        lists = dict(dict(bottleneck_ratios=[numbers['b']] * len(lists['widths'])), **lists)
    if 'g' in numbers:
        ratios = lists.get('bottleneck_ratios', [1] * len(lists['widths']))
        lists = dict(
            dict(
                group_widths=[
                    min(numbers['g'], int(width / ratio))
                    for width, ratio in zip(lists['widths'], ratios)
                ]
            ),
            **lists,
        )
    return lists


def _counted(architecture, numbers, num_classes):
    """What the file does not say of flops, parameters and activations."""
    missing = [name for name in COUNTS if name not in numbers]
    if not missing:
        return {}
    counts = complexity(architecture, numbers.get('resolution', 224), num_classes)
    return {name: getattr(counts, name) for name in missing}


def _outcome(values):
    unit = values.get('unit', PERCENT)
    if unit not in (PERCENT, OWN_UNIT):
        raise ValueError(
            f"unit must be '{PERCENT}', or '{OWN_UNIT}' where a metric that is better when lower "
            'is the error '
            f'as it stands, but it is {unit!r}'
        )
    given = {name: _error(values[name], unit) for name in ERRORS if name in values}
    if set(given) == set(ERRORS) and given['error'] not in (
        given['last_error'],
        given['best_error'],
    ):
        raise ValueError(
            f'error must be last_error or best_error where these are given, but they are {given}'
        )
    errors = {name: given.get(name, given.get('error')) for name in ('last_error', 'best_error')}
    errors = {name: value for name, value in errors.items() if value is not None}
    reason = values.get('reason')
    status = values.get('status', 'done' if errors else 'failed' if reason else 'waiting')
    if status not in STATUSES:
        raise ValueError(f'status must be one of {", ".join(STATUSES)}, but it is {status!r}')
    if (status == 'done') != bool(errors):
        raise ValueError(
            f'a network that is done, and no other, has an error, but its status is {status} and '
            'it has '
            f'{"one" if errors else "none"}'
        )
    if reason is not None and status != 'failed':
        raise ValueError(
            f'a network that failed, and no other, has a reason, but its status is {status}'
        )
    failed_seeds = _seeds(
        'failed_seeds', values, 1 if status == 'failed' else 0, low=int(status == 'failed')
    )
    if status != 'done':
        return dict(
            status=status, reason=None if reason is None else str(reason), failed_seeds=failed_seeds
        )
    deviation = _numbers(dict(deviation=values['deviation'])) if 'deviation' in values else {}
    return dict(
        status=status,
        seeds=_seeds('seeds', values, 1, low=1),
        failed_seeds=failed_seeds,
        **errors,
        **known_numbers(deviation),
    )


def _error(cell, unit):
    try:
        if unit == PERCENT:
            return percent(plain(cell))
        if not is_number(plain(cell)):
            raise ValueError(f'an error must be a number, at most 1e100, but it is {plain(cell)!r}')
        return float(plain(cell))
    except ValueError as error:
        raise ValueError(f'{error}{hint(cell)}') from None


def _seeds(name, values, default, low):
    number = plain(values.get(name, default))
    if type(number) is not int or not low <= number < 2**31:
        raise ValueError(
            f'{name} must be a whole number from {low} to {2**31 - 1}, but it is '
            f'{number!r}{hint(number)}'
        )
    return number
