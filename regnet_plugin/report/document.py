"""What a page of the report is made of: values only; `page` makes HTML of them."""

from dataclasses import dataclass
from typing import Dict, Optional, Sequence, Tuple, Union

from regnet_plugin.report.plot import Plot


@dataclass(frozen=True)
class Figure:
    """A plot with its place on the page.

    Attributes:
        plot (Plot): what is drawn.
        title (str): a line above it.
        caption (str): what is to be seen, below it.
    """

    plot: Plot
    title: str
    caption: str = ''


@dataclass(frozen=True)
class Table:
    """A small table of text and numbers, all of it on the page.

    Attributes:
        key (str): name of its CSV file.
        title (str): a line above it.
        columns (Sequence[str]): headings.
        rows (Sequence[Sequence[str | float | int | None]]): None is shown as a dash.
        caption (str): below it.
    """

    key: str
    title: str
    columns: Sequence[str]
    rows: Sequence[Sequence]
    caption: str = ''


@dataclass(frozen=True)
class Section:
    """A chapter of the page.

    Attributes:
        key (str): its anchor.
        title (str): its heading, an entry of the contents.
        text (Sequence[str]): paragraphs.
        items (Sequence[Figure | Table]): in order.
    """

    key: str
    title: str
    text: Sequence[str] = ()
    items: Sequence[Union[Figure, Table]] = ()


@dataclass(frozen=True)
class NetworkTable:
    """The table of all networks: one column of text or numbers after the other, all of the same
    length.

    Attributes:
        columns (dict[str, Sequence]): ``population``, ``network``, ``status``, ``error``, …; None
            and what is not finite are shown as a dash.
        backbones (Sequence[dict | None]): arguments of `regnet_plugin.AnyNet`: the diagram and the
            config of each.
        links (Sequence[str | None]): paths of the configs' files, relative to the page.
    """

    columns: Dict[str, Sequence]
    backbones: Sequence[Optional[dict]]
    links: Sequence[Optional[str]]


@dataclass(frozen=True)
class Document:
    """A page.

    Attributes:
        title (str): its name.
        summary (Sequence[str]): paragraphs that say first what the rest shows.
        sections (Sequence[Section]): in order.
        networks (Networks, optional): the table at the end.
        footer (str): versions and time.
        files (str, optional): folder, relative to the page, that has each figure as ``<key>.pdf``
            and so on, ``<key>.csv`` of each table and ``networks.csv``; the page links to them.
            None where they were not saved.
        formats (tuple[str]): of the figures there, see `Plot.save`.
    """

    title: str
    summary: Sequence[str]
    sections: Tuple[Section, ...]
    networks: Optional[NetworkTable] = None
    footer: str = ''
    files: Optional[str] = None
    formats: Tuple[str, ...] = ('pdf', 'png', 'csv')
