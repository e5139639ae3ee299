"""Scales, limits, ticks and labels of the axes of parameters and errors."""

import re

import numpy as np
from matplotlib.axis import XAxis, YAxis
from matplotlib.ticker import (
    EngFormatter,
    FixedLocator,
    Formatter,
    FuncFormatter,
    Locator,
    LogLocator,
    MaxNLocator,
    NullLocator,
)
from numpy.typing import ArrayLike, NDArray

from regnet_plugin.population.columns import COUNTS, TIMES
from regnet_plugin.report.drawing.style import one_line
from regnet_plugin.report.figures.panels import LABEL

_STAGE = re.compile(r'[dwbg]_\d+')  # a parameter of one stage
_SUBSCRIPTS = str.maketrans('0123456789', '₀₁₂₃₄₅₆₇₈₉')
_SYMBOLS = {
    'depth': 'depth d',
    'w_0': 'w₀',
    'w_a': 'wₐ',
    'w_m': 'wₘ',
    'b': 'bottleneck ratio b',
    'g': 'group width g',
    'lr': 'learning rate',
    'weight_decay': 'weight decay',
    'lr_weight_decay': 'learning rate · weight decay',
    'training_step': 'training step',
    'seconds': 'training time',
    'predicted_latency': 'predicted latency',
    'predicted_training_step': 'predicted training step',
    'peak_activations': 'peak of activations',
    'memory': 'memory of activations (bytes)',
}
_TIMES = (*TIMES, 'predicted_latency', 'predicted_training_step', 'seconds')
_COUNTS = (*COUNTS, 'peak_activations', 'memory')
# How values spread: evenly, over powers of ten, over powers of two.
_EVEN = {'depth', 'w_m', 'e_fit'}
_TENFOLD = {'lr', 'weight_decay', 'lr_weight_decay', *_COUNTS, *_TIMES}
_TWOFOLD = {'w_0', 'w_a', 'b', 'g'}
# Largest by smallest value from which an axis is logarithmic: of what spreads over powers, and of
# anything else.
_SPREAD, _LONG_TAIL = 3, 100
# How far the worst error may be from the best one, by the 90% quantile, to be in view.
_CLOSE = 1.5
_LEAST = 1e-100  # that a logarithmic axis shows; limits around much less are rounded to 0
# Different values that all get a tick: more powers of two than others, whose numbers are long.
_FEW_TWOFOLD, _FEW = 6, 3
# Largest by smallest value below which powers of ten are too few ticks, and below which more fit.
_NARROW, _NARROWER = 50, 10
_STEPS = (1, 2, 5, 10)  # between ticks, times a power of ten


def label_of(column: str) -> str:
    """Say what a column of `Records` is called on an axis: symbols have their indices."""
    if _STAGE.fullmatch(column):
        letter, stage = column.split('_')
        return letter + stage.translate(_SUBSCRIPTS)
    return _SYMBOLS.get(column) or one_line(column, LABEL)


def finite(*arrays: ArrayLike) -> NDArray[np.float64]:
    """Return all finite values of arrays of any shape, one after the other: shape (n,)."""
    if not arrays:
        return np.array([])
    values = np.concatenate([np.ravel(np.asarray(array, dtype=np.float64)) for array in arrays])
    known: NDArray[np.float64] = values[np.isfinite(values)]
    return known


def limits_of(
    values: NDArray[np.float64] | NDArray[np.int_], log: bool = False, margin: float = 0.05
) -> tuple[float, float]:
    """Find limits of an axis around finite values.

    They are any where there are no values, and leave some place around a single one.

    Args:
        values: n numbers; above 0 on a logarithmic axis.
        log: whether the axis is logarithmic. Default: False.
        margin: share of the range that is left free at either end. Default: 0.05.
    """
    if not len(values):
        return (1, 10) if log else (0, 1)
    low, high = values.min(), values.max()
    if log:
        low, high = np.log(low), np.log(high)
    free = (high - low) * margin
    if free == 0:  # a single value
        free = 0.5 if log else abs(low) * 0.05 or 0.5
    low, high = low - free, high + free
    return (np.exp(low), np.exp(high)) if log else (low, high)


def top_of_view(errors: NDArray[np.float64]) -> float:
    """Find the largest of finite errors that is drawn; -inf if there are none.

    The good networks get the room: a tenth of the errors, the worst ones, is outside, unless they
    are close to the others: at most half as far again from the best one.
    """
    if not len(errors):
        return -np.inf
    best, most, worst = np.quantile(errors, [0, 0.9, 1])
    if worst - best <= _CLOSE * (most - best) or most == best:
        return float(worst)
    return float(most)


