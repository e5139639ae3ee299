"""How p values, shares and intervals are written in the sentences of the statistics."""

import math


def p_text(p_value: float) -> str:
    """Write a p value with two digits: 'p = 0.012', 'p < 0.001'."""
    return 'p < 0.001' if p_value < 0.001 else f'p = {p_value:.2g}'


def share_text(share: float) -> str:
    """Write a share as a percentage with three digits: '95%', '99.9%'."""
    return f'{100 * share:.3g}%'


def interval_text(value: float, low: float, high: float, level: float, unit: str = '') -> str:
    """Write a value with its interval: '1.24 points (95% interval 0.89 to 1.59)'.

    All three numbers are rounded to two digits of the half width. Where there is no interval (NaN)
    or it has no width, the value alone is written, with three digits of its own.

    Args:
        value: what was estimated.
        low, high: bounds of its confidence interval; NaN where there is none.
        level: confidence of the interval, between 0 and 1.
        unit: word behind the value. Default: none.
    """
    ending = f' {unit}' if unit else ''
    half_width = (high - low) / 2
    if not half_width > 0:
        return f'{value:#.3g}'.rstrip('.') + ending
    decimals = max(0, 1 - math.floor(math.log10(half_width)))
    bounds = f'{low:.{decimals}f} to {high:.{decimals}f}'
    return f'{value:.{decimals}f}{ending} ({share_text(level)} interval {bounds})'
