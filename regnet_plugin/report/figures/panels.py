"""Panels at fixed places, with ticks that cost little, and a legend below."""

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from functools import wraps
from math import ceil
from typing import Any, ClassVar, ParamSpec

from matplotlib.axes import Axes
from matplotlib.axis import Axis
from matplotlib.figure import Figure
from matplotlib.transforms import Transform, offset_copy

from regnet_plugin.report.drawing.plot import Plot
from regnet_plugin.report.drawing.style import MUTED, drawing
from regnet_plugin.report.drawing.svg import Margins
from regnet_plugin.report.figures.marks import draw_strokes

P = ParamSpec('P')

# Widths of figures in inches: of several panels in a row, of one that stands alone, and of one that
# stands beside others. Text of 9 points is read on a phone, too.
WIDE, NARROW, SINGLE = 6.6, 5.2, 4.0
# Characters of a name: in a legend or above all, and above a panel or at an axis.
NAME, LABEL = 44, 26

# Inches around the panels, for labels and numbers of 8 to 9 points.
_LEFT, _RIGHT, _TOP, _BOTTOM = 0.6, 0.12, 0.1, 0.47
_BESIDE, _BESIDE_SHARED, _ABOVE = 0.68, 0.2, 0.55
_TITLE, _PANEL_TITLE, _LEGEND_LINE, _LEGEND_GAP = 0.26, 0.17, 0.18, 0.08
_TITLE_FROM_TOP = 0.07
_MARGIN, _FOOT = 0.12, 0.06  # of the legend, from the left and from below
_POINTS = 72  # in an inch
# Points (1/72 inch), which keep labels and numbers apart at the sizes of their text.
_TICK = 3  # length
_X_NUMBERS, _X_LABEL = 2.5, 17  # from the tick down, and from the axis down
_Y_NUMBERS, _Y_LABEL = 4, 12  # from the axis to the left, and from the numbers on
_DIGIT, _WIDER_M = 4.6, 0.8  # about the width of one, and by how many an m is wider
_EDGE = 6  # between the left edge of a figure and the middle of the label


@dataclass(frozen=True)
class Layout:
    """Panels of equal size in rows; all of it in inches, so that nothing has to be measured.

    Attributes:
        count: panels, at least 1.
        columns: of them in a row, at most.
        height: of a panel.
        width: of the figure.
        left: place for the numbers and the label of the first panel's y axis.
        shared: all panels have the same y axis, with numbers at the first of a row.
        legend: lines of the legend and the remarks below.
        titles: lines of the panels' titles.
        title: above all.
    """

    count: int
    columns: int = 3
    height: float = 1.7
    width: float = WIDE
    left: float = _LEFT
    shared: bool = False
    legend: int = 0
    titles: int = 0
    title: str = ''
    around: ClassVar[float] = _LEFT + _RIGHT  # beside a single panel, left and right of it

    @property
    def margins(self) -> Margins:
        """What a panel has around it, if each one has the numbers of its y axis."""
        return Margins(
            _BESIDE - _RIGHT + self._wider, _RIGHT, _TOP + _PANEL_TITLE * self.titles, _BOTTOM
        )

    @property
    def _wider(self) -> float:
        """What the numbers and the label of a y axis take beyond the usual place."""
        return max(0.0, self.left - _LEFT)

    def figure(self) -> tuple[Figure, list[Axes]]:
        """Make the figure and its panels, row by row."""
        columns = min(self.columns, self.count)
        rows = ceil(self.count / self.columns)
        beside = _BESIDE_SHARED if self.shared else _BESIDE + self._wider
        titles = _PANEL_TITLE * self.titles
        above = _ABOVE + titles
        top = _TOP + titles
        if self.title:
            top += _TITLE
        bottom = _BOTTOM + self.legend * _LEGEND_LINE
        if self.legend:
            bottom += _LEGEND_GAP
        height = top + bottom + rows * self.height + (rows - 1) * above
        panel_width = (self.width - self.left - _RIGHT - (columns - 1) * beside) / columns

        figure = Figure(figsize=(self.width, height))
        panels: list[Axes] = []
        for number in range(self.count):
            row, column = divmod(number, columns)
            x = self.left + column * (panel_width + beside)
            y = height - top - self.height - row * (self.height + above)
            box = (
                x / self.width,
                y / height,
                panel_width / self.width,
                self.height / height,
            )
            first = panels[0] if self.shared and panels else None
            panel = figure.add_axes(box, sharey=first)
            # it is not drawn, but what the pointer shows is called so
            panel.yaxis.label.set_visible(not self.shared or column == 0)
            panels.append(panel)
        if self.title:
            figure.text(
                _MARGIN / self.width,
                1 - _TITLE_FROM_TOP / height,
                self.title,
                va='top',
                fontsize=10,
                fontweight='bold',
            )
        return figure, panels


