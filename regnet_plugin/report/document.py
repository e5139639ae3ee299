"""What a page of the report is made of: values only; `page` makes HTML of them."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np

from regnet_plugin.report.plot import Cell, Column, Plot
from regnet_plugin.report.sketch import Finished, Sketch


@dataclass(frozen=True)
class Figure:
    """A plot with its place on the page.

    Attributes:
        plot: what is drawn; a sketch is drawn when the page is written.
        title: a line above it.
        caption: what is to be seen, below it.
    """

    plot: Plot | Sketch | Finished
    title: str
    caption: str = ''


@dataclass(frozen=True)
class Table:
    """A small table of text and numbers, all of it on the page.

    Attributes:
        key: name of its CSV file.
        title: a line above it.
        columns: headings.
        rows: one cell per column each; None is shown as a dash.
        caption: below it.
    """

    key: str
    title: str
    columns: Sequence[str]
    rows: Sequence[Sequence[Cell]]
    caption: str = ''


@dataclass(frozen=True)
class Section:
    """A chapter of the page.

    Attributes:
        key: its anchor; no other section, figure or table of the page has it.
        title: its heading, an entry of the contents.
        text: paragraphs.
        items: figures and tables, in order.
    """

    key: str
    title: str
    text: Sequence[str] = ()
    items: Sequence[Figure | Table] = ()


@dataclass(frozen=True)
class NetworkTable:
    """The table of n networks, column by column.

    Attributes:
        columns: n texts or numbers each: ``population``, ``network``, ``status``, ``error``, …;
            None and what is not finite are shown as a dash.
        backbones: arguments of `regnet_plugin.AnyNet`, n in all: the diagram and the config of each
            network; None where unknown.
        links: n paths of the configs' files, relative to the page; None where there is none.
        number: of all networks, where these are the best of them; None where they are all.
    """

    columns: Mapping[str, Column]
    backbones: Sequence[Mapping[str, Any] | None]
    links: Sequence[str | None]
    number: int | None = None

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
        )


@dataclass(frozen=True)
class Document:
    """A page.

    Attributes:
        title: its name.
        summary: paragraphs that say first what the rest shows.
        sections: in order.
        networks: the table at the end. Default: none.
        footer: versions and time.
        files: folder, relative to the page, that has each figure as ``<key>.pdf`` and so on,
            ``<key>.csv`` of each table and ``networks.csv``; the page links to them. None where
            they were not saved.
        formats: of the figures there, see `Plot.save`.
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
    refresh: int | None = None
