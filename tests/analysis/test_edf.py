"""Equation 1, the mean as an area, weights, failures, and the confidence band."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from regnet_plugin.analysis import edf

pytestmark = pytest.mark.filterwarnings('error')
INFINITY = float('inf')
ERRORS = st.lists(
    st.one_of(st.integers(0, 12).map(float), st.floats(0, 100), st.just(INFINITY)),
    min_size=1,
    max_size=30,
)


def test_by_hand():
    f = edf([3, 1, 2, 2])
    assert [f(e) for e in (1, 1.5, 2, 2.5, 3, 3.1)] == [0, 0.25, 0.25, 0.75, 0.75, 1]
    assert (f.minimum, f.mean, f.n) == (1, 2, 4)
    assert isinstance(f(2), float)
    x, right = f.steps()
    assert x.tolist() == [1, 2, 3]
    assert right.tolist() == [0.25, 0.75, 1]


def test_the_trained_population(trained):
    f = edf(trained.errors)
    assert (f(trained.edf['thresholds']) * 32).tolist() == trained.edf['counts']
    assert f.minimum == trained.error_min
    assert f.mean == pytest.approx(trained.error_mean, abs=1e-9)


@settings(deadline=None)
@given(ERRORS, st.lists(st.floats(-1, 101), min_size=1, max_size=5))
def test_it_counts_errors_strictly_below(errors, others):
    f = edf(errors)
    places = np.array([errors + others])
    assert f(places).tolist() == [
        [sum(error < e for error in errors) / len(errors) for e in errors + others]
    ]


@settings(deadline=None)
@given(ERRORS)
def test_the_mean_is_the_area_above_the_steps(errors):
    f = edf(errors)
    x, right = f.steps()
    if INFINITY in errors:
        assert f.mean == INFINITY
        assert f(INFINITY) < 1
        assert len(x) == 0 or right[-1] == f(INFINITY)
    else:
        assert f.mean == pytest.approx(x[0] + np.sum(np.diff(x) * (1 - right[:-1])), abs=1e-9)
        assert right[-1] == 1


@settings(deadline=None)
@given(
    st.lists(st.tuples(st.integers(0, 9), st.integers(0, 4)), min_size=1, max_size=20).filter(
        lambda pairs: any(count for _, count in pairs)
    ),
    st.floats(0.5, 12),
)
def test_a_weight_is_a_number_of_copies(pairs, e_max):
    errors, counts = np.array(pairs).T
    weighted, copied = edf(errors, counts * 0.3), edf(np.repeat(errors, counts))
    places = np.arange(-1, 11, 0.5)
    assert weighted(places) == pytest.approx(copied(places))
    assert weighted.mean == pytest.approx(copied.mean)
    assert weighted.minimum == copied.minimum
    assert weighted.mean_area(e_max) == pytest.approx(copied.mean_area(e_max))
    assert weighted.n == np.count_nonzero(counts)
    assert weighted.effective_n == pytest.approx(counts.sum() ** 2 / (counts**2).sum())


def test_mean_area():
    """By hand: 1 - (0.5 + 1 + 1) / 3."""
    assert edf([10, 20, 40]).mean_area(20) == pytest.approx(1 / 6)
    assert edf([]).mean_area(20) == 0
    for none in (-1, 0, np.inf):
        with pytest.raises(ValueError, match=f'e_max must be positive and finite.*{none}'):
            edf([1]).mean_area(none)


@settings(deadline=None)
@given(ERRORS, st.floats(0.1, 120))
def test_mean_area_is_an_integral(errors, e_max):
    f = edf(errors)
    x, right = f.steps()
    ends = np.append(np.clip(x, 0, e_max), e_max)
    assert f.mean_area(e_max) == pytest.approx(np.sum(np.diff(ends) * right) / e_max, abs=1e-9)


def test_no_networks_and_all_failed():
    nothing, failed = edf([]), edf([INFINITY, INFINITY])
    for f in (nothing, failed):
        assert f([0, 50, INFINITY]).tolist() == [0, 0, 0]
        assert [len(column) for column in f.steps()] == [0, 0]
    assert np.isnan([nothing.minimum, nothing.mean]).all()
    assert (failed.minimum, failed.mean, failed.n, nothing.n) == (INFINITY, INFINITY, 2, 0)
    assert edf([], []).n == 0
    assert np.isnan(edf([1.0])(float('nan')))


@pytest.mark.parametrize(
    'errors, weights, rule',
    [
        ([1, float('nan')], None, r'an error must be a number.*errors\[1\] is nan'),
        ([1, -INFINITY], None, r'errors\[1\] is -inf'),
        ([[1, 2]], None, r'one-dimensional.*\(1, 2\)'),
        ([1, 2], [1], r'equally long.*errors \(2,\), weights \(1,\)'),
        ([1, 2], [1, -1], r'not negative, but weights\[1\] is -1'),
        ([1, 2], [INFINITY, 1], r'finite.*weights\[0\] is inf'),
        ([1, 2], [0, 0], r'all 2 are 0'),
    ],
)
def test_what_is_refused(errors, weights, rule):
    with pytest.raises(ValueError, match=rule):
        edf(errors, weights)


@pytest.mark.parametrize('n, half_width', [(1, 1.35810), (100, 0.135810), (500, 0.0607362)])
def test_half_width_of_the_band(n, half_width):
    """sqrt(ln(40) / 2n); 1.3581 is the 95% point of Kolmogorov's distribution in every table."""
    assert edf(np.arange(n)).band().half_width == pytest.approx(half_width, rel=1e-5)


def test_the_band_is_simultaneous_and_no_wider_than_need_be():
    generator = np.random.default_rng(0)
    covered = 0
    for _ in range(2000):
        f = edf(generator.random(30))
        x, low, high = f.band().steps()
        first, last = np.append(low, 1 - f.band().half_width), np.append(f.band()(0)[1], high)
        covered += (
            (np.append(0, low) <= np.append(0, x)).all()
            and (x <= last[:-1]).all()
            and (first[:-1] <= x).all()
        )
    assert 0.945 < covered / 2000 < 0.985


def test_the_band_is_cut_and_defined_without_networks():
    low, high = edf([]).band()([0, 5])
    assert (low.tolist(), high.tolist()) == ([0, 0], [1, 1])
    low, high = edf([5]).band()([0, 9])
    assert (low.tolist(), high.tolist()) == ([0, 0], [1, 1])
    low, high = edf(np.arange(1000)).band()([0, 500, 1000])
    assert low == pytest.approx([0, 0.5 - 0.0429, 1 - 0.0429], abs=1e-4)
    assert high == pytest.approx([0.0429, 0.5 + 0.0429, 1], abs=1e-4)
    assert edf([1, 2], [1, 3]).band().half_width == pytest.approx(np.sqrt(np.log(40) / (2 * 1.6)))
    for none in (95, 1, 0, -0.95):
        with pytest.raises(ValueError, match=f'level must be between 0 and 1, but it is {none}'):
            edf([1]).band(none)
