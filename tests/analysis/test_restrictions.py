"""Restrictions of a design space that trained networks judge."""

from pathlib import Path

import numpy as np
import pytest
from scipy import stats

from regnet_plugin.analysis import judge_restrictions
from regnet_plugin.analysis.comparison import holm
from regnet_plugin.analysis.restrictions import FEWEST
from regnet_plugin.population.proposals import kept_in, proposals
from regnet_plugin.population.readers import read_records

STUDY = Path(__file__).resolve().parents[2] / 'docs/study'
TWENTY = np.arange(20.0)
NAMES = 'anynetx_a', 'anynetx_b', 'anynetx_c', 'anynetx_d', 'anynetx_e', 'regnetx'


def stored(name):
    """A population of the study, and the restrictions by which its networks can judge."""
    (records,) = read_records(STUDY / f'{name}.jsonl')
    n = len(records.networks)
    masks = proposals(records)
    return records, {
        rule: mask for rule, mask in masks.items() if FEWEST <= mask.sum() <= n - FEWEST
    }


def judged(name):
    records, masks = stored(name)
    return judge_restrictions(masks, records.last_error, seed=0)


@pytest.fixture
def sample():
    """Errors of 60 networks, skewed, and restrictions of which the first one means something."""
    generator = np.random.default_rng(0)
    masks = {
        name: generator.random(60) < share for name, share in zip('abcd', (0.5, 0.1, 0.9, 0.3))
    }
    return masks, 10 + generator.gamma(1, 3, 60) - 3 * masks['a']


def statistic(kept, errors):
    """The difference and its standard error, as the docstrings say them, mask by mask."""
    of_kept, others, n = errors[kept], errors[~kept], len(errors)
    share, apart = kept.mean(), of_kept.mean() - others.mean()
    of_parts = of_kept.var(ddof=1) / len(of_kept) + others.var(ddof=1) / len(others)
    by_parts = (1 - share) ** 2 * of_parts + share * (1 - share) * apart**2 / n
    by_chance = errors.var(ddof=1) * (1 / len(of_kept) - 1 / n)
    return of_kept.mean() - errors.mean(), max(by_parts, by_chance) ** 0.5


def test_differences_and_their_errors(sample):
    masks, errors = sample
    found = judge_restrictions(masks, errors, seed=0)
    assert (found.n, found.mean) == (60, pytest.approx(errors.mean()))
    for one in found.ranked:
        mask = masks[one.name]
        difference, error = statistic(mask, errors)
        assert (one.kept, one.share) == (mask.sum(), pytest.approx(mask.mean()))
        assert one.mean == pytest.approx(errors[mask].mean())
        assert (one.difference, one.error) == pytest.approx((difference, error))
        half_width = (one.high - one.low) / 2
        assert (one.low + one.high) / 2 == pytest.approx(difference)
        assert half_width / error == pytest.approx(
            found.ranked[0].high / found.ranked[0].error
            - found.ranked[0].difference / found.ranked[0].error
        )
    promises = [one.difference + one.error for one in found.ranked]
    assert promises == sorted(promises) and found.ranked[0].name == 'a'


def test_p_of_one_restriction_is_that_of_all_orders():
    """Scipy goes through all 924; 4,000 shuffles tell p within four standard errors of 0.008."""
    errors = np.array([1, 2, 4, 7, 8, 9, 11, 13, 14, 18, 25, 41.0])
    mask = np.arange(12) % 2 == 0
    mask[[0, 11]] = True, False

    def size(kept, others):
        both = np.concatenate([kept, others])
        difference, error = statistic(np.arange(12) < len(kept), both)
        return abs(difference) / error

    exact = stats.permutation_test(
        (errors[mask], errors[~mask]), size, alternative='greater', n_resamples=np.inf
    )
    (found,) = judge_restrictions({'it': mask}, errors, seed=0).ranked
    assert found.p_value == pytest.approx(exact.pvalue, abs=0.03)


