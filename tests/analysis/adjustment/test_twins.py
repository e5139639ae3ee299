"""The difference of two spaces of which some networks are twins.

RegNetX and RegNetY of docs/study, of one seed, and populations that were trained with two recipes:
a deep part is taken from the one, a shallow part from the other, and what is left are twins. Of
these networks candidates are drawn with replacement, so that the true difference is known.
"""

from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

from regnet_plugin.analysis import DrawnPopulation, twin_difference
from regnet_plugin.population.features import features_of
from regnet_plugin.population.readers import read_records

STUDY = Path(__file__).resolve().parents[3] / 'docs/study'
SAMPLED = 400  # candidates that one of the spaces accepts, or both
# Populations, and how many pairs, and how many others of each, are trained: few and more.
CASES = [
    ('squeeze_excitation', 10, 20),
    ('squeeze_excitation', 31, 53),
    ('regnetx', 30, 0),
    ('regnetx_parts', 15, 15),
    ('anynetx_a', 30, 0),
    ('anynetx_a_parts', 15, 15),
]


def read(name):
    (records,) = read_records(STUDY / f'{name}.jsonl')
    return records


def squeeze_excitation():
    """RegNetX and RegNetY, up to the last candidate of both."""
    both = [read('regnetx'), read('twins/regnety')]
    last = min(records.columns['draw'].max() for records in both)
    draws = np.unique(np.concatenate([records.columns['draw'] for records in both]))
    draws = draws[draws <= last]
    errors = np.full((2, len(draws)), np.nan)
    features = np.full((len(draws), features_of(both[0]).shape[1]), np.nan)
    for own, records in zip(errors, both):
        found, rows = np.isin(draws, records.columns['draw']), records.columns['draw'] <= last
        own[found], features[found] = records.last_error[rows], features_of(records)[rows]
    return errors, features


def law(name):
    """Errors in both spaces of each candidate, NaN where one does not accept it; and features."""
    if name == 'squeeze_excitation':
        return squeeze_excitation()
    of, _, parts = name.partition('_parts')
    other = read(f'{of}_enhanced')
    networks = len(other.networks)
    first = read(of)
    errors = np.array([first.last_error[:networks], other.last_error])
    if name.endswith('_parts'):
        depth = first.columns['depth'][:networks]
        errors[0, depth > np.quantile(depth, 0.7)] = np.nan
        errors[1, depth < np.quantile(depth, 0.35)] = np.nan
    return errors, features_of(first)[:networks]


def difference_of(errors):
    return np.nanmean(errors[0]) - np.nanmean(errors[1])


def populations(generator, errors, features, pairs, others):
    """Draw candidates; train as many twins, and of each population as many others, at random."""
    drawn = generator.integers(errors.shape[1], size=SAMPLED)
    draws = np.sort(generator.choice(10**5, SAMPLED, replace=False))
    errors, features = errors[:, drawn], features[drawn]
    are_twins = ~np.isnan(errors).any(axis=0)
    # behind the last one of either nobody knows which networks of the other have a twin
    last = min(np.flatnonzero(~np.isnan(own))[-1] for own in errors)
    paired = generator.permutation(np.flatnonzero(are_twins))[:pairs]
    made = []
    for own in errors:
        accepted = ~np.isnan(own)
        alone = generator.permutation(np.flatnonzero((accepted & ~are_twins)[: last + 1]))
        known = np.full(SAMPLED, np.nan)
        trained = np.concatenate([paired, alone[:others]])
        known[trained] = own[trained]
        made.append(DrawnPopulation(known[accepted], draws[accepted], features[accepted]))
    return made


def simulated(name, pairs, others, repetitions, seed=0, known=False):
    """Strays of the estimate and of the unpaired one, standard errors, and how often it holds."""
    errors, features = law(name)
    if not known:
        features = features[:, :0]
    generator, truth = np.random.default_rng(seed), difference_of(errors)
    strays, unpaired, variances, holds = [], [], [], []
    for _ in range(repetitions):
        found = twin_difference(*populations(generator, errors, features, pairs, others))
        assert found.off is None
        estimate = found.of_spaces
        strays.append(estimate.value - truth)
        unpaired.append(found.unpaired.value - truth)
        variances.append(estimate.uncertainty.variance)
        holds.append(estimate.low < truth < estimate.high)
    return np.array(strays), np.array(unpaired), np.sqrt(np.mean(variances)), np.mean(holds)


def is_unbiased(strays):
    return abs(strays.mean()) < 4 * strays.std() / len(strays) ** 0.5


@pytest.mark.parametrize('name, pairs, others', [CASES[0], CASES[3], CASES[4]])
def test_unbiased_and_as_sure_as_it_says(name, pairs, others):
    """In 300 repetitions the standard errors are 0.013 of the coverage, a 25th of the deviation."""
    strays, _, standard_error, coverage = simulated(name, pairs, others, 300)
    assert is_unbiased(strays)
    assert standard_error == pytest.approx(strays.std(), rel=0.16)
    assert 0.92 - 0.03 < coverage < 0.97 + 0.03


