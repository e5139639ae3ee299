"""Scales, limits, ticks and labels of the axes of parameters and errors."""

import re

import numpy as np
from matplotlib.ticker import (
    EngFormatter,
    FixedLocator,
    FuncFormatter,
    LogLocator,
    MaxNLocator,
    NullLocator,
)

from regnet_plugin.core.complexity import COUNTS
from regnet_plugin.report.figures.panels import LABEL
from regnet_plugin.report.style import one_line

_STAGE = re.compile(r'[dwbg]_\d+')
_SUBSCRIPTS = str.maketrans('0123456789', '₀₁₂₃₄₅₆₇₈₉')
_SYMBOLS = dict(
    depth='depth d',
    w_0='w₀',
    w_a='wₐ',
    w_m='wₘ',
    b='bottleneck ratio b',
    g='group width g',
    lr='learning rate',
    weight_decay='weight decay',
    lr_weight_decay='learning rate · weight decay',
    training_step='training step',
    seconds='training time',
)
_TIMES = ('latency', 'training_step', 'seconds')
# how values spread: evenly, over powers of ten, over powers of two
_EVEN, _TENFOLD = (
    {'depth', 'w_m', 'e_fit'},
    {'lr', 'weight_decay', 'lr_weight_decay', *COUNTS, *_TIMES},
)
_TWOFOLD = {'w_0', 'w_a', 'b', 'g'}
_SPREAD, _LONG_TAIL = 3, 100  # largest by smallest value from which an axis is logarithmic
_LEAST = 1e-100  # and what a logarithmic axis shows; limits around much less are rounded to 0


def label_of(column):
    """What a column of `Records` is called on an axis: symbols have their indices."""
    if _STAGE.fullmatch(column):
        return (column[0] + column[2:]).translate(_SUBSCRIPTS)
    return _SYMBOLS.get(column) or one_line(column, LABEL)


def finite(*arrays):
    """All finite values of arrays."""
    values = np.concatenate([np.ravel(np.asarray(array, dtype=float)) for array in arrays] or [[]])
    return values[np.isfinite(values)]


def limits_of(values, log=False, margin=0.05):
    """Limits of an axis around finite values; any where there are none, and some place around a
    single one.
    """
    if not len(values):
        return (1, 10) if log else (0, 1)
    low, high = (
        (np.log(values.min()), np.log(values.max())) if log else (values.min(), values.max())
    )
    pad = (high - low) * margin or (0.5 if log else abs(low) * 0.05 or 0.5)
    limits = low - pad, high + pad
    return tuple(np.exp(limits)) if log else limits


def top_of_view(errors):
    """The largest of finite errors that is drawn: far outliers, at chance, say, would press all
    others together.
    """
    if not len(errors):
        return -np.inf
    best, most, worst = np.quantile(errors, [0, 0.9, 1])
    return worst if worst - best <= 3 * (most - best) or most == best else best + 2 * (most - best)


def set_axis(axis, column, values, limits=None):
    """Set scale, limits, ticks and label of ``axes.xaxis`` or ``axes.yaxis`` for values of a column
    of `Records`.

    What spaces draw by its logarithm, and a long tail, gets a logarithmic axis; a few values get
    their ticks.
    """
    values, which = finite(values), axis.axis_name
    log = _is_logarithmic(column, values)
    base = 2 if _is_twofold(column) else 10
    if log:
        getattr(axis.axes, f'set_{which}scale')('log', base=base)
    getattr(axis.axes, f'set_{which}lim')(limits_of(values, log) if limits is None else limits)
    axis.set_major_locator(_locator(column, values, log, base))
    axis.set_minor_locator(NullLocator())
    axis.set_major_formatter(_formatter(column))
    axis.set_label_text(label_of(column))


def set_error_axis(axis, limits, label):
    """Set limits, ticks and label of an axis of errors."""
    getattr(axis.axes, f'set_{axis.axis_name}lim')(limits)
    axis.set_major_locator(MaxNLocator(6 if axis.axis_name == 'x' else 5))
    axis.set_major_formatter(FuncFormatter(_short))
    axis.set_label_text(label)


def _is_logarithmic(column, values):
    if not len(values) or values.min() < _LEAST or column in _EVEN:
        return False
    return (
        values.max()
        > (_SPREAD if column in _TENFOLD or _is_twofold(column) else _LONG_TAIL) * values.min()
    )


def _is_twofold(column):
    return column in _TWOFOLD or (
        _STAGE.fullmatch(column) is not None and not column.startswith('d_')
    )


def _locator(column, values, log, base):
    distinct = np.unique(values)
    if len(distinct) <= (6 if base == 2 else 3):
        return FixedLocator(distinct)
    if log:
        narrow = base == 10 and values.max() < 50 * values.min()
        return LogLocator(base, subs=(1, 2, 5) if narrow else (1,), numticks=6)
    return MaxNLocator(4, integer=column == 'depth' or column.startswith('d_'))


def _formatter(column):
    """400M flops, 12 ms, 0.05."""
    if column in _TIMES:
        return EngFormatter('s', sep='\N{THIN SPACE}')
    return FuncFormatter(_count) if column in COUNTS else FuncFormatter(_short)


def _count(value, _):
    # of regimes the ticks are medians, 476082 flops, say
    return EngFormatter(sep='')(float(f'{value:.3g}'))


def _short(value, _):
    return f'{value:g}'.replace('e-0', 'e-').replace('e+0', 'e').replace('-', '\N{MINUS SIGN}')
