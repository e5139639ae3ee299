"""The page of a comparison: its looks, and before them what the report says of the populations."""

from collections.abc import Iterator, Sequence
from dataclasses import replace
from pathlib import Path

from regnet_plugin.analysis import decide
from regnet_plugin.comparison.looking import LookTaken
from regnet_plugin.comparison.plan import EVERY, ComparisonPlan
from regnet_plugin.population.measured_error import PERCENT
from regnet_plugin.population.records import Records
from regnet_plugin.report.document import Document, Section, Table
from regnet_plugin.report.drawing.plot import Cell
from regnet_plugin.report.populations import Rules
from regnet_plugin.report.report import report, write_report
from regnet_plugin.report.units import units_of_errors
from regnet_plugin.report.wording import sentence

PAGE = 'report.html'
_COLUMNS = ('look', 'of each', 'better', 'than', 'by', 'low', 'high', 'p', 'said')
_CAPTION = (
    'By: difference of the {words}. Low, high: its interval, which holds at all looks at once with '
    '{confidence:.0%} confidence. P: over all planned looks and all pairs together, the least '
    'until then.'
)


def write_page(
    plan: ComparisonPlan,
    looks: Sequence[LookTaken],
    records: Sequence[Records],
    text: str,
    directory: Path,
) -> Path:
    """Write the page of a comparison; return its path.

    Args:
        plan: of the comparison.
        looks: that were taken.
        records: of the populations.
        text: what it came to.
        directory: of the page.
    """
    document = comparison_document(plan, looks, records, text)
    page = directory / PAGE
    write_report(document, page)
    return page


def comparison_document(
    plan: ComparisonPlan, looks: Sequence[LookTaken], records: Sequence[Records], text: str
) -> Document:
    """Make what the page of a comparison says; arguments are those of `write_page`."""
    document = report(records, Rules(level=plan.confidence))
    caution = (
        'All but the headline and the looks takes the trained networks as if nobody had looked at '
        'them before the end, so that its tests find differences too easily.'
    )
    is_percent = plan.statistic.more_is_better or any(one.unit for one in records)
    sections = (_section(plan, looks, PERCENT if is_percent else ''), *document.sections)
    cautions = (caution, *document.cautions)
    headline = sentence(text).removesuffix('.')
    return replace(document, headline=headline, cautions=cautions, sections=sections)


def _section(plan: ComparisonPlan, looks: Sequence[LookTaken], unit: str) -> Section:
    """The looks as a table; errors are in a unit, '%' or ''."""
    told = (
        f'The spaces were compared after every {EVERY} trainings of each, at {plan.looks} looks at '
        f'most, by the {plan.statistic.words}. A look is a test whose level is chosen so that all '
        'looks together call equal spaces different as rarely as one test would (Wang and Tsiatis '
        '1987).'
    )
    caption = _CAPTION.format(words=plan.statistic.words, confidence=plan.confidence)
    units = units_of_errors((), ['by', 'low', 'high'], unit)
    rows = list(_rows(plan, looks))
    table = Table('looks_table', 'Looks', _COLUMNS, rows, caption, ('p',), units)
    return Section('looks', 'Looks', [told], [table])


def _rows(plan: ComparisonPlan, looks: Sequence[LookTaken]) -> Iterator[tuple[Cell, ...]]:
    """Yield a row for each look and pair that was looked at."""
    differences = [look.differences for look in looks]
    for number, look in enumerate(looks, 1):
        for verdict in decide(plan.names, differences[:number], plan.rules).verdicts:
            if verdict.look == number:
                yield (
                    number,
                    look.trainings,
                    verdict.better,
                    verdict.other,
                    verdict.difference,
                    verdict.low,
                    verdict.high,
                    verdict.p_value,
                    verdict.outcome,
                )
