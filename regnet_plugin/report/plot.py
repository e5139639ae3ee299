"""A drawn figure that knows its numbers: SVG for the page with the values on hover, PDF and PNG, CSV."""
from dataclasses import dataclass
from typing import Dict, Optional, Sequence, Tuple

from matplotlib.figure import Figure


@dataclass(frozen=True)
class Series:
    """What can be pointed at in one pair of axes.

    Attributes:
        axes (int): index in ``figure.axes``.
        label (str): of the series, as in the legend; may come from data.
        x, y (Sequence[float]): in data coordinates, of equal length.
        kind (str): 'points', the nearest one is shown, or 'steps', F at the pointer's x is shown (a left-continuous step
            function whose value right of ``x[i]`` is ``y[i]``).
        names (Sequence[str], optional): of the points, such as networks; may come from data.
    """

    axes: int
    label: str
    x: Sequence[float]
    y: Sequence[float]
    kind: str = 'points'
    names: Optional[Sequence[str]] = None


@dataclass(frozen=True)
class Plot:
    """A figure.

    Attributes:
        key (str): name of its files, and its anchor on the page: lower-case letters, digits, '-' and '_'.
        figure (matplotlib.figure.Figure): as drawn.
        data (dict[str, Sequence]): columns of its CSV, of equal length.
        series (tuple[Series]): what is shown on hover.
    """

    key: str
    figure: Figure
    data: Dict[str, Sequence]
    series: Tuple[Series, ...] = ()

    def svg(self):
        """Return the figure as an ``<svg>`` element: no XML header, ids that are unique on a page (they begin with the
        key), text as text, colours as CSS variables of the page's theme."""
        raise NotImplementedError

    def hover(self):
        """Return what the page's script needs, fit for JSON: per axes its box as fractions of the SVG's width and height
        (from the top left), limits and scales ('linear' or 'log') of x and y, and names of the axes; and the series."""
        raise NotImplementedError

    def save(self, folder, formats=('pdf', 'png', 'csv')):
        """Write ``<key>.pdf`` and so on into a folder."""
        raise NotImplementedError
