"""What a study asks, and what its results answer: chapters of its page.

Each function makes a chapter, or None where the study has not the populations for it.
"""

from collections.abc import Sequence
from dataclasses import replace

import numpy as np

from regnet_plugin.analysis import PairComparison, best_of, compare
from regnet_plugin.design_spaces.configuration import design_space_of
from regnet_plugin.design_spaces.space import DesignSpace
from regnet_plugin.population.runs.results import deviation_over_seeds, mean_over_seeds
from regnet_plugin.report.document import Figure, Section, Table
from regnet_plugin.report.drawing.plot import Cell
from regnet_plugin.report.populations import ReportedPopulation
from regnet_plugin.report.sections.comparisons.adjustments import (
    adjusted_edf_figures,
    adjustments,
    with_adjusted_differences,
)
from regnet_plugin.report.sections.comparisons.distributions import (
    edf_figure,
    tests_table,
    verdicts,
)
from regnet_plugin.report.sections.comparisons.steps import steps_section
from regnet_plugin.report.sections.complexity import complexity_section
from regnet_plugin.report.sections.overview import overview_section
from regnet_plugin.report.sections.parameters import parameters_section
from regnet_plugin.report.sections.search import search_section
from regnet_plugin.report.sections.structure import e_fit_figure, e_fit_sentences
from regnet_plugin.report.units import units_of_errors
from regnet_plugin.report.wording import sentence
from regnet_plugin.study.judging.findings import KEYS, REGIMES
from regnet_plugin.study.judging.rules import e_fit_correlations
from regnet_plugin.study.results import Results, Selected
from regnet_plugin.study.statistics import Estimate, paired_difference, rank_correlation
from regnet_plugin.study.wording import correlation_text

_RANDOM = 25  # networks that section 5 chooses the best of
_SHALLOW = 10  # blocks; short trainings teach networks of more of them little
_STEPS = ('anynetx_a', 'anynetx_b', 'anynetx_c', 'anynetx_d', 'anynetx_e', 'regnetx')


def questions(results: Results) -> tuple[Section, ...]:
    """Answer the questions of a study.

    Args:
        results: with the keys of configs/study/study.py.

    Returns:
        Chapters whose populations are there; of a study with none of these keys, how its
        populations compare.
    """
    chapters = (
        _overview(results),
        _steps(results),
        _depths(results),
        _values(results),
        _line(results),
        _squeeze_excitation(results),
        _blocks(results),
        _constrained(results),
        _training(results),
        _growth(results),
        _search(results),
        _others(results),
        _selection(results),
    )
    return tuple(chapter for chapter in chapters if chapter is not None)


def _overview(results: Results) -> Section:
    populations = list(results.populations.values())
    told = overview_section(populations)
    trained = [population for population in populations if population.trained]
    return replace(told, text=[*told.text, *adjustments(trained)])


def _steps(results: Results) -> Section | None:
    populations = results.get(*_STEPS)
    if populations is None:
        return None
    told = steps_section(populations)
    return Section(
        'design',
        'Does each restriction keep or improve the errors? (figures 5, 7 and 9)',
        told.text,
        [edf_figure(populations), *adjusted_edf_figures(populations), *told.items],
    )


def _depths(results: Results) -> Section | None:
    """Ask how much of the errors is due to depth.

    Deep networks learn little in few steps, and spaces differ in depth.
    """
    populations = [one for one in results.populations.values() if one.n]
    space, _, _ = design_space_of(results.plan.parts[0].space)
    if not populations or not isinstance(space, DesignSpace):  # others have no depth to ask for
        return None
    unlearned = 50 * (1 - 1 / space.num_classes)  # percent: half of the error of guessing
    columns = (
        'population',
        'n',
        'median error',
        'deviation',
        f'percent above {unlearned:g}%',
        'median depth',
        'of the best',
        'rank correlation',
        'low',
        'high',
    )
    table = Table(
        'depths',
        'Errors and depth',
        columns,
        [_depth_row(population, unlearned) for population in populations],
        f'Above {unlearned:g}%, half of the error of guessing, a network counts as not having '
        'learned. Depth in blocks; "of the best": of those that the empirical bootstrap rests on. '
        'Rank correlation of depth and error, with its 95% interval.',
        units=units_of_errors(['median error'], ['deviation']),
    )
    text = _shallow_networks(results)
    return Section('depths', 'How much is due to depth?', text, [table])


def _shallow_networks(results: Results) -> list[str]:
    """Compare the shallow networks of AnyNetX_E and RegNetX, where both are there."""
    populations = results.get('anynetx_e', 'regnetx')
    if populations is None:
        return []
    shallow = {
        f'{one.name}, at most {_SHALLOW} blocks': one.errors[one.column('depth') <= _SHALLOW]
        for one in populations
    }
    return [sentence(pair.text) for pair in compare(shallow).pairs]


