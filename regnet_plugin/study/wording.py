"""How the page of a study writes intervals and correlations."""

import numpy as np

from regnet_plugin.study.statistics import Estimate


def interval_text(low: float, high: float, style: str = '+.2f') -> str:
    """Write an interval behind a number, ' (-1.20 to +0.40)'; '' where it is not defined."""
    return f' ({low:{style}} to {high:{style}})' if np.isfinite([low, high]).all() else ''


def correlation_text(correlation: Estimate) -> str:
    """Write a rank correlation in a sentence: '+0.31 (+0.11 to +0.48)'."""
    if not correlation.is_defined:
        return 'not defined'
    return f'{correlation.value:+.2f}{interval_text(correlation.low, correlation.high)}'
