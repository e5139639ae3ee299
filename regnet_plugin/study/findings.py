"""The 13 findings of the paper, one by one: does it appear in this study, does it not, or can this
study not tell?

Each rule is decided at the 5% level by a test of its own; nothing is corrected for the number of
findings.
"""

from dataclasses import dataclass
from statistics import fmean, stdev

import numpy as np
from scipy import stats

from regnet_plugin.analysis import compare, compare_predictors, empirical_bootstrap, trend
from regnet_plugin.report.sections.structure import e_fits
from regnet_plugin.report.wording import listed, spread

FEWEST = 4  # networks: of fewer against as many no difference can be significant at the 5% level
VERDICTS = YES, PARTLY, MIXED, NO, OPEN, NOT_STUDIED = (
    'appears',
    'in part',
    'in part, in part not',
    'does not appear',
    'not decided',
    'not studied',
)
KEYS = {
    'anynetx_a',
    'anynetx_b',
    'anynetx_c',
    'anynetx_d',
    'anynetx_e',
    'anynetx_a_enhanced',
    'regnetx',
    'regnetx_half',
    'regnetx_double',
    'regnetx_constrained',
    'regnetx_enhanced',
    'regnety',
    'regnetr',
    'regnetv',
    'regnetvr',
}
REGIMES = ('regnetx_half', 'regnetx', 'regnetx_double')
NO_POPULATIONS = 'There are no such populations.'
_TOLD = {YES: 'is shown', NO: 'is not so', OPEN: 'is not shown'}
_LEVEL = 0.95


@dataclass(frozen=True)
class Finding:
    """A finding of the paper.

    Attributes:
        number (int): 1 to 13.
        claim (str): what the paper found.
        verdict (str): 'appears', 'in part' (the rest is not decided), 'in part, in part not', 'does
            not appear', 'not decided' or 'not studied'.
        evidence (str): sentences.
    """

    number: int
    claim: str
    verdict: str
    evidence: str


def findings(results):
    """Judge the paper's findings by a study's results.

    Args:
        results (Results): of a study with the keys of configs/study/study.py; what is not there is
            not judged.

    Returns:
        tuple[Finding]: 13, in order.
    """
    rules = (
        (_sharing, 'anynetx_a', 'anynetx_b', 'anynetx_c'),
        (_increasing, 'anynetx_c', 'anynetx_d', 'anynetx_e'),
        (_line, 'anynetx_c', 'anynetx_d', 'anynetx_e', 'regnetx'),
        (_order, 'anynetx_a_enhanced', 'regnetx_enhanced'),
        (_regimes, *REGIMES),
        (_growth, *REGIMES),
        (_constrained, 'regnetx_constrained', 'regnetx'),
        (_variants, 'regnety', 'regnetx'),
        (_stages, 'regnetx'),
        (lambda: (NOT_STUDIED, 'All networks have ReLU.'),),
        (_blocks, 'regnetx', 'regnetr', 'regnetv', 'regnetvr'),
        (
            lambda: (
                NOT_STUDIED,
                'All networks have the learning rate and weight decay of the recipe.',
            ),
        ),
        (lambda: _beside_resnet(_selected_regnets(results)),),
    )
    return tuple(
        Finding(number, claim, *_judged(results, *rule))
        for number, (claim, rule) in enumerate(zip(_CLAIMS, rules), 1)
    )


def _selected_regnets(results):
    """The selection, where it was made among the networks of 'regnetx'."""
    chosen = results.plan.selection
    return results.selection if chosen and chosen.of == 'regnetx' else ()


def _judged(results, rule, *keys):
    entries = results.get(*keys)
    if entries is None:
        return NOT_STUDIED, NO_POPULATIONS
    few = [f'{entry.n} of {entry.name}' for entry in entries if entry.n < FEWEST]
    if few:
        return (
            OPEN,
            f'At least {FEWEST} networks with an error are needed of each population, but there '
            f'are {listed(few)}.',
        )
    return rule(*entries)


