"""The findings of the paper, claim by claim, from made-up results whose answers are known."""

from dataclasses import replace

import pytest
from study_results import LIKE_THE_PAPER, made_up_results

from regnet_plugin.analysis import Decision, Verdict
from regnet_plugin.study.judging.findings import KEYS, findings
from regnet_plugin.study.judging.judgement import (
    ALIKE,
    NO,
    NOT_STUDIED,
    OPEN,
    VERDICTS,
    YES,
    together,
)
from regnet_plugin.study.looking import Looked
from regnet_plugin.study.plan import Looks
from regnet_plugin.study.results import read_results


@pytest.fixture(scope='module')
def results(tmp_path_factory):
    folder = tmp_path_factory.mktemp('study')
    return read_results(made_up_results(folder, LIKE_THE_PAPER), folder)


def test_what_was_built_in_is_found(results):
    verdicts = {found.number: found.verdict for found in findings(results)}
    assert list(verdicts) == list(range(1, 14))
    assert [verdicts[number] for number in (2, 4, 8, 13)] == [YES] * 4
    # of these two findings the rest is not made up: e_fits and sizes
    assert claim_of(results, 3, 'RegNetX has').verdict == YES
    assert claim_of(results, 7, 'It is the better').verdict == YES
    assert verdicts[1] == OPEN  # so few networks do not show that nothing is there
    assert verdicts[5] == OPEN
    assert verdicts[10] == verdicts[12] == NOT_STUDIED


def test_the_opposite_is_found_as_well(tmp_path):
    reversed_means = {key: 60 - mean for key, mean in LIKE_THE_PAPER.items()}
    verdicts = {
        found.number: found.verdict
        for found in findings(read_results(made_up_results(tmp_path, reversed_means), tmp_path))
    }
    assert [verdicts[number] for number in (2, 3, 4, 7, 8)] == [NO] * 5


def test_no_difference_is_not_decided(tmp_path):
    same = dict.fromkeys(LIKE_THE_PAPER, 30)
    verdicts = {
        found.number: found.verdict
        for found in findings(read_results(made_up_results(tmp_path, same), tmp_path))
    }
    # one in twenty by chance
    assert sum(verdicts[number] == OPEN for number in (2, 3, 4, 7, 8)) >= 4


def claim_of(results, number, beginning):
    """What is said of the claim of a finding that begins so."""
    (said,) = (
        judged.judgement
        for judged in findings(results)[number - 1].claims
        if judged.claim.text.startswith(beginning)
    )
    return said


@pytest.mark.parametrize(
    'size, means, verdict',
    [(120, (30, 30), YES), (12, (30, 30.4), OPEN), (24, (30, 34), NO)],
)
def test_that_a_cost_is_not_shown_is_not_taken_for_none(tmp_path, size, means, verdict):
    keys = 'anynetx_a', 'anynetx_b'
    results = read_results(made_up_results(tmp_path, dict(zip(keys, means)), size=size), tmp_path)
    said = claim_of(results, 1, 'One bottleneck ratio')
    assert said.verdict == verdict and 'a cost below' in said.evidence


PAIR = ('anynetx_d', 'anynetx_c')


def looked_at(results, better, outcome, low, high, pair=PAIR):
    """The results with a look at widths that do not fall, after 20 trainings of each."""
    (other,) = set(pair) - {better}
    verdict = Verdict(better, other, outcome, (low + high) / 2, low, high, 0.01, 1)
    looks = Looks((pair,), 20, 60, 0.5, margins={pair: 2.0})
    return replace(
        results,
        plan=replace(results.plan, looks=looks),
        looked=(Looked(pair, 20, Decision((verdict,), ())),),
    )


@pytest.mark.parametrize(
    'better, outcome, low, high, verdict, told',
    [
        ('anynetx_d', 'better', 1.0, 3.0, YES, '-2.00 points (-3.00 to -1.00)'),
        ('anynetx_c', 'better', 1.0, 3.0, NO, '+2.00 points (+1.00 to +3.00)'),
        ('anynetx_c', 'equal', -1.5, 1.7, ALIKE, '+0.10 points (-1.50 to +1.70)'),
        ('anynetx_d', 'undecided', -1.0, 3.0, OPEN, '-1.00 points (-3.00 to +1.00)'),
    ],
)
@pytest.mark.parametrize('pair', [PAIR, PAIR[::-1]])
def test_a_pair_that_is_looked_at_is_judged_by_its_looks(
    results, pair, better, outcome, low, high, verdict, told
):
    """Whichever of the two the plan names first."""
    said = claim_of(
        looked_at(results, better, outcome, low, high, pair), 2, 'Widths that do not fall'
    )
    assert said.verdict == verdict
    assert said.evidence == (
        f'AnyNetX_D less AnyNetX_C: {told} after 20 trainings of each, of 60 at most'
    )
    assert said.said == ('equal within 2 points' if verdict == ALIKE else verdict)


@pytest.mark.parametrize('low, high, verdict', [(-1.5, 1.9, YES), (-1.0, 2.1, OPEN)])
def test_a_cost_below_the_margin_is_none(results, low, high, verdict):
    """By the margin of the pair, and not that of all others."""
    pair = ('anynetx_b', 'anynetx_a')
    seen = looked_at(results, 'anynetx_a', 'undecided', low, high, pair)
    assert claim_of(seen, 1, 'One bottleneck ratio').verdict == verdict


def test_before_the_first_look_nothing_is_said(results):
    looks = Looks((PAIR,), 20, 60, 0.5)
    seen = replace(
        results,
        plan=replace(results.plan, looks=looks),
        looked=(Looked(PAIR, 0, None),),
    )
    said = claim_of(seen, 2, 'Widths that do not fall')
    assert said.verdict == OPEN and 'the first look is at 20 trainings' in said.evidence


def test_a_finding_holds_if_all_its_claims_do():
    assert together([YES, YES, NOT_STUDIED]) == YES and together([NOT_STUDIED]) == NOT_STUDIED
    assert together([YES, OPEN]) == OPEN and together([YES, OPEN, NO]) == NO
    assert together([YES, ALIKE]) == ALIKE
    assert {together([verdict]) for verdict in VERDICTS} == set(VERDICTS)


def test_every_claim_is_judged_by_populations_of_a_plan(results):
    assert {'anynetx_a', 'regnetx', 'regnetx_inverted'} <= KEYS
    claims = [judged.claim for finding in findings(results) for judged in finding.claims]
    assert all(claim.paper for claim in claims)
    assert all((claim.rule is None) == (claim.keys == ()) for claim in claims)
