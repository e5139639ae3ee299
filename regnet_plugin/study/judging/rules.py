"""Rules by which claims of the paper are judged: populations in, a judgement out.

A rule takes the results of a study, for its plan, and the populations that a claim is of.
"""

from collections.abc import Sequence
from statistics import fmean, stdev
from typing import Protocol

import numpy as np
from numpy.typing import NDArray
from scipy import stats

from regnet_plugin.analysis import (
    Trend,
    compare,
    compare_predictors,
    empirical_bootstrap,
    trend,
)
from regnet_plugin.report.populations import ReportedPopulation
from regnet_plugin.report.sections.structure import e_fits
from regnet_plugin.report.wording import spread
from regnet_plugin.study.judging import judgement
from regnet_plugin.study.judging.judgement import (
    NO,
    OPEN,
    YES,
    Judgement,
    is_positive,
)
from regnet_plugin.study.judging.pairs import compared, of_pair, tolerated_cost
from regnet_plugin.study.results import Results, Selected
from regnet_plugin.study.statistics import SIGNIFICANCE, Estimate, exponent, rank_correlation
from regnet_plugin.study.wording import correlation_text, interval_text


class Rule(Protocol):
    """What judges a claim."""

    def __call__(self, results: Results, *populations: ReportedPopulation) -> Judgement:
        """Judge a claim by populations that are there, with networks enough."""


def is_better(results: Results, *populations: ReportedPopulation) -> Judgement:
    """Judge whether the first of two populations is better."""
    first, second = populations
    return judgement.is_better(compared(results, first, second))


def costs_nothing(results: Results, *populations: ReportedPopulation) -> Judgement:
    """Judge whether the first of two populations is as good as the second, or better."""
    first, second = populations
    return judgement.costs_nothing(compared(results, first, second))


def small_ratios(results: Results, *populations: ReportedPopulation) -> Judgement:
    """Judge whether b of at most 2 is better than 4, within a space whose b is shared."""
    (anynet,) = populations
    ratios = anynet.column('b')
    return _halves(anynet, ratios, ratios <= 2, 'b <= 2', 'b = 4')


def groups(results: Results, *populations: ReportedPopulation) -> Judgement:
    """Judge whether g above 1 is better than depthwise convs, within a space whose g is shared."""
    (anynet,) = populations
    widths = anynet.column('g')
    return _halves(anynet, widths, widths > 1, 'g > 1', 'g = 1')


def _halves(
    population: ReportedPopulation,
    values: NDArray[np.float64],
    chosen: NDArray[np.bool_],
    first: str,
    second: str,
) -> Judgement:
    """Judge whether the chosen networks of a population are better than its others.

    Args:
        population: of n networks.
        values: n values of a parameter; networks of which it is unknown are left out.
        chosen: n booleans, by these values.
        first, second: names of the chosen networks and of the others.
    """
    errors = population.errors
    ours, others = errors[chosen], errors[np.isfinite(values) & ~chosen]
    if len(ours) == 0 or len(others) == 0:
        return Judgement(OPEN, f'{first} and {second} are not there both')
    pair = compare({first: ours, second: others}).pairs[0]
    found = judgement.is_better(of_pair(pair, tolerated_cost(population)))
    return found._replace(evidence=f'{found.evidence} (n = {pair.n[0]} and {pair.n[1]})')


def near_a_line(results: Results, *populations: ReportedPopulation) -> Judgement:
    """Judge whether networks near a quantized line are better, by AnyNetX_C, the first population.

    Its e_fits vary most; of D and E, the others, the correlations are told.
    """
    correlations = e_fit_correlations(populations)
    told = ', '.join(
        f'{correlation_text(correlation)} in {name}' for name, correlation in correlations.items()
    )
    decisive = correlations[populations[0].name]
    return Judgement(
        is_positive(decisive.low, decisive.high), f'rank correlation of e_fit and error: {told}'
    )


def e_fit_correlations(populations: Sequence[ReportedPopulation]) -> dict[str, Estimate]:
    """Return the rank correlation of e_fit and error, by name of the population."""
    e_fit = e_fits(populations)
    return {one.name: rank_correlation(e_fit[one.name], one.errors) for one in populations}


def regnet_is_better(results: Results, *populations: ReportedPopulation) -> Judgement:
    """Judge whether RegNetX is better than AnyNetX_E; the best errors of both are told."""
    regnet, anynet_e = populations
    found = is_better(results, *populations)
    best, other = regnet.edf.minimum, anynet_e.edf.minimum
    return found._replace(
        evidence=f'{found.evidence}; best errors {best:.2f}% and {other:.2f}% '
        f'({best - other:+.2f} points)'
    )


def stays(name: str) -> Rule:
    """Return the rule on whether the best values of a parameter do not depend on flops.

    That no trend is shown does not show that there is none, so its verdict is never yes.
    """

    def rule(results: Results, *populations: ReportedPopulation) -> Judgement:
        found = _trend(populations, name)
        moves = is_positive(found.low, found.high) != OPEN
        return Judgement(NO if moves else OPEN, _best_values(name, populations))

    return rule


def is_near(name: str, value: float) -> Rule:
    """Return the rule on whether the best values of a parameter hold some value at all flops.

    An interval that holds a value does not show that there is no other, so its verdict is never
    yes.
    """

    def rule(results: Results, *populations: ReportedPopulation) -> Judgement:
        ranges = _trend(populations, name).ranges
        held = all(one.low <= value <= one.high for one in ranges)
        return Judgement(OPEN if held else NO, _best_values(name, populations))

    return rule


