"""Which design space is better: error EDFs, also at equal complexity, and tests.

Figures 2, 5, 7 and 9.
"""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from itertools import combinations, pairwise

import numpy as np
from numpy.typing import NDArray

from regnet_plugin.analysis import (
    EDF,
    Bins,
    Comparison,
    PairComparison,
    common_bins,
    complexity_weights,
    edf,
    kolmogorov_smirnov,
)
from regnet_plugin.analysis.comparison import CORRECTION, holm
from regnet_plugin.analysis.notation import p_text
from regnet_plugin.cli.wording import counted
from regnet_plugin.population.columns import COUNTS, PREDICTIONS
from regnet_plugin.population.measured_error import PERCENT
from regnet_plugin.report.document import Figure, Fold, Section, Table
from regnet_plugin.report.drawing.plot import Cell
from regnet_plugin.report.drawing.sketch import Sketch
from regnet_plugin.report.figures import Interval, edf_plot, forest_plot
from regnet_plugin.report.figures.scales import label_of
from regnet_plugin.report.populations import (
    MOST_TOLD,
    ReportedPopulation,
    by_error,
    error_label,
    looks_of,
    unit_of,
)
from regnet_plugin.report.sections.comparisons.adjustments import (
    MOST_BANDS,
    adjusted_edf_figures,
    with_adjusted_differences,
)
from regnet_plugin.report.sections.comparisons.twins import (
    EXPLANATION,
    TwinPair,
    twin_sentences,
    twins_table,
)
from regnet_plugin.report.units import units_of_errors
from regnet_plugin.report.wording import cost_size, error_text, listed, points, sentence

# What says which of two spaces is better, by how failed networks are treated.
_DIRECTION = dict(
    outside="Welch's interval of the difference excludes 0",
    counted="its networks are more likely to have less error (Brunner and Munzel's test)",
)
_MOST_BINS = 10  # of complexity; in more of them single networks weigh much
# Inches, of the figure that one sees first; the second is read on a phone, too.
_LARGE, _SMALL = (5.6, 3.3), (4.6, 3.0)
_MOST_NAMED = 8  # curves with names
_MOST_DRAWN = 21  # pairs in the forest plot, those of seven populations
# Difference of the logarithms of a quartile, a tenth, from which on populations differ in size.
_DIFFERENT_SIZE = 0.1


@dataclass(frozen=True)
class EqualComplexity:
    """Populations compared at equal complexity.

    Attributes:
        complexity: column of it: of counts, or of what was predicted.
        bins: of the complexity, in each of which every population has the same weight.
        edfs: normalised error EDFs by name of the population.
    """

    complexity: str
    bins: Bins
    edfs: dict[str, EDF]

    @property
    def words(self) -> str:
        """What the complexity is called in sentences."""
        return label_of(self.complexity)


def distributions_section(
    populations: Sequence[ReportedPopulation],
    comparison: Comparison,
    equal: Sequence[EqualComplexity],
    twins: Sequence[TwinPair],
) -> Section | None:
    """Make the section; None where there is nothing to compare.

    Args:
        populations: in the order of the page.
        comparison: of all of them.
        equal: what `at_equal_complexity` found.
        twins: pairs of populations that share draws.
    """
    level, unit = populations[0].rules.level, unit_of(populations)
    text = []
    items: list[Figure | Table | Fold] = []
    has_tests = bool(comparison.pairs) and any(population.n for population in populations)
    if has_tests:
        text.append(_explanation(populations, comparison))
        table = with_adjusted_differences(
            tests_table(comparison, unit), comparison.pairs, populations
        )
        items.append(differences_figure(populations, comparison))
    if twins:
        text += [EXPLANATION, *twin_sentences(twins)]
        items.append(twins_table(twins))
    items += adjusted_edf_figures(populations)
    for one in equal:
        figure = _equal_figure(populations, one)
        sentence_on_it = equal_sentence(one, level, unit)
        items.append(replace(figure, caption=f'{sentence_on_it} {figure.caption}'))
    if has_tests:
        number = counted(len(comparison.pairs), 'comparison')
        items.append(Fold(f'Table of {number}', [table]))
    if not text and not items:
        return None
    return Section('distributions', 'Which design space is better', text, items)


