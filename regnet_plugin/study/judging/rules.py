"""Rules by which the paper's findings are judged: populations in, a judgement out."""

from collections.abc import Sequence
from statistics import fmean, stdev

import numpy as np
from numpy.typing import NDArray
from scipy import stats

from regnet_plugin.analysis import compare, compare_predictors, empirical_bootstrap, trend
from regnet_plugin.report.populations import ReportedPopulation
from regnet_plugin.report.sections.structure import e_fits
from regnet_plugin.report.wording import spread
from regnet_plugin.study.judging.judgement import (
    NO,
    NOT_STUDIED,
    OPEN,
    YES,
    Judgement,
    both,
    compared,
    correlation_text,
    costs_nothing,
    difference_text,
    interval_text,
    is_better,
    is_positive,
    tolerated_cost,
)
from regnet_plugin.study.results import Selected
from regnet_plugin.study.statistics import LEVEL, Estimate, exponent, rank_correlation

_COST_WORDS = {YES: 'is shown', NO: 'is not so', OPEN: 'is not shown'}


def sharing(
    anynet_a: ReportedPopulation, anynet_b: ReportedPopulation, anynet_c: ReportedPopulation
) -> Judgement:
    """Judge whether shared b and g cost nothing, and b <= 2 and g > 1 are better."""
    named = {one.name: one.errors for one in (anynet_a, anynet_b, anynet_c)}
    steps = ((anynet_b, anynet_a), (anynet_c, anynet_b), (anynet_c, anynet_a))
    pairs = compare(named, [(after.name, before.name) for after, before in steps]).pairs
    costs = [costs_nothing(pair, before) for pair, (_, before) in zip(pairs, steps)]
    if NO in costs:
        alike = NO
    else:
        alike = OPEN if OPEN in costs else YES
    ratios, groups = anynet_c.column('b'), anynet_c.column('g')
    ratio = _halves(anynet_c, ratios, ratios <= 2, 'b <= 2', 'b = 4')
    group = _halves(anynet_c, groups, groups > 1, 'g > 1', 'g = 1')
    told = '; '.join(difference_text(pair, step) for pair, step in zip(pairs, steps))
    return Judgement(
        both(alike, ratio.verdict, group.verdict),
        f'{told}: that sharing costs less than half a standard deviation of the other one '
        f'({tolerated_cost(anynet_a):.1f} points) {_COST_WORDS[alike]}. In {anynet_c.name}: '
        f'{ratio.evidence}; {group.evidence}.',
    )


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
    return Judgement(is_better(pair), f'{difference_text(pair)} (n = {pair.n[0]} and {pair.n[1]})')


def increasing(
    anynet_c: ReportedPopulation, anynet_d: ReportedPopulation, anynet_e: ReportedPopulation
) -> Judgement:
    """Judge whether increasing widths help, and increasing depths, too."""
    widths, depths = compared(anynet_d, anynet_c), compared(anynet_e, anynet_d)
    return Judgement(
        both(is_better(widths), is_better(depths)),
        f'{difference_text(widths, (anynet_d, anynet_c))}; '
        f'{difference_text(depths, (anynet_e, anynet_d))}.',
    )


def line(
    anynet_c: ReportedPopulation,
    anynet_d: ReportedPopulation,
    anynet_e: ReportedPopulation,
    regnet: ReportedPopulation,
) -> Judgement:
    """Judge whether networks near a quantized line are better, and RegNetX, which is on it."""
    correlations = e_fit_correlations((anynet_c, anynet_d, anynet_e))
    told = ', '.join(
        f'{correlation_text(correlation)} in {name}' for name, correlation in correlations.items()
    )
    decisive = correlations[anynet_c.name]  # e_fits of this space vary most
    pair = compared(regnet, anynet_e)
    best, other = regnet.edf.minimum, anynet_e.edf.minimum
    return Judgement(
        both(is_positive(decisive.low, decisive.high), is_better(pair)),
        f'Rank correlation of e_fit and error: {told}. '
        f'{difference_text(pair, (regnet, anynet_e))}; best errors '
        f'{best:.2f}% and {other:.2f}% ({best - other:+.2f} points).',
    )


