"""Which design space is better: error EDFs, also at equal complexity, and tests (figures 2, 5, 7
and 9).
"""

from itertools import combinations

import numpy as np

from regnet_plugin.analysis import common_bins, complexity_weights, edf, kolmogorov_smirnov
from regnet_plugin.analysis.comparison import CORRECTION, holm
from regnet_plugin.analysis.wording import p_text
from regnet_plugin.core.complexity import COUNTS
from regnet_plugin.report.document import Figure, Section, Table
from regnet_plugin.report.entries import error_label, unit_of
from regnet_plugin.report.figures import edf_plot
from regnet_plugin.report.sketch import Sketch
from regnet_plugin.report.wording import count, listed, percent, points, sentence, size

_DIRECTION = dict(
    outside="Welch's interval of the difference excludes 0",
    counted="its networks are more likely to have less error (Brunner and Munzel's test)",
)
_BINS = 10  # of complexity, at most; in more of them single networks weigh much
_BANDS = 3  # with more populations the bands hide each other
NEIGHBOURS = 6  # with more populations not all pairs, but each with the next, are sentences


def distributions(entries, comparison, equal):
    """The section, of populations (`Entry`), their `Comparison`, and what `at_equal_complexity`
    found.
    """
    bands = {}
    if len(entries) <= _BANDS:
        bands = {entry.name: entry.edf.band(entry.rules.level) for entry in entries if entry.n}
    plot = Sketch(
        edf_plot,
        'edf',
        {entry.name: entry.edf for entry in entries},
        bands,
        {entry.name: entry.failed for entry in entries if entry.failed},
        error_label(entries),
    )
    caption = (
        'Share of the networks with less error, [minimum | mean] of each population (equation 1).'
    )
    if bands:
        caption += (
            f' Bands hold the whole curve of the design space with {entries[0].rules.level:.0%} '
            'confidence '
            '(Dvoretzky, Kiefer and Wolfowitz).'
        )
    items = [Figure(plot, 'Error distributions', caption), *_equal_figures(entries, equal)]
    if comparison.pairs:
        items.append(_tests(comparison))
    text = _sentences(entries, comparison) + [
        equal_sentence(name, weighted, entries[0].rules.level, unit_of(entries))
        for name, (_, weighted) in equal.items()
    ]
    return Section('distributions', 'Which design space is better', text, items)


def _sentences(entries, comparison):
    if not comparison.pairs:
        return []
    neighbours = {(first.name, second.name) for first, second in zip(entries, entries[1:])}
    chosen = [
        pair
        for pair in comparison.pairs
        if len(comparison.pairs) <= NEIGHBOURS or (pair.first, pair.second) in neighbours
    ]
    return [sentence(pair.text) for pair in chosen] + [
        f'Test: {comparison.test}, level {comparison.level:g} for all '
        f'{count(comparison.comparisons, "comparison")} '
        f"together ({comparison.correction}'s correction). Of two that differ, the one with the "
        'lower mean error is '
        f'called better if {_DIRECTION[entries[0].rules.failed]}. This is about design spaces, at '
        'these '
        'numbers of networks; the noise of training is part of both sides.'
    ]


def _tests(comparison):
    rows = [
        (
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
        for pair in comparison.pairs
    ]
    return Table(
        'comparisons',
        'Comparisons',
        (
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
        ),
        rows,
        'Difference: mean error of the first less that of the second, in points, with the '
        'confidence interval '
        'of the pair. P: that a random network of the first has less error than one of the second. '
        'D: largest '
        'distance of the two EDFs.',
    )


def at_equal_complexity(entries):
    """EDFs at equal complexity, for each kind of complexity whose distributions differ and overlap.

    Returns:
        dict[str, tuple[Bins, dict[str, EDF]]]: by kind; EDFs by population.
    """
    entries, found = [entry for entry in entries if entry.n], {}
    for name in COUNTS if len(entries) > 1 else ():
        columns = [entry.column(name) for entry in entries]
        bins = common_bins(columns, _BINS)
        if bins is not None and _differ(columns):
            found[name] = (
                bins,
                {
                    entry.name: edf(
                        entry.errors, complexity_weights(column, bins.low, bins.high, bins.bins)
                    )
                    for entry, column in zip(entries, columns)
                },
            )
    return found


def equal_sentence(name, weighted, level, unit):
    """What is left of a difference at equal complexity; of more than two populations their mean
    errors, and which neighbours differ, with a confidence that is the level for all of them
    together.
    """
    means = {population: f.mean for population, f in weighted.items()}
    if len(weighted) > 2:
        texts = listed(f'{population} {percent(mean, unit)}' for population, mean in means.items())
        sizes = [f.effective_n for f in weighted.values()]
        return (
            f'Mean errors at equal {name}: {texts} (effective sizes {min(sizes):.0f} to '
            f'{max(sizes):.0f}). ' + _neighbours(weighted, level)
        )
    (first, mean), (second, other) = means.items()
    test = kolmogorov_smirnov(*weighted.values())
    sizes = listed(f'{f.effective_n:.0f}' for f in weighted.values())
    tested = f'Kolmogorov-Smirnov test of the weighted EDFs, {p_text(test.p_value)} at effective sizes of {sizes}'
    if not np.isfinite(mean - other):
        return f'At equal {name} of {first} and {second}: {tested}.'
    side = 'higher' if mean > other else 'lower'
    return (
        f'At equal {name} the mean error of {first} is {points(abs(mean - other), unit)} {side} '
        f'than that of {second} '
        f'({tested}).'
    )


def _neighbours(weighted, level):
    pairs = list(zip(weighted, list(weighted)[1:]))
    p_values = holm([kolmogorov_smirnov(*map(weighted.get, pair)).p_value for pair in pairs])
    differ = [' from '.join(pair) for pair, p_value in zip(pairs, p_values) if p_value < 1 - level]
    found = f'Neighbours that differ: {listed(differ)}'
    return (
        f'{found} (Kolmogorov-Smirnov tests of the weighted EDFs, level {1 - level:.2g} for '
        f'{len(pairs)} comparisons '
        f"together, {CORRECTION}'s correction)."
    )


def _equal_figures(entries, found):
    for name, (bins, weighted) in found.items():
        plot = Sketch(
            edf_plot,
            f'edf-at-equal-{name}',
            weighted,
            label=error_label(entries),
            title=f'normalised by {name}',
        )
        yield Figure(
            plot,
            f'Error distributions at equal {name}',
            f'Networks from {size(bins.low)} to {size(bins.high)} {name}, weighted so that each of '
            f'{bins.bins} '
            'equal bins weighs the same in every population (2019 paper), so that complexity is '
            'spread alike.',
        )


def _differ(columns):
    """Whether the middle half of one population's complexity leaves that of another's by more than
    a tenth.
    """
    middles = [np.nanquantile(column, (0.25, 0.75)) for column in columns]
    return any(
        np.abs(np.log(first / second)).max() > 0.1 for first, second in combinations(middles, 2)
    )