_CLAIMS = (
    'Sharing b and g costs nothing (A, B and C have nearly the same EDF); b <= 2 and g > 1 are '
    'better.',
    'Increasing widths help much, increasing depths help too.',
    'The best networks are close to a quantized line; RegNetX has a better mean than AnyNetX_E and '
    'an equal best error.',
    'The order RegNetX, AnyNetX_E, AnyNetX_A, best first, holds elsewhere too: better training, '
    'more flops, other blocks.',
    'Over regimes of flops the best depth is stable, b = 1, w_m is near 2.5, and g, w_0 and w_a '
    'grow.',
    'In the best networks activations grow with the square root of flops, parameters linearly; '
    'activations predict run '
    'time better than flops do.',
    'The constrained RegNetX is the better space, with fewer parameters and activations.',
    'Squeeze-and-excitation helps; inverted bottlenecks, depthwise convs and other resolutions are '
    'worse.',
    'The best networks have most blocks in the third stage, and one or two in the fourth.',
    'Swish is better at low flops, ReLU at high ones.',
    'X is the best block; the residual gives V nothing; R likes b > 1.',
    'Good learning rates and weight decays do not depend on the regime.',
    'RegNetX beats ResNet at equal flops and at equal activations.',
)


def _pair(first, second):
    return compare({first.name: first.errors, second.name: second.errors}).pairs[0]


def _verdict(pair):
    """Whether the first of a pair, which ought to be better, is by its mean error."""
    return OPEN if pair.p_direction > pair.level else YES if pair.difference < 0 else NO


def _sign(low, high):
    """Whether what an interval is of is positive."""
    return YES if low > 0 else NO if high < 0 else OPEN


def _costs_nothing(pair, other):
    """Whether the first of a pair is as good as the second: not shown is not the same as shown not
    to be.

    A cost of less than half a standard deviation of the second one's errors counts as none (a
    medium effect, Cohen 1988).
    """
    return YES if pair.high < other.errors.std(ddof=1) / 2 else NO if pair.low > 0 else OPEN


def _both(*verdicts):
    """One verdict of several that must all appear."""
    if len(set(verdicts)) == 1:
        return verdicts[0]
    if YES in verdicts:
        return MIXED if NO in verdicts else PARTLY
    return NO if NO in verdicts else OPEN


def _difference(pair):
    return (
        f'{pair.first} less {pair.second}: {pair.difference:+.2f} '
        f'points{within(pair.low, pair.high)}, the first is '
        f'better in {pair.probability:.0%} of pairs'
    )


def within(low: float, high: float, style: str = '+.2f') -> str:
    """An interval behind a number, ' (-1.20 to +0.40)'; '' where it is not defined."""
    return f' ({low:{style}} to {high:{style}})' if np.isfinite([low, high]).all() else ''


def _sharing(a, b, c):
    named = {one.name: one.errors for one in (a, b, c)}
    steps = compare(named, [(b.name, a.name), (c.name, b.name), (c.name, a.name)]).pairs
    costs = [_costs_nothing(pair, other) for pair, other in zip(steps, (a, b, a))]
    alike = NO if NO in costs else OPEN if OPEN in costs else YES
    ratio, ratio_text = _halves(c, 'b', lambda b: b <= 2, 'b <= 2', 'b = 4')
    group, group_text = _halves(c, 'g', lambda g: g > 1, 'g > 1', 'g = 1')
    text = '; '.join(map(_difference, steps))
    return _both(alike, ratio, group), (
        f'{text}: that sharing costs less than half a standard deviation of '
        f'the other one ({a.errors.std(ddof=1) / 2:.1f} points) {_TOLD[alike]}. '
        f'In {c.name}: {ratio_text}; {group_text}.'
    )


def _halves(entry, column, chosen, first, second):
    """Compare networks of one population with a value of a parameter with the others."""
    values = entry.column(column)
    ours, others = entry.errors[chosen(values)], entry.errors[np.isfinite(values) & ~chosen(values)]
    if not (len(ours) and len(others)):
        return OPEN, f'{first} and {second} are not there both'
    pair = compare({first: ours, second: others}).pairs[0]
    return _verdict(pair), f'{_difference(pair)} (n = {pair.n[0]} and {pair.n[1]})'


def _increasing(c, d, e):
    widths, depths = _pair(d, c), _pair(e, d)
    return _both(
        _verdict(widths), _verdict(depths)
    ), f'{_difference(widths)}; {_difference(depths)}.'