def differences_figure(populations: Sequence[ReportedPopulation], comparison: Comparison) -> Figure:
    """Make the forest plot of the differences of mean errors, the largest that are shown first."""
    unit = unit_of(populations)
    pairs: Sequence[PairComparison] = comparison.pairs
    caption = (
        'Mean error of the first less that of the second, with the confidence interval of the '
        'pair; grey where the test does not tell them apart.'
    )
    if len(pairs) > _MOST_DRAWN:
        best = by_error(populations)[0][0].name
        pairs = [pair for pair in pairs if best in (pair.first, pair.second)]
        caption += f' Of {len(comparison.pairs)} pairs those of {best}; the table has all.'
    intervals = [_interval(pair, unit) for pair in pairs]
    intervals.sort(key=lambda one: (not one.is_shown, -abs(one.value)))
    label = 'difference of mean errors' + (' (points)' if unit else '')
    plot = Sketch(forest_plot, 'differences', intervals, label)
    return Figure(plot, 'Differences between design spaces', caption)


def _interval(pair: PairComparison, unit: str) -> Interval:
    """Return the difference of a pair, with the better one first."""
    first, second = pair.first, pair.second
    value, low, high = pair.difference, pair.low, pair.high
    if value > 0:
        first, second = second, first
        value, low, high = -value, -high, -low
    text = f'{points(value, "")} ({points(low, "")} to {points(high, "")})'
    return Interval(
        f'{first} \N{MINUS SIGN} {second}', value, low, high, text, pair.better is not None
    )


def edf_figure(populations: Sequence[ReportedPopulation]) -> Figure:
    """Make the figure of the error EDFs, with confidence bands if they are few."""
    caption = 'Share of the networks with less error (equation 1); the further left, the better.'
    level = populations[0].rules.level
    bands = {}
    if len(populations) <= MOST_BANDS:
        bands = {one.name: one.edf.band(level) for one in populations if one.n}
    if bands:
        caption += (
            f' Bands hold the whole curve of the design space with {level:.0%} confidence '
            '(Dvoretzky, Kiefer and Wolfowitz).'
        )
    edfs = {population.name: population.edf for population in populations}
    failed = {one.name: one.failed for one in populations if one.failed}
    label = error_label(populations)
    # of many curves one drawing is large enough, and readable on a phone where it is a narrow one
    is_large = len(edfs) <= _MOST_NAMED
    looks = looks_of(populations)
    size = _LARGE if is_large else _SMALL
    plot = Sketch(edf_plot, 'edf', edfs, bands, failed, label, size=size, looks=looks)
    narrow = None
    if is_large:
        narrow = Sketch(edf_plot, 'edf-narrow', edfs, bands, failed, label, looks=looks)
    return Figure(plot, 'Error distributions', caption, narrow)


def verdicts(populations: Sequence[ReportedPopulation], comparison: Comparison) -> list[str]:
    """Say of each pair which design space is better; of many, only of those that are neighbours."""
    pairs: Sequence[PairComparison] = comparison.pairs
    if len(pairs) > MOST_TOLD:
        neighbours = {(first.name, second.name) for first, second in pairwise(populations)}
        pairs = [pair for pair in pairs if (pair.first, pair.second) in neighbours]
    return [sentence(pair.text) for pair in pairs]


def _explanation(populations: Sequence[ReportedPopulation], comparison: Comparison) -> str:
    """Say how the verdicts come about."""
    return (
        f'Test: {comparison.test}, level {comparison.level:g} for all '
        f"{counted(comparison.comparisons, 'comparison')} together ({comparison.correction}'s "
        'correction). Of two that differ, the one with the lower mean error is called better if '
        f'{_DIRECTION[populations[0].rules.failed]}. This is about design spaces, at these numbers '
        'of networks; the noise of training is part of both sides.'
    )


def tests_table(comparison: Comparison, unit: str = PERCENT) -> Table:
    """Make the table of all pairs that were compared; errors are in a unit, '%' or ''."""
    columns = (
        'first',
        'second',
        'difference of means',
        'low',
        'high',
        'P(first better)',
        'D',
        'p',
        f'p ({comparison.correction})',
        'better',
    )
    return Table(
        'comparisons',
        'Comparisons',
        columns,
        [_row(pair) for pair in comparison.pairs],
        'Difference: mean error of the first less that of the second, in points, with the '
        'confidence interval of the pair. P: that a random network of the first has less error '
        'than one of the second. D: largest distance of the two EDFs.',
        p_values=('p', f'p ({comparison.correction})'),
        units=units_of_errors((), ['difference of means', 'low', 'high'], unit),
    )