def legend_below(
    figure: Figure,
    handles: Iterable[Any],
    labels: Iterable[str],
    columns: int = 1,
    remarks: Sequence[str] = (),
) -> None:
    """Put the legend, and remarks under it, where the `Layout` has left lines for both.

    Args:
        figure: to draw on.
        handles: Matplotlib's artists that stand for what is drawn.
        labels: one per handle.
        columns: of the legend. Default: 1.
        remarks: a line each. Default: none.
    """
    width, height = figure.get_size_inches()
    figure.legend(
        handles,
        labels,
        loc='lower left',
        ncols=columns,
        borderaxespad=0,
        bbox_to_anchor=(_MARGIN / width, (_FOOT + len(remarks) * _LEGEND_LINE) / height),
    )
    for number, remark in enumerate(reversed(remarks)):
        y = (_FOOT + number * _LEGEND_LINE) / height
        figure.text(_MARGIN / width, y, remark, fontsize=8, color=MUTED, va='bottom')


def drawn(function: Callable[P, Plot]) -> Callable[P, Plot]:
    """Decorate a function that makes a `Plot`: in the report's settings, and with plain ticks."""

    @wraps(function)
    def inside(*args: P.args, **kwargs: P.kwargs) -> Plot:
        with drawing():
            plot = function(*args, **kwargs)
            for axes in plot.figure.axes:
                _make_ticks_plain(plot.figure, axes, plot.split)
            return plot

    return inside


def _make_ticks_plain(figure: Figure, axes: Axes, margins: Margins | None) -> None:
    """Put lines and texts in the place of ticks and labels, which are laid out for each format.

    That is two thirds of the time: nine panels of 500 points take 0.65 s as SVG, PDF and PNG, and
    so 0.25 s.
    """
    x_ticks, y_ticks = _ticks(axes.xaxis), _ticks(axes.yaxis)
    # places: x in data and y in fractions of the panel, and the other way round
    across, up = axes.get_xaxis_transform(), axes.get_yaxis_transform()
    box = axes.get_position()
    figure_width, figure_height = figure.get_size_inches()
    tick = _TICK / (box.height * figure_height * _POINTS)
    draw_strokes(
        axes,
        [((x, 0), (x, -tick)) for x in x_ticks],
        across,
        MUTED,
        linewidth=0.7,
        clip_on=False,
    )
    draw_strokes(
        axes, [((0, y), (1, y)) for y in y_ticks], up, MUTED, linewidth=0.6, alpha=0.25, zorder=0.5
    )
    _draw_x_labels(figure, axes, x_ticks, across)
    if axes.yaxis.label.get_visible():
        place = box.x0 * figure_width if margins is None else margins.left
        _draw_y_labels(figure, axes, y_ticks, up, place * _POINTS)
    axes.xaxis.set_visible(False)
    axes.yaxis.set_visible(False)


def _draw_x_labels(figure: Figure, axes: Axes, ticks: dict[float, str], across: Transform) -> None:
    below = offset_copy(across, figure, y=-_TICK - _X_NUMBERS, units='points')
    for x, text in ticks.items():
        axes.text(x, 0, text, transform=below, ha='center', va='top', fontsize=8, color=MUTED)
    axes.annotate(
        axes.get_xlabel(),
        (0.5, 0),
        (0, -_X_LABEL),
        'axes fraction',
        'offset points',
        ha='center',
        va='top',
    )


def _draw_y_labels(
    figure: Figure, axes: Axes, ticks: dict[float, str], up: Transform, place: float
) -> None:
    """Write numbers and label beside the axis, for which there are ``place`` points."""
    beside = offset_copy(up, figure, x=-_Y_NUMBERS, units='points')
    for y, text in ticks.items():
        axes.text(
            0, y, text, transform=beside, ha='right', va='center_baseline', fontsize=8, color=MUTED
        )
    longest = max((len(text) + _WIDER_M * text.count('m') for text in ticks.values()), default=0)
    left_of_axis = min(_Y_LABEL + _DIGIT * longest, place - _EDGE)
    axes.annotate(
        axes.get_ylabel(),
        (0, 0.5),
        (-left_of_axis, 0),
        'axes fraction',
        'offset points',
        rotation=90,
        ha='center',
        va='center',
    )


def _ticks(axis: Axis) -> dict[float, str]:
    """Texts of the ticks in view, by their places."""
    low, high = sorted(axis.get_view_interval())
    places = [place for place in axis.get_majorticklocs() if low <= place <= high]
    return dict(zip(places, axis.get_major_formatter().format_ticks(places)))
