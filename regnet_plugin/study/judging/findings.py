"""The 13 findings of the paper, claim by claim: which of them a study shows."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import NamedTuple

from regnet_plugin.report.wording import listed
from regnet_plugin.study.judging import rules
from regnet_plugin.study.judging.judgement import NOT_STUDIED, OPEN, Judgement, together
from regnet_plugin.study.judging.rules import Rule
from regnet_plugin.study.results import Results, Selected
from regnet_plugin.study.statistics import FEWEST_NETWORKS

REGIMES = ('regnetx_half', 'regnetx', 'regnetx_double')  # by rising flops
SELECTED = ('regnetx', 'regnetx_best')  # spaces that the network beside ResNet may be of


@dataclass(frozen=True)
class Claim:
    """A part of a finding that is judged by itself.

    Attributes:
        text: what the paper says.
        paper: where, and with which numbers, as far as it prints them.
        keys: of the populations that it is judged by.
        rule: by which; None where no populations of ours could tell.
    """

    text: str
    paper: str
    keys: tuple[str, ...] = ()
    rule: Rule | None = None


class Judged(NamedTuple):
    """A claim and what is said of it."""

    claim: Claim
    judgement: Judgement


@dataclass(frozen=True)
class Finding:
    """A finding of the paper.

    Attributes:
        number: 1 to 13.
        title: what it is about.
        claims: its parts, judged.
    """

    number: int
    title: str
    claims: tuple[Judged, ...]

    @property
    def verdict(self) -> str:
        """One of `regnet_plugin.study.judging.judgement.VERDICTS`, of all claims together."""
        return together(judged.judgement.verdict for judged in self.claims)


_ARTWORK = 'as curves, without numbers'

# What the paper found, section by section; keys are those of configs/study/study.py and
# configs/study/fashion/study.py.
FINDINGS: tuple[tuple[str, tuple[Claim, ...]], ...] = (
    (
        'Shared b and g',
        (
            Claim(
                'One bottleneck ratio for all stages costs nothing.',
                'figure 5, left: the EDFs of A and B nearly coincide',
                ('anynetx_b', 'anynetx_a'),
                rules.costs_nothing,
            ),
            Claim(
                'One group width for all stages costs nothing.',
                'figure 5, middle: the EDFs of B and C nearly coincide',
                ('anynetx_c', 'anynetx_b'),
                rules.costs_nothing,
            ),
            Claim(
                'b <= 2 is better.',
                'figure 5, right: in C the best have b <= 2, with 95%',
                ('anynetx_c',),
                rules.small_ratios,
            ),
            Claim('g > 1 is better.', 'said, not shown', ('anynetx_c',), rules.groups),
        ),
    ),
    (
        'Increasing widths and depths',
        (
            Claim(
                'Widths that do not fall are better.',
                f'figure 7, left, C and D: much, {_ARTWORK}',
                ('anynetx_d', 'anynetx_c'),
                rules.is_better,
            ),
            Claim(
                'Depths that do not fall are better.',
                f'figure 7, right, D and E: {_ARTWORK}',
                ('anynetx_e', 'anynetx_d'),
                rules.is_better,
            ),
        ),
    ),
    (
        'The quantized linear function',
        (
            Claim(
                'The nearer to a quantized line, the better.',
                'figure 8: the best of C, D and E have an e_fit close to 0',
                ('anynetx_c', 'anynetx_d', 'anynetx_e'),
                rules.near_a_line,
            ),
            Claim(
                'RegNetX has a better mean error than AnyNetX_E, and an equal best one.',
                f'figure 9, left: {_ARTWORK}',
                ('regnetx', 'anynetx_e'),
                rules.regnet_is_better,
            ),
            Claim(
                'w_m = 2 costs nothing.',
                f'figure 9, middle: a little better, {_ARTWORK}',
                ('regnetx_w_m_2', 'regnetx'),
                rules.costs_nothing,
            ),
            Claim(
                'w_0 = w_a costs nothing.',
                f'figure 9, middle: a little better, {_ARTWORK}',
                ('regnetx_w_0_is_w_a', 'regnetx'),
                rules.costs_nothing,
            ),
        ),
    ),
    (
        'The order holds elsewhere: RegNetX is better than AnyNetX_A',
        (
            Claim(
                'With better training.',
                f'figure 10, more epochs: {_ARTWORK}',
                ('regnetx_enhanced', 'anynetx_a_enhanced'),
                rules.is_better,
            ),
            Claim(
                'At more flops.',
                f'figure 10, more flops: {_ARTWORK}',
                ('regnetx_double', 'anynetx_a_double'),
                rules.is_better,
            ),
            Claim(
                'With R blocks.',
                f'figure 10, other blocks: {_ARTWORK}',
                ('regnetr', 'anynetr_a'),
                rules.is_better,
            ),
        ),
    ),
    (
        'The best values over regimes of flops',
        (
            Claim('Depth stays.', 'figure 11: near 20 blocks', REGIMES, rules.stays('depth')),
            Claim('b is 1.', 'figure 11: 1', REGIMES, rules.is_near('b', 1)),
            Claim('w_m is near 2.5.', 'figure 11: near 2.5', REGIMES, rules.is_near('w_m', 2.5)),
            Claim(
                'g, w_0 and w_a grow.',
                f'figure 11: {_ARTWORK}',
                REGIMES,
                rules.grow('g', 'w_0', 'w_a'),
            ),
        ),
    ),
    (
        'Complexity of the best networks',
        (
            Claim(
                'Activations grow with the square root of flops.',
                'figure 12: power 0.5',
                REGIMES,
                rules.grows_with_power('activations', 0.5),
            ),
            Claim(
                'Parameters grow linearly.',
                'figure 12: power 1',
                REGIMES,
                rules.grows_with_power('parameters', 1),
            ),
            Claim(
                'Activations predict run time better than flops do.',
                'figure 12, on GPUs: correlations without numbers',
                REGIMES,
                rules.activations_predict_time,
            ),
        ),
    ),
    (
        'The constrained RegNetX',
        (
            Claim(
                'It is the better space.',
                f'figure 13: {_ARTWORK}',
                ('regnetx_constrained', 'regnetx'),
                rules.is_better,
            ),
            Claim(
                'It has fewer parameters.',
                'figure 13: by its limits',
                ('regnetx_constrained', 'regnetx'),
                rules.has_fewer('parameters'),
            ),
            Claim(
                'It has fewer activations.',
                'figure 13: by its limits',
                ('regnetx_constrained', 'regnetx'),
                rules.has_fewer('activations'),
            ),
        ),
    ),
    (
        'Alternatives',
        (
            Claim(
                'Squeeze-and-excitation helps.',
                'figure 14, right; tables: Y-4.0GF 20.6% and X-4.0GF 21.4%',
                ('regnety', 'regnetx'),
                rules.is_better,
            ),
            Claim(
                'Inverted bottlenecks are worse.',
                f'figure 14, left: slightly, {_ARTWORK}',
                ('regnetx_constrained', 'regnetx_inverted'),
                rules.is_better,
            ),
            Claim(
                'Depthwise convs are worse.',
                f'figure 14, left: {_ARTWORK}',
                ('regnetx_constrained', 'regnetx_depthwise'),
                rules.is_better,
            ),
            Claim('Another resolution is worse.', 'figure 14, middle: 224 is best'),
        ),
    ),
    (
        'Blocks of the stages',
        (
            Claim(
                'The best networks have most blocks in stage 3.',
                'figure 15: RegNetX-3.2GF has 2, 6, 15 and 2, smaller ones most in stage 4',
                ('regnetx',),
                rules.third_stage,
            ),
            Claim(
                'They have one or two blocks in stage 4.',
                'figure 15: from 1.6 GF on',
                ('regnetx',),
                rules.fourth_stage,
            ),
            Claim(
                'One depth for all networks costs nothing.',
                f'figure 19, left, 20 blocks: {_ARTWORK}',
                ('regnetx_one_depth', 'regnetx'),
                rules.costs_nothing,
            ),
        ),
    ),
    (
        'Activation functions',
        (
            Claim(
                'Swish is better at low flops, ReLU at high ones.', 'figure 20: 400 MF and 6.4 GF'
            ),
        ),
    ),
    (
        'Blocks',
        (
            Claim(
                'X is better than R.',
                f'figure 23: {_ARTWORK}',
                ('regnetx', 'regnetr'),
                rules.is_better,
            ),
            Claim(
                'X is better than V.',
                f'figure 23: {_ARTWORK}',
                ('regnetx', 'regnetv'),
                rules.is_better,
            ),
            Claim(
                'X is better than VR.',
                f'figure 23: {_ARTWORK}',
                ('regnetx', 'regnetvr'),
                rules.is_better,
            ),
            Claim(
                'Without the residual V loses nothing.',
                f'figure 23: {_ARTWORK}',
                ('regnetv', 'regnetvr'),
                rules.costs_nothing,
            ),
            Claim('R likes b > 1.', 'said, not shown', ('regnetr',), rules.likes_bottlenecks),
        ),
    ),
    (
        'Learning rate and weight decay',
        (Claim('Good ones do not depend on the regime.', 'figure 21: bands over regimes'),),
    ),
)
_BESIDE_RESNET = (
    'RegNetX beside ResNet',
    Claim(
        'The RegNetX that was found is better at equal flops.',
        'table 3: X-4.0GF 21.4 ± 0.19%, ResNet-50 23.2 ± 0.09%',
    ),
    Claim(
        'The published RegNetX is better at equal flops.',
        'table 3: X-8.0GF 20.7 ± 0.07%, ResNet-101 21.4 ± 0.11%',
    ),
)

# Keys of the populations that findings are judged by.
KEYS = {key for _, claims in FINDINGS for claim in claims for key in claim.keys}


def findings(results: Results) -> tuple[Finding, ...]:
    """Judge the paper's findings by a study's results.

    Args:
        results: of a study with the keys of configs/study/study.py; what is not there is not
            judged.

    Returns:
        13 findings, in order.
    """
    judged = [
        Finding(number, title, tuple(Judged(claim, _judged(results, claim)) for claim in claims))
        for number, (title, claims) in enumerate(FINDINGS, 1)
    ]
    return (*judged, _beside_resnet(len(judged) + 1, results))


def _judged(results: Results, claim: Claim) -> Judgement:
    """Judge a claim, if its populations are there and large enough."""
    populations = results.get(*claim.keys)
    if populations is None or claim.rule is None:
        return Judgement(NOT_STUDIED, '')
    few = [f'{one.n} of {one.name}' for one in populations if one.n < FEWEST_NETWORKS]
    if few:
        return Judgement(
            OPEN,
            f'at least {FEWEST_NETWORKS} networks with an error are needed of each population, but '
            f'there are {listed(few)}',
        )
    return claim.rule(results, *populations)


def _beside_resnet(number: int, results: Results) -> Finding:
    """Judge the selection, where it was made among networks of RegNetX."""
    title, *claims = _BESIDE_RESNET
    of_found, of_published = claims
    chosen = results.plan.selection
    of_regnet = chosen is not None and chosen.of in SELECTED
    selection: Sequence[Selected] = results.selection if of_regnet else ()
    found = next((one for one in selection if not one.baseline), None)
    published = next((one for one in selection if one.network.startswith('regnet')), None)
    judged = []
    for claim, ours, name in (
        (of_found, found, 'the RegNetX that was found'),
        (of_published, published, 'the published RegNetX'),
    ):
        said = Judgement(NOT_STUDIED, '')
        if ours is not None:
            said = rules.beside_resnet(selection, ours, name)
        if ours is found and said.verdict != NOT_STUDIED:
            said = said._replace(
                evidence=f'{said.evidence}; it was chosen by its error on these images'
            )
        judged.append(Judged(claim, said))
    return Finding(number, title, tuple(judged))
