"""Fits of figure 12: known coefficients, scipy, the published networks."""

import numpy as np
import pytest
from published_tables import REGNETS
from scipy.optimize import curve_fit

from regnet_plugin.analysis import fit_activations, fit_latency, fit_parameters

pytestmark = pytest.mark.filterwarnings('error')
FLOPS = np.array([0.2, 0.4, 0.8, 1.6, 3.2, 6.4]) * 1e9
REGNETX = [numbers for name, numbers in REGNETS.items() if name.startswith('regnetx')]
# figure 15, first to last: inference of 64 images on a V100, in ms
INFERENCE = (10, 15, 17, 21, 33, 57, 69, 92, 94, 137, 168, 318)
FORMS = (
    (fit_activations, 1e6, lambda f, a: a * np.sqrt(f)),
    (fit_parameters, 1e6, lambda f, a, c: a * f + c),
    (fit_latency, 1e-3, lambda f, a, c: a * f + c * np.sqrt(f)),
)


def test_known_coefficients():
    """The limits of the authors' code are 6.5 sqrt(f) and 3 + 5.5 f, in millions and GF."""
    activations = fit_activations(FLOPS, 6.5e6 * np.sqrt(FLOPS / 1e9))
    assert activations.text == 'activations in M = 6.5 sqrt(f) with f in GF (R^2 = 1.000, n = 6)'
    assert activations(4e9) == pytest.approx(13e6)
    parameters = fit_parameters(FLOPS, 3e6 + 5.5e6 * FLOPS / 1e9)
    assert parameters.text == 'parameters in M = 5.5 f + 3 with f in GF (R^2 = 1.000, n = 6)'
    assert parameters([1e9, 2e9]) == pytest.approx([8.5e6, 14e6])
    latency = fit_latency(FLOPS, 0.007 * FLOPS / 1e9 - 0.002 * np.sqrt(FLOPS / 1e9))
    assert latency.text == 'latency in ms = 7 f - 2 sqrt(f) with f in GF (R^2 = 1.000, n = 6)'
    assert latency(4e9) == pytest.approx(0.024)


@pytest.mark.parametrize('fit, scale, form', FORMS)
def test_scipy_agrees_on_noise(fit, scale, form):
    values = np.random.default_rng(0).uniform(1, 9, 6)
    found = fit(FLOPS, values * scale)
    expected, _ = curve_fit(form, FLOPS / 1e9, values)
    assert found.coefficients == pytest.approx(expected, rel=1e-5)
    residuals = values - form(FLOPS / 1e9, *expected)
    assert found.r_squared == pytest.approx(
        1 - np.sum(residuals**2) / np.sum((values - values.mean()) ** 2)
    )
    assert found(FLOPS) == pytest.approx(scale * form(FLOPS / 1e9, *expected), rel=1e-5)


def test_the_published_networks_follow_the_forms():
    """Section 4: activations grow with the square root of flops, and parameters with flops.

    The run time grows with both.
    """
    flops, parameters, activations = np.array([numbers[3:6] for numbers in REGNETX], dtype=float).T
    assert len(flops) == len(INFERENCE) == 12
    by_root, by_flops = fit_activations(flops, activations), fit_parameters(flops, parameters)
    assert by_root.r_squared > 0.98
    assert 6 < by_root.coefficients[0] < 6.5  # below the limit of the authors' code
    assert by_flops.r_squared > 0.98
    assert 3 < by_flops.coefficients[0] < 5.5
    latency = fit_latency(flops, np.array(INFERENCE) / 1e3)
    assert latency.r_squared > 0.99
    assert min(latency.coefficients) > 0


def test_unknown_numbers_are_left_out():
    values = np.array([1, 2, np.nan, 4, 5, 6]) * 1e6
    known = ~np.isnan(values)
    assert fit_parameters(FLOPS, values) == fit_parameters(FLOPS[known], values[known])
    assert fit_parameters(FLOPS, values).n == 5


@pytest.mark.parametrize('fit, scale, form', FORMS)
@pytest.mark.parametrize('flops', [[], [1e9], [2e9] * 5])
def test_too_few_different_flops(fit, scale, form, flops):
    found = fit(flops, np.full(len(flops), 3 * scale))
    assert found.n == len(flops)
    assert np.isnan(found.r_squared)
    determined = len(flops) > 0 and fit is fit_activations
    assert np.isnan(found(1e9)) != determined
    assert np.isnan(found.coefficients).all() != determined
    assert found.text.endswith(
        f'n = {len(flops)})' if determined else f': not determined by n = {len(flops)}'
    )


def test_equal_values():
    assert np.isnan(fit_parameters(FLOPS, np.full(6, 5e6)).r_squared)
    assert fit_parameters(FLOPS, np.full(6, 5e6)).coefficients == pytest.approx((0, 5), abs=1e-9)


@pytest.mark.parametrize(
    'flops, values, rule',
    [
        ([0, 1e9], [1, 2], 'flops must be positive, but one is 0'),
        ([1e9], [1, 2], r'flops \(1,\), activations \(2,\)'),
        ([1e9], [np.inf], r'finite.*activations\[0\] is inf'),
    ],
)
def test_what_is_refused(flops, values, rule):
    with pytest.raises(ValueError, match=rule):
        fit_activations(flops, values)
