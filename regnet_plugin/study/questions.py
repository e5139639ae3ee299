"""What a study asks, and what its results answer: chapters of its page."""
from statistics import fmean, stdev

import numpy as np
from scipy import stats

from regnet_plugin.analysis import best_of, compare
from regnet_plugin.report.document import Section, Table
from regnet_plugin.report.sections.complexity import complexity
from regnet_plugin.report.sections.distributions import distributions
from regnet_plugin.report.sections.overview import overview
from regnet_plugin.report.sections.parameters import parameters
from regnet_plugin.report.sections.search import search
from regnet_plugin.report.sections.steps import steps
from regnet_plugin.report.sections.structure import structure
from regnet_plugin.report.wording import sentence
from regnet_plugin.study.findings import REGIMES, e_fit_correlations

_RANDOM = 25  # networks that section 5 chooses the best of
STEPS = ('anynetx_a', 'anynetx_b', 'anynetx_c', 'anynetx_d', 'anynetx_e', 'regnetx')


def questions(results):
    """The chapters of a study's page.

    Args:
        results (Results): with the keys of configs/study/study.py.

    Returns:
        tuple[Section]: those whose populations are there.
    """
    asked = (_populations, _steps, _depths, _values, _line, _squeeze_excitation, _blocks, _constrained, _training, _growth,
             _search, _selection)
    return tuple(filter(None, (ask(results) for ask in asked)))


def _populations(results):
    return overview(list(results.entries.values()))


def _steps(results):
    entries = results.get(*STEPS)
    if not entries:
        return None
    told = steps(entries)
    shown = distributions(entries, _compared(entries), {})
    return Section('design', 'Does each restriction keep or improve the errors? (figures 5, 7 and 9)', told.text,
                   [shown.items[0], *told.items])


def _values(results):
    entries = results.get('regnetx')
    return entries and _renamed(parameters(entries, ['regnetx'], False), 'values',
                                'Which d, b, g, w_m, w_0 and w_a have the best networks? (figures 5 and 11)')


def _line(results):
    entries = results.get('anynetx_c', 'anynetx_d', 'anynetx_e')
    if not entries:
        return None
    found = structure(entries, ['anynetx_c', 'anynetx_d', 'anynetx_e'], True)
    told = [f'{name}: rank correlation of e_fit and error {r:+.2f} (95% interval {low:+.2f} to {high:+.2f}, n = {n}).'
            for name, (r, low, high, n) in e_fit_correlations(entries).items()]
    return Section('line', 'Does e_fit predict the error? (figure 8)', [*found.text, *told], found.items[:1])


def _depths(results):
    """RegNetX bounds the sum of the depths, the AnyNetX each one."""
    entries = results.get('anynetx_e', 'regnetx')
    if not entries:
        return None
    e, x = entries
    limit = _deepest_stage(e).max()
    within = _deepest_stage(x) <= limit
    named = {e.name: e.errors, f'{x.name}, at most {limit:.0f} blocks': x.errors[within],
             f'{x.name}, more blocks': x.errors[~within]}
    return Section('depths', f'{x.name} among the depths of {e.name} (not planned: asked when the errors were known)', [
        f'A stage of {e.name} has at most {limit:.0f} blocks here; {x.name} bounds their sum only. {within.sum()} of its '
        f'{x.n} networks have no deeper stage either.', *(sentence(pair.text) for pair in compare(named).pairs)])


def _deepest_stage(entry):
    return np.max([entry.column(f'd_{stage}') for stage in range(1, 5)], axis=0)


def _squeeze_excitation(results):
    return _versus(results.get('regnetx', 'regnety'), 'se', 'Does squeeze-and-excitation help? (figure 14)')


def _blocks(results):
    return _versus(results.get('regnetx', 'regnetr', 'regnetv', 'regnetvr'), 'blocks', 'Which block is best? (figure 23)')


def _constrained(results):
    entries = results.get('regnetx', 'regnetx_constrained')
    return _versus(entries, 'constrained', 'Is the constrained space better? (figure 13)')


def _training(results):
    entries = results.get('anynetx_a', 'regnetx', 'anynetx_a_enhanced', 'regnetx_enhanced')
    if not entries:
        return None
    section = _versus(entries, 'training', 'Does better training keep the order of the spaces? (figure 10)')
    plain, enhanced = (_compared(pair).pairs[0] for pair in (entries[:2], entries[2:]))
    text = [f'The same {entries[2].n} and {entries[3].n} networks, the first of each population, are trained longer. '
            f'Mean error of {plain.first} less that of {plain.second}: {plain.difference:+.2f} points ({plain.low:+.2f} to '
            f'{plain.high:+.2f}) with the short recipe, {enhanced.difference:+.2f} ({enhanced.low:+.2f} to '
            f'{enhanced.high:+.2f}) with the longer one.',
            *(_kept(short, longer) for short, longer in zip(entries[:2], entries[2:]))]
    return Section(section.key, section.title, text, section.items)


def _kept(short, longer):
    """How well the errors of one recipe rank networks for another one."""
    errors = dict(zip(short.networks, short.errors))
    pairs = [(errors[network], error) for network, error in zip(longer.networks, longer.errors) if network in errors]
    r = stats.spearmanr(*zip(*pairs))
    return f'{short.name}: rank correlation of the errors with both recipes {r.statistic:+.2f} (n = {len(pairs)}).'


def _growth(results):
    entries = results.get(*REGIMES)
    return entries and _renamed(complexity(entries), 'growth', 'How do activations, parameters and latency on a CPU grow '
                                'with flops? (figures 11 and 12)')


def _search(results):
    entries = results.get('anynetx_a', 'anynetx_e', 'regnetx')
    if not entries:
        return None
    told = search(entries)
    expected = ((entry, best_of(entry.errors, [_RANDOM])) for entry in entries)
    best = ', '.join(f'{one.mean[0]:.2f} ± {one.deviation[0]:.2f}% in {entry.name}' for entry, one in expected)
    return Section('search', 'How many random networks find a good one? (figure 9)',
                   [f'The best of {_RANDOM} random networks has, on average: {best}.', *told.text], told.items)


def _selection(results):
    if not results.selection:
        return None
    chosen = results.plan.selection
    rows = [(one.network if one.baseline else f'RegNetX {one.network}, best of {chosen.among}', fmean(one.errors),
             stdev(one.errors), len(one.errors), one.flops, one.parameters, one.activations) for one in results.selection]
    errors = {row[0]: one.errors for row, one in zip(rows, results.selection)}
    found, *others = errors
    texts = [_told(pair) for pair in compare(errors, [(found, other) for other in others]).pairs]
    return Section('selection', 'The network that was found, beside a ResNet and a published RegNet (section 5)', texts, [
        Table('selection', 'Trained longer, with several seeds',
              ('network', 'mean error', 'deviation', 'seeds', 'flops', 'parameters', 'activations'), rows,
              'Mean and standard deviation of the last error over the seeds, in percent. Baselines: widths scaled by one '
              'factor to the flops that their name ends with, then the group-width rule. The network was chosen, after '
              'shorter trainings, by its error on the images that all are tested on here.')])


def _told(pair):
    sure = 'not shown to differ' if pair.p_direction > pair.level else f'{_lower(pair)} is better'
    return sentence(f'{pair.first} less {pair.second}: {pair.difference:+.2f} points ({pair.low:+.2f} to {pair.high:+.2f}, '
                    f'Welch); {sure}')


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


def power(n):
    """The smallest Kolmogorov-Smirnov D that two populations of n can show at the 5% level, in closed form (the limit)."""
    return float(np.sqrt(-np.log(0.05 / 2) / n))

