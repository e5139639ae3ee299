"""Panels at fixed places, with ticks that cost little, and a legend below."""

from dataclasses import dataclass
from functools import wraps
from math import ceil

from matplotlib.figure import Figure
from matplotlib.transforms import offset_copy

from regnet_plugin.report.figures.marks import strokes
from regnet_plugin.report.style import MUTED, drawing

# inches, of several panels in a row and of one: text of 9 points is read on a phone, too
WIDE, NARROW = 6.6, 5.2
# characters of a name in a legend or above all, and above a panel or at an axis
NAME, LABEL = 44, 26

_RIGHT, _TOP, _BOTTOM = 0.12, 0.1, 0.47  # inches around the panels
_BESIDE, _BESIDE_SHARED, _ABOVE = 0.68, 0.2, 0.55
_TITLE, _PANEL_TITLE, _LEGEND_LINE, _LEGEND_GAP = 0.26, 0.17, 0.18, 0.08
_MARGIN, _FOOT = 0.12, 0.06  # of the legend, from the left and from below
_TICK = 3  # points


@dataclass(frozen=True)
class Layout:
    """Panels of equal size in rows; all of it in inches, so that nothing has to be measured.

    Attributes:
        count (int): panels, at least 1.
        columns (int): of them in a row, at most.
        height (float): of a panel.
        width (float): of the figure.
        left (float): place for the numbers and the label of the first panel's y axis.
        shared (bool): all panels have the same y axis, with numbers at the first of a row.
        legend (int): lines of the legend and the remarks below.
        titles (int): lines of the panels' titles.
        title (str): above all.
    """

    count: int
    columns: int = 3
    height: float = 1.7
    width: float = WIDE
    left: float = 0.6
    shared: bool = False
    legend: int = 0
    titles: int = 0
    title: str = ''

    def figure(self):
        """Make the figure; returns it and its axes, row by row."""
        columns, rows = min(self.columns, self.count), ceil(self.count / self.columns)
        beside = _BESIDE_SHARED if self.shared else _BESIDE
        titles = _PANEL_TITLE * self.titles
        top, above = _TOP + titles + _TITLE * bool(self.title), _ABOVE + titles
        bottom = _BOTTOM + self.legend * _LEGEND_LINE + bool(self.legend) * _LEGEND_GAP
        total = top + bottom + rows * self.height + (rows - 1) * above
        width = (self.width - self.left - _RIGHT - (columns - 1) * beside) / columns
        figure = Figure(figsize=(self.width, total))
        panels = []
        for number in range(self.count):
            row, column = divmod(number, columns)
            x, y = (
                self.left + column * (width + beside),
                total - top - self.height - row * (self.height + above),
            )
            box = (x / self.width, y / total, width / self.width, self.height / total)
            panels.append(
                figure.add_axes(box, sharey=panels[0] if self.shared and panels else None)
            )
            # it is not drawn, but what the pointer shows is called so
            panels[-1].yaxis.label.set_visible(not self.shared or column == 0)
        if self.title:
            figure.text(
                _MARGIN / self.width,
                1 - 0.07 / total,
                self.title,
                va='top',
                fontsize=10,
                fontweight='bold',
            )
        return figure, panels


def legend_below(figure, handles, labels, columns=1, remarks=()):
    """Put the legend, and remarks under it, at the bottom, where the `Layout` has left lines for
    both.
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


def drawn(function):
    """Decorate a function that makes a `Plot`: in the report's settings, and with plain ticks."""

    @wraps(function)
    def inside(*args, **kwargs):
        with drawing():
            plot = function(*args, **kwargs)
            for axes in plot.figure.axes:
                _plain_ticks(axes)
            return plot

    return inside


def _plain_ticks(axes):
    """Put lines and texts in the place of the axes' ticks and labels, which are laid out anew for
    each format.

    That is two thirds of the time: nine panels of 500 points take 0.65 s as SVG, PDF and PNG, and
    so 0.25 s.
    """
    x_ticks, y_ticks = _ticks(axes.xaxis), _ticks(axes.yaxis)
    across, up = axes.get_xaxis_transform(), axes.get_yaxis_transform()
    height = axes.get_position().height * axes.figure.get_size_inches()[1] * 72
    strokes(
        axes,
        [((x, 0), (x, -_TICK / height)) for x in x_ticks],
        across,
        MUTED,
        linewidth=0.7,
        clip_on=False,
    )
    strokes(
        axes, [((0, y), (1, y)) for y in y_ticks], up, MUTED, linewidth=0.6, alpha=0.25, zorder=0.5
    )
    below = offset_copy(across, axes.figure, y=-_TICK - 2.5, units='points')
    for x, text in x_ticks.items():
        axes.text(x, 0, text, transform=below, ha='center', va='top', fontsize=8, color=MUTED)
    axes.annotate(
        axes.get_xlabel(),
        (0.5, 0),
        (0, -17),
        'axes fraction',
        'offset points',
        ha='center',
        va='top',
    )
    if axes.yaxis.label.get_visible():
        _plain_y_labels(axes, y_ticks, up)
    axes.xaxis.set_visible(False)
    axes.yaxis.set_visible(False)


def _plain_y_labels(axes, ticks, up):
    beside = offset_copy(up, axes.figure, x=-4, units='points')
    for y, text in ticks.items():
        axes.text(
            0, y, text, transform=beside, ha='right', va='center_baseline', fontsize=8, color=MUTED
        )
    place = 12 + 4.6 * max(map(len, ticks.values()), default=0)  # a digit is about so wide
    edge = axes.get_position().x0 * axes.figure.get_size_inches()[0] * 72 - 6
    axes.annotate(
        axes.get_ylabel(),
        (0, 0.5),
        (-min(place, edge), 0),
        'axes fraction',
        'offset points',
        rotation=90,
        ha='center',
        va='center',
    )


def _ticks(axis):
    """Texts of the ticks in view, by their places."""
    low, high = sorted(axis.get_view_interval())
    places = [place for place in axis.get_majorticklocs() if low <= place <= high]
    return dict(zip(places, axis.get_major_formatter().format_ticks(places)))
