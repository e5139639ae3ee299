"""A drawn figure that knows its numbers.

It is SVG for the page, with the values on hover, PDF and PNG, and CSV.
"""

import io
import re
import warnings
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, NamedTuple, TypedDict
from unittest.mock import patch

import matplotlib
import numpy as np
from fontTools import subset
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from numpy.typing import NDArray

from regnet_plugin.files import replace
from regnet_plugin.report.csv_file import write_csv
from regnet_plugin.report.drawing.paper import paper_width, scaled_pdf, scaled_svg
from regnet_plugin.report.drawing.style import TEXT_AS_TEXT, Settings, drawing, one_line
from regnet_plugin.report.drawing.svg import (
    POINTS,
    Box,
    Margins,
    PageSvg,
    page_svg,
    panel_box,
    split_panels,
    text_of,
    with_plain_colours,
)

_TOGETHER = 10_000  # rows that are made of columns at a time
FORMATS = ('pdf', 'png', 'csv', 'svg')

# What a column of a plot's CSV, or of a table of the report, may be; n cells each.
Cell = str | float | None
Column = Sequence[Cell] | NDArray[Any]
Numbers = Sequence[float] | NDArray[np.float64] | NDArray[np.int_]

# What else would differ between two files of the same plot, by format.
_TIMELESS: dict[str, dict[str, None]] = {
    'svg': {'Date': None},
    'pdf': {'CreationDate': None},
    'png': {'Software': None},
}
_FONT_OPTIONS = subset.Options
_SAVING: Settings = {**TEXT_AS_TEXT, 'svg.image_inline': True, 'pdf.compression': 6}
# PNG: 858 pixels for 6.6 inches; the usual level of compression takes 20 ms more, and saves 2% of
# the bytes.
_OPTIONS: dict[str, dict[str, Any]] = {
    'pdf': {},
    'png': {'dpi': 130, 'pil_kwargs': {'compress_level': 3}},
}


def _without_layout(**settings: Any) -> Any:
    """How Matplotlib cuts the fonts that it embeds in PDF: without the tables that lay out text.

    No reader of PDF looks at them, for it is told each glyph and its place; and to cut them to the
    glyphs of a figure takes as long as all other work on it.
    """
    options = _FONT_OPTIONS(**settings)
    options.drop_tables += ['GDEF', 'GPOS', 'GSUB', 'kern']
    return options


@dataclass(frozen=True)
class Series:
    """What can be pointed at in one pair of axes.

    Attributes:
        axes: index in ``figure.axes``.
        label: of the series, as in the legend; may come from data.
        x, y: in data coordinates, of equal length.
        kind: 'points', the nearest one is shown, or 'steps', F at the pointer's x is shown (a
            left-continuous step function whose value right of ``x[i]`` is ``y[i]``).
        names: of the points, such as networks; may come from data. Default: none.
        within: of steps that are made by a part of the networks: a column of the table of networks,
            and the numbers that its values lie between, ends excluded. Default: by all of them.
    """

    axes: int
    label: str
    x: Numbers
    y: Numbers
    kind: str = 'points'
    names: Sequence[str] | None = None
    within: tuple[str, float, float] | None = None


class AxisOnHover(TypedDict):
    """What the page's script knows of one axis.

    Attributes:
        limits: values at the left and right, or the bottom and top.
        scale: 'linear' or 'log'.
        label: its text.
    """

    limits: list[float]
    scale: str
    label: str


class AxesOnHover(TypedDict):
    """What the page's script knows of one pair of axes.

    Attributes:
        box: left, top, width and height as fractions of the SVG's width and height, from the top
            left.
        x, y: the two axes.
    """

    box: list[float]
    x: AxisOnHover
    y: AxisOnHover


class SeriesOnHover(TypedDict):
    """A `Series` as the page's script knows it: what is not finite is None."""

    axes: int
    label: str
    kind: str
    names: list[str] | None
    x: list[float | None]
    y: list[float | None]
    within: tuple[str, float, float] | None


class Hover(TypedDict):
    """What the page's script needs of a plot, fit for JSON: one entry per axes and per series."""

    axes: list[AxesOnHover]
    series: list[SeriesOnHover]


