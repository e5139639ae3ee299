"""A population in one file: a table in JSON lines, which `read_records` and pandas read."""

import json
import math
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from regnet_plugin.core.vocabulary import DEFAULT_BLOCK, DEFAULT_STEM, DEFAULT_STEM_WIDTH
from regnet_plugin.files import replace
from regnet_plugin.population.columns import OF_STAGES, OWN_UNIT, TIMES
from regnet_plugin.population.readers.cells import cell_value
from regnet_plugin.population.records import DEFAULT_METRIC, Records

# What a table that does not say it means, see docs/reference/population_formats.md.
_DEFAULTS = dict(
    block=DEFAULT_BLOCK,
    stem=DEFAULT_STEM,
    stem_width=DEFAULT_STEM_WIDTH,
    se_ratio=0,
    head_width=0,
)


def write_table(records: Records, path: str | Path) -> None:
    """Write networks with all that a report says of them, a line each.

    Also those whose training has not ended. What is read from the table is what `records` has, but
    for the paths of configs. What a reader fills in by itself is left out.

    Args:
        records: of one population and recipe.
        path: of the file; one that is there is replaced. Its name ends in .jsonl.

    Raises:
        ValueError: for a name that ends otherwise, which no reader would take for a table, if no
            network has an error, or if a column would take the place of another.
    """
    if not (records.rated().any() or records.rated('best').any()):
        raise ValueError(
            f'a table needs a network with an error, but {records.source} has none yet'
        )
    if not str(path).endswith('.jsonl'):
        raise ValueError(
            f'a table in JSON lines must have a name that ends in .jsonl, but it is {path}'
        )
    shared = _shared(records)
    rows = [{**_row(records, row), **shared} for row in range(len(records.networks))]
    space = {name: value for name, value in records.space.items() if name != 'name'}
    # of all lines, once
    if space:
        rows[0]['design_space'] = space
    if records.is_random_part:
        rows[0]['random_part'] = True
    replace(path, ''.join(json.dumps(row) + '\n' for row in rows))


def _shared(records: Records) -> dict[str, str]:
    """What all lines say of the errors: metric and unit, where a reader would not know them."""
    noted = any('metric' in conditions for conditions in records.conditions)
    shared = {}
    if records.metric != DEFAULT_METRIC and not noted:
        shared['metric'] = records.metric
    if not records.unit:
        shared['unit'] = OWN_UNIT
    return shared


def _row(records: Records, row: int) -> dict[str, Any]:
    """The line of one network."""
    backbone = records.backbones[row] or {}
    numbers: dict[str, Any] = {}
    for name, values in records.columns.items():
        follows_from_stages = OF_STAGES.fullmatch(name) or name == 'depth'
        number = _json_number(values[row])
        if number is not None and not (backbone and follows_from_stages):
            numbers[name] = number
    if records.device and not numbers.keys().isdisjoint(TIMES):
        numbers['device'] = records.device
    return _disjoint(
        dict(network=records.networks[row]),
        _outcome(records, row),
        numbers,
        _conditions(records, row),
        _network(backbone),
    )


def _disjoint(*parts: Mapping[str, Any]) -> dict[str, Any]:
    """One line of several parts, of which none takes the place of another."""
    joined: dict[str, Any] = {}
    for part in parts:
        for name, value in part.items():
            if joined.setdefault(name, value) != value:
                raise ValueError(
                    f'each column must have a name of its own, but {name} of {joined["network"]} '
                    f'is {joined[name]!r} and {value!r}'
                )
    return joined


def _network(backbone: Mapping[str, Any]) -> dict[str, Any]:
    """The architecture, without what a table that does not say it means."""
    network = {}
    for name, value in backbone.items():
        if name == 'act_cfg':
            network['activation'] = value['type']
        elif name not in _DEFAULTS or _DEFAULTS[name] != value:
            network[name] = value
    if set(network.get('dilations', ())) == {1}:
        del network['dilations']
    return network


def _conditions(records: Records, row: int) -> dict[str, Any]:
    """What is known of the training; numbers as such, and a list where there are several values."""
    known: dict[str, Any] = {}
    for name, values in records.conditions[row].items():
        known[name] = list(values) if len(values) > 1 else values[0]
    for name in ('num_classes', 'resolution'):
        if name in known:
            known[name] = cell_value(known[name])
    return known


def _outcome(records: Records, row: int) -> dict[str, Any]:
    """How the training of a network ended."""
    failed_seeds = int(records.failed_seeds[row])
    failures = dict(failed_seeds=failed_seeds) if failed_seeds else {}
    errors = _errors(records, row)
    status, reason = str(records.status[row]), records.reasons[row]
    if status == 'done' and errors:
        return {**errors, **failures}
    if status == 'failed':
        because = {} if reason is None else dict(reason=reason)
        return dict(status=status, **because, **failures)
    # done, but nothing was evaluated: a table has no such status
    return dict(status='waiting' if status == 'done' else status, **failures)


def _errors(records: Records, row: int) -> dict[str, Any]:
    """Errors of a network, and how sure they are; nothing if it has none."""
    errors: dict[str, Any] = {}
    for name, values in (('last_error', records.last_error), ('best_error', records.best_error)):
        error = _json_number(values[row])
        if error is not None:
            errors[name] = error
    seeds = int(records.seeds[row])
    if errors and seeds > 1:
        errors.update(deviation=_json_number(records.deviation[row]), seeds=seeds)
    return errors


def _json_number(value: float) -> int | float | None:
    """A number as JSON has it, with all of its digits; None for NaN."""
    value = float(value)
    if math.isnan(value):
        return None
    # up to 2**53 a float is the whole number that it is written as
    return int(value) if value.is_integer() and abs(value) < 2**53 else value
