"""Trends across flop regimes (figure 11)."""

import numpy as np
import pytest
from scipy import stats

from regnet_plugin.analysis import empirical_bootstrap, trend

pytestmark = pytest.mark.filterwarnings('error')
REGIMES = np.array([200e6, 400e6, 800e6, 1.6e9, 3.2e9])


def populations(slope, noise=0.0, regimes=REGIMES):
    """The best value is 16 + slope per doubling; error grows with the distance from it."""
    generator = np.random.default_rng(0)
    best = 16 + slope * np.log2(regimes / 200e6) + noise * generator.normal(size=len(regimes))
    values = [value + np.linspace(-8, 8, 101) for value in best]
    return values, [np.abs(some - value) + 30 for some, value in zip(values, best)]


def test_a_value_that_doubles_nothing_but_grows():
    values, errors = populations(slope=3)
    found = trend(REGIMES, values, errors)
    assert found.slope == pytest.approx(3, abs=0.05)
    assert found.line(400e6) == pytest.approx(19, abs=0.2)
    assert found.low <= found.slope <= found.high
    assert found.ranges == tuple(empirical_bootstrap(*pair) for pair in zip(values, errors))
    assert found.text('w_0').startswith('w_0 grows with flops: 3.')
    assert found.text('w_0').endswith('per doubling, 5 regimes')
    falling = trend(REGIMES, [-some for some in values], errors)
    assert falling.text('b').startswith('b falls with flops: -3.')


def test_scipy_agrees_in_any_order_of_regimes():
    values, errors = populations(slope=1, noise=2)
    order = [3, 0, 4, 1, 2]
    found = trend(REGIMES[order], [values[i] for i in order], [errors[i] for i in order], level=0.9)
    assert found.flops.tolist() == REGIMES.tolist()
    medians = [one.median for one in found.ranges]
    line = stats.linregress(np.log2(REGIMES), medians)
    half_width = stats.t.ppf(0.95, 3) * line.stderr
    assert (found.slope, found.intercept) == pytest.approx((line.slope, line.intercept))
    assert (found.low, found.high) == pytest.approx(
        (line.slope - half_width, line.slope + half_width)
    )
    assert 'd shows no trend with flops' in trend(REGIMES, values, errors, level=0.99).text('d')


def test_a_constant_has_no_trend():
    """As b = 1 in all regimes."""
    found = trend(REGIMES, [np.ones(20)] * 5, [np.arange(20.0)] * 5)
    assert (found.slope, found.low, found.high) == (0, 0, 0)
    assert found.text('b') == 'b shows no trend with flops: 0.00 per doubling, 5 regimes'


@pytest.mark.parametrize('count', range(3))
def test_few_regimes(count):
    values, errors = populations(slope=2, regimes=REGIMES[:count])
    found = trend(REGIMES[:count], values, errors)
    assert np.isnan([found.low, found.high]).all()
    assert np.isnan(found.slope) == (count < 2)
    assert found.text('d') == f'd: no trend can be told from {count} regimes'


def test_regimes_without_the_value_are_left_out():
    values, errors = populations(slope=2)
    values[1], values[3], errors[3] = np.full(101, np.nan), [], []
    found = trend(REGIMES, values, errors)
    assert found.slope == pytest.approx(2, abs=0.1)
    assert found.text('w_a').endswith('3 regimes')
    assert [one.n for one in found.ranges] == [101, 0, 101, 0, 101]
    assert np.isnan(trend([1e9, 1e9], [[1], [2]], [[1], [1]]).slope)


@pytest.mark.parametrize(
    'flops, rule',
    [
        ([1e9], 'equally many regimes, but they are of 1, 2 and 2'),
        ([1e9, 0], 'flops must be positive and finite'),
    ],
)
def test_what_is_refused(flops, rule):
    with pytest.raises(ValueError, match=rule):
        trend(flops, [[1], [2]], [[1], [1]])