class View(NamedTuple):
    """A drawing of the page, and what is shown on hover there."""

    svg: str
    hover: Hover


@dataclass(frozen=True)
class Plot:
    """A figure with its data.

    Attributes:
        key: name of its files, and its anchor on the page: lower-case letters, digits, '-' and '_'.
        figure: as drawn.
        data: columns of its CSV, of equal length.
        series: what is shown on hover.
        split: what is around the panels, which the page shows one by one, as many in a row as there
            is room for. Default: the page shows the figure as it is.
        legend: of a figure that is split, for the page: text and number of the series, see
            `regnet_plugin.report.drawing.style.line`.
        notes: remarks for the page, of a figure that is split.

    Raises:
        ValueError: for another key, or columns of different lengths.
    """

    key: str
    figure: Figure
    data: Mapping[str, Column]
    series: tuple[Series, ...] = ()
    split: Margins | None = None
    legend: Sequence[tuple[str, int]] = ()
    notes: Sequence[str] = ()

    def __post_init__(self) -> None:
        if not re.fullmatch('[a-z0-9_-]+', self.key):
            raise ValueError(
                f"a plot's key must be of lower-case letters, digits, '-' and '_', not {self.key!r}"
            )
        lengths = {name: len(column) for name, column in self.data.items()}
        if len(set(lengths.values())) > 1:
            raise ValueError(
                f'columns of a plot must be of equal length, but those of {self.key} have {lengths}'
            )

    def svg(self) -> str:
        """Return the figure as an ``<svg>`` element, the same at any time; see `page_svg`."""
        return text_of(self._page_svg().element)

    def views(self) -> list[View]:
        """Return what the page shows: the figure, or each of the panels that it is split into."""
        if self.split is None:
            return [View(self.svg(), self.hover())]
        svg = self._page_svg()
        hover = self.hover()
        boxes = [panel_box(self.figure, axes, self.split) for axes in self.figure.axes]
        panels = split_panels(svg, boxes)
        width, height = self.figure.get_size_inches() * POINTS
        views = []
        for number, (panel, box) in enumerate(zip(panels, boxes)):
            axes = _relative(hover['axes'][number], box, width, height)
            of_panel = [one for one in hover['series'] if one['axes'] == number]
            series = [SeriesOnHover({**one, 'axes': 0}) for one in of_panel]
            views.append(View(text_of(panel), {'axes': [axes], 'series': series}))
        return views

    def _page_svg(self) -> PageSvg:
        return page_svg(self._rendered('svg', facecolor='none', edgecolor='none'), self.key)

    def standalone_svg(self) -> str:
        """Return the figure as a file of its own.

        It is on white, with a font, and in colours that drawing programs know, too.
        """
        style = 'stroke-linejoin: round'
        text = self.svg().replace(style, f'{style}; background: white; font-family: sans-serif', 1)
        return with_plain_colours(text)

    def hover(self) -> Hover:
        """Return what the page's script needs; numbers have six digits."""
        return {
            'axes': [_axes_on_hover(axes) for axes in self.figure.axes],
            'series': [_series_on_hover(series) for series in self.series],
        }

    def save(
        self,
        folder: str | Path,
        formats: Sequence[str] = ('pdf', 'png', 'csv'),
        for_paper: bool = False,
    ) -> list[Path]:
        """Write ``<key>.pdf`` and so on into a folder; the same plot gives the same bytes.

        Args:
            folder: is made where it is missing.
            formats: of 'pdf', 'png', 'csv' and 'svg'.
            for_paper: PDF and SVG are as wide as a column of a paper, or as two. Default: False.

        Returns:
            The paths of what was written.

        Raises:
            ValueError: for another format.
        """
        unknown = [name for name in formats if name not in FORMATS]
        if unknown:
            raise ValueError(
                f'formats of a plot are {", ".join(FORMATS)}, but got {", ".join(unknown)}'
            )
        Path(folder).mkdir(parents=True, exist_ok=True)
        paths = []
        for name in formats:
            path = Path(folder, f'{self.key}.{name}')
            if name == 'csv':
                write_csv(path, self.data, rows_of(self.data))
            else:
                replace(path, self.content(name, for_paper))
            paths.append(path)
        return paths

    def content(self, name: str, for_paper: bool = False) -> bytes:
        """Return the bytes of a file in one of the formats of drawings, such as 'png'."""
        drawn_width = float(self.figure.get_figwidth())
        factor = paper_width(drawn_width) / drawn_width
        if name == 'svg':
            text = self.standalone_svg()
            if for_paper:
                text = scaled_svg(text, factor)
            return text.encode(errors='backslashreplace')
        content = self._rendered(name, **_OPTIONS[name])
        return scaled_pdf(content, factor) if for_paper and name == 'pdf' else content

    def _rendered(self, name: str, **options: Any) -> bytes:
        """What Matplotlib writes in a format, with options of its ``savefig``."""
        output = io.BytesIO()
        with (
            drawing(),
            matplotlib.rc_context({**_SAVING, 'svg.hashsalt': self.key}),
            patch.object(subset, 'Options', _without_layout),
            warnings.catch_warnings(),
        ):
            # the font has no Chinese, say: boxes in PDF and PNG, while the page's own fonts show
            # the name
            warnings.filterwarnings('ignore', message='Glyph .* missing from')
            self.figure.savefig(output, format=name, metadata=_TIMELESS[name], **options)
        return output.getvalue()