def _depth_row(population: ReportedPopulation, unlearned: float) -> tuple[Cell, ...]:
    errors, depth = population.errors, population.column('depth')
    correlation = rank_correlation(depth, errors)
    return (
        population.name,
        population.n,
        population.median,
        float(errors.std(ddof=1)) if population.n > 1 else float('nan'),
        100 * float(np.mean(errors > unlearned)),
        float(np.median(depth)),
        float(np.median(depth[population.best])),
        correlation.value,
        correlation.low,
        correlation.high,
    )


def _values(results: Results) -> Section | None:
    populations = results.get('regnetx')
    if populations is None:
        return None
    return _retitled(
        parameters_section(populations, brief=False),
        'values',
        'Which d, b, g, w_m, w_0 and w_a have the best networks? (figures 5 and 11)',
    )


def _line(results: Results) -> Section | None:
    populations = results.get('anynetx_c', 'anynetx_d', 'anynetx_e')
    if populations is None:
        return None
    close = e_fit_sentences(populations)
    if not close:
        return None
    correlations = [
        f'{name}: rank correlation of e_fit and error {_with_interval(correlation)}.'
        for name, correlation in e_fit_correlations(populations).items()
    ]
    return Section(
        'line',
        'Does e_fit predict the error? (figure 8)',
        [*close, *correlations],
        [e_fit_figure(populations)],
    )


def _with_interval(correlation: Estimate) -> str:
    """Write a correlation with its number of networks: '+0.31 (95% interval …, n = 100)'."""
    n = f'n = {correlation.n}'
    if not correlation.is_defined:
        return f'is not defined ({n})'
    if not correlation.has_interval:
        return f'{correlation.value:+.2f} ({n})'
    interval = f'{correlation.low:+.2f} to {correlation.high:+.2f}'
    return f'{correlation.value:+.2f} (95% interval {interval}, {n})'


def _squeeze_excitation(results: Results) -> Section | None:
    return _compared(
        results.get('regnetx', 'regnety'), 'se', 'Does squeeze-and-excitation help? (figure 14)'
    )


def _blocks(results: Results) -> Section | None:
    return _compared(
        results.get('regnetx', 'regnetr', 'regnetv', 'regnetvr'),
        'blocks',
        'Which block is best? (figure 23)',
    )


def _constrained(results: Results) -> Section | None:
    return _compared(
        results.get('anynetx_e', 'regnetx', 'regnetx_constrained'),
        'constrained',
        'Is the constrained space better? (figure 13)',
    )


def _others(results: Results) -> Section | None:
    """Compare the populations of a study with keys of its own."""
    populations = list(results.populations.values())
    if len(populations) < 2 or KEYS & results.populations.keys():
        return None
    return _compared(populations, 'spaces', 'Which design space is better?')


def _compared(
    populations: Sequence[ReportedPopulation] | None, key: str, title: str
) -> Section | None:
    """Make a chapter of the distributions of populations, if they are there, and of the tests."""
    if populations is None:
        return None
    comparison = compare({one.name: one.errors for one in populations})
    items: list[Figure | Table] = [
        edf_figure(populations),
        *adjusted_edf_figures(populations),
        with_adjusted_differences(tests_table(comparison), comparison.pairs, populations),
    ]
    return Section(key, title, verdicts(populations, comparison), items)


def _training(results: Results) -> Section | None:
    populations = results.get('anynetx_a', 'regnetx', 'anynetx_a_enhanced', 'regnetx_enhanced')
    if populations is None:
        return None
    anynet, regnet, anynet_enhanced, regnet_enhanced = populations
    anynet, anynet_enhanced = _same_networks(anynet, anynet_enhanced)
    regnet, regnet_enhanced = _same_networks(regnet, regnet_enhanced)
    shown = [anynet, regnet, anynet_enhanced, regnet_enhanced]
    comparison = compare(
        {one.name: one.errors for one in shown},
        [(anynet.name, regnet.name), (anynet_enhanced.name, regnet_enhanced.name)],
    )
    text = [
        'The first networks of each population are trained again, with the enhanced recipe; all '
        'here is of these.',
        *(sentence(pair.text) for pair in comparison.pairs),
        _gain(anynet, anynet_enhanced),
        _gain(regnet, regnet_enhanced),
    ]
    return Section(
        'training',
        'Does better training keep the order of the spaces? (figure 10)',
        text,
        [edf_figure(shown), tests_table(comparison)],
    )


