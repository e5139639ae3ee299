"""The next step of a design: which restriction of its space a population suggests."""

from collections.abc import Sequence

from regnet_plugin.analysis import Restriction, Restrictions
from regnet_plugin.cli.wording import counted
from regnet_plugin.report.document import Figure, Fold, Section, Table
from regnet_plugin.report.drawing.plot import Cell
from regnet_plugin.report.drawing.sketch import Sketch
from regnet_plugin.report.figures import Interval, forest_plot
from regnet_plugin.report.populations import ReportedPopulation, drawn_alone
from regnet_plugin.report.proposals import SHOWN, proposed, why_not
from regnet_plugin.report.units import units_of_errors
from regnet_plugin.report.wording import error_text

_COLUMNS = (
    'restriction',
    'networks kept',
    'share',
    'mean',
    'difference',
    'low',
    'high',
    'p',
    'trainings to show it',
)
_EXPLANATION = (
    'Networks that are trained already tell what a restriction of their space would leave: those '
    'that keep it are a random part of the restricted space. Restrictions are ranked by the '
    'difference less its standard error; low, high and p pay for having tried all of them, with '
    'shuffled errors. Trainings: how many networks more, of the restricted space or of the whole, '
    'show the difference by itself with a probability of 80%, if it is as large as it seems. '
    'tools/restrict_space.py writes the config of a restricted space.'
)


def restrictions_section(
    populations: Sequence[ReportedPopulation], keys: Sequence[str], brief: bool
) -> Section | None:
    """Make the section: a figure and a table per population, of the most promising restrictions.

    Args:
        populations: in the order of the page.
        keys: of each population, for the keys of its figures.
        brief: only the best population is looked at.

    Returns:
        None where no restriction of any population can be judged.
    """
    key_of = {population.name: key for population, key in zip(populations, keys)}
    judging = [one for one in populations if why_not(one) is None]
    if not judging:
        return None
    best, others = drawn_alone(judging, brief)
    items: list[Figure | Table | Fold] = []
    text = []
    for population in (best, *others):
        found = proposed(population)
        if not found.ranked:
            continue
        text.append(sentence_of(population, found))
        of_one = _items(population, found, key_of[population.name])
        if population is best:
            items += of_one
        else:
            items.append(Fold(f'{population.name}: what restrictions would leave', of_one))
    if not items:
        return None
    return Section('next', 'The next step', [_EXPLANATION, *text], items)


def _items(population: ReportedPopulation, found: Restrictions, key: str) -> list[Figure | Table]:
    """Make the figure and the table of the most promising restrictions of a population."""
    shown = found.ranked[:SHOWN]
    unit = population.records.unit
    label = 'difference of the mean error' + (' (points)' if unit else '')
    intervals = [_interval(one) for one in shown]
    title = f'{population.name}: what restrictions would leave'
    caption = f'Mean error of the kept networks less that of all; {_tried(population, found)}'
    rows = [_row(one) for one in shown]
    return [
        Figure(Sketch(forest_plot, f'next-{key}', intervals, label), title, caption),
        Table(
            f'restrictions-{key}',
            'Restrictions',
            _COLUMNS,
            rows,
            p_values=('p',),
            units=units_of_errors(['mean'], ['difference', 'low', 'high'], unit),
        ),
    ]


def _interval(one: Restriction) -> Interval:
    text = f'{one.difference:+.3g} ({one.low:+.3g} to {one.high:+.3g})'
    return Interval(one.name, one.difference, one.low, one.high, text, one.confirmed)


def _row(one: Restriction) -> tuple[Cell, ...]:
    share = f'{one.share:.0%}'
    numbers = (one.mean, one.difference, one.low, one.high, one.p_value)
    return (one.name, one.kept, share, *numbers, one.trainings)


def _tried(population: ReportedPopulation, found: Restrictions) -> str:
    """Say what the intervals are of, and by how many networks they were judged."""
    some = f' of {population.n:,}, drawn at random' if found.n < population.n else ''
    return (
        f'{1 - found.level:.0%} intervals of all {counted(len(found.ranked), "restriction")} '
        f'together, by {counted(found.n, "network")}{some}.'
    )


def sentence_of(population: ReportedPopulation, found: Restrictions) -> str:
    """Say which restrictions are shown to leave better networks, or which one may be.

    Args:
        population: that judged them.
        found: restrictions that were tried together, at least one.
    """
    unit = population.records.unit
    start = (
        f'{population.name}, mean error {error_text(found.mean, unit)}: of '
        f'{counted(len(found.ranked), "restriction")} tried '
    )
    shown = found.confirmed
    if not shown:
        best = _text(found.ranked[0], unit)
        return f'{start}none is shown to leave better networks; most promising {best}.'
    number = f'{len(shown)} are' if len(shown) > 1 else 'one is'
    best = _text(shown[0], unit)
    return f'{start}{number} shown to leave better networks; most promising {best}.'


def _text(one: Restriction, unit: str) -> str:
    """Write what a restriction leaves: 'rising(width), which keeps 5% of the networks, …'."""
    return (
        f'{one.name}, which keeps {one.share:.0%} of the networks, with a mean error of '
        f'{error_text(one.mean, unit)} ({one.difference:+.3g}, {one.low:+.3g} to {one.high:+.3g})'
    )
