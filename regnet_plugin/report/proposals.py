"""Which restriction of its design space a trained population suggests, or what one would leave."""

from pathlib import Path

import numpy as np

from regnet_plugin.analysis import Restriction, Restrictions, judge_restrictions
from regnet_plugin.analysis.restrictions import FEWEST, can_be_judged
from regnet_plugin.cli.wording import counted
from regnet_plugin.population.proposals import Masks, kept_in, proposals
from regnet_plugin.population.readers import only, read_records
from regnet_plugin.report.populations import ReportedPopulation, Rules, reported_populations
from regnet_plugin.report.wording import error_text

SHOWN = 10  # of the restrictions, the most promising ones

FEWEST_NETWORKS = 20  # with an error; of fewer most restrictions keep, or leave out, next to none
_MOST = 2000  # networks that are shuffled: a second's work, and no interval is wide with so many
_SEED = 0  # of the shuffles, and of the part of very many networks


def why_not(population: ReportedPopulation) -> str | None:
    """Say why no restriction can be judged by a population; None where it can."""
    name, rated = population.name, population.trained
    if rated < FEWEST_NETWORKS:
        return (
            f'restrictions are judged by {FEWEST_NETWORKS} networks with an error or more, but '
            f'{name} has {rated}'
        )
    if rated < population.n:
        return f'failed networks count, so there is no mean error of {name}'
    if population.untrained and not population.is_random_part:
        return (
            f'the networks of {name} that have ended are not known to be a random part of it, so '
            'that restrictions may not be judged yet'
        )
    return None


def proposed(population: ReportedPopulation) -> Restrictions:
    """Judge all restrictions that a population suggests, and can judge, together.

    Raises:
        ValueError: if it cannot judge any.
    """
    return _judged(population, proposals(population.records))


def judged(population: ReportedPopulation, where: str) -> Restriction | None:
    """Judge one restriction by itself, as if it was thought of before any error was seen.

    Args:
        population: by which it is judged.
        where: an expression.

    Returns:
        None where too few networks with an error keep it, or do not.

    Raises:
        ValueError: if the population cannot judge any, or the restriction is none.
    """
    found = _judged(population, {where: kept_in(population.records, where)}).ranked
    return found[0] if found else None


def _judged(population: ReportedPopulation, masks: Masks) -> Restrictions:
    reason = why_not(population)
    if reason is not None:
        raise ValueError(reason)
    rows, errors = population.rows, population.errors
    if population.n > _MOST:
        part = np.random.default_rng(_SEED).choice(population.n, _MOST, replace=False)
        rows, errors = rows[part], errors[part]
    chosen = {name: mask[rows] for name, mask in masks.items()}
    chosen = {name: mask for name, mask in chosen.items() if can_be_judged(mask.sum(), len(mask))}
    level = 1 - population.rules.level
    return judge_restrictions(chosen, errors, seed=_SEED, level=level)


def judgement_lines(
    path: str | Path, recipe: str | None = None, where: str | None = None
) -> list[str]:
    """Judge restrictions by a population, and say what came of it, in lines of a terminal.

    Args:
        path: of the population, a folder or a table.
        recipe: name of the one that its networks were trained with, where there are several.
        where: the only restriction to judge. None: those that the population suggests.

    Raises:
        ValueError: if the population cannot be read, or no restriction can be judged by it.
    """
    records = only(read_records(path, recipe))
    (population,) = reported_populations([records], Rules())
    unit, confidence = records.unit, f'{population.rules.level:.0%}'
    if where is not None:
        found = judged(population, where)
        if found is None:
            return [
                f'{where}: not judged, for fewer than {FEWEST} networks with an error keep it, or '
                'do not'
            ]
        return [f'{_line(found, unit)}; {confidence} interval']
    tried = proposed(population)
    shown = tried.ranked[:SHOWN]
    width = max((len(one.name) for one in shown), default=0)
    heading = (
        f'{counted(tried.n, "network")} with an error, {error_text(tried.mean, unit)} on average; '
        f'{counted(len(tried.ranked), "restriction")} tried, {confidence} intervals of all together'
    )
    return [heading, *(_line(one, unit, width) for one in shown)]


def _line(one: Restriction, unit: str, width: int = 0) -> str:
    """Say what a restriction leaves, its name in a column of some width."""
    return (
        f'{one.name:<{width}}  keeps {one.share:>4.0%}: {error_text(one.mean, unit)}, '
        f'{one.difference:+.2f} ({one.low:+.2f} to {one.high:+.2f}), {_odds(one)}'
    )


def _odds(one: Restriction) -> str:
    """Say whether a difference is shown, or what would show it."""
    if one.confirmed:
        return 'shown to be better'
    if one.trainings is None:
        return 'no better'
    return f'shown by about {counted(one.trainings, "training")} more, if it is so'
