"""Means by few labels and many predictions: `ppi-python`, and what follows from the formulas."""

import numpy as np
import pytest
from scipy import stats

from regnet_plugin.analysis import powered_mean

LABELS = np.array([31.2, 28.4, 35.9, 30.1, 27.7, 33.0, 29.5, 41.6])
OWN = np.array([30.2, 29.1, 33.5, 30.8, 28.9, 31.6, 30.0, 34.4])
OTHERS = np.array([29.4, 31.9, 28.8, 30.3, 35.2, 32.7, 29.9, 31.0, 30.6, 28.2, 33.3, 29.7])


def asymptotic(powered, level=0.95):
    """The mean with its interval of PPI++, by the normal distribution."""
    value = powered.of_space.value
    half_width = stats.norm.ppf((1 + level) / 2) * powered.standard_error
    return value, value - half_width, value + half_width


# `ppi_mean_pointestimate` and `ppi_mean_ci(alpha=0.05)` of ppi-python 0.2.3: a weight of 1, one
# between, a small one of predictions in a wrong order, and 0.
@pytest.mark.parametrize(
    'own, others, expected',
    [
        (OWN, OTHERS, (32.02916666666667, 29.92907675207911, 34.129256581254225)),
        (3 * OWN, 3 * OTHERS, (31.998340586725117, 29.95478773686716, 34.041893436583074)),
        (OWN[::-1], OTHERS, (32.1535813666371, 29.164117470861378, 35.14304526241282)),
        (-OWN, -OTHERS, (32.175, 29.173680153572867, 35.17631984642713)),
    ],
)
def test_ppi_python_agrees(own, others, expected):
    assert asymptotic(powered_mean(LABELS, own, others)) == pytest.approx(expected, abs=1e-9)


@pytest.mark.acceptance
def test_ppi_python_agrees_on_any_numbers():
    """It needs numba and statsmodels, so no environment has it: `pip install ppi-python`."""
    ppi = pytest.importorskip('ppi_py')
    generator = np.random.default_rng(0)
    for n, m in ((5, 4), (20, 80), (100, 30), (60, 1000)):
        for slope in (-1, 0.2, 1, 4):
            known = generator.standard_normal(n + m)
            labels = generator.gamma(2, 2, n) + slope * known[:n]
            value = ppi.ppi_mean_pointestimate(labels, known[:n], known[n:]).item()
            low, high = np.ravel(ppi.ppi_mean_ci(labels, known[:n], known[n:], alpha=0.1))
            found = asymptotic(powered_mean(labels, known[:n], known[n:]), 0.9)
            assert found == pytest.approx((value, low, high), abs=1e-9)


def test_of_the_sampled_ones_it_is_the_regression_estimator():
    """With one regressor x of known mean: y + b (X - x), variance (1 / n - 1 / N) S^2.

    S^2 is the sum of the squared residuals over n - 2 (Cochran, Sampling Techniques, section 7.3).
    """
    n, m = len(LABELS), len(OTHERS)
    powered = powered_mean(LABELS, 3 * OWN, 3 * OTHERS)
    slope = powered.weight * (n + m) / m
    x, of_all = 3 * OWN.mean(), 3 * np.concatenate([OWN, OTHERS]).mean()
    assert powered.of_sampled.value == pytest.approx(LABELS.mean() + slope * (of_all - x))
    residuals = LABELS - LABELS.mean() - slope * (3 * OWN - x)
    expected = (1 / n - 1 / (n + m)) * (residuals**2).sum() / (n - 2)
    assert powered.of_sampled.uncertainty.variance == pytest.approx(expected)
    assert powered.of_space.value == powered.of_sampled.value


def test_predictions_that_tell_nothing_leave_the_mean_of_the_labels():
    powered = powered_mean(LABELS, np.full(8, 30.0), np.full(12, 30.0))
    assert powered.weight == 0
    assert powered.of_space.value == powered.of_sampled.value == LABELS.mean()


@pytest.mark.parametrize(
    'labels, own, others, message',
    [
        ([1, 2], [1, 2], [1, 2], 'there must be three labels, .* but there are 2 labels'),
        ([1, 2, 3], [1, 2], [1, 2], '2 predictions for them'),
        ([1, 2, 3], [1, 2, 3], [1], 'and 1 others'),
        ([1, 2, np.inf], [1, 2, 3], [1, 2], r'labels must be finite, but labels\[2\] is inf'),
        ([1, 2, 3], [1, np.nan, 3], [1, 2], r'own must be finite, but own\[1\] is nan'),
    ],
)
def test_what_is_refused(labels, own, others, message):
    with pytest.raises(ValueError, match=message):
        powered_mean(labels, own, others)