def e_fit_correlations(populations: Sequence[ReportedPopulation]) -> dict[str, Estimate]:
    """Return the rank correlation of e_fit and error, by name of the population."""
    e_fit = e_fits(populations)
    return {one.name: rank_correlation(e_fit[one.name], one.errors) for one in populations}


def order(anynet_a: ReportedPopulation, regnet: ReportedPopulation) -> Judgement:
    """Judge whether RegNetX is better than AnyNetX_A with better training, too."""
    pair = compared(regnet, anynet_a)
    return Judgement(
        is_better(pair),
        f'Better training: {difference_text(pair, (regnet, anynet_a))}. More flops and other '
        'blocks: not studied, there is no AnyNetX of these.',
    )


def regimes(*populations: ReportedPopulation) -> Judgement:
    """Judge whether depth, b and w_m stay while g, w_0 and w_a grow; by rising flops."""
    flops = [float(np.median(one.column('flops'))) for one in populations]
    errors = [one.errors for one in populations]
    trends = {
        name: trend(flops, [one.column(name) for one in populations], errors)
        for name in ('depth', 'b', 'w_m', 'g', 'w_0', 'w_a')
    }
    # That no trend is shown does not show that there is none.
    depth = is_positive(trends['depth'].low, trends['depth'].high)
    verdicts = [OPEN if depth == OPEN else NO]
    for name, value in (('b', 1), ('w_m', 2.5)):
        held = all(one.low <= value <= one.high for one in trends[name].ranges)
        verdicts.append(OPEN if held else NO)
    for name in ('g', 'w_0', 'w_a'):
        verdicts.append(is_positive(trends[name].low, trends[name].high))
    told = []
    for name, found in trends.items():
        told.append(f'{name} ' + ', '.join(spread(one, '.3g') for one in found.ranges))
    return Judgement(
        both(*verdicts),
        f'Most likely best values and ranges, by rising flops: {"; ".join(told)}. Three regimes, a '
        'factor of four apart, leave one degree of freedom for a trend.',
    )


def growth(*populations: ReportedPopulation) -> Judgement:
    """Judge how activations and parameters grow with flops, and which predicts run time."""
    verdicts, told = [], []
    for name, expected in (('activations', 0.5), ('parameters', 1)):
        found = exponent(_of_the_best(populations, 'flops'), _of_the_best(populations, name))
        if not found.has_interval:
            verdicts.append(OPEN)
        else:
            verdicts.append(YES if found.low <= expected <= found.high else NO)
        if found.is_defined:
            interval = interval_text(found.low, found.high, '.2f')
            told.append(f'{name} grow with flops to the power {found.value:.2f}{interval}')
        else:
            told.append(f'how {name} grow with flops is not known')
    flops, activations, latency = (
        np.concatenate([one.column(name) for one in populations])
        for name in ('flops', 'activations', 'latency')
    )
    predictors = compare_predictors(flops, activations, latency)
    if predictors.better is None:
        verdicts.append(OPEN)
    else:
        verdicts.append(YES if predictors.better == 'activations' else NO)
    return Judgement(both(*verdicts), f'{"; ".join(told)}. Latency on this CPU: {predictors.text}.')


def _of_the_best(populations: Sequence[ReportedPopulation], name: str) -> NDArray[np.float64]:
    """Return a column of the best networks of all populations, one population after the other."""
    return np.concatenate([one.column(name)[one.best] for one in populations])


def constrained(constrained: ReportedPopulation, regnet: ReportedPopulation) -> Judgement:
    """Judge whether the constrained RegNetX is better, with fewer parameters and activations."""
    pair = compared(constrained, regnet)
    verdicts, told = [is_better(pair)], [difference_text(pair, (constrained, regnet))]
    for name in ('parameters', 'activations'):
        ours, theirs = constrained.column(name), regnet.column(name)
        p_value = stats.mannwhitneyu(ours, theirs).pvalue
        if p_value > 1 - LEVEL:
            verdicts.append(OPEN)
        else:
            verdicts.append(YES if np.median(ours) < np.median(theirs) else NO)
        told.append(
            f'{name}, medians: {np.median(ours):,.0f} and {np.median(theirs):,.0f} (p = '
            f'{p_value:.2f}, Mann and Whitney)'
        )
    return Judgement(both(*verdicts), f'{"; ".join(told)}.')