def columns_of(names: Sequence[str], rows: Sequence[Sequence[Cell]]) -> dict[str, tuple[Cell, ...]]:
    """Turn rows of a table into its columns by name; all are empty where there are no rows."""
    if not rows:
        return {name: () for name in names}
    return dict(zip(names, zip(*rows)))


def rows_of(columns: Mapping[str, Column]) -> Iterator[tuple[Cell, ...]]:
    """Yield the rows of columns of equal length, as Python's values, with None for NaN."""
    length = max(map(len, columns.values()), default=0)
    for first in range(0, length, _TOGETHER):
        part = slice(first, first + _TOGETHER)
        yield from zip(*[cells_of(column[part]) for column in columns.values()])


def cells_of(column: Column) -> list[Cell]:
    """Return a column as Python's values, with None for NaN."""
    values = column.tolist() if isinstance(column, np.ndarray) else column
    return [None if value != value else value for value in values]


def _axes_on_hover(axes: Axes) -> AxesOnHover:
    box = axes.get_position()
    return {
        'box': [_rounded(value) for value in (box.x0, 1 - box.y1, box.width, box.height)],
        'x': _axis_on_hover(axes.get_xlim(), axes.get_xscale(), axes.get_xlabel()),
        'y': _axis_on_hover(axes.get_ylim(), axes.get_yscale(), axes.get_ylabel()),
    }


def _relative(axes: AxesOnHover, box: Box, width: float, height: float) -> AxesOnHover:
    """A pair of axes of a figure as one of a part of it; sizes of the figure are in points."""
    left, top, across, down = axes['box']
    place = [
        (left * width - box.x) / box.width,
        (top * height - box.y) / box.height,
        across * width / box.width,
        down * height / box.height,
    ]
    return {**axes, 'box': [_rounded(value) for value in place]}


def _axis_on_hover(limits: tuple[float, float], scale: str, label: str) -> AxisOnHover:
    return {
        'limits': [float(limit) for limit in limits],
        'scale': 'log' if scale == 'log' else 'linear',
        'label': label,
    }


def _series_on_hover(series: Series) -> SeriesOnHover:
    return {
        'axes': series.axes,
        'label': one_line(series.label),
        'kind': series.kind,
        'names': None if series.names is None else [one_line(name) for name in series.names],
        'x': [_six_digits(value) for value in series.x],
        'y': [_six_digits(value) for value in series.y],
        'within': series.within,
    }


def _six_digits(value: float) -> float | None:
    """A number rounded to six digits; None where it is not finite."""
    return _rounded(value) if np.isfinite(value) else None


def _rounded(value: float) -> float:
    """A number rounded to six digits."""
    rounded = float(f'{value:.6g}')
    return int(rounded) if rounded.is_integer() else rounded  # shorter, in JSON