def test_many_restrictions_pay_for_one_another(sample):
    masks, errors = sample
    (alone,) = judge_restrictions({'a': masks['a']}, errors, seed=0).ranked
    generator = np.random.default_rng(1)
    others = {f'{number}': generator.random(60) < 0.5 for number in range(40)}
    together = judge_restrictions({**masks, **others}, errors, seed=0)
    (among,) = [one for one in together.ranked if one.name == 'a']
    assert alone.confirmed and alone.difference == pytest.approx(among.difference)
    assert among.low < alone.low and among.high > alone.high and among.p_value > alone.p_value
    # one that says nearly the same costs nearly nothing, where Holm's correction doubles p
    twice = judge_restrictions({'a': masks['a'], 'not a': ~masks['a']}, errors, seed=0).ranked
    assert [one.p_value for one in twice] == pytest.approx([alone.p_value] * 2, abs=0.003)
    assert twice[0].low == pytest.approx(alone.low, rel=0.05)


def test_shown_is_what_an_interval_below_0_shows(sample):
    for name in NAMES:
        for one in judged(name).ranked:
            assert one.confirmed == (one.high < 0)
            assert (one.trainings is None) == (one.difference >= 0)
            assert (one.trainings == 0) == one.confirmed


def test_other_units_another_order_and_networks_without_errors(sample):
    masks, errors = sample
    found = judge_restrictions(masks, errors, seed=0)
    moved = judge_restrictions(masks, 2 * errors + 7, seed=0)
    for one, other in zip(found.ranked, moved.ranked):
        assert other.name == one.name and other.p_value == one.p_value
        assert other.trainings == one.trainings
        assert (other.low, other.high) == pytest.approx((2 * one.low, 2 * one.high))
    longer = {name: np.append(mask, [True, False]) for name, mask in masks.items()}
    assert judge_restrictions(longer, np.append(errors, [np.nan] * 2), seed=0) == found
    order = np.random.default_rng(2).permutation(60)
    turned = {name: mask[order] for name, mask in masks.items()}
    for one, other in zip(found.ranked, judge_restrictions(turned, errors[order], seed=0).ranked):
        assert other.p_value == pytest.approx(one.p_value, abs=0.03)  # other shuffles


@pytest.mark.filterwarnings('error')
def test_equal_errors_show_nothing(sample):
    for value in (0.0, 0.1, 30.0):
        for one in judge_restrictions(sample[0], np.full(60, value), seed=0).ranked:
            assert (one.difference, one.low, one.high) == pytest.approx((0, 0, 0), abs=1e-9)
            assert one.p_value == 1 and not one.confirmed
    nothing = judge_restrictions({}, sample[1], seed=0)
    assert nothing.ranked == () and nothing.n == 60


def new_errors(generator, kept, shift, deviation):
    """Errors of new networks: those that keep the restriction are about another mean."""
    noise = generator.standard_normal(len(kept))
    return np.where(kept, shift + deviation * noise, 3 * noise)


@pytest.mark.parametrize(
    'share, shift, deviation, is_whole', [(0.05, -1.5, 1, False), (0.5, -1, 3, True)]
)
def test_so_many_trainings_show_a_difference(share, shift, deviation, is_whole):
    """In 400 repetitions 80% of samples of that size show it; the standard error is 2%.

    More do of the restricted space, whose size alone is taken for the degrees of freedom.
    """
    generator = np.random.default_rng(0)
    kept = np.arange(200) < share * 200
    errors = new_errors(generator, kept, shift, deviation)
    for part, mean, scale in ((kept, shift, deviation), (~kept, 0, 3)):  # just the true ones
        errors[part] = mean + scale * stats.zscore(errors[part], ddof=1)
    # a level at which nothing is shown by what is there
    (found,) = judge_restrictions({'it': kept}, errors, seed=0, level=0.0002).ranked
    shown = []
    for _ in range(400):
        if is_whole:
            kept = generator.random(found.trainings) < share
            new = new_errors(generator, kept, shift, deviation)
            pair = new[kept], new[~kept]
        else:  # beside 200 of the whole space
            whole = new_errors(generator, generator.random(200) < share, shift, deviation)
            every = np.full(found.trainings, True)
            pair = new_errors(generator, every, shift, deviation), whole
        shown.append(stats.ttest_ind(*pair, equal_var=False).pvalue < found.level)
    assert 0.74 < np.mean(shown) < (0.86 if is_whole else 0.95), found.trainings