def grow(*names: str) -> Rule:
    """Return the rule on whether the best values of some parameters all grow with flops."""

    def rule(results: Results, *populations: ReportedPopulation) -> Judgement:
        trends = [_trend(populations, name) for name in names]
        verdicts = [is_positive(found.low, found.high) for found in trends]
        told = '; '.join(_best_values(name, populations) for name in names)
        return Judgement(judgement.together(verdicts), told)

    return rule


def _trend(populations: Sequence[ReportedPopulation], name: str) -> Trend:
    flops = [float(np.median(one.column('flops'))) for one in populations]
    values = [one.column(name) for one in populations]
    return trend(flops, values, [one.errors for one in populations])


def _best_values(name: str, populations: Sequence[ReportedPopulation]) -> str:
    """Write the most likely best values and their ranges: 'g by rising flops: 2 (1 to 8), …'."""
    ranges = _trend(populations, name).ranges
    return f'{name} by rising flops: {", ".join(spread(one, ".3g") for one in ranges)}'


def grows_with_power(name: str, expected: float) -> Rule:
    """Return the rule on whether a complexity of the best networks is c flops^expected."""

    def rule(results: Results, *populations: ReportedPopulation) -> Judgement:
        found = exponent(_of_the_best(populations, 'flops'), _of_the_best(populations, name))
        if not found.is_defined:
            return Judgement(OPEN, f'how {name} grow with flops is not known')
        verdict = OPEN
        if found.has_interval:
            verdict = YES if found.low <= expected <= found.high else NO
        interval = interval_text(found.low, found.high, '.2f')
        return Judgement(verdict, f'with flops to the power {found.value:.2f}{interval}')

    return rule


def _of_the_best(populations: Sequence[ReportedPopulation], name: str) -> NDArray[np.float64]:
    """Return a column of the best networks of all populations, one population after the other."""
    return np.concatenate([one.column(name)[one.best] for one in populations])


def activations_predict_time(results: Results, *populations: ReportedPopulation) -> Judgement:
    """Judge whether activations predict run time better than flops do."""
    flops, activations, latency = (
        np.concatenate([one.column(name) for one in populations])
        for name in ('flops', 'activations', 'latency')
    )
    found = compare_predictors(flops, activations, latency)
    verdict = OPEN
    if found.better is not None:
        verdict = YES if found.better == 'activations' else NO
    return Judgement(verdict, f'latency on this CPU: {found.text}')


def has_fewer(name: str) -> Rule:
    """Return the rule on whether the first of two populations has less of a complexity."""

    def rule(results: Results, *populations: ReportedPopulation) -> Judgement:
        ours, theirs = (one.column(name) for one in populations)
        p_value = stats.mannwhitneyu(ours, theirs).pvalue
        verdict = OPEN
        if p_value <= SIGNIFICANCE:
            verdict = YES if np.median(ours) < np.median(theirs) else NO
        return Judgement(
            verdict,
            f'medians {np.median(ours):,.0f} and {np.median(theirs):,.0f} (p = {p_value:.2f}, Mann '
            'and Whitney)',
        )

    return rule


def third_stage(results: Results, *populations: ReportedPopulation) -> Judgement:
    """Judge whether the best networks have more blocks in stage 3 than in stage 4."""
    (regnet,) = populations
    depth, errors = regnet.column('depth'), regnet.errors
    third = empirical_bootstrap(regnet.column('d_3') / depth, errors)
    fourth = empirical_bootstrap(regnet.column('d_4') / depth, errors)
    verdict = OPEN
    if third.low > fourth.high:
        verdict = YES
    elif third.high < fourth.low:
        verdict = NO
    return Judgement(
        verdict,
        f'share of the blocks in stage 3: {spread(third, ".2f")}, in stage 4: '
        f'{spread(fourth, ".2f")}',
    )


def fourth_stage(results: Results, *populations: ReportedPopulation) -> Judgement:
    """Judge whether the best networks have one or two blocks in stage 4."""
    (regnet,) = populations
    blocks = empirical_bootstrap(regnet.column('d_4'), regnet.errors)
    verdict = OPEN
    if blocks.high <= 2:
        verdict = YES
    elif blocks.low > 2:
        verdict = NO
    return Judgement(verdict, f'blocks in stage 4: {spread(blocks, ".0f")}')


def likes_bottlenecks(results: Results, *populations: ReportedPopulation) -> Judgement:
    """Judge whether the best networks of a space have b > 1."""
    (regnet,) = populations
    ratios = empirical_bootstrap(regnet.column('b'), regnet.errors)
    verdict = OPEN
    if ratios.low > 1:
        verdict = YES
    elif ratios.high == 1:
        verdict = NO
    return Judgement(verdict, f'b of the best networks of {regnet.name}: {spread(ratios, ".3g")}')


def beside_resnet(selection: Sequence[Selected], ours: Selected, name: str) -> Judgement:
    """Judge a network of the selection at flops equal to those of ResNet.

    Args:
        selection: with a ResNet.
        ours: of it.
        name: of this network, as it is printed.
    """
    resnet = next((one for one in selection if one.network.startswith('resnet')), None)
    if resnet is None:
        return Judgement(judgement.NOT_STUDIED, '')
    if min(len(one.errors) for one in (ours, resnet)) < 2:
        return Judgement(OPEN, 'At least two seeds with an error are needed of each network.')
    (pair,) = compare({name: ours.errors, 'ResNet': resnet.errors}).pairs
    found = judgement.is_better(of_pair(pair, stdev(resnet.errors) / 2))
    errors = ', '.join(
        f'{fmean(one.errors):.2f} ± {stdev(one.errors):.2f}' for one in (ours, resnet)
    )
    return found._replace(
        evidence=f'{found.evidence}; errors, {len(resnet.errors)} seeds each: {errors}; flops '
        f'{ours.flops:,} and {resnet.flops:,}'
    )
