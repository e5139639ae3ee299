"""What a page of the report is made of: values only; `page` makes HTML of them."""

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import Any

import numpy as np

from regnet_plugin.population.records import Curve
from regnet_plugin.report.drawing.plot import Cell, Column, Plot
from regnet_plugin.report.drawing.sketch import Finished, Sketch


@dataclass(frozen=True)
class Figure:
    """A plot with its place on the page.

    Attributes:
        plot: what is drawn; a sketch is drawn when the page is written.
        title: a line above it.
        caption: what is to be seen, below it.
        narrow: the same, drawn for a screen as narrow as a phone's. Default: the plot itself.
        wide: it takes the whole width of the page, where others stand side by side.
    """

    plot: Plot | Sketch | Finished
    title: str
    caption: str = ''
    narrow: Plot | Sketch | Finished | None = None
    wide: bool = False

    @property
    def key(self) -> str:
        """Its anchor, and the name of its files."""
        return self.plot.key


@dataclass(frozen=True)
class Table:
    """A small table of text and numbers, all of it on the page.

    Attributes:
        key: name of its CSV file.
        title: a line above it.
        columns: headings.
        rows: one cell per column each; None is shown as a dash.
        caption: below it.
        p_values: those of the columns that are p-values; small ones are shown as '<0.001'.
        units: of columns by their names, which the headings have, too; see
            `regnet_plugin.report.units`, which knows those of counts.
    """

    key: str
    title: str
    columns: Sequence[str]
    rows: Sequence[Sequence[Cell]]
    caption: str = ''
    p_values: Sequence[str] = ()
    units: Mapping[str, str] = field(default_factory=dict)


@dataclass(frozen=True)
class Fold:
    """Figures and tables behind a line that opens them.

    Attributes:
        title: the line.
        items: what is behind it, in order.
    """

    title: str
    items: Sequence[Figure | Table]


@dataclass(frozen=True)
class Section:
    """A chapter of the page.

    Attributes:
        key: its anchor; no other section, figure or table of the page has it.
        title: its heading, an entry of the contents.
        text: paragraphs.
        items: figures and tables, in order; some of them folded away.
    """

    key: str
    title: str
    text: Sequence[str] = ()
    items: Sequence[Figure | Table | Fold] = ()

    @property
    def figures_and_tables(self) -> Iterator[Figure | Table]:
        """All of them in order, also those that are folded away."""
        for item in self.items:
            if isinstance(item, Fold):
                yield from item.items
            else:
                yield item


@dataclass(frozen=True)
class NetworkTable:
    """The table of n networks, column by column.

    Attributes:
        columns: n texts or numbers each: ``population``, ``network``, ``status``, ``error``, …;
            None and what is not finite are shown as a dash.
        backbones: arguments of `regnet_plugin.AnyNet`, n in all: the diagram and the config of each
            network; None where unknown.
        links: n paths of the configs' files, relative to the page; None where there is none.
        curves: n, or none: epoch and error of each evaluation; empty where unknown.
        units: of columns by their names, as `Table` has them.
        number: of all networks, where these are the best of them; None where they are all.
    """

    columns: Mapping[str, Column]
    backbones: Sequence[Mapping[str, Any] | None]
    links: Sequence[str | None]
    number: int | None = None
    curves: Sequence[Curve] = ()
    units: Mapping[str, str] = field(default_factory=dict)

    def best(self, most: int) -> 'NetworkTable':
        """Return the networks with the least errors, in the order of the table.

        Args:
            most: that there are to be; all of them where there are no more.
        """
        if len(self.backbones) <= most:
            return self
        errors = np.asarray(self.columns['error'], dtype=np.float64)
        rows = np.sort(np.argsort(errors, kind='stable')[:most])  # those without an error are last
        return NetworkTable(
            {name: [column[row] for row in rows] for name, column in self.columns.items()},
            [self.backbones[row] for row in rows],
            [self.links[row] for row in rows],
            number=len(self.backbones),
            curves=[self.curves[row] for row in rows] if self.curves else (),
            units=self.units,
        )


@dataclass(frozen=True)
class Document:
    """A page.

    Attributes:
        title: its name.
        summary: paragraphs that say what the rest shows.
        sections: in order.
        networks: the table at the end. Default: none.
        footer: versions and time.
        files: folder, relative to the page, that has each figure as ``<key>.pdf`` and so on,
            ``<key>.csv`` of each table and ``networks.csv``; the page links to them. None where
            they were not saved.
        formats: of the figures there, see `Plot.save`.
        headline: the finding in a sentence, which stands above all. Default: the title does.
        lead: the figure that shows it. Default: none.
        facts: what stands beside the figure, as pairs of a name and a text.
        cautions: what speaks against the finding, a sentence each.
        refresh: seconds after which a browser loads the page again, of one that is made again and
            again. Default: never.
    """

    title: str
    summary: Sequence[str]
    sections: tuple[Section, ...]
    networks: NetworkTable | None = None
    footer: str = ''
    files: str | None = None
    formats: tuple[str, ...] = ('pdf', 'png', 'csv')
    headline: str = ''
    lead: Figure | None = None
    facts: Sequence[tuple[str, str]] = ()
    cautions: Sequence[str] = ()
    refresh: int | None = None

    @property
    def told(self) -> list[str]:
        """The page in sentences, as a terminal shows it.

        The first fact, which is how much there is, then cautions, other facts and the summary.
        """
        facts = [f'{name}: {text}.' for name, text in self.facts[1:]]
        extent = [f'{text}.' for _, text in self.facts[:1]]
        cautions = [f'Caution: {text}' for text in self.cautions]
        return [*extent, *cautions, *facts, *self.summary]

    @property
    def figures(self) -> Iterator[Figure]:
        """All of them, in order."""
        if self.lead is not None:
            yield self.lead
        for section in self.sections:
            for item in section.figures_and_tables:
                if isinstance(item, Figure):
                    yield item

    def with_figures(self, change: Callable[[Figure], Figure]) -> 'Document':
        """Return the document with other figures in the places of its own.

        Args:
            change: makes one of the other.
        """

        def changed(item: Figure | Table) -> Figure | Table:
            return change(item) if isinstance(item, Figure) else item

        sections = []
        for section in self.sections:
            items: list[Figure | Table | Fold] = []
            for item in section.items:
                if isinstance(item, Fold):
                    items.append(replace(item, items=[changed(one) for one in item.items]))
                else:
                    items.append(changed(item))
            sections.append(replace(section, items=items))
        lead = None if self.lead is None else change(self.lead)
        return replace(self, sections=tuple(sections), lead=lead)
