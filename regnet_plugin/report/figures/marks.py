"""What is drawn in panels: points, bands, remarks."""

from typing import Any

import numpy as np
from matplotlib.axes import Axes
from matplotlib.lines import Line2D
from matplotlib.patches import PathPatch
from matplotlib.path import Path
from matplotlib.ticker import NullLocator
from matplotlib.transforms import Transform
from numpy.typing import ArrayLike, NDArray

from regnet_plugin.analysis import Bootstrap
from regnet_plugin.report.drawing.plot import Numbers
from regnet_plugin.report.drawing.style import BAND, INK, MUTED, PAPER, SERIES, marker

SHOWN = 1000  # points of a population in a panel at most
_SHOWN_OF_ALL = 3000  # points of all populations of a figure, beyond which they hide each other
_FEWEST_SHOWN = 100  # points of a population in any case
_BEST = 5  # every fifth point that is shown is one of the best
# Points whose shapes are no longer seen; as markers they would take eight times the bytes.
_CLOUD = 40


def draw_strokes(
    axes: Axes, segments: ArrayLike, transform: Transform, color: str, **look: Any
) -> None:
    """Draw straight lines, as one path.

    Args:
        axes: to draw on; limits stay as they are.
        segments: n pairs of ends, each of x and y: shape (n, 2, 2), or one that can be reshaped.
        transform: of x and y.
        color: of the lines.
        **look: other arguments of `matplotlib.patches.PathPatch`.
    """
    corners = np.reshape(segments, (-1, 2))
    codes = np.tile([Path.MOVETO, Path.LINETO], len(corners) // 2)
    path = Path(corners, codes)
    axes.add_artist(PathPatch(path, fill=False, edgecolor=color, transform=transform, **look))


def draw_dots(
    axes: Axes, x: Numbers, y: Numbers, color: str, size: float = 3.2, alpha: float = 0.55
) -> None:
    """Draw round points as one path of lines without length: 500 take 8 kB of SVG, not 60.

    Args:
        axes: to draw on.
        x, y: n numbers each, in data coordinates.
        color: of the points.
        size: diameter in points (1/72 inch). Default: 3.2.
        alpha: opacity. Default: 0.55, so that points in one place can be told from a single one.
    """
    ends = np.repeat(np.column_stack([x, y]).astype(float), 2, axis=0)
    ends[1::2, 0] *= 1 + 1e-9  # where there is no length at all, PNG has no round ends
    draw_strokes(
        axes,
        ends,
        axes.transData,
        color,
        linewidth=size,
        alpha=alpha,
        zorder=2,
        capstyle='round',
        snap=False,
    )


def draw_points(axes: Axes, x: Numbers, y: Numbers, number: int, series: int) -> Line2D:
    """Draw the number-th of some series of points in its colour and, unless all are a cloud, shape.

    Returns:
        What stands for them in a legend.
    """
    look = marker(number)
    if len(x) > _CLOUD or series > len(SERIES):
        look['marker'] = 'o'
    if look['marker'] == 'o':
        draw_dots(axes, x, y, look['color'], alpha=0.8)
    else:
        axes.plot(x, y, linestyle='none', markersize=3.2, markeredgewidth=0, alpha=0.8, **look)
    return Line2D([], [], linestyle='none', markersize=4.5, markeredgewidth=0, **look)


def most_shown(populations: int) -> int:
    """Return how many points of each of so many populations a figure shows."""
    return min(SHOWN, max(_FEWEST_SHOWN, _SHOWN_OF_ALL // max(1, populations)))


def shown_points(errors: NDArray[np.float64], most: int = SHOWN) -> NDArray[np.intp]:
    """Choose the points that a panel shows: all, or a part if there are more than ``most``.

    A fifth of that part are the best ones, the others an even part of the rest.

    Args:
        errors: n errors, all finite.
        most: points. Default: `SHOWN`.

    Returns:
        Indices, ascending.
    """
    if len(errors) <= most:
        return np.arange(len(errors))
    number = most // _BEST
    best_first = np.argsort(errors, kind='stable')
    best, others = best_first[:number], best_first[number:]
    evenly = np.rint(np.linspace(0, len(others) - 1, most - number)).astype(int)
    return np.sort(np.concatenate([best, others[evenly]]))


def note_of_part(*counts: int) -> str:
    """Say that a figure shows a part of populations of so many networks; '' if it shows all."""
    most = most_shown(len(counts))
    if max(counts, default=0) <= most:
        return ''
    return (
        f'Of more than {most:,} networks of a population the {most // _BEST} best and an even part '
        f'of the others are shown, {most:,} in all.'
    )


def draw_boxes(axes: Axes, boxes: ArrayLike, color: str, **look: Any) -> None:
    """Fill rectangles, as one path.

    Args:
        axes: to draw on; limits stay as they are.
        boxes: n times left, right, low and high, in data coordinates: shape (n, 4).
        color: of all.
        **look: other arguments of `matplotlib.patches.PathPatch`.
    """
    left, right, low, high = np.reshape(np.asarray(boxes, dtype=np.float64), (-1, 4)).T
    x = np.column_stack([left, right, right, left, left])
    y = np.column_stack([low, low, high, high, low])
    codes = [Path.MOVETO, Path.LINETO, Path.LINETO, Path.LINETO, Path.CLOSEPOLY]
    path = Path(np.column_stack([x.ravel(), y.ravel()]), np.tile(codes, len(left)))
    patch = PathPatch(path, facecolor=color, linewidth=0, transform=axes.transData, **look)
    patch.set_clip_path(axes.patch)
    axes.add_artist(patch)


def draw_bootstrap(axes: Axes, bootstrap: Bootstrap) -> None:
    """Draw the empirical bootstrap across a panel, if there is one.

    The range is a band, the most likely best value a line.
    """
    if not np.isfinite(bootstrap.median):
        return
    # the edge keeps a range of one value visible
    axes.axvspan(
        bootstrap.low, bootstrap.high, facecolor=BAND, edgecolor=BAND, linewidth=1.5, zorder=0.4
    )
    axes.axvline(bootstrap.median, color=INK, linewidth=1.2, zorder=1.8)


def note_in_corner(axes: Axes, text: str) -> None:
    """Write a remark in the lower right corner of a panel."""
    axes.text(0.97, 0.04, text, ha='right', va='bottom', **_remark(axes))


def note_no_data(axes: Axes, text: str = 'no network has an error') -> None:
    """Say in the middle of a panel that it has no data."""
    axes.xaxis.set_major_locator(NullLocator())
    axes.text(0.5, 0.5, text, ha='center', va='center', **_remark(axes))


def _remark(axes: Axes) -> dict[str, Any]:
    """Looks of a remark, whose place is given in fractions of the panel."""
    return {
        'transform': axes.transAxes,
        'fontsize': 7.5,
        'color': MUTED,
        'zorder': 5,
        'bbox': {'facecolor': PAPER, 'edgecolor': 'none', 'alpha': 0.7, 'pad': 1},
    }