@pytest.mark.parametrize(
    'mask, errors, message',
    [
        (np.ones(20, bool), TWENTY, "and 5 that it leaves out, but 'it' keeps 20 of 20"),
        (np.zeros(20, bool), TWENTY, "'it' keeps 0 of 20"),
        (TWENTY < 4, TWENTY, "'it' keeps 4 of 20"),
        (TWENTY < 16, TWENTY, "'it' keeps 16 of 20"),
        (TWENTY < 10, np.full(20, np.nan), 'shape .20,. 0 are finite and 0 infinite'),
        (TWENTY < 10, np.where(TWENTY < 19, 1, np.inf), '19 are finite and 1 infinite'),
        (TWENTY[:19] < 10, TWENTY, r"of the 20 networks .* 'it' has the shape \(19,\)"),
        (TWENTY, TWENTY, 'type float64'),
        (TWENTY < 10, np.ones((2, 10)), r'shape \(2, 10\)'),
    ],
)
def test_what_is_refused(mask, errors, message):
    with pytest.raises(ValueError, match=message):
        judge_restrictions({'it': mask}, errors, seed=0)
    with pytest.raises(ValueError, match='level must be between 0 and 1'):
        judge_restrictions({}, TWENTY, seed=0, level=0)


def test_rising_widths_are_among_the_first_three_of_anynetx_c():
    """AnyNetX_D is what they leave; five of 100 networks have them, of 11.39% on average."""
    found = judged('anynetx_c').ranked
    (rising,) = [one for one in found[:3] if one.name == 'rising(width)']
    assert (rising.kept, round(rising.mean, 2)) == (5, 11.39)
    # AnyNetX_D was trained: 6.42 points less than C
    assert rising.low < -6.42 < rising.high and rising.trainings < 20


@pytest.mark.parametrize('name, sibling', [('anynetx_d', 'anynetx_e'), ('anynetx_e', 'anynetx_d')])
def test_what_is_proposed_holds_on_the_sibling(name, sibling, report):
    """Each restriction by itself, by networks that had no part in proposing it."""
    records, _ = stored(sibling)
    proposed = judged(name).confirmed
    assert len(proposed) >= 3
    held = []
    for one in proposed:
        mask = kept_in(records, one.name)
        (found,) = judge_restrictions({one.name: mask}, records.last_error, seed=0).ranked
        report(
            f'{one.name}: {name} {one.difference:+.2f} ({one.low:+.2f} to {one.high:+.2f}), '
            f'{sibling} {found.difference:+.2f} ({found.low:+.2f} to {found.high:+.2f})'
        )
        held.append(found)
    assert all(one.difference < 0 for one in held)
    assert sum(one.confirmed for one in held) >= len(held) / 2


def shuffled(name, repetitions, ways):
    """Share of populations with shuffled errors of which something is shown, in several ways."""
    records, masks = stored(name)
    kept = np.array(list(masks.values()))
    generator, shown = np.random.default_rng(0), []
    for repetition in range(repetitions):
        errors = generator.permutation(records.last_error)
        shown.append([bool(way(masks, kept, errors, repetition)) for way in ways])
    return np.mean(shown, axis=0)


def ours(masks, kept, errors, seed=0):
    return [one.name for one in judge_restrictions(masks, errors, seed=seed).confirmed]


