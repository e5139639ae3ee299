"""The 13 findings of the paper, one by one: which of them appear in a study."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass

from regnet_plugin.report.wording import listed
from regnet_plugin.study import rules
from regnet_plugin.study.judging.judgement import NOT_STUDIED, OPEN, Judgement
from regnet_plugin.study.results import Results, Selected
from regnet_plugin.study.statistics import FEWEST_NETWORKS

# Keys of the populations that findings are judged by: those of configs/study/study.py.
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
REGIMES = ('regnetx_half', 'regnetx', 'regnetx_double')  # by rising flops
NO_POPULATIONS = 'There are no such populations.'


@dataclass(frozen=True)
class Finding:
    """A finding of the paper.

    Attributes:
        number: 1 to 13.
        claim: what the paper found.
        verdict: one of `regnet_plugin.study.judging.judgement.VERDICTS`.
        evidence: sentences.
    """

    number: int
    claim: str
    verdict: str
    evidence: str


def findings(results: Results) -> tuple[Finding, ...]:
    """Judge the paper's findings by a study's results.

    Args:
        results: of a study with the keys of configs/study/study.py; what is not there is not
            judged.

    Returns:
        13 findings, in order.
    """
    judged = (
        (
            'Sharing b and g costs nothing (A, B and C have nearly the same EDF); b <= 2 and g > 1 '
            'are better.',
            _judged(results, rules.sharing, 'anynetx_a', 'anynetx_b', 'anynetx_c'),
        ),
        (
            'Increasing widths help much, increasing depths help too.',
            _judged(results, rules.increasing, 'anynetx_c', 'anynetx_d', 'anynetx_e'),
        ),
        (
            'The best networks are close to a quantized line; RegNetX has a better mean than '
            'AnyNetX_E and an equal best error.',
            _judged(results, rules.line, 'anynetx_c', 'anynetx_d', 'anynetx_e', 'regnetx'),
        ),
        (
            'The order RegNetX, AnyNetX_E, AnyNetX_A, best first, holds elsewhere too: better '
            'training, more flops, other blocks.',
            _judged(results, rules.order, 'anynetx_a_enhanced', 'regnetx_enhanced'),
        ),
        (
            'Over regimes of flops the best depth is stable, b = 1, w_m is near 2.5, and g, w_0 '
            'and w_a grow.',
            _judged(results, rules.regimes, *REGIMES),
        ),
        (
            'In the best networks activations grow with the square root of flops, parameters '
            'linearly; activations predict run time better than flops do.',
            _judged(results, rules.growth, *REGIMES),
        ),
        (
            'The constrained RegNetX is the better space, with fewer parameters and activations.',
            _judged(results, rules.constrained, 'regnetx_constrained', 'regnetx'),
        ),
        (
            'Squeeze-and-excitation helps; inverted bottlenecks, depthwise convs and other '
            'resolutions are worse.',
            _judged(results, rules.variants, 'regnety', 'regnetx'),
        ),
        (
            'The best networks have most blocks in the third stage, and one or two in the fourth.',
            _judged(results, rules.stages, 'regnetx'),
        ),
        (
            'Swish is better at low flops, ReLU at high ones.',
            Judgement(NOT_STUDIED, 'All networks have ReLU.'),
        ),
        (
            'X is the best block; the residual gives V nothing; R likes b > 1.',
            _judged(results, rules.blocks, 'regnetx', 'regnetr', 'regnetv', 'regnetvr'),
        ),
        (
            'Good learning rates and weight decays do not depend on the regime.',
            Judgement(
                NOT_STUDIED, 'All networks have the learning rate and weight decay of the recipe.'
            ),
        ),
        (
            'RegNetX beats ResNet at equal flops and at equal activations.',
            rules.beside_resnet(_selected_regnets(results)),
        ),
    )
    return tuple(
        Finding(number, claim, judgement.verdict, judgement.evidence)
        for number, (claim, judgement) in enumerate(judged, 1)
    )


def _judged(results: Results, rule: Callable[..., Judgement], *keys: str) -> Judgement:
    """Apply a rule to the populations of some keys, if they are there and large enough."""
    populations = results.get(*keys)
    if populations is None:
        return Judgement(NOT_STUDIED, NO_POPULATIONS)
    few = [f'{one.n} of {one.name}' for one in populations if one.n < FEWEST_NETWORKS]
    if few:
        return Judgement(
            OPEN,
            f'At least {FEWEST_NETWORKS} networks with an error are needed of each population, but '
            f'there are {listed(few)}.',
        )
    return rule(*populations)


def _selected_regnets(results: Results) -> Sequence[Selected]:
    """Return the selection, where it was made among the networks of 'regnetx'; else nothing."""
    chosen = results.plan.selection
    return results.selection if chosen and chosen.of == 'regnetx' else ()