def variants(regnety: ReportedPopulation, regnetx: ReportedPopulation) -> Judgement:
    """Judge whether squeeze-and-excitation helps."""
    pair = compared(regnety, regnetx)
    return Judgement(
        is_better(pair),
        f'{difference_text(pair, (regnety, regnetx))}. Inverted bottlenecks, depthwise convs and '
        'resolutions: not studied.',
    )


def stages(regnet: ReportedPopulation) -> Judgement:
    """Judge whether the third stage has most blocks, and the fourth one or two."""
    depth, errors = regnet.column('depth'), regnet.errors
    third = empirical_bootstrap(regnet.column('d_3') / depth, errors)
    fourth = empirical_bootstrap(regnet.column('d_4') / depth, errors)
    blocks_in_fourth = empirical_bootstrap(regnet.column('d_4'), errors)
    verdict = OPEN
    if third.low > fourth.high and blocks_in_fourth.high <= 2:
        verdict = YES
    elif third.high < fourth.low:
        verdict = NO
    return Judgement(
        verdict,
        f'Share of the blocks in stage 3: {spread(third, ".2f")}, in stage 4: '
        f'{spread(fourth, ".2f")}; blocks in stage 4: {spread(blocks_in_fourth, ".0f")}. The paper '
        'says so of large regimes.',
    )


def blocks(
    regnetx: ReportedPopulation,
    regnetr: ReportedPopulation,
    regnetv: ReportedPopulation,
    regnetvr: ReportedPopulation,
) -> Judgement:
    """Judge whether X is the best block, V needs no residual, and R likes b > 1."""
    named = [(regnetx, regnetr), (regnetx, regnetv), (regnetx, regnetvr), (regnetv, regnetvr)]
    *pairs, residual = (compared(first, second) for first, second in named)
    ratios = empirical_bootstrap(regnetr.column('b'), regnetr.errors)
    likes_bottlenecks = OPEN
    if ratios.low > 1:
        likes_bottlenecks = YES
    elif ratios.high == 1:
        likes_bottlenecks = NO
    verdicts = [is_better(pair) for pair in pairs]
    verdicts += [costs_nothing(residual, regnetvr), likes_bottlenecks]
    told = '; '.join(difference_text(pair, of) for pair, of in zip([*pairs, residual], named))
    return Judgement(
        both(*verdicts),
        f'{told}; b of the best networks of {regnetr.name}: {spread(ratios, ".3g")}.',
    )


def beside_resnet(selection: Sequence[Selected]) -> Judgement:
    """Judge RegNetX at flops equal to those of ResNet.

    The network that was found was chosen by its error on the images that all are tested on, which
    the evidence says.
    """
    found = next((one for one in selection if not one.baseline), None)
    resnet = _named(selection, 'resnet')
    published = _named(selection, 'regnet')
    if found is None or resnet is None or published is None:
        return Judgement(NOT_STUDIED, 'No networks were selected.')
    named = {
        'The RegNetX that was found': found,
        'The published RegNetX': published,
        'ResNet': resnet,
    }
    if min(len(one.errors) for one in named.values()) < 2:
        return Judgement(OPEN, 'At least two seeds with an error are needed of each network.')
    ours, known, other = named
    errors_of = {name: one.errors for name, one in named.items()}
    first, second = compare(errors_of, [(ours, other), (known, other)]).pairs
    errors = ', '.join(
        f'{fmean(one.errors):.2f} ± {stdev(one.errors):.2f}' for one in named.values()
    )
    return Judgement(
        both(is_better(first), is_better(second), OPEN),
        f'{difference_text(first)}; it was chosen by its error on these images. '
        f'{difference_text(second)}. Errors, {len(resnet.errors)} seeds each: {errors}; flops '
        f'{found.flops:,}, {published.flops:,} and {resnet.flops:,}. At equal activations: not '
        'studied.',
    )


def _named(selection: Sequence[Selected], beginning: str) -> Selected | None:
    """Return the first network whose name begins so; None where there is none."""
    return next((one for one in selection if one.network.startswith(beginning)), None)
