"""What a comparison came to, in words."""

import math
from collections.abc import Sequence

from regnet_plugin.analysis import Decision, Verdict, trainings_at_once
from regnet_plugin.analysis.looks.power import POWER
from regnet_plugin.cli.wording import counted
from regnet_plugin.comparison.looking import LookTaken
from regnet_plugin.comparison.plan import ComparisonPlan
from regnet_plugin.report.wording import points


def trainings_of(looks: Sequence[LookTaken]) -> dict[str, int]:
    """Count the trainings of each space: those of the last look at it."""
    return {name: look.trainings for look in looks for name in look.variances}


def decision_text(
    plan: ComparisonPlan, decision: Decision, looks: Sequence[LookTaken], unit: str
) -> str:
    """Say in a line without a full stop what looks came to.

    Args:
        plan: of the comparison.
        decision: of the looks.
        looks: those that were taken, at least one.
        unit: of the errors, see `Records.unit`.
    """
    unit = '%' if plan.statistic.kind == 'below' else unit
    said = '; '.join(_verdict_text(plan, verdict, unit) for verdict in decision.verdicts)
    trainings = sum(trainings_of(looks).values())
    text = f'{said}, after {counted(trainings, "training")}'
    if decision.going_on:
        text += f'; it goes on, to {plan.of_each} of each at most'
    failed = {name: number for look in looks for name, number in look.failed.items() if number}
    if failed:
        counts = ', '.join(f'{number} of {name}' for name, number in failed.items())
        text += f'; failed, and not counted: {counts}'
    if len(decision.verdicts) == 1 and decision.verdicts[0].outcome == 'better':
        text += _plain_text(plan, decision.verdicts[0], looks)
    return text


def _verdict_text(plan: ComparisonPlan, verdict: Verdict, unit: str) -> str:
    better, other = verdict.better, verdict.other
    if verdict.outcome == 'better':
        return f'{better} is better than {other} by {_amount(plan, verdict, unit)}'
    if verdict.outcome == 'equal':
        said = f'{better} and {other} are equal within {points(plan.margin, unit)}'
    else:
        said = f'no difference of {better} and {other} is shown'
    if not math.isfinite(verdict.low):
        return f'{said}: too few networks have an error, or all have the same'
    return f'{said}: {better} is better by {_amount(plan, verdict, unit)}'


def _amount(plan: ComparisonPlan, verdict: Verdict, unit: str) -> str:
    """By how much, of what, from where to where."""
    style = '.2f' if unit else '.4g'
    what = '' if plan.statistic.kind == 'mean' else f' of the {plan.statistic.words}'
    interval = f'({verdict.low:{style}} to {verdict.high:{style}})'
    return f'{points(verdict.difference, unit)}{what} {interval}'


def _plain_text(plan: ComparisonPlan, verdict: Verdict, looks: Sequence[LookTaken]) -> str:
    """How many trainings it takes to find such a difference at once, of trained networks alone."""
    last = looks[verdict.look - 1]
    variance = last.variances[verdict.better] + last.variances[verdict.other]
    needed = 2 * trainings_at_once(verdict.difference, variance, plan.confidence)
    return f'; a plain comparison would need {needed:,} ({POWER:.0%} power)'