def by_holm(masks, kept, errors, seed=0):
    """Welch's tests with Holm's correction."""
    parts = []
    for part in (kept, ~kept):
        number = part.sum(axis=1)
        means = part @ errors / number
        squares = part @ errors**2 - number * means**2
        parts += [means, np.sqrt(squares / (number - 1)), number]
    found = stats.ttest_ind_from_stats(*parts, equal_var=False)
    shown = (holm(found.pvalue) <= 0.05) & (found.statistic < 0)
    return [name for name, is_shown in zip(masks, shown) if is_shown]


def by_halves(masks, kept, errors, seed=0):
    """The first half proposes the most promising one, Welch's test on the second confirms it."""
    first = np.random.default_rng(seed).permutation(len(errors)) < len(errors) // 2
    promises = []
    for row in kept:
        counts = (
            (row & first).sum(),
            (~row & first).sum(),
            (row & ~first).sum(),
            (~row & ~first).sum(),
        )
        promises.append(sum(statistic(row[first], errors[first])) if min(counts) >= 2 else 0)
    best = int(np.argmin(promises))
    parts = errors[kept[best] & ~first], errors[~kept[best] & ~first]
    found = stats.ttest_ind(*parts, equal_var=False)
    return [list(masks)[best]] if found.pvalue <= 0.05 and found.statistic < 0 else []


def test_of_shuffled_errors_hardly_anything_is_shown():
    """In 60 repetitions at a true share of 5%: more than 10 have a probability of 0.0002."""
    (share,) = shuffled('anynetx_c', 60, [ours])
    assert share <= 10 / 60


@pytest.fixture
def fewer_shuffles(monkeypatch):
    """A quarter of them: the level is the same with any number, and intervals vary a bit more."""
    monkeypatch.setattr('regnet_plugin.analysis.restrictions.SHUFFLES', 1000)


@pytest.mark.acceptance
@pytest.mark.parametrize('name', NAMES)
def test_of_a_thousand_shuffles_one_in_twenty_shows_something(name, report, fewer_shuffles):
    share, holms, halves = shuffled(name, 1000, [ours, by_holm, by_halves])
    interval = stats.binomtest(round(1000 * share), 1000).proportion_ci()
    report(
        f'{name}: {share:.3f} ({interval.low:.3f} to {interval.high:.3f}); by Holm {holms:.3f}, '
        f'by halves {halves:.3f}'
    )
    assert interval.low <= 0.05 and share < 0.065


@pytest.mark.acceptance
@pytest.mark.parametrize('name', NAMES)
def test_ways_of_paying_for_many_restrictions(name, report, fewer_shuffles):
    """Networks drawn with replacement from those of the study: what each way finds in them."""
    records, every = stored(name)
    errors, n = records.last_error, len(records.networks)
    generator = np.random.default_rng(0)
    shown, shown_by_halves, covers = [], [], []
    for repetition in range(200):
        rows = generator.integers(n, size=n)
        masks = {
            rule: mask[rows]
            for rule, mask in every.items()
            if FEWEST <= mask[rows].sum() <= n - FEWEST
        }
        found = judge_restrictions(masks, errors[rows], seed=repetition)
        truth = {rule: errors[every[rule]].mean() - errors.mean() for rule in masks}
        covers.append(all(one.low < truth[one.name] < one.high for one in found.ranked[:10]))
        shown.append(bool(found.confirmed))
        kept = np.array(list(masks.values()))
        shown_by_halves.append(bool(by_halves(masks, kept, errors[rows], repetition)))
    report(
        f'{name}: something is shown in {np.mean(shown):.3f}, by halves in '
        f'{np.mean(shown_by_halves):.3f}; the first ten intervals hold in {np.mean(covers):.3f}'
    )
    assert np.mean(shown) >= np.mean(shown_by_halves)
