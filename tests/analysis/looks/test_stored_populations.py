"""Looks at the populations of docs/study, whose networks come in random orders, again and again."""

from pathlib import Path

import numpy as np
import pytest
from scipy.stats import binomtest

from regnet_plugin.analysis import LookRules, SampledErrors, Statistic, decide, difference_of
from regnet_plugin.population.features import shared_features
from regnet_plugin.population.readers import read_records

STUDY = Path(__file__).resolve().parents[3] / 'docs/study'
EVERY = 10
NAMES = ['one', 'other']
EQUAL_LAWS = ('anynetx_a', 'anynetx_b', 'anynetx_c', 'anynetx_d', 'anynetx_e', 'regnetx', 'regnety')


def stored(names, adjusted):
    """Errors and features of populations of the study; no features where nothing is adjusted."""
    populations = [read_records(STUDY / f'{name}.jsonl')[0] for name in names]
    known = shared_features(populations)
    return [
        (records.last_error, features if adjusted else features[:, :0])
        for records, features in zip(populations, known)
    ]


def part(population, order, trained):
    """Networks of a population, of which the first in an order are trained."""
    errors, features = population
    some = np.where(np.arange(len(order)) < trained, errors[order], np.nan)
    return SampledErrors(some, features[order], np.zeros(len(order), bool))


def compared(one, other, orders, rules, statistic=Statistic()):
    """The verdict of looks at networks of two populations, in an order of each."""
    looks = []
    for number in range(1, rules.looks + 1):
        first, second = (
            part(population, order, EVERY * number)
            for population, order in zip((one, other), orders)
        )
        looks.append({tuple(NAMES): difference_of(first, second, statistic)})
        found = decide(NAMES, looks, rules)
        if not found.going_on:
            break
    return found.verdicts[0]


def compared_again(one, other, adjusted, repetitions):
    """Verdicts on two populations in random orders; on two halves of one if they are the same."""
    draw = np.random.default_rng(0)
    first, second = stored([one, other], adjusted)
    networks = len(first[0]) if one != other else len(first[0]) // 2
    rules = LookRules(looks=networks // EVERY, margin=0.5)
    verdicts = []
    for _ in range(repetitions):
        if one == other:
            orders = np.split(draw.permutation(2 * networks), 2)
        else:
            orders = [draw.permutation(networks) for _ in NAMES]
        verdicts.append(compared(first, second, orders, rules))
    return verdicts


def share(verdicts, outcome):
    return np.mean([verdict.outcome == outcome for verdict in verdicts])


def trainings(verdicts):
    """Mean number of trainings of each space."""
    return EVERY * np.mean([verdict.look for verdict in verdicts])


def test_two_halves_of_one_population_are_rarely_called_different():
    """In 200 repetitions: the standard error of 5% is 1.5%; of 9%, skewness at work, 2%."""
    verdicts = compared_again('regnetx', 'regnetx', False, 200)
    assert share(verdicts, 'better') <= 0.05 + 0.015


@pytest.mark.parametrize('adjusted', [False, True])
def test_a_difference_ends_the_trainings_early(adjusted):
    verdicts = compared_again('anynetx_c', 'anynetx_d', adjusted, 40)
    assert share(verdicts, 'better') == 1 and {verdict.better for verdict in verdicts} == {'other'}
    assert trainings(verdicts) < 25


def test_where_there_is_nothing_it_ends_undecided_or_equal():
    verdicts = compared_again('anynetx_a', 'anynetx_b', False, 20)
    assert share(verdicts, 'better') <= 0.05


@pytest.mark.acceptance
@pytest.mark.parametrize('adjusted', [False, True], ids=['plain', 'adjusted'])
@pytest.mark.parametrize('name', EQUAL_LAWS)
def test_of_one_law_at_most_one_in_twenty_pairs_is_called_different(name, adjusted, report):
    """In 2,000 repetitions: the standard error is 0.5%."""
    verdicts = compared_again(name, name, adjusted, 2000)
    wrong = sum(verdict.outcome == 'better' for verdict in verdicts)
    interval = binomtest(wrong, 2000).proportion_ci()
    report(
        f'halves of {name}, adjusted {adjusted}: {wrong / 2000:.2%} called different '
        f'({interval.low:.2%} to {interval.high:.2%})'
    )
    assert wrong / 2000 <= 0.05 + 0.005


@pytest.mark.acceptance
@pytest.mark.parametrize(
    'one, other, adjusted, most',
    [
        ('anynetx_c', 'anynetx_d', False, 25),
        ('anynetx_c', 'anynetx_d', True, 18),
    ],
)
def test_trainings_until_it_is_decided(one, other, adjusted, most, report):
    verdicts = compared_again(one, other, adjusted, 2000)
    report(f'{one} and {other}, adjusted {adjusted}: {trainings(verdicts):.1f} trainings of each')
    assert share(verdicts, 'better') == 1
    assert trainings(verdicts) <= most


@pytest.mark.acceptance
@pytest.mark.parametrize('adjusted', [False, True], ids=['plain', 'adjusted'])
@pytest.mark.parametrize('pair', [('anynetx_a', 'anynetx_b'), ('anynetx_d', 'anynetx_e')])
def test_between_which_there_is_nothing(pair, adjusted, report):
    """In 500 repetitions: the standard error of 2% is 0.6%."""
    verdicts = compared_again(*pair, adjusted, 500)
    report(
        f'{" and ".join(pair)}, adjusted {adjusted}: {share(verdicts, "better"):.1%} better, '
        f'{share(verdicts, "equal"):.1%} equal, {trainings(verdicts):.0f} trainings of each'
    )
    assert share(verdicts, 'better') <= 0.05