def _line(c, d, e, x):
    found = e_fit_correlations((c, d, e))
    _, low, high, _ = found[c.name]  # whose e_fits vary most
    told = ', '.join(f'{correlation(*one)} in {name}' for name, one in found.items())
    pair, best = _pair(x, e), x.edf.minimum - e.edf.minimum
    return _both(_sign(low, high), _verdict(pair)), (
        f'Rank correlation of e_fit and error: {told}. {_difference(pair)}; best errors '
        f'{x.edf.minimum:.2f}% and '
        f'{e.edf.minimum:.2f}% ({best:+.2f} points).'
    )


def e_fit_correlations(entries):
    """The `rank_correlation` of e_fit and error, by name of the population."""
    return {
        entry.name: rank_correlation(values, entry.errors)
        for entry, values in zip(entries, e_fits(entries).values())
    }


def rank_correlation(values, errors):
    """Spearman's, its 95% interval (Bonett and Wright, 2000), and n.

    NaN where it is not defined: the correlation of fewer than two networks, or of values that are
    all equal; the interval of fewer than four, or of a correlation of 1.
    """
    rows = np.isfinite(values) & np.isfinite(errors)
    values, errors, n = values[rows], errors[rows], int(rows.sum())
    if n < 2 or values.min() == values.max() or errors.min() == errors.max():
        return float('nan'), float('nan'), float('nan'), n
    r = stats.spearmanr(values, errors).statistic
    if n < FEWEST or abs(r) > 1 - 1e-9:
        return r, float('nan'), float('nan'), n
    half_width = stats.norm.ppf((1 + _LEVEL) / 2) * np.sqrt((1 + r**2 / 2) / (n - 3))
    return r, np.tanh(np.arctanh(r) - half_width), np.tanh(np.arctanh(r) + half_width), n


def correlation(r: float, low: float, high: float, _: int) -> str:
    """A `rank_correlation` in a sentence: '+0.31 (+0.11 to +0.48)'."""
    return f'{r:+.2f}{within(low, high)}' if np.isfinite(r) else 'not defined'


def _order(a, x):
    pair = _pair(x, a)
    return _verdict(pair), (
        f'Better training: {_difference(pair)}. More flops and other blocks: not studied, there is '
        'no AnyNetX of these.'
    )


def _regimes(*entries):
    flops = [float(np.median(entry.column('flops'))) for entry in entries]
    found = {
        name: trend(
            flops, [entry.column(name) for entry in entries], [entry.errors for entry in entries]
        )
        for name in ('depth', 'b', 'w_m', 'g', 'w_0', 'w_a')
    }
    stable = OPEN if _sign(found['depth'].low, found['depth'].high) == OPEN else NO
    held = [
        OPEN if all(one.low <= value <= one.high for one in found[name].ranges) else NO
        for name, value in (('b', 1), ('w_m', 2.5))
    ]
    grown = [_sign(found[name].low, found[name].high) for name in ('g', 'w_0', 'w_a')]
    texts = [
        f'{name} ' + ', '.join(spread(one, '.3g') for one in of.ranges)
        for name, of in found.items()
    ]
    return _both(stable, *held, *grown), (
        f'Most likely best values and ranges, by rising flops: {"; ".join(texts)}. Three regimes, '
        'a factor of four apart, '
        'leave one degree of freedom for a trend.'
    )


def _growth(*entries):
    best = {
        name: np.concatenate([entry.column(name)[entry.best] for entry in entries])
        for name in ('flops', 'activations', 'parameters')
    }
    slopes = {name: _exponent(best['flops'], best[name]) for name in ('activations', 'parameters')}
    verdicts = [
        OPEN if np.isnan([low, high]).any() else YES if low <= expected <= high else NO
        for (_, low, high), expected in zip(slopes.values(), (0.5, 1))
    ]
    texts = [
        f'{name} grow with flops to the power {slope:.2f}{within(low, high, ".2f")}'
        if np.isfinite(slope)
        else f'how {name} grow with flops is not known'
        for name, (slope, low, high) in slopes.items()
    ]
    columns = [
        np.concatenate([entry.column(name) for entry in entries])
        for name in ('flops', 'activations', 'latency')
    ]
    compared = compare_predictors(*columns)
    predicted = OPEN if compared.better is None else YES if compared.better == 'activations' else NO
    return _both(*verdicts, predicted), f'{"; ".join(texts)}. Latency on this CPU: {compared.text}.'


