"""Numbers in sentences."""

import math


def p_text(p_value):
    """A p value to two digits: 'p = 0.012', 'p < 0.001'."""
    return 'p < 0.001' if p_value < 0.001 else f'p = {p_value:.2g}'


def share_text(share):
    """A share to three digits: '95%', '99.9%'."""
    return f'{100 * share:.3g}%'


def interval_text(value, low, high, level, unit=''):
    """A value with its confidence interval: '1.24 points (95% interval 0.89 to 1.59)'.

    All have two digits of the half width; the value three of its own where there is no interval or
    it has no width.
    """
    half_width, unit = (high - low) / 2, unit and f' {unit}'
    if not half_width > 0:
        return f'{value:#.3g}'.rstrip('.') + unit
    decimals = max(0, 1 - math.floor(math.log10(half_width)))
    return f'{value:.{decimals}f}{unit} ({share_text(level)} interval {low:.{decimals}f} to {high:.{decimals}f})'
