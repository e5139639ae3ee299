"""What is drawn in panels: points, bands, remarks."""

import numpy as np
from matplotlib.lines import Line2D
from matplotlib.patches import PathPatch
from matplotlib.path import Path
from matplotlib.ticker import NullLocator

from regnet_plugin.report.style import BAND, INK, MUTED, PAPER, marker

SHOWN, BEST = 1000, 200  # points of a panel at most, and how many of them are the best
# points whose shapes are no longer seen; as markers they would take eight times the bytes
_CLOUD = 100


def strokes(axes, segments, transform, color, **look):
    """Draw straight lines, as one path.

    Args:
        axes (matplotlib.axes.Axes): to draw on; limits stay as they are.
        segments (array_like): n pairs of ends, of x and y each.
        transform (matplotlib.transforms.Transform): of x and y.
        color (str), look: of the lines.
    """
    corners = np.reshape(segments, (-1, 2))
    path = Path(corners, np.tile([Path.MOVETO, Path.LINETO], len(corners) // 2))
    axes.add_artist(PathPatch(path, fill=False, edgecolor=color, transform=transform, **look))


def dots(axes, x, y, color, size=3.2, alpha=0.55):
    """Draw round points of a size in points, as one path of lines without length: 500 take 8 kB of
    SVG, not 60.
    """
    ends = np.repeat(np.column_stack([x, y]).astype(float), 2, axis=0)
    ends[1::2, 0] *= 1 + 1e-9  # where there is no length at all, PNG has no round ends
    strokes(
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


def points(axes, x, y, number):
    """Draw the number-th series of points in its colour and, unless they are a cloud, its shape.

    Returns:
        Line2D: what stands for them in a legend.
    """
    look = marker(number)
    if len(x) > _CLOUD:
        look['marker'] = 'o'
    if look['marker'] == 'o':
        dots(axes, x, y, look['color'], alpha=0.8)
    else:
        axes.plot(x, y, linestyle='none', markersize=3.2, markeredgewidth=0, alpha=0.8, **look)
    return Line2D([], [], linestyle='none', markersize=4.5, markeredgewidth=0, **look)


def shown(errors):
    """Choose the points that a panel shows: all of `SHOWN`, or else the best ones and an even part
    of the others.

    Args:
        errors (np.ndarray): n errors, all finite.

    Returns:
        np.ndarray: indices, ascending.
    """
    if len(errors) <= SHOWN:
        return np.arange(len(errors))
    order = np.argsort(errors, kind='stable')
    others = BEST + np.rint(np.linspace(0, len(order) - BEST - 1, SHOWN - BEST)).astype(int)
    return np.sort(np.concatenate([order[:BEST], order[others]]))


def band(axes, bootstrap):
    """Draw the empirical bootstrap across a panel: the range as a band, the most likely best value
    as a line.
    """
    if np.isfinite(bootstrap.median):
        # the edge keeps a range of one value visible
        axes.axvspan(
            bootstrap.low, bootstrap.high, facecolor=BAND, edgecolor=BAND, linewidth=1.5, zorder=0.4
        )
        axes.axvline(bootstrap.median, color=INK, linewidth=1.2, zorder=1.8)


def corner_note(axes, text):
    """Write a remark in the lower right corner of a panel."""
    axes.text(0.97, 0.04, text, ha='right', va='bottom', **_remark(axes))


def empty(axes, text='no network has an error'):
    """Say that a panel has no data."""
    axes.xaxis.set_major_locator(NullLocator())
    axes.text(0.5, 0.5, text, ha='center', va='center', **_remark(axes))


def _remark(axes):
    return dict(
        transform=axes.transAxes,
        fontsize=7.5,
        color=MUTED,
        zorder=5,
        bbox=dict(facecolor=PAPER, edgecolor='none', alpha=0.7, pad=1),
    )