def _exponent(flops, values):
    """Slope of a line through logarithms, with its 95% confidence interval; NaN where it is not
    defined.
    """
    if len(flops) < 3 or flops.min() == flops.max():
        return float('nan'), float('nan'), float('nan')
    fitted = stats.linregress(np.log(flops), np.log(values))
    half_width = stats.t.ppf((1 + _LEVEL) / 2, len(flops) - 2) * fitted.stderr
    return fitted.slope, fitted.slope - half_width, fitted.slope + half_width


def _constrained(constrained, x):
    pair, told = _pair(constrained, x), []
    verdicts = [_verdict(pair)]
    for name in ('parameters', 'activations'):
        ours, theirs = constrained.column(name), x.column(name)
        p = stats.mannwhitneyu(ours, theirs).pvalue
        verdicts.append(
            OPEN if p > 1 - _LEVEL else YES if np.median(ours) < np.median(theirs) else NO
        )
        told.append(
            f'{name}, medians: {np.median(ours):,.0f} and {np.median(theirs):,.0f} (p = {p:.2f}, '
            'Mann and Whitney)'
        )
    return _both(*verdicts), f'{_difference(pair)}; {"; ".join(told)}.'


def _variants(y, x):
    pair = _pair(y, x)
    return _verdict(
        pair
    ), f'{_difference(pair)}. Inverted bottlenecks, depthwise convs and resolutions: not studied.'


def _stages(x):
    share = [
        empirical_bootstrap(x.column(f'd_{stage}') / x.column('depth'), x.errors)
        for stage in (3, 4)
    ]
    last = empirical_bootstrap(x.column('d_4'), x.errors)
    verdict = (
        YES
        if share[0].low > share[1].high and last.high <= 2
        else NO
        if share[0].high < share[1].low
        else OPEN
    )
    return verdict, (
        f'Share of the blocks in stage 3: {spread(share[0], ".2f")}, in stage 4: '
        f'{spread(share[1], ".2f")}; '
        f'blocks in stage 4: {spread(last, ".0f")}. The paper says so of large regimes.'
    )


def _blocks(x, r, v, vr):
    pairs = [_pair(x, other) for other in (r, v, vr)]
    residual = _pair(v, vr)
    nothing = _costs_nothing(residual, vr)
    ratios = empirical_bootstrap(r.column('b'), r.errors)
    likes = YES if ratios.low > 1 else NO if ratios.high == 1 else OPEN
    text = '; '.join(map(_difference, [*pairs, residual]))
    return (
        _both(*(_verdict(pair) for pair in pairs), nothing, likes),
        f'{text}; b of the best networks of {r.name}: {spread(ratios, ".3g")}.',
    )


def _beside_resnet(selection):
    """At equal flops; the network that was found was chosen by its error on the images that all are
    tested on.
    """
    chosen = next((one for one in selection if not one.baseline), None)
    resnet = next((one for one in selection if one.network.startswith('resnet')), None)
    published = next((one for one in selection if one.network.startswith('regnet')), None)
    if None in (chosen, resnet, published):
        return NOT_STUDIED, 'No networks were selected.'
    if min(len(one.errors) for one in (chosen, resnet, published)) < 2:
        return OPEN, 'At least two seeds with an error are needed of each network.'
    named = {
        'The RegNetX that was found': chosen,
        'The published RegNetX': published,
        'ResNet': resnet,
    }
    found, known, other = named
    pairs = compare(
        {name: one.errors for name, one in named.items()}, [(found, other), (known, other)]
    ).pairs
    errors = ', '.join(
        f'{fmean(one.errors):.2f} ± {stdev(one.errors):.2f}' for one in named.values()
    )
    return _both(*map(_verdict, pairs), OPEN), (
        f'{_difference(pairs[0])}; it was chosen by its error on these images. '
        f'{_difference(pairs[1])}. Errors, '
        f'{len(resnet.errors)} seeds each: {errors}; flops {chosen.flops:,}, {published.flops:,} '
        f'and {resnet.flops:,}. At '
        'equal activations: not studied.'
    )