def _same_networks(
    population: ReportedPopulation, other: ReportedPopulation
) -> tuple[ReportedPopulation, ReportedPopulation]:
    """Return two populations with those networks only that have an error in both.

    They are in the order of the second one.
    """
    known = set(population.networks)
    shared = [network for network in other.networks if network in known]
    return _only(population, shared), _only(other, shared)


def _only(population: ReportedPopulation, networks: Sequence[str]) -> ReportedPopulation:
    """Return a population with some of its networks, in the order in which they are named."""
    index_of = {network: index for index, network in enumerate(population.networks)}
    chosen = np.array([index_of[network] for network in networks], dtype=int)
    return replace(population, rows=population.rows[chosen], errors=population.errors[chosen])


def _gain(short: ReportedPopulation, longer: ReportedPopulation) -> str:
    """Say what better training changes, network by network.

    Args:
        short: n networks, trained with the short recipe.
        longer: the same, trained with the better one.
    """
    if not short.n:
        return f'{short.name}: no network has an error with both recipes.'
    gained = paired_difference(short.errors - longer.errors)
    interval = f'{gained.low:.2f} to {gained.high:.2f}, ' if gained.has_interval else ''
    correlation = rank_correlation(short.errors, longer.errors)
    return (
        f'{short.name}: better training lowers the error by {gained.value:.2f} points '
        f'({interval}paired, n = {gained.n}); rank correlation of the errors with both recipes '
        f'{correlation_text(correlation)}.'
    )


def _growth(results: Results) -> Section | None:
    populations = results.get(*REGIMES)
    if populations is None:
        return None
    return _retitled(
        complexity_section(populations),
        'growth',
        'How do activations, parameters and latency on a CPU grow with flops? (figures 11 and 12)',
    )


def _search(results: Results) -> Section | None:
    populations = results.get('anynetx_a', 'anynetx_e', 'regnetx')
    if populations is None:
        return None
    told = search_section(populations)
    if told is None:
        return None
    expected = []
    for population in populations:
        if population.n:
            best = best_of(population.errors, [_RANDOM])
            expected.append(f'{best.mean[0]:.2f} ± {best.deviation[0]:.2f}% in {population.name}')
    return Section(
        'search',
        'How many random networks find a good one? (figure 9)',
        [
            f'The best of {_RANDOM} random networks has, on average: {", ".join(expected)}.',
            *told.text,
        ],
        told.items,
    )


def _selection(results: Results) -> Section | None:
    chosen = results.plan.selection
    if not results.selection or chosen is None:
        return None
    space = results.plan.part(chosen.of).name
    named = {}
    for one in results.selection:
        found = f'{space} {one.network}, best of {chosen.among}'
        named[one.network if one.baseline else found] = one
    first, *others = named
    errors = {name: one.errors for name, one in named.items()}
    pairs = compare(errors, [(first, other) for other in others]).pairs
    table = Table(
        'selection',
        'Trained longer, with several seeds',
        ('network', 'mean error', 'deviation', 'seeds', 'flops', 'parameters', 'activations'),
        [_selected_row(name, one) for name, one in named.items()],
        'Mean and standard deviation of the last error over the seeds. Baselines: widths scaled by '
        'one factor to the flops that their name ends with, then the group-width rule. The network '
        'was chosen, after shorter trainings, by its error on the images tested on here.',
        units=units_of_errors(['mean error'], ['deviation']),
    )
    title = 'The network that was found, beside others (section 5)'
    return Section('selection', title, [_verdict(pair) for pair in pairs], [table])


def _selected_row(name: str, selected: Selected) -> tuple[Cell, ...]:
    errors = selected.errors
    return (
        name,
        mean_over_seeds(errors),
        deviation_over_seeds(errors),
        len(errors),
        selected.flops,
        selected.parameters,
        selected.activations,
    )


def _verdict(pair: PairComparison) -> str:
    """Say which of two selected networks is better, by the mean error over the seeds."""
    if 0 in pair.n:
        return sentence(pair.text)
    if pair.p_direction > pair.level:
        sure = 'not shown to differ'
    else:
        sure = f'{pair.first if pair.difference < 0 else pair.second} is better'
    interval = f' ({pair.low:+.2f} to {pair.high:+.2f}, Welch)' if np.isfinite(pair.low) else ''
    return sentence(
        f'{pair.first} less {pair.second}: {pair.difference:+.2f} points{interval}; {sure}'
    )


def _retitled(section: Section | None, key: str, title: str) -> Section | None:
    """Return a section of the report as a chapter of the study; None if there is none."""
    return None if section is None else replace(section, key=key, title=title)
