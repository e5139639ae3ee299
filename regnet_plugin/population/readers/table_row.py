"""A line of a table: the network, its numbers, and how its training ended."""

import math
from collections.abc import Collection, Mapping
from typing import Any

from regnet_plugin.core.architecture import Architecture
from regnet_plugin.core.complexity import complexity
from regnet_plugin.core.number_checks import is_count
from regnet_plugin.core.quantized_linear import regnet
from regnet_plugin.core.vocabulary import (
    BLOCKS,
    DEFAULT_BLOCK,
    DEFAULT_NUM_CLASSES,
    DEFAULT_RESOLUTION,
    default_activation,
)
from regnet_plugin.population.columns import (
    ALIASES,
    CONDITIONS,
    COUNTS,
    DRAWN,
    ERRORS,
    LISTS,
    MEASURED,
    NETWORK,
    OF_STAGES,
    OWN_UNIT,
    STATUSES,
    of_stage,
)
from regnet_plugin.population.measured_error import PERCENT
from regnet_plugin.population.readers.cells import cell_value, hint
from regnet_plugin.population.readers.checks import (
    error_in_percent,
    is_nan,
    is_number,
    known_numbers,
)
from regnet_plugin.population.readers.network_rows import (
    NetworkRow,
    RowOutcome,
    backbone_of,
    or_nan,
    stage_numbers,
)

_FROM_0 = {*MEASURED, *DRAWN}
REGNET_PARAMETERS = ('depth', 'w_0', 'w_a', 'w_m')  # parameters without which there is no RegNet
_BRACKETS = str.maketrans('[](),;', '      ')  # around and between the entries of a list in a cell


def row_of_line(
    network: str, cells: Mapping[str, Any], number_columns: Collection[str]
) -> NetworkRow:
    """Read a line.

    Args:
        network: its name.
        cells: by column, without those that are empty.
        number_columns: that become columns of numbers.

    Raises:
        ValueError: which rule the line breaks. What else is raised is in `checks.MISREAD`.
    """
    numbers = _numbers({column: cells[column] for column in number_columns if column in cells})
    lists = {name: _list(name, cells[name]) for name in LISTS if name in cells}
    around = {name: cell_value(cells[name]) for name in NETWORK if name in cells}
    architecture = _architecture(around, lists, numbers)
    backbone = None
    if architecture is not None:
        default = default_activation(architecture.block)
        activation = _text('activation', cells.get('activation', default))
        backbone = backbone_of(architecture.to_dict(), activation)
    conditions = _conditions(cells, numbers)
    if architecture is not None and architecture.kind:
        num_classes = cell_value(cells.get('num_classes', DEFAULT_NUM_CLASSES))
        numbers.update(_counted(architecture, numbers, num_classes))
    stages = backbone or lists
    if 'depths' in stages and 'widths' in stages:
        _check_stages(stages, lists, numbers)
        numbers.update({**stage_numbers(stages), **numbers})
    return NetworkRow(
        network, **_outcome(cells), numbers=numbers, backbone=backbone, conditions=conditions
    )


def _numbers(cells: Mapping[str, Any]) -> dict[str, float]:
    """Numbers under the names of their columns; what is not there or NaN is unknown."""
    for name, short in ALIASES.items():
        if name in cells and short in cells:
            raise ValueError(
                f'{name} and {short} are one column, but both are given: {cells[name]!r} and '
                f'{cells[short]!r}'
            )
    numbers = {}
    for column, cell in cells.items():
        name, value = ALIASES.get(column, column), cell_value(cell)
        if is_nan(value):
            continue
        if not is_number(value):
            raise ValueError(
                f'{name} must be a number, at most 1e100, but it is {value!r}{hint(cell)}'
            )
        numbers[name] = value
    known_numbers({name: numbers[name] for name in numbers if is_from_0(name)})
    return numbers


def is_from_0(column: str) -> bool:
    """Whether numbers of a column must not be negative; others may mean anything."""
    return column in _FROM_0 or OF_STAGES.fullmatch(column) is not None


def _list(name: str, cell: Any) -> list[Any]:
    """Read an entry per stage: of a JSON list, or of a cell such as '40 88 200 424'."""
    values = cell
    if isinstance(cell, str):
        values = [cell_value(entry) for entry in cell.translate(_BRACKETS).split()]
    is_list = isinstance(values, list) and len(values) > 0
    if not is_list or not all(is_number(entry) and entry > 0 for entry in values):
        raise ValueError(
            f'{name} must be a list of positive numbers, one per stage, but it is {values!r}'
        )
    return [cell_value(entry) for entry in values]


def _text(name: str, cell: Any) -> str:
    """Read a cell that is a text; a number is one, too."""
    if not isinstance(cell, (str, int, float)) or isinstance(cell, bool):
        raise ValueError(f'{name} must be a text, but it is {cell!r}')
    return str(cell_value(cell)) if isinstance(cell, float) else str(cell)


