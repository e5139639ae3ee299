"""Which of flops and activations predicts a latency better."""

import numpy as np
import pytest
from scipy.stats import linregress

from regnet_plugin.analysis import compare_predictors
from regnet_plugin.analysis.predictors import williams

pytestmark = pytest.mark.filterwarnings('error')


def test_a_published_example():
    """The example of Steiger (1980), as in the manual of R's psych.

    There r_12 = 0.4, r_13 = 0.5, r_23 = 0.1, n = 103 and t = -0.89.
    """
    t, p_value = williams(0.4, 0.5, 0.1, 103)
    assert (t, p_value) == (pytest.approx(-0.89, abs=0.005), pytest.approx(0.37, abs=0.005))
    assert williams(0.5, 0.4, 0.1, 103) == (-t, p_value)
    assert williams(-0.4, 0.5, -0.1, 103) == pytest.approx((t, p_value))  # by size


@pytest.mark.parametrize('r_12, r_13', [(0.0, 0.5), (0.5, 0.0), (0.2, 0.5)])
def test_what_correlates_with_nothing_is_no_special_case(r_12, r_13):
    """Williams's T2, as Steiger (1980) writes it, with the determinant of the correlations."""
    n, r_23 = 43, 0.4
    determinant = np.linalg.det([[1, r_12, r_13], [r_12, 1, r_23], [r_13, r_23, 1]])
    mean = (r_12 + r_13) / 2
    below = 2 * (n - 1) / (n - 3) * determinant + mean**2 * (1 - r_23) ** 3
    expected = (r_12 - r_13) * np.sqrt((n - 1) * (1 + r_23) / below)
    assert williams(r_12, r_13, r_23, n)[0] == pytest.approx(expected)


def test_latency_that_follows_activations():
    generator = np.random.default_rng(0)
    activations = generator.uniform(2e6, 4e6, 60)
    flops = activations * 120 + generator.normal(0, 4e7, 60)
    latency = activations * 2e-9 + generator.normal(0, 5e-4, 60)
    found = compare_predictors(flops, activations, latency)
    assert found.flops == pytest.approx(linregress(flops, latency).rvalue ** 2)
    assert found.activations == pytest.approx(linregress(activations, latency).rvalue ** 2)
    assert found.better == 'activations'
    assert found.text == (
        f'activations predict it better than flops: R^2 = {found.activations:.2f} against '
        f"{found.flops:.2f} of a straight line, p < 0.001 (Williams's test, n = 60)"
    )
    turned = compare_predictors(activations, flops, latency)
    assert (turned.better, turned.p_value) == ('flops', pytest.approx(found.p_value))
    assert turned.text.startswith('flops predict it better than activations: R^2 = 0.')


def test_equally_good_ones_are_called_different_in_five_percent():
    generator = np.random.default_rng(0)
    latency, first, second = generator.normal(size=(3, 1000, 30))
    found = [compare_predictors(a + c, b + c, c) for a, b, c in zip(first, second, latency)]
    assert 0.03 < np.mean([one.better is not None for one in found]) < 0.07
    undecided = next(one for one in found if one.better is None)
    assert undecided.text.startswith(
        'neither activations nor flops are shown to predict it better: R^2 = '
    )


def test_unknown_latencies_are_left_out():
    columns = np.random.default_rng(0).random((3, 12))
    whole = compare_predictors(*columns[:, 1:])
    columns[2, 0] = np.nan
    assert compare_predictors(*columns) == whole
    assert whole.n == 11


@pytest.mark.parametrize('n', range(4))
def test_too_few_networks(n):
    found = compare_predictors(range(n), range(1, n + 1), range(n))
    assert np.isnan(found.p_value)
    assert found.better is None
    assert (
        found.text == f'n = {n} networks do not tell whether flops or activations predict it better'
    )


def test_what_does_not_vary_and_what_is_the_same():
    varied = np.arange(9.0) ** 2
    assert compare_predictors(np.ones(9), varied, varied).better is None
    assert np.isnan(compare_predictors(varied, varied, np.ones(9)).activations)
    same = compare_predictors(varied, varied, np.arange(9))
    assert (same.p_value, same.better) == (1, None)
    perfect = compare_predictors(np.arange(9), varied, varied)
    assert (perfect.better, perfect.activations) == ('activations', pytest.approx(1))


def test_what_is_refused():
    with pytest.raises(ValueError, match=r'latency must be finite.*latency\[1\] is inf'):
        compare_predictors([1, 2], [1, 2], [1, np.inf])
    with pytest.raises(ValueError, match='level must be between 0 and 1'):
        compare_predictors([1], [1], [1], level=0)