@pytest.mark.acceptance
@pytest.mark.parametrize('known', [False, True])
@pytest.mark.parametrize('name, pairs, others', CASES)
def test_every_case_at_length(name, pairs, others, known, report):
    """In 2,000 repetitions the standard errors are 0.005 and a 60th."""
    strays, _, standard_error, coverage = simulated(name, pairs, others, 2000, known=known)
    report(
        f'{name}, {pairs} pairs, {others} others, {"with" if known else "without"} features: '
        f'bias {strays.mean():+.3f}, deviation {strays.std():.2f}, standard error '
        f'{standard_error:.2f}, coverage {coverage:.3f}'
    )
    assert is_unbiased(strays)
    assert standard_error == pytest.approx(strays.std(), rel=0.1)
    assert 0.92 < coverage < 0.97


def test_which_networks_are_trained_does_not_matter():
    """With twice as many others as pairs means of what is trained are those of another space."""
    strays, unpaired, _, _ = simulated('regnetx_parts', 10, 20, 300)
    assert is_unbiased(strays) and not is_unbiased(unpaired)


def test_features_make_it_surer():
    plain, _, _, _ = simulated('squeeze_excitation', 30, 60, 100)
    adjusted, _, _, _ = simulated('squeeze_excitation', 30, 60, 100, known=True)
    assert adjusted.std() < 0.9 * plain.std() and is_unbiased(adjusted)


def test_the_share_of_twins_is_uncertain():
    """Twins and others hardly differ among themselves: what is uncertain is how many there are."""
    generator = np.random.default_rng(0)
    strays, holds, variances = [], [], []
    for _ in range(400):
        kinds = generator.choice(3, 200, p=[0.4, 0.2, 0.4])  # twins, and others of each
        errors = np.array([10.0, 20, 30])[kinds] + generator.normal(0, 0.5, 200)
        draws = np.arange(200)
        one, other = (
            DrawnPopulation(errors[kinds != without], draws[kinds != without]) for without in (2, 1)
        )
        estimate = twin_difference(one, other).of_spaces
        truth = (0.4 * 10 + 0.2 * 20) / 0.6 - (0.4 * 10 + 0.4 * 30) / 0.8
        strays.append(estimate.value - truth)
        holds.append(estimate.low < truth < estimate.high)
        variances.append(estimate.uncertainty.variance)
    assert np.sqrt(np.mean(variances)) == pytest.approx(np.std(strays), rel=0.15)
    assert is_unbiased(np.array(strays)) and np.mean(holds) == pytest.approx(0.95, abs=0.04)


@pytest.fixture
def both():
    """RegNetX and RegNetY of one seed, all of them trained."""
    return [
        DrawnPopulation(records.last_error, records.columns['draw'])
        for records in (read('regnetx'), read('twins/regnety'))
    ]


def standard_error(estimate):
    return estimate.uncertainty.variance**0.5


def test_regnetx_and_regnety_of_the_study(both):
    """The issue has 31 twins, 0.81, and standard errors of 0.42 paired and 0.85 unpaired."""
    found = twin_difference(*both)
    assert (found.twins, found.pairs, found.off) == (31, 31, None)
    assert found.shares == (31 / 84, 31 / 100)  # RegNetX has 16 behind the last one of RegNetY
    assert found.correlation == pytest.approx(0.81, abs=0.03)
    assert standard_error(found.of_twins) <= 0.45
    _, own, others = np.intersect1d(both[0].draws, both[1].draws, return_indices=True)
    errors, other_errors = both[0].errors[own], both[1].errors[others]
    apart = np.sqrt((errors.var(ddof=1) + other_errors.var(ddof=1)) / 31)
    assert apart == pytest.approx(0.85, abs=0.02)
    # the twins are the better part of both spaces, so that their difference says little of these
    assert errors.mean() < both[0].errors.mean() - 5


def test_where_all_are_trained_the_means_are_those_of_all(both):
    last = both[1].draws.max()
    found, whole = twin_difference(*both), twin_difference(*both[::-1])
    mean = both[0].errors[both[0].draws <= last].mean() - both[1].errors.mean()
    assert found.of_spaces.value == pytest.approx(mean)
    assert found.of_spaces.low < mean < found.of_spaces.high
    for one, other in [
        (found.of_spaces, whole.of_spaces),
        (found.of_twins, whole.of_twins),
        (found.unpaired, whole.unpaired),
    ]:
        assert [one.value, one.low] == pytest.approx([-other.value, -other.high])


def test_another_order_is_the_same(both):
    order = np.random.default_rng(0).permutation(100)
    turned = DrawnPopulation(both[0].errors[order], both[0].draws[order])
    found, again = twin_difference(*both), twin_difference(turned, both[1])
    assert again.of_spaces.value == pytest.approx(found.of_spaces.value)
    assert again.of_spaces.low == pytest.approx(found.of_spaces.low)


