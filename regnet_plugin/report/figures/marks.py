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
from regnet_plugin.report.plot import Numbers
from regnet_plugin.report.style import BAND, INK, MUTED, PAPER, marker

SHOWN, BEST = 1000, 200  # points of a panel at most, and how many of them are the best
# Points whose shapes are no longer seen; as markers they would take eight times the bytes.
_CLOUD = 100


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


def draw_points(axes: Axes, x: Numbers, y: Numbers, number: int) -> Line2D:
    """Draw the number-th series of points in its colour and, unless they are a cloud, its shape.

    Returns:
        What stands for them in a legend.
    """
    look = marker(number)
    if len(x) > _CLOUD:
        look['marker'] = 'o'
    if look['marker'] == 'o':
        draw_dots(axes, x, y, look['color'], alpha=0.8)
    else:
        axes.plot(x, y, linestyle='none', markersize=3.2, markeredgewidth=0, alpha=0.8, **look)
    return Line2D([], [], linestyle='none', markersize=4.5, markeredgewidth=0, **look)


def shown_points(errors: NDArray[np.float64]) -> NDArray[np.intp]:
    """Choose the points that a panel shows: all, or of more than `SHOWN` a part.

    It is the `BEST` best ones and an even part of the others.

    Args:
        errors: n errors, all finite.

    Returns:
        Indices, ascending.
    """
    if len(errors) <= SHOWN:
        return np.arange(len(errors))
    best_first = np.argsort(errors, kind='stable')
    best, others = best_first[:BEST], best_first[BEST:]
    evenly = np.rint(np.linspace(0, len(others) - 1, SHOWN - BEST)).astype(int)
    return np.sort(np.concatenate([best, others[evenly]]))


def note_of_part(*counts: int) -> str:
    """Say that a figure shows a part of populations of so many networks; '' if it shows all."""
    if max(counts, default=0) <= SHOWN:
        return ''
    return (
        f'Of more than {SHOWN:,} networks of a population the {BEST} best and an even part of the '
        f'others are shown, {SHOWN:,} in all.'
    )


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