def _conditions(
    cells: Mapping[str, Any], numbers: Mapping[str, float]
) -> dict[str, tuple[str, ...]]:
    """What the errors and counts of a network depend on, see `Records.conditions`.

    Several values of one condition are a list in JSON.
    """
    found = {}
    for name in CONDITIONS:
        if name in cells:
            given = cells[name] if isinstance(cells[name], list) else [cells[name]]
            found[name] = tuple(sorted({_text(name, value) for value in given}))
    if 'num_classes' in cells:
        classes = cell_value(cells['num_classes'])
        if not is_count(classes):
            raise ValueError(
                f'num_classes must be a positive whole number, but it is {classes!r}{hint(classes)}'
            )
        found['num_classes'] = (str(classes),)
    if 'resolution' in numbers:
        found['resolution'] = (str(numbers['resolution']),)
    if not isinstance(cells.get('design_space', ''), (str, dict)):
        raise ValueError(f'design_space must be an object, but it is {cells["design_space"]!r}')
    _text('device', cells.get('device', ''))
    return {name: values for name, values in found.items() if values}


def _check_stages(
    stages: Mapping[str, Any], lists: Mapping[str, list[Any]], numbers: Mapping[str, float]
) -> None:
    """Check that columns beside the stages say what the stages say.

    Nominal group widths are larger than those of the stages, which the group-width rule fitted.

    Args:
        stages: of the network, all lists.
        lists: that stand in the table.
        numbers: that stand in the table, and counts.
    """
    said = stage_numbers(stages)
    for name, value in numbers.items():
        if _follows_from_stages(name, said) and value != said.get(name):
            raise ValueError(
                f'{name} must be what the stages say, {said.get(name)}, but it is {value!r}'
            )
    if 'b' in numbers and 'bottleneck_ratios' in lists:
        if set(lists['bottleneck_ratios']) != {numbers['b']}:
            raise ValueError(
                f'b must be the bottleneck ratio of all stages, but b={numbers["b"]} and '
                f'bottleneck_ratios={lists["bottleneck_ratios"]}'
            )
    if 'g' in numbers and 'group_widths' in lists:
        if numbers['g'] < max(lists['group_widths']):
            raise ValueError(
                f'g must be the nominal group width, of which none is above, but g={numbers["g"]} '
                f'and group_widths={lists["group_widths"]}'
            )


def _follows_from_stages(name: str, said: Mapping[str, float]) -> bool:
    """Whether a number is one that the stages say, such as w_3: also of a stage that is not there.

    Args:
        name: of the number's column.
        said: what the stages say.
    """
    if OF_STAGES.fullmatch(name):
        return of_stage(name[0], 1) in said
    return name in ('b', 'depth') and name in said


def _architecture(
    around: Mapping[str, Any], lists: Mapping[str, list[Any]], numbers: Mapping[str, float]
) -> Architecture | None:
    """The network that the lists of stages say, or else the parameters of a RegNet.

    Args:
        around: block and stem, as arguments of `Architecture`.
        lists: an entry per stage.
        numbers: by column.

    Returns:
        None if they say too little.
    """
    block = around.get('block', DEFAULT_BLOCK)
    if not isinstance(block, str):
        raise ValueError(f'block must be the name of a block, but it is {block!r}')
    if 'depths' in lists and 'widths' in lists:
        return _of_lists(around, lists, numbers)
    kind = BLOCKS.get(block)
    needs_group_width = kind is not None and kind.grouped
    if not set(REGNET_PARAMETERS) <= set(numbers) or (needs_group_width and 'g' not in numbers):
        return None
    # of any kind: `regnet` checks them
    arguments: dict[str, Any] = {**around, **lists}
    arguments.update({name: numbers[name] for name in REGNET_PARAMETERS})
    arguments.update(group_width=numbers.get('g'), bottleneck_ratio=numbers.get('b', 1))
    try:
        return regnet(**arguments)
    except ValueError:
        if 'flops' in numbers:  # it was trained, whatever rule of this package it breaks
            return None
        raise


def _of_lists(
    around: Mapping[str, Any], lists: Mapping[str, list[Any]], numbers: Mapping[str, float]
) -> Architecture | None:
    """The network of some stages, as `_architecture`."""
    depth = sum(lists['depths'])
    if numbers.get('depth', depth) != depth:
        raise ValueError(
            f'depth must be the sum of depths, but depth={numbers["depth"]} and '
            f'depths={lists["depths"]}'
        )
    lists = _with_shared_lists(lists, numbers)
    kind = BLOCKS.get(around.get('block', DEFAULT_BLOCK))
    if kind is not None and kind.bottleneck and 'bottleneck_ratios' not in lists:
        return None
    if kind is not None and kind.grouped and 'group_widths' not in lists:
        return None
    return Architecture.from_lists(**lists, **around)


