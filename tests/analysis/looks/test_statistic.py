"""What spaces are compared by, as means of values that networks have."""

import numpy as np
import pytest

from regnet_plugin.analysis import (
    SampledErrors,
    Statistic,
    best_of,
    difference_of,
    mean_of,
    values_of,
)
from regnet_plugin.analysis.adjustment.pooled import pooled_difference
from regnet_plugin.analysis.adjustment.sample import Sample

TEXTS = ('mean', 'median', 'best:4', 'below:5.5')


def drawn(draw, networks, trained, shift=0.0):
    """A sample of a space whose errors are skewed, and in part told by a feature."""
    features = draw.standard_normal((networks, 2))
    errors = 2 * features[:, 0] + draw.gamma(2, 2, networks) + 6 + shift
    errors[trained:] = np.nan
    return SampledErrors(errors, features, np.zeros(networks, bool))


@pytest.mark.parametrize('n', [16, 17, 40])
def test_the_mean_of_the_values_is_the_statistic(n):
    errors = np.random.default_rng(0).gamma(2, 3, n)
    expected = {
        'mean': errors.mean(),
        'median': np.median(errors),
        'best:4': best_of(errors, 4, replacement=False).mean[0],
        'below:5.5': 100 * (errors < 5.5).mean(),
    }
    for text, value in expected.items():
        assert values_of(errors, Statistic.of_text(text)).mean() == pytest.approx(value), text


@pytest.mark.parametrize('text', TEXTS)
def test_the_spread_of_the_values_tells_how_sure_it_is(text):
    """By drawing 1,000 samples: the standard error is theirs, to 15%, at 40 networks."""
    draw, statistic = np.random.default_rng(0), Statistic.of_text(text)
    found, variances = [], []
    for _ in range(1000):
        values = values_of(draw.gamma(2, 3, 40), statistic)
        found.append(values.mean())
        variances.append(values.var(ddof=1) / 40)
    assert np.sqrt(np.mean(variances)) == pytest.approx(np.std(found), rel=0.15)


@pytest.mark.parametrize('text', TEXTS)
def test_what_is_known_of_untrained_networks_makes_it_surer(text):
    sample, statistic = drawn(np.random.default_rng(1), 400, 60), Statistic.of_text(text)
    found = mean_of(sample, statistic)
    assert found.off is None
    assert found.of_space.uncertainty.variance < found.plain.uncertainty.variance


def test_the_difference_of_means_is_that_of_one_regression():
    draw = np.random.default_rng(0)
    one, other = drawn(draw, 100, 10), drawn(draw, 100, 30, shift=2)
    samples = (Sample.of(each.errors, each.features, each.failed) for each in (one, other))
    assert difference_of(one, other) == pooled_difference(*samples)


def test_of_few_trainings_the_plain_means_are_compared():
    draw = np.random.default_rng(0)
    one, other = drawn(draw, 100, 9), drawn(draw, 100, 10)
    expected = np.nanmean(one.errors) - np.nanmean(other.errors)
    assert difference_of(one, other).value == pytest.approx(expected)


def test_failed_networks_do_not_count():
    sample = drawn(np.random.default_rng(0), 12, 12)
    failed = np.arange(12) < 3
    found = mean_of(SampledErrors(sample.errors, sample.features, failed))
    assert found.n == 9 and found.of_space.value == pytest.approx(sample.errors[3:].mean())


def test_of_too_few_errors_there_is_no_best():
    errors = np.arange(16.0)
    assert np.isnan(values_of(errors[:15], Statistic('best', 4))).all()
    assert np.isfinite(values_of(errors, Statistic('best', 4))).all()
    few = SampledErrors(errors[:15], np.zeros((15, 0)), np.zeros(15, bool))
    assert np.isnan(difference_of(few, few, Statistic('best', 4)).value)


@pytest.mark.parametrize('text', TEXTS)
def test_a_text_is_read_and_written(text):
    assert Statistic.of_text(text).text == text


@pytest.mark.parametrize(
    'text', ['', 'mode', 'mean:3', 'best', 'best:0', 'best:2.5', 'below', 'below:x', 'below:nan']
)
def test_another_text_is_refused(text):
    with pytest.raises(ValueError, match='mean, median, best:N'):
        Statistic.of_text(text)
