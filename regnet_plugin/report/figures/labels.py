"""Names beside the curves that they belong to, where a legend would be looked up."""

from collections.abc import Iterator, Sequence
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

# Inches: of a bold character and of a line of 9 points, and between a text and its curve.
_CHARACTER, _LINE, _GAP = 0.086, 0.17, 0.06
_HEIGHTS = np.arange(0.94, 0.03, -0.03)  # of a curve, at which its name may stand
_STEP = 0.02  # inches between the points of a curve that a name should not hide


class Label(NamedTuple):
    """A name in a panel, in fractions of its width and height from the lower left.

    Attributes:
        x, y: of the end that is next to the curve, and of the middle of the line.
        side: 'left' if the text begins at x, 'right' if it ends there.
    """

    x: float
    y: float
    side: str


class _Box(NamedTuple):
    left: float
    bottom: float
    right: float
    top: float

    def overlaps(self, other: '_Box') -> bool:
        across = self.left - _GAP < other.right and other.left - _GAP < self.right
        return across and self.bottom < other.top and other.bottom < self.top


def place_labels(
    curves: Sequence[tuple[NDArray[np.float64], NDArray[np.float64]]],
    names: Sequence[str],
    width: float,
    height: float,
    note: str = '',
) -> list[Label] | None:
    """Find a place beside each of some rising curves where its name hides little.

    Args:
        curves: x and y of each, ascending, in fractions of the panel.
        names: one for each.
        width, height: of the panel, in inches.
        note: what stands in the lower right corner. Default: nothing.

    Returns:
        A label for each; None where there is no room for all.
    """
    dots = [_dots(x * width, y * height) for x, y in curves]
    every = np.concatenate(dots) if dots else np.empty((0, 2))
    taken = [_Box(width - _CHARACTER * (len(note) + 2), 0, width, 2 * _LINE)] if note else []
    labels = []
    for (x, y), name in zip(curves, names):
        found = None
        least = np.inf
        for label, box in _candidates(x, y, name, width, height):
            if any(box.overlaps(other) for other in taken):
                continue
            hidden = _number_inside(every, box)
            if hidden < least:
                found, least = (label, box), hidden
        if found is None:
            return None
        labels.append(found[0])
        taken.append(found[1])
    return labels


def _candidates(
    x: NDArray[np.float64], y: NDArray[np.float64], name: str, width: float, height: float
) -> Iterator[tuple[Label, _Box]]:
    """Places of a name on either side of its curve, those that are in the panel."""
    length = _CHARACTER * len(name)
    places = np.minimum(np.searchsorted(y, _HEIGHTS), len(x) - 1)
    for share, at in zip(_HEIGHTS.tolist(), (x[places] * width).tolist()):
        middle = share * height
        low, high = middle - _LINE / 2, middle + _LINE / 2
        right = _Box(at + _GAP, low, at + _GAP + length, high)
        left = _Box(at - _GAP - length, low, at - _GAP, high)
        for box, end, side in ((right, right.left, 'left'), (left, left.right, 'right')):
            if box.left >= 0 and box.right <= width and low >= 0 and high <= height:
                yield Label(end / width, share, side), box


def _dots(x: NDArray[np.float64], y: NDArray[np.float64]) -> NDArray[np.float64]:
    """Points along a curve, in equal steps: shape (n, 2)."""
    lengths = np.hypot(np.diff(x), np.diff(y))
    along = np.concatenate([[0.0], np.cumsum(lengths)])
    places = np.arange(0, along[-1] + _STEP, _STEP)
    return np.column_stack([np.interp(places, along, x), np.interp(places, along, y)])


def _number_inside(dots: NDArray[np.float64], box: _Box) -> int:
    x, y = dots.T
    inside = (x > box.left) & (x < box.right) & (y > box.bottom) & (y < box.top)
    return int(np.count_nonzero(inside))