def _with_shared_lists(
    lists: Mapping[str, list[Any]], numbers: Mapping[str, float]
) -> dict[str, list[Any]]:
    """Add lists of bottleneck ratios and group widths that all stages share, where there are none.

    A group is as wide as its bottleneck at most (appendix D).
    """
    lists = dict(lists)
    widths = lists['widths']
    if 'b' in numbers:
        lists.setdefault('bottleneck_ratios', [numbers['b']] * len(widths))
    if 'g' in numbers:
        ratios = lists.get('bottleneck_ratios', [1] * len(widths))
        bottlenecks = [int(width / ratio) for width, ratio in zip(widths, ratios)]
        lists.setdefault('group_widths', [min(numbers['g'], most) for most in bottlenecks])
    return lists


def _counted(
    architecture: Architecture, numbers: Mapping[str, float], num_classes: Any
) -> dict[str, float]:
    """What the file does not say of flops, parameters and activations."""
    missing = [name for name in COUNTS if name not in numbers]
    if not missing:
        return {}
    resolution: Any = numbers.get('resolution', DEFAULT_RESOLUTION)
    counts = complexity(architecture, resolution, num_classes)
    return {name: getattr(counts, name) for name in missing}


def _outcome(cells: Mapping[str, Any]) -> RowOutcome:
    """How the training of a network ended, or how far it is."""
    errors = _errors(cells)
    status = _status(cells, has_error=bool(errors))
    least_failed = 1 if status == 'failed' else 0
    failed_seeds = _seeds('failed_seeds', cells, least_failed, least_failed)
    if status != 'done':
        reason = cells.get('reason')
        return RowOutcome(
            status=status, failed_seeds=failed_seeds, reason=None if reason is None else str(reason)
        )
    return RowOutcome(
        status=status,
        failed_seeds=failed_seeds,
        last_error=or_nan(errors.get('last_error')),
        best_error=or_nan(errors.get('best_error')),
        seeds=_seeds('seeds', cells, default=1, least=1),
        deviation=_deviation(cells),
    )


def _deviation(cells: Mapping[str, Any]) -> float:
    """The deviation over the seeds; NaN where it is not known."""
    if 'deviation' not in cells:
        return math.nan
    return or_nan(known_numbers(_numbers(dict(deviation=cells['deviation']))).get('deviation'))


def _status(cells: Mapping[str, Any], has_error: bool) -> str:
    """How far the training of a network is, given or taken from what else there is."""
    reason = cells.get('reason')
    follows = 'done' if has_error else 'failed' if reason else 'waiting'
    status = cells.get('status', follows)
    if status not in STATUSES:
        raise ValueError(f'status must be one of {", ".join(STATUSES)}, but it is {status!r}')
    if (status == 'done') != has_error:
        raise ValueError(
            f'a network that is done, and no other, has an error, but its status is {status} and '
            f'it has {"one" if has_error else "none"}'
        )
    if reason is not None and status != 'failed':
        raise ValueError(
            f'a network that failed, and no other, has a reason, but its status is {status}'
        )
    return str(status)


def _errors(cells: Mapping[str, Any]) -> dict[str, float]:
    """The last and the best error of a network, as far as they are given; ``error`` is both."""
    unit = cells.get('unit', PERCENT)
    if unit not in (PERCENT, OWN_UNIT):
        raise ValueError(
            f"unit must be '{PERCENT}', or '{OWN_UNIT}' where a metric that is better when lower "
            f'is the error as it stands, but it is {unit!r}'
        )
    given = {name: _error(cells[name], unit) for name in ERRORS if name in cells}
    if set(given) == set(ERRORS):
        if given['error'] not in (given['last_error'], given['best_error']):
            raise ValueError(
                'error must be last_error or best_error where these are given, but they are '
                f'{given}'
            )
    errors = {}
    for name in ('last_error', 'best_error'):
        if name in given or 'error' in given:
            errors[name] = given[name] if name in given else given['error']
    return errors


def _error(cell: Any, unit: str) -> float:
    value = cell_value(cell)
    try:
        if unit == PERCENT:
            return error_in_percent(value)
        if not is_number(value):
            raise ValueError(f'an error must be a number, at most 1e100, but it is {value!r}')
        return float(value)
    except ValueError as error:
        raise ValueError(f'{error}{hint(cell)}') from None


def _seeds(name: str, cells: Mapping[str, Any], default: int, least: int) -> int:
    """Read a number of seeds.

    Args:
        name: of the column.
        cells: by column.
        default: where there is none.
        least: that it may be.
    """
    number = cell_value(cells.get(name, default))
    if type(number) is not int or not least <= number < 2**31:
        raise ValueError(
            f'{name} must be a whole number from {least} to {2**31 - 1}, but it is '
            f'{number!r}{hint(number)}'
        )
    return number
