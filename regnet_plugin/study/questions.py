"""What a study asks, and what its results answer: chapters of its page."""

from bisect import bisect_left
from dataclasses import replace
from typing import Optional

import numpy as np
from scipy import stats

from regnet_plugin.analysis import best_of, compare
from regnet_plugin.population.results import deviation_over_seeds, mean_over_seeds
from regnet_plugin.report.document import Section, Table
from regnet_plugin.report.sections.complexity import complexity
from regnet_plugin.report.sections.distributions import distributions
from regnet_plugin.report.sections.overview import overview
from regnet_plugin.report.sections.parameters import parameters
from regnet_plugin.report.sections.search import search
from regnet_plugin.report.sections.steps import steps
from regnet_plugin.report.sections.structure import structure
from regnet_plugin.report.wording import sentence
from regnet_plugin.study.findings import (
    KEYS,
    REGIMES,
    correlation,
    e_fit_correlations,
    rank_correlation,
)

_RANDOM = 25  # networks that section 5 chooses the best of
_UNLEARNED = 45  # percent: half of the error of guessing
_SHALLOW = 10  # blocks
STEPS = ('anynetx_a', 'anynetx_b', 'anynetx_c', 'anynetx_d', 'anynetx_e', 'regnetx')


def questions(results):
    """The chapters of a study's page.

    Args:
        results (Results): with the keys of configs/study/study.py.

    Returns:
        tuple[Section]: those whose populations are there; of a study with none of these keys, how
            its populations compare.
    """
    asked = (
        _populations,
        _steps,
        _depths,
        _values,
        _line,
        _squeeze_excitation,
        _blocks,
        _constrained,
        _training,
        _growth,
        _search,
        _others,
        _selection,
    )
    return tuple(filter(None, (ask(results) for ask in asked)))


def _populations(results):
    return overview(list(results.entries.values()))


def _steps(results):
    entries = results.get(*STEPS)
    if not entries:
        return None
    told = steps(entries)
    shown = distributions(entries, _compared(entries), {})
    return Section(
        'design',
        'Does each restriction keep or improve the errors? (figures 5, 7 and 9)',
        told.text,
        [shown.items[0], *told.items],
    )


def _values(results):
    entries = results.get('regnetx')
    return entries and _renamed(
        parameters(entries, ['regnetx'], False),
        'values',
        'Which d, b, g, w_m, w_0 and w_a have the best networks? (figures 5 and 11)',
    )


def _line(results):
    entries = results.get('anynetx_c', 'anynetx_d', 'anynetx_e')
    if not entries:
        return None
    found = structure(entries, ['anynetx_c', 'anynetx_d', 'anynetx_e'], True)
    told = [
        f'{name}: rank correlation of e_fit and error {_correlation(*one)}.'
        for name, one in e_fit_correlations(entries).items()
    ]
    return found and Section(
        'line', 'Does e_fit predict the error? (figure 8)', [*found.text, *told], found.items[:1]
    )


def _correlation(r: float, low: float, high: float, n: int) -> str:
    if not np.isfinite(r):
        return f'is not defined (n = {n})'
    interval = f'95% interval {low:+.2f} to {high:+.2f}, ' if np.isfinite([low, high]).all() else ''
    return f'{r:+.2f} ({interval}n = {n})'


def _depths(results):
    """Seen when the errors were known: deep networks learn little in few steps, and spaces differ
    in depth.
    """
    rows = [_depth_row(entry) for entry in results.entries.values() if entry.n]
    if not rows:
        return None
    texts = ['Not planned: asked when the errors were known.']
    entries = results.get('anynetx_e', 'regnetx')
    if entries:
        e, x = entries
        shallow = {
            f'{one.name}, at most {_SHALLOW} blocks': one.errors[one.column('depth') <= _SHALLOW]
            for one in (e, x)
        }
        texts += [sentence(pair.text) for pair in compare(shallow).pairs]
    columns = (
        'population',
        'n',
        'median error',
        'deviation',
        f'percent above {_UNLEARNED}%',
        'median depth',
        'of the best',
        'rank correlation',
        'low',
        'high',
    )
    return Section(
        'depths',
        'How much is due to depth?',
        texts,
        [
            Table(
                'depths',
                'Errors and depth',
                columns,
                rows,
                f'Errors in percent; above {_UNLEARNED}%, half of the error of guessing, a network '
                'counts as not having learned. '
                'Depth in blocks; "of the best": of the networks that the empirical bootstrap '
                'rests on. Rank correlation of depth '
                'and error, with its 95% interval.',
            )
        ],
    )


def _depth_row(entry):
    depth = entry.column('depth')
    unlearned = 100 * float(np.mean(entry.errors > _UNLEARNED))
    deviation = float(entry.errors.std(ddof=1)) if entry.n > 1 else float('nan')
    return (
        entry.name,
        entry.n,
        entry.median,
        deviation,
        unlearned,
        float(np.median(depth)),
        float(np.median(depth[entry.best])),
        *map(float, rank_correlation(depth, entry.errors)[:3]),
    )


def _squeeze_excitation(results):
    return _versus(
        results.get('regnetx', 'regnety'), 'se', 'Does squeeze-and-excitation help? (figure 14)'
    )


def _blocks(results):
    return _versus(
        results.get('regnetx', 'regnetr', 'regnetv', 'regnetvr'),
        'blocks',
        'Which block is best? (figure 23)',
    )


def _constrained(results):
    entries = results.get('anynetx_e', 'regnetx', 'regnetx_constrained')
    return _versus(entries, 'constrained', 'Is the constrained space better? (figure 13)')