def test_equal_networks_of_two_spaces_are_no_uncertainty():
    """Where all are twins with the same difference it is known, whatever the errors are."""
    errors = np.random.default_rng(0).gamma(2, 5, 40)
    found = twin_difference(
        DrawnPopulation(errors, np.arange(40)), DrawnPopulation(errors - 2, np.arange(40))
    )
    assert found.of_spaces.value == pytest.approx(2)
    assert found.of_spaces.high - found.of_spaces.low < 1e-9 < found.unpaired.high - 2
    assert found.correlation == pytest.approx(1) and found.shares == (1, 1)


def test_twins_of_which_one_is_trained_help():
    """A population of 200 that is trained, and one of its twins of which 40 are."""
    generator = np.random.default_rng(0)
    strays, alone = [], []
    for _ in range(200):
        shared = generator.gamma(2, 5, 200)
        errors = shared + generator.normal(0, 3, 200), shared + generator.normal(0, 3, 200)
        errors[1][40:] = np.nan
        one, other = [DrawnPopulation(own, np.arange(200)) for own in errors]
        strays.append(twin_difference(one, other).of_spaces.value)
        few = replace(one, errors=np.where(np.isnan(other.errors), np.nan, one.errors))
        alone.append(twin_difference(few, other).of_spaces.value)
    assert is_unbiased(np.array(strays)) and is_unbiased(np.array(alone))
    assert np.std(strays) < 0.97 * np.std(alone)


def test_networks_that_fail_and_do_not_count():
    """Many twins of the first space fail, those of most error, and few of the others.

    Three times as many twins are trained as others.
    """
    generator = np.random.default_rng(0)

    def drawn(networks):
        """Which are twins, which only the second space has, errors in both, failures."""
        kinds = generator.choice(3, networks, p=[0.4, 0.3, 0.3])
        kinds[-1] = 0  # or of the first ones behind it nobody would know whether they have a twin
        spread = generator.normal(0, np.where(kinds, 1, 4), (2, networks))
        errors = np.where(kinds, 20, 10) + spread
        return kinds == 0, kinds == 2, errors, errors[0] > np.where(kinds, 25, 10)

    _, alone, errors, fails = drawn(10**6)
    truth = errors[0][~fails & ~alone].mean() - (0.4 * 10 + 0.3 * 20) / 0.7
    strays, variances, ignored = [], [], []
    draws = np.arange(600)
    for _ in range(300):
        are_twins, of_second, errors, fails = drawn(600)
        trained = draws < np.where(are_twins, 270, 90)
        errors[:, ~trained] = np.nan
        failed = fails & trained
        errors[0][failed] = np.nan
        of_first = are_twins | ~of_second
        of_second = are_twins | of_second
        other = DrawnPopulation(errors[1][of_second], draws[of_second])
        one = DrawnPopulation(errors[0][of_first], draws[of_first], failed=failed[of_first])
        estimate = twin_difference(one, other).of_spaces
        strays.append(estimate.value - truth)
        variances.append(estimate.uncertainty.variance)
        one = replace(one, failed=None)  # as if those that failed waited
        ignored.append(twin_difference(one, other).of_spaces.value - truth)
    assert is_unbiased(np.array(strays)) and not is_unbiased(np.array(ignored))
    assert np.sqrt(np.mean(variances)) == pytest.approx(np.std(strays), rel=0.12)


@pytest.mark.parametrize(
    'pairs, others, off',
    [
        (9, 30, '9 trained pairs of twins are too few, from 10 on they help'),
        (30, 9, '9 trained networks of the first without a twin are too few, there must be 10'),
        (12, 17, '12 trained pairs and 17 others of the first are too few, there must be 30 in'),
        (0, 0, '0 trained pairs of twins are too few'),
    ],
)
def test_it_is_off_and_says_why(pairs, others, off):
    made = populations(np.random.default_rng(0), *law('squeeze_excitation'), pairs, others)
    found = twin_difference(*made)
    assert found.off.startswith(off)
    assert str(found.of_spaces) == str(found.unpaired)
    assert found.pairs == pairs and found.twins > 50


def test_no_twins_and_no_networks():
    one = DrawnPopulation(np.arange(40.0), np.arange(40))
    found = twin_difference(one, DrawnPopulation(np.arange(40.0), 100 + np.arange(40)))
    assert found.twins == 0 and np.isnan(found.correlation) and np.isnan(found.of_twins.value)
    assert found.of_spaces.value == 0
    nothing = twin_difference(one, DrawnPopulation([], []))
    assert np.isnan(nothing.of_spaces.value) and np.isnan(nothing.shares).all()


def test_failed_networks_that_count_have_no_mean(both):
    errors = np.array(both[0].errors)
    errors[:50] = np.inf
    found = twin_difference(replace(both[0], errors=errors), both[1])
    assert found.off == 'failed networks count, so there is no mean'
    assert np.isnan(found.of_twins.value) and found.pairs == 31


@pytest.mark.parametrize(
    'draws', [[0, 1, 1], [0, 1, -2], [0, 1, 2.5], [0, 1, np.nan], [0, 1], [0, 1, np.inf]]
)
def test_draws_are_different_numbers(draws):
    with pytest.raises(ValueError, match='draws must be a whole number from 0 for each of 3'):
        twin_difference(DrawnPopulation([1, 2, 3], draws), DrawnPopulation([1, 2, 3], [0, 1, 2]))