def set_axis(
    axis: XAxis | YAxis, column: str, values: ArrayLike, limits: tuple[float, float] | None = None
) -> None:
    """Set scale, limits, ticks and label of an axis for values of a column of `Records`.

    What spaces draw by its logarithm, and a long tail, gets a logarithmic axis; a few values get
    their ticks.

    Args:
        axis: ``axes.xaxis`` or ``axes.yaxis``.
        column: its name.
        values: numbers; what is not finite has no influence.
        limits: of the axis. Default: around the values.
    """
    values = finite(values)
    log = _is_logarithmic(column, values)
    base = 2 if _is_twofold(column) else 10
    if limits is None:
        limits = limits_of(values, log)
    if log:
        _set_log_scale(axis, base)
    _set_limits(axis, limits)
    axis.set_major_locator(_locator(column, values, log, base))
    axis.set_minor_locator(NullLocator())
    axis.set_major_formatter(_formatter(column))
    axis.set_label_text(label_of(column))


def set_error_axis(axis: XAxis | YAxis, limits: tuple[float, float], label: str) -> None:
    """Set limits, ticks and label of an axis of errors.

    Args:
        axis: ``axes.xaxis`` or ``axes.yaxis``.
        limits: of the axis.
        label: its text.
    """
    _set_limits(axis, limits)
    ticks = 6 if axis.axis_name == 'x' else 5  # panels are wider than high
    axis.set_major_locator(MaxNLocator(ticks, steps=_STEPS))
    axis.set_major_formatter(FuncFormatter(_short))
    axis.set_label_text(label)


def _set_log_scale(axis: XAxis | YAxis, base: int) -> None:
    if axis.axis_name == 'x':
        axis.axes.set_xscale('log', base=base)
    else:
        axis.axes.set_yscale('log', base=base)


def _set_limits(axis: XAxis | YAxis, limits: tuple[float, float]) -> None:
    if axis.axis_name == 'x':
        axis.axes.set_xlim(limits)
    else:
        axis.axes.set_ylim(limits)


def _is_logarithmic(column: str, values: NDArray[np.float64]) -> bool:
    if not len(values) or values.min() < _LEAST or column in _EVEN:
        return False
    over_powers = column in _TENFOLD or _is_twofold(column)
    needed = _SPREAD if over_powers else _LONG_TAIL
    return bool(values.max() > needed * values.min())


def _is_twofold(column: str) -> bool:
    """Whether values spread over powers of two: also widths, ratios and groups of stages."""
    if column in _TWOFOLD:
        return True
    return _STAGE.fullmatch(column) is not None and not _is_depth_of_stage(column)


def _is_depth_of_stage(column: str) -> bool:
    return column.startswith('d_')


def _locator(column: str, values: NDArray[np.float64], log: bool, base: int) -> Locator:
    distinct = np.unique(values)
    if len(distinct) <= (_FEW_TWOFOLD if base == 2 else _FEW):
        return FixedLocator(distinct.tolist())
    if log:
        subs = _subdivisions(values.max() / values.min()) if base == 10 else (1,)
        return LogLocator(base, subs=subs, numticks=6)
    whole = column == 'depth' or _is_depth_of_stage(column)
    return MaxNLocator(4, integer=whole, steps=_STEPS)


def _subdivisions(spread: float) -> tuple[int, ...]:
    """Multiples of powers of ten that get a tick, for the largest by the smallest value."""
    if spread < _NARROWER:
        return (1, 2, 5)
    return (1, 3) if spread < _NARROW else (1,)


def _formatter(column: str) -> Formatter:
    """How values of a column are written: 400M flops, 12 ms, 0.05."""
    if column in _TIMES:
        return EngFormatter('s', sep='\N{THIN SPACE}')
    return FuncFormatter(_count) if column in _COUNTS else FuncFormatter(_short)


def _count(value: float, _: int | None) -> str:
    # ticks may be medians of regimes: 476082 flops, say
    three_digits = float(f'{value:.3g}')
    return EngFormatter(sep='')(three_digits)


def _short(value: float, _: int | None) -> str:
    return f'{value:g}'.replace('e-0', 'e-').replace('e+0', 'e').replace('-', '\N{MINUS SIGN}')
