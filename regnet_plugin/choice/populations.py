"""Networks of a trained population to choose from."""

from pathlib import Path

import numpy as np
from scipy.stats import t

from regnet_plugin.choice.candidates import Candidate
from regnet_plugin.core.architecture import Architecture
from regnet_plugin.core.complexity import complexity
from regnet_plugin.population.readers import only, read_records
from regnet_plugin.population.records import Records

_LEVEL = 0.95
_NO_ARCHITECTURE = ('type', 'act_cfg', 'out_indices')  # of a backbone's arguments


def population_candidates(path: str | Path, recipe: str | None = None) -> list[Candidate]:
    """Return the networks of a population that were trained to their end.

    Args:
        path: of the folder, or of a table, see `read_records`.
        recipe: of its trainings; None where there is one only.

    Raises:
        PopulationError: if it cannot be read, or is of several recipes.
        ValueError: if its errors are no percentages, or no network has one.
    """
    records = only(read_records(path, recipe))
    rated = np.flatnonzero(records.rated())
    if not len(rated) or not records.unit:
        raise ValueError(
            f'networks to choose from must have errors in percent, but {path} has '
            f'{"none" if not len(rated) else records.metric}'
        )
    costs = [(int(row), _costs(records, int(row))) for row in rated]
    return [_candidate(records, row, *found) for row, found in costs if found is not None]


def _costs(records: Records, row: int) -> tuple[Architecture | None, int, int] | None:
    """Architecture, flops and parameters of a network; None where it is not known what it costs.

    One that a config describes has no stages, and costs what was counted when it was sampled.
    """
    backbone = records.backbones[row]
    if backbone:
        fields = {name: value for name, value in backbone.items() if name not in _NO_ARCHITECTURE}
        architecture = Architecture.from_dict(fields)
        side, classes = _side_and_classes(records, row)
        counts = complexity(architecture, side, classes)
        return architecture, counts.flops, counts.parameters
    columns = [records.columns.get(name) for name in ('flops', 'parameters')]
    flops, parameters = (np.nan if column is None else column[row] for column in columns)
    if not np.isfinite(flops) or not np.isfinite(parameters):
        return None
    return None, int(flops), int(parameters)


def _side_and_classes(records: Records, row: int) -> tuple[int, int]:
    conditions = records.conditions[row] if records.conditions else {}
    (side,) = conditions.get('resolution', ('224',))[:1]
    (classes,) = conditions.get('num_classes', ('1000',))[:1]
    return int(side), int(classes)


def _candidate(
    records: Records, row: int, architecture: Architecture | None, flops: int, parameters: int
) -> Candidate:
    side, classes = _side_and_classes(records, row)
    conditions = records.conditions[row] if records.conditions else {}
    recipe = ', '.join(conditions.get('recipe', ()))
    return Candidate(
        network=records.networks[row],
        accuracy=100 - float(records.last_error[row]),
        metric=records.metric,
        recipe=recipe or 'unknown',
        kind=recipe or records.name,
        source=f'{records.name}, {_uncertainty(records, row)}',
        weights=None,
        config=records.configs[row] or '' if records.configs else '',
        architecture=architecture,
        resolution=side,
        flops=flops,
        parameters=parameters,
        num_classes=classes,
    )


def _uncertainty(records: Records, row: int) -> str:
    """What is known of how far the mean error of a network is from that of more trainings."""
    seeds, deviation = int(records.seeds[row]), float(records.deviation[row])
    if seeds < 2 or not np.isfinite(deviation):
        return 'one training: without an interval, and as the best of many too good'
    half = float(t.ppf((1 + _LEVEL) / 2, seeds - 1)) * deviation / seeds**0.5
    error = float(records.last_error[row])
    return (
        f'{_LEVEL:.0%} interval of the error {error - half:.2f} to {error + half:.2f} from {seeds} '
        'trainings, which does not know that it was chosen'
    )
