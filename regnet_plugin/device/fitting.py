"""The fit of a device model: which counts, what each of them takes, and how wrong that is."""

from collections.abc import Callable, Sequence

import numpy as np
from numpy.typing import NDArray
from scipy.optimize import nnls
from scipy.stats import spearmanr

from regnet_plugin.core.complexity import structure_of
from regnet_plugin.core.layers.layer_counts import LAYER_COUNTS, MAP_SIDES, NARROW_GROUPS
from regnet_plugin.core.layers.layer_shapes import network_shapes
from regnet_plugin.device.device_model import RANGED, DeviceModel, PredictionError
from regnet_plugin.device.measured_times import MeasuredTimes

FEWEST = 8  # networks: with less, a left-out one says little of the next
_FOLDS = 5  # in which counts are chosen
_STEPS_OF_NNLS = 30  # for each column, ten times scipy's default

_LAYERS = ('outputs_1x1', 'outputs_3x3', 'convs', 'squeezes', 'parameters')
_GROUPS = (*(f'outputs_groups_{width}' for width in NARROW_GROUPS), 'outputs_groups_uneven')
_MAPS = tuple(f'outputs_below_{side}' for side in MAP_SIDES)
# What is chosen from, from few counts to many.
COUNT_SETS: tuple[tuple[str, ...], ...] = (
    ('flops',),
    ('flops', 'activations'),
    ('flops', *_LAYERS),
    ('flops_1x1', 'flops_3x3', *_LAYERS),
    ('flops_1x1', 'flops_3x3', *_LAYERS, *_GROUPS),
    (
        'flops_1x1',
        'flops_3x3',
        'padded_flops_1x1',
        *_LAYERS,
        *_GROUPS,
        *_MAPS,
        'inputs',
        'strided_inputs_1x1',
        'strided_inputs_3x3',
        'groups',
    ),
)

Floats = NDArray[np.float64]


def fit_device_model(
    times: MeasuredTimes, progress: Callable[[int, int], None] = lambda done, total: None
) -> tuple[DeviceModel, Floats]:
    """Fit a model to measured times, and predict each network from the others.

    Args:
        times: of `FEWEST` networks or more.
        progress: told how many networks were predicted, and of how many.

    Returns:
        The model, and the predicted seconds of each network by a model of all others: the counts
        are chosen anew without it.

    Raises:
        ValueError: for too few networks.
    """
    if len(times.networks) < FEWEST:
        raise ValueError(
            f'a device model needs times of at least {FEWEST} networks, but there are '
            f'{len(times.networks)}'
        )
    counts, seconds = times.counts(), times.seconds
    predicted = np.empty_like(seconds)
    for row in range(len(seconds)):
        others = np.arange(len(seconds)) != row
        columns = _chosen(counts[others], seconds[others])
        taken = _fit(counts[others][:, columns], seconds[others])
        predicted[row] = counts[row, columns] @ taken
        progress(row + 1, len(seconds))
    columns = _chosen(counts, seconds)
    taken = _fit(counts[:, columns], seconds)
    errors = np.abs(predicted / seconds - 1)
    model = DeviceModel(
        name=times.name,
        source=times.source,
        step=times.step,
        batch=times.batch,
        conditions=times.conditions,
        seconds={
            LAYER_COUNTS[column]: float(value) for column, value in zip(columns, taken) if value > 0
        },
        error=PredictionError(
            networks=len(seconds),
            median=float(np.median(errors)),
            mean=float(np.mean(errors)),
            rank_correlation=_rank_correlation(predicted, seconds),
        ),
        ranges=_ranges(times, counts),
    )
    return model, predicted


def _rank_correlation(predicted: Floats, seconds: Floats) -> float:
    """Spearman's; 0 where all times, or all predictions, are the same."""
    if np.ptp(predicted) == 0 or np.ptp(seconds) == 0:
        return 0.0
    return float(spearmanr(predicted, seconds).statistic)


def _ranges(times: MeasuredTimes, counts: Floats) -> dict[str, tuple[float, float]]:
    ranges = {}
    for name in RANGED:
        column = counts[:, LAYER_COUNTS.index(name)]
        ranges[name] = float(column.min()), float(column.max())
    shapes = [network_shapes(**structure_of(network.architecture)) for network in times.networks]
    others = dict(
        resolution=[network.resolution for network in times.networks],
        group_width=[int(each.narrowest_groups()[0]) for each in shapes],
    )
    for name, values in others.items():
        ranges[name] = float(min(values)), float(max(values))
    return ranges


def _columns(names: Sequence[str]) -> list[int]:
    return [LAYER_COUNTS.index(name) for name in names]


def _chosen(counts: Floats, seconds: Floats) -> list[int]:
    """The columns that predict best what they were not fitted to, in folds of networks.

    A larger set is taken where its mean error is less; folds are made of networks in order of their
    times, each fold with fast and slow ones.
    """
    fold_of = np.empty(len(seconds), dtype=int)
    fold_of[np.argsort(seconds, kind='stable')] = np.arange(len(seconds)) % _FOLDS
    best, chosen = np.inf, _columns(COUNT_SETS[0])
    for names in COUNT_SETS:
        columns = _columns(names)
        errors = np.empty(len(seconds))
        for fold in range(_FOLDS):
            left_out = fold_of == fold
            taken = _fit(counts[~left_out][:, columns], seconds[~left_out])
            errors[left_out] = counts[left_out][:, columns] @ taken / seconds[left_out] - 1
        mean = np.abs(errors).mean()
        if mean < best:
            best, chosen = mean, columns
    return chosen


def _fit(counts: Floats, seconds: Floats) -> Floats:
    """Coefficients from 0 with the least squares of relative errors, one for each column.

    A column that is 0 in every row gets 0, and is left out: `nnls` does not end with it.
    """
    taken = np.zeros(counts.shape[1])
    used = np.flatnonzero(counts.any(axis=0))
    scale = counts[:, used].max(axis=0)
    relative = counts[:, used] / scale / seconds[:, np.newaxis]
    found, _ = nnls(relative, np.ones(len(seconds)), maxiter=_STEPS_OF_NNLS * max(1, len(used)))
    taken[used] = found / scale
    return taken
