"""What looks come to: which space is better, which are equal, and who is trained on."""

import numpy as np
import pytest

from regnet_plugin.analysis import LookRules, decide, look_bounds, pairs_of
from regnet_plugin.analysis.adjustment.estimates import Estimate, Uncertainty

RULES = LookRules(looks=5, margin=0.5)
UNKNOWN = Uncertainty(*[float('nan')] * 4)


def known(value, error):
    """An estimate of a known standard error, as of very many networks; with a skewness."""
    return Estimate.of(value, Uncertainty(error**2, 1e-12, 0.3 * error**3, 0.2 * error**3), 0.95)


def look(error=1.0, **means):
    """Differences of spaces of some means, each with the same standard error."""
    return {(one, other): known(means[one] - means[other], error) for one, other in pairs_of(means)}


@pytest.mark.parametrize('number', [1, 2, 5])
def test_a_difference_beyond_the_boundary_is_one_and_below_it_is_none(number):
    bound = look_bounds(5)[number - 1]
    for value, outcome in ((1.001 * bound, 'better'), (0.999 * bound, 'undecided')):
        looks = [look(a=0, b=0)] * (number - 1) + [look(a=0, b=value)]
        (verdict,) = decide(['a', 'b'], looks, RULES).verdicts
        assert (verdict.better, verdict.other, verdict.outcome) == ('a', 'b', outcome)
        assert verdict.difference == pytest.approx(value) and verdict.look == number
        assert verdict.low == pytest.approx(value - bound)
        assert verdict.high == pytest.approx(value + bound)
        assert (verdict.low > 0) == (verdict.p_value < 0.05) == (outcome == 'better')


def test_the_order_of_the_names_does_not_matter():
    (one,) = decide(['a', 'b'], [look(a=9, b=5)], RULES).verdicts
    (other,) = decide(['b', 'a'], [look(b=5, a=9)], RULES).verdicts
    assert one == other and (one.better, one.other, one.difference) == ('b', 'a', 4)


def test_where_more_is_better_the_larger_one_is():
    rules = LookRules(looks=5, margin=0.5, more_is_better=True)
    (verdict,) = decide(['a', 'b'], [look(a=9, b=5)], rules).verdicts
    assert (verdict.better, verdict.outcome, verdict.difference) == ('a', 'better', 4)
    assert verdict.low < 4 < verdict.high


def test_it_goes_on_until_it_is_decided_or_no_look_is_left():
    undecided, decided = look(a=0, b=1), look(a=0, b=9)
    assert decide(['a', 'b'], [undecided], RULES).going_on == ('a', 'b')
    found = decide(['a', 'b'], [undecided, decided], RULES)
    assert found.going_on == () and found.verdicts[0].look == 2
    # what was decided stays so, whatever comes later
    assert decide(['a', 'b'], [undecided, decided, undecided], RULES) == found
    last = decide(['a', 'b'], [undecided] * 5, RULES)
    assert last.going_on == () and last.verdicts[0].outcome == 'undecided'
    assert last.verdicts[0].look == 5


def test_equal_is_what_lies_within_the_margin_at_all_looks_at_once():
    for error, outcome in ((0.15, 'equal'), (0.25, 'undecided')):
        (verdict,) = decide(['a', 'b'], [look(error, a=0, b=0.1)], RULES).verdicts
        assert verdict.outcome == outcome
        assert (verdict.high < 0.5) == (outcome == 'equal')
    (verdict,) = decide(['a', 'b'], [look(0.01, a=0, b=0.1)], RULES).verdicts
    assert verdict.outcome == 'better'  # it is known to be, by less than the margin