def _training(results):
    entries = results.get('anynetx_a', 'regnetx', 'anynetx_a_enhanced', 'regnetx_enhanced')
    if not entries:
        return None
    short, longer = zip(*(_same_networks(*pair) for pair in zip(entries, entries[2:])))
    named = {entry.name: entry.errors for entry in (*short, *longer)}
    compared = compare(named, [tuple(entry.name for entry in pair) for pair in (short, longer)])
    shown = distributions([*short, *longer], compared, {})
    text = [
        'The first networks of each population are trained again, with the enhanced recipe; all '
        'here is of these.',
        *(sentence(pair.text) for pair in compared.pairs),
        *map(_kept, short, longer),
    ]
    return Section(
        'training',
        'Does better training keep the order of the spaces? (figure 10)',
        text,
        shown.items,
    )


def _same_networks(entry, other):
    """Two populations with those networks only that have an error in both, in the order of the
    second.
    """
    known = set(entry.networks)
    shared = [network for network in other.networks if network in known]
    return _only(entry, shared), _only(other, shared)


def _only(entry, networks):
    """A population with some of its networks, in the order in which they are named."""
    places = {network: place for place, network in enumerate(entry.networks)}
    rows = np.array([places[network] for network in networks], dtype=int)
    return replace(entry, rows=entry.rows[rows], errors=entry.errors[rows])


def _kept(short, longer):
    """What better training changes, network by network."""
    gained = short.errors - longer.errors
    if not len(gained):
        return f'{short.name}: no network has an error with both recipes.'
    interval = ''
    if len(gained) > 1:
        low, high = stats.t.interval(0.95, len(gained) - 1, gained.mean(), stats.sem(gained))
        interval = f'{low:.2f} to {high:.2f}, '
    return (
        f'{short.name}: better training lowers the error by {gained.mean():.2f} points '
        f'({interval}paired, n = '
        f'{len(gained)}); rank correlation of the errors with both recipes '
        f'{correlation(*rank_correlation(short.errors, longer.errors))}.'
    )


def _growth(results):
    entries = results.get(*REGIMES)
    return entries and _renamed(
        complexity(entries),
        'growth',
        'How do activations, parameters and latency on a CPU grow with flops? (figures 11 and 12)',
    )


def _search(results):
    entries = results.get('anynetx_a', 'anynetx_e', 'regnetx')
    if not entries:
        return None
    told = search(entries)
    if told is None:
        return None
    expected = ((entry, best_of(entry.errors, [_RANDOM])) for entry in entries if entry.n)
    best = ', '.join(
        f'{one.mean[0]:.2f} ± {one.deviation[0]:.2f}% in {entry.name}' for entry, one in expected
    )
    return Section(
        'search',
        'How many random networks find a good one? (figure 9)',
        [f'The best of {_RANDOM} random networks has, on average: {best}.', *told.text],
        told.items,
    )


def _others(results):
    entries = list(results.entries.values())
    if len(entries) < 2 or KEYS & results.entries.keys():
        return None
    return _versus(entries, 'spaces', 'Which design space is better?')


def _selection(results):
    if not results.selection or results.plan.selection is None:
        return None
    chosen = results.plan.selection
    space = results.plan.part(chosen.of).name
    rows = [
        (
            one.network if one.baseline else f'{space} {one.network}, best of {chosen.among}',
            mean_over_seeds(one.errors),
            deviation_over_seeds(one.errors),
            len(one.errors),
            one.flops,
            one.parameters,
            one.activations,
        )
        for one in results.selection
    ]
    errors = {row[0]: one.errors for row, one in zip(rows, results.selection)}
    found, *others = errors
    texts = [_told(pair) for pair in compare(errors, [(found, other) for other in others]).pairs]
    return Section(
        'selection',
        'The network that was found, beside others (section 5)',
        texts,
        [
            Table(
                'selection',
                'Trained longer, with several seeds',
                (
                    'network',
                    'mean error',
                    'deviation',
                    'seeds',
                    'flops',
                    'parameters',
                    'activations',
                ),
                rows,
                'Mean and standard deviation of the last error over the seeds, in percent. '
                'Baselines: widths scaled by one '
                'factor to the flops that their name ends with, then the group-width rule. The '
                'network was chosen, after '
                'shorter trainings, by its error on the images that all are tested on here.',
            )
        ],
    )


def _told(pair):
    if 0 in pair.n:
        return sentence(pair.text)
    sure = 'not shown to differ' if pair.p_direction > pair.level else f'{_lower(pair)} is better'
    interval = f' ({pair.low:+.2f} to {pair.high:+.2f}, Welch)' if np.isfinite(pair.low) else ''
    return sentence(
        f'{pair.first} less {pair.second}: {pair.difference:+.2f} points{interval}; {sure}'
    )


def _lower(pair):
    return pair.first if pair.difference < 0 else pair.second


def _versus(entries, key, title):
    """The distributions of some populations, and what the tests say."""
    if not entries:
        return None
    shown = distributions(entries, _compared(entries), {})
    return Section(key, title, shown.text[:-1], shown.items)


def _compared(entries):
    return compare({entry.name: entry.errors for entry in entries})


def _renamed(section, key, title):
    return section and Section(key, title, section.text, section.items)


def smallest_significant(first: int, second: int) -> Optional[float]:
    """The smallest Kolmogorov-Smirnov D of two populations of so many networks that is significant
    at the 5% level; None where none is.
    """
    one, other = ((np.arange(n) + 0.5) / n for n in (first, second))
    distances = int(np.lcm(first, second))  # that are possible: multiples of 1 / distances

    def test(distance: int):
        return stats.ks_2samp(one, other + (distance - 0.5) / distances, method='exact')

    found = (
        bisect_left(
            range(1, distances + 1), True, key=lambda distance: test(distance).pvalue <= 0.05
        )
        + 1
    )
    return float(test(found).statistic) if found <= distances else None