def _row(pair: PairComparison) -> tuple[Cell, ...]:
    return (
        pair.first,
        pair.second,
        pair.difference,
        pair.low,
        pair.high,
        pair.probability,
        pair.test.statistic,
        pair.test.p_value,
        pair.p_value,
        pair.better or ('unclear' if pair.differ else 'not shown'),
    )


def at_equal_complexity(populations: Sequence[ReportedPopulation]) -> list[EqualComplexity]:
    """Normalise EDFs by each kind of complexity whose distributions differ and overlap."""
    populations = [population for population in populations if population.n]
    if len(populations) < 2:
        return []
    found = []
    for complexity in (*COUNTS, *PREDICTIONS):
        columns = [population.column(complexity) for population in populations]
        bins = common_bins(columns, _MOST_BINS)
        if bins is None or not _differ(columns):
            continue
        edfs = {}
        for population, column in zip(populations, columns):
            weights = complexity_weights(column, bins.low, bins.high, bins.bins)
            edfs[population.name] = edf(population.errors, weights)
        found.append(EqualComplexity(complexity, bins, edfs))
    return found


def _differ(columns: Sequence[NDArray[np.float64]]) -> bool:
    """Return whether the middle halves of two populations' complexity are a tenth apart."""
    middles = [np.nanquantile(column, (0.25, 0.75)) for column in columns]
    return any(
        np.abs(np.log(first / second)).max() > _DIFFERENT_SIZE
        for first, second in combinations(middles, 2)
    )


def _equal_figure(populations: Sequence[ReportedPopulation], equal: EqualComplexity) -> Figure:
    bins = equal.bins
    plot = Sketch(
        edf_plot,
        f'edf-at-equal-{equal.complexity.replace("_", "-")}',
        equal.edfs,
        label=error_label(populations),
        looks=looks_of(populations),
        within=(equal.complexity, bins.low, bins.high),
    )
    return Figure(
        plot,
        f'Error distributions at equal {equal.words}',
        f'Networks from {cost_size(equal.complexity, bins.low)} to '
        f'{cost_size(equal.complexity, bins.high)} {equal.words}, weighted so that '
        f'each of {bins.bins} equal bins weighs the same in every population (2019 paper), so that '
        'complexity is spread alike.',
    )


def equal_sentence(equal: EqualComplexity, level: float, unit: str) -> str:
    """Say what is left of a difference at equal complexity.

    Of more than two populations the sentence has their mean errors, and which neighbours differ.

    Args:
        equal: of two populations or more.
        level: confidence, of all comparisons of neighbours together.
        unit: of the errors, '%' or ''.
    """
    return _of_two(equal, unit) if len(equal.edfs) == 2 else _of_many(equal, level, unit)


def _of_two(equal: EqualComplexity, unit: str) -> str:
    (first, one), (second, other) = equal.edfs.items()
    test = kolmogorov_smirnov(one, other)
    tested = (
        f'Kolmogorov-Smirnov test of the weighted EDFs, {p_text(test.p_value)} at effective sizes '
        f'of {one.effective_n:.0f} and {other.effective_n:.0f}'
    )
    difference = one.mean - other.mean
    if not np.isfinite(difference):
        return f'At equal {equal.words} of {first} and {second}: {tested}.'
    side = 'higher' if difference > 0 else 'lower'
    return (
        f'At equal {equal.words} the mean error of {first} is {points(abs(difference), unit)} '
        f'{side} than that of {second} ({tested}).'
    )


def _of_many(equal: EqualComplexity, level: float, unit: str) -> str:
    means = [f'{name} {error_text(f.mean, unit)}' for name, f in equal.edfs.items()]
    sizes = [f.effective_n for f in equal.edfs.values()]
    neighbours = list(pairwise(equal.edfs))
    p_values = holm(
        [
            kolmogorov_smirnov(equal.edfs[first], equal.edfs[second]).p_value
            for first, second in neighbours
        ]
    )
    different = [
        f'{first} from {second}'
        for (first, second), p_value in zip(neighbours, p_values)
        if p_value < 1 - level
    ]
    return (
        f'Mean errors at equal {equal.words}: {listed(means)} (effective sizes '
        f'{min(sizes):.0f} to {max(sizes):.0f}). Neighbours that differ: {listed(different)} '
        f'(Kolmogorov-Smirnov tests of the weighted EDFs, level {1 - level:.2g} for '
        f"{len(neighbours)} comparisons together, {CORRECTION}'s correction)."
    )