def test_a_space_that_is_worse_than_the_best_is_trained_no_further():
    first = decide(['a', 'b', 'c'], [look(a=0, b=0.5, c=20)], RULES)
    assert first.going_on == ('a', 'b')
    assert [(each.other, each.outcome) for each in first.verdicts] == [
        ('b', 'undecided'),
        ('c', 'better'),
    ]
    # b turns out to be the best one; what was found of c and a stays
    second = decide(['a', 'b', 'c'], [look(a=0, b=0.5, c=20), look(a=9, b=0)], RULES)
    assert second.going_on == ()
    assert [(each.better, each.other, each.look) for each in second.verdicts] == [
        ('b', 'a', 2),
        ('a', 'c', 1),
    ]


def test_holms_correction_is_for_all_pairs():
    """The best of three is found in the same errors, so three pairs could be called different."""
    value = 1.05 * look_bounds(5)[0]
    (verdict, *_) = decide(['a', 'b', 'c'], [look(a=0, b=value, c=value / 2)], RULES).verdicts
    assert verdict.outcome == 'undecided'
    value = 1.01 * look_bounds(5, 0.05 / 3)[0]
    (verdict, *_) = decide(['a', 'b', 'c'], [look(a=0, b=value, c=value / 2)], RULES).verdicts
    assert verdict.outcome == 'better'
    # the second smallest p counts twice, not three times, where the first is a difference
    value = 1.01 * look_bounds(5, 0.05 / 2)[0]
    found = decide(['a', 'b', 'c'], [look(a=0, b=value, c=-20)], RULES)
    assert [each.outcome for each in found.verdicts] == ['better', 'better']
    assert {each.better for each in found.verdicts} == {'c'}


def test_of_three_spaces_of_one_law_as_few_are_called_different():
    """In 1,000 repetitions: the standard error of 5% is 0.7%."""
    draw, rules = np.random.default_rng(0), LookRules(looks=3, margin=0.01)
    wrong = 0
    for _ in range(1000):
        sums = draw.standard_normal((3, 3)).cumsum(axis=0) / np.arange(1, 4)[:, np.newaxis]
        looks = []
        for number, (a, b, c) in enumerate(sums, 1):
            looks.append(look((2 / number) ** 0.5, a=a, b=b, c=c))
        found = decide(['a', 'b', 'c'], looks, rules)
        wrong += any(verdict.outcome == 'better' for verdict in found.verdicts)
    assert 0.02 < wrong / 1000 < 0.05 + 3 * 0.007


@pytest.mark.parametrize(
    'uncertainty', [UNKNOWN, Uncertainty(0.0, 0.0, 0.0, 0.0)], ids=['unknown', 'nothing varies']
)
@pytest.mark.parametrize('value', [0.0, 5.0, float('nan')])
def test_nothing_follows_where_nothing_is_known_of_the_variance(uncertainty, value):
    estimate = Estimate(value, float('nan'), float('nan'), uncertainty)
    found = decide(['a', 'b'], [{('a', 'b'): estimate}], RULES)
    (verdict,) = found.verdicts
    assert verdict.outcome == 'undecided' and found.going_on == ('a', 'b')
    assert verdict.p_value == 1 and (verdict.low, verdict.high) == (-np.inf, np.inf)


@pytest.mark.parametrize(
    'changes, message',
    [
        (dict(looks=0), 'at least one look'),
        (dict(margin=0.0), 'margin must be a number above 0, but it is 0.0'),
        (dict(margin=-1.0), 'above 0'),
        (dict(margin=float('nan')), 'above 0'),
        (dict(confidence=1.0), 'confidence must be between 0 and 1'),
    ],
)
def test_rules_that_are_refused(changes, message):
    with pytest.raises(ValueError, match=message):
        LookRules(**{**dict(looks=5, margin=0.5), **changes})


@pytest.mark.parametrize('names, number', [(['a', 'b'], 0), (['a', 'b'], 6), (['a'], 1)])
def test_looks_that_are_refused(names, number):
    with pytest.raises(ValueError, match=f'there are {len(names)} names and {number} looks of 5'):
        decide(names, [look(a=0, b=1)] * number, RULES)
