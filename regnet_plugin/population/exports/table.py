"""A population in one file: a table in JSON lines, which `read_records` and pandas read."""

import json
import math

from regnet_plugin.files import replace
from regnet_plugin.population.columns import OF_STAGES, OWN_UNIT
from regnet_plugin.population.readers.cells import plain
from regnet_plugin.population.records import Records

# of a table, docs/population_formats.md
_DEFAULTS = dict(block='X', stem='simple', stem_width=32, se_ratio=0)


def write_table(records, path):
    """Write networks with all that a report says of them, a line each, also those whose training
    has not ended.

    What is read from it is what `records` has, but for the paths of configs. What a reader fills in
    by itself is left out.

    Args:
        records (Records): of one population and recipe.
        path (str | Path): of the file; one that is there is replaced. Its name ends in .jsonl.

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
    noted = records.metric == Records.metric or any(
        'metric' in conditions for conditions in records.conditions
    )
    shared = {} if noted else dict(metric=records.metric)
    shared.update({} if records.unit else dict(unit=OWN_UNIT))
    rows = [{**_row(records, row), **shared} for row in range(len(records.networks))]
    space = {name: value for name, value in records.space.items() if name != 'name'}
    if space:
        rows[0]['design_space'] = space  # of all lines, once
    replace(path, ''.join(json.dumps(row) + '\n' for row in rows))


def _row(records, row):
    backbone = records.backbones[row] or {}
    numbers = {
        name: _plain(values[row])
        for name, values in records.columns.items()
        if not (backbone and (OF_STAGES.fullmatch(name) or name == 'depth'))
    }
    known = {name: value for name, value in numbers.items() if value is not None}
    if records.device and {'latency', 'training_step'} & set(known):
        known['device'] = records.device
    return _disjoint(
        dict(network=records.networks[row]),
        _outcome(records, row),
        known,
        _conditions(records, row),
        _network(backbone),
    )


def _disjoint(*parts):
    """One row of several parts, of which none takes the place of another."""
    joined = {}
    for part in parts:
        for name, value in part.items():
            if joined.setdefault(name, value) != value:
                raise ValueError(
                    f'each column must have a name of its own, but {name} of {joined["network"]} '
                    'is '
                    f'{joined[name]!r} and {value!r}'
                )
    return joined


def _network(backbone):
    network = {
        name: value
        for name, value in backbone.items()
        if name != 'act_cfg' and _DEFAULTS.get(name) != value
    }
    if set(network.get('dilations', ())) == {1}:
        del network['dilations']
    if 'act_cfg' in backbone:
        network['activation'] = backbone['act_cfg']['type']
    return network


def _conditions(records, row):
    """What is known of the training; numbers as such, and a list where there are several."""
    known = {
        name: list(values) if len(values) > 1 else values[0]
        for name, values in records.conditions[row].items()
    }
    return {
        **known,
        **{name: plain(known[name]) for name in ('num_classes', 'resolution') if name in known},
    }


def _outcome(records, row):
    failures = (
        dict(failed_seeds=int(records.failed_seeds[row])) if records.failed_seeds[row] else {}
    )
    errors = dict(
        last_error=_plain(records.last_error[row]), best_error=_plain(records.best_error[row])
    )
    errors = {name: value for name, value in errors.items() if value is not None}
    status, reason = str(records.status[row]), records.reasons[row]
    if status == 'done' and errors:
        several = dict(deviation=_plain(records.deviation[row]), seeds=int(records.seeds[row]))
        return {**errors, **(several if records.seeds[row] > 1 else {}), **failures}
    if status == 'failed':
        return dict(status=status, **({} if reason is None else dict(reason=reason)), **failures)
    # done, but nothing was evaluated
    return dict(status='waiting' if status == 'done' else status, **failures)


def _plain(value):
    """A number as JSON has it, with all of its digits; None for NaN."""
    value = float(value)
    if math.isnan(value):
        return None
    return int(value) if value.is_integer() and abs(value) < 2**53 else value
