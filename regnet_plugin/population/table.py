"""A trained population in one file: a table in JSON lines, which `read_records` and pandas read."""
import json
import math
import re

import numpy as np

from regnet_plugin.population.files import replace

_OF_STAGES = re.compile('depth|[dwbg]_[1-9][0-9]*')  # columns that follow from the lists of stages
_DEFAULTS = dict(block='X', stem='simple', stem_width=32, se_ratio=0)  # of a table, docs/population_formats.md


def write_table(records, path):
    """Write networks with what they learned, a line each; those whose training has not ended, and what a reader fills in by
    itself, are left out.

    Args:
        records (Records): of one population and recipe.
        path (str | Path): of the file; one that is there is replaced. Its name ends in .jsonl.

    Raises:
        ValueError: for a name that ends otherwise, which no reader would take for a table, or if no network has an error.
    """
    if not records.rated().any():
        raise ValueError(f'a table needs a network with an error, but {records.source} has none yet')
    if not str(path).endswith('.jsonl'):
        raise ValueError(f'a table in JSON lines must have a name that ends in .jsonl, but it is {path}')
    ended = np.flatnonzero(records.rated() | (records.status == 'failed'))
    replace(path, ''.join(json.dumps(_row(records, row)) + '\n' for row in ended))


def _row(records, row):
    backbone = records.backbones[row] or {}
    given = {name: _plain(values[row]) for name, values in records.columns.items()
             if not (backbone and _OF_STAGES.fullmatch(name))}
    network = {name: value for name, value in backbone.items() if name != 'act_cfg' and _DEFAULTS.get(name) != value}
    if set(network.get('dilations', ())) == {1}:
        del network['dilations']
    known = {name: value for name, value in given.items() if value is not None}
    if records.device and {'latency', 'training_step'} & set(known):
        known['device'] = records.device
    return {'network': records.networks[row], **_outcome(records, row), **known, **network}


def _outcome(records, row):
    if not records.rated()[row]:
        reason = records.reasons[row]
        return dict(status='failed', **({} if reason is None else dict(reason=reason)))
    errors = dict(last_error=_plain(records.last_error[row]), best_error=_plain(records.best_error[row]))
    if records.seeds[row] > 1:
        errors.update(deviation=_plain(records.deviation[row]), seeds=int(records.seeds[row]))
    return {name: value for name, value in errors.items() if value is not None}


def _plain(value):
    """A number as JSON has it, with ten digits; None for NaN."""
    value = float(value)
    if math.isnan(value):
        return None
    return int(value) if value.is_integer() else float(f'{value:.10g}')
