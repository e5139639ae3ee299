"""The EDF of a population's errors (equation 1) in characters, for a terminal.

Its own few lines of numpy: uniplot and plotext draw frames that ASCII does not have, and one of
them reads the keyboard, the other one has changed its interface between two versions.
"""

import math
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from itertools import count

import numpy as np
from numpy.typing import NDArray
from rich.console import Console, ConsoleOptions
from rich.text import Text

from regnet_plugin.cli.wording import counted
from regnet_plugin.population.measured_error import PERCENT

_HEIGHT = 7  # lines of the curve: an odd number, so that there is one in the middle
_SHARES = {0: '100%', _HEIGHT // 2: ' 50%', _HEIGHT - 1: '  0%'}  # by line
_MARGIN = 5  # columns of the shares, and of a space
_ROOM = 12  # columns from one number below the axis to the next, at least
_DIGITS = 6  # of an error: float32, in which it was measured, tells no more apart
# Where the worst tenth takes more than half of the axis, it ends before: networks that learned
# nothing are far from all others.
_SHOWN = 0.9


@dataclass(frozen=True)
class _Characters:
    """What a terminal can show.

    Attributes:
        cells: n characters, for each set of dots: the sum of the weights of those that are set.
        weights: of the dots of a character, a row for each line of them.
        vertical, horizontal, corner, place: of the axes; the last one is that of a number.
    """

    cells: str
    weights: NDArray[np.int64]
    vertical: str
    horizontal: str
    corner: str
    place: str


# Of Unicode's braille the eight bits say which dots are set; the first one is a space, which is
# narrow in all fonts.
_BRAILLE = _Characters(
    ' ' + ''.join(map(chr, range(0x2801, 0x2900))),
    np.array([[0x01, 0x08], [0x02, 0x10], [0x04, 0x20], [0x40, 0x80]]),
    *'│─└┴',
)
_ASCII = _Characters(" _-|'|||", np.array([[4], [2], [1]]), *'|-++')


@dataclass(frozen=True, eq=False)
class EDFPicture:
    """The EDF of errors as rich prints it: as wide as the terminal, of what its encoding has.

    Nothing is printed of errors that do not differ.

    Attributes:
        errors: of networks.
        unit: of the errors, see `Result`.
    """

    errors: Sequence[float]
    unit: str = PERCENT

    def __rich_console__(self, console: Console, options: ConsoleOptions) -> Iterator[Text]:
        errors = np.sort([float(f'{error:.{_DIGITS}g}') for error in self.errors])
        if len(set(errors)) > 1:
            characters = _ASCII if options.ascii_only else _BRAILLE
            for line in _lines(errors, self.unit, options.max_width, characters):
                yield Text(line, no_wrap=True, overflow='crop')


def _lines(
    errors: NDArray[np.float64], unit: str, width: int, characters: _Characters
) -> Iterator[str]:
    """Yield the lines of the picture: a title, the curve, an axis and its numbers.

    The errors are in ascending order, here and in what follows.
    """
    room = max(width - _MARGIN - 1, _ROOM)  # columns right of the vertical line
    low, high, step = _round_limits(errors[0], _last_shown(errors), most=room // _ROOM)
    if unit == PERCENT:
        high = min(high, 100.0)  # which no error is above
    title = f'{counted(len(errors), "network")}: the share with an error below ...'
    beyond = int((errors >= high).sum())
    if beyond:
        title += f' ({beyond} of them from {_number(high, unit)} on)'
    yield title
    for number, row in enumerate(_curve(errors, low, high, room, characters)):
        yield f'{_SHARES.get(number, ""):>{_MARGIN - 1}} {characters.vertical}{row}'.rstrip()

    axis, numbers = [characters.horizontal] * room, [' '] * (room + _MARGIN)
    for value in np.arange(low, high + step / 2, step).tolist():
        column = round((value - low) / (high - low) * (room - 1))
        axis[column] = characters.place
        text = _number(value, unit)
        # below its place, but not beyond the last column
        start = min(_MARGIN + 1 + column - len(text) // 2, _MARGIN + room - len(text) + 1)
        numbers[start : start + len(text)] = text
    yield ' ' * _MARGIN + characters.corner + ''.join(axis)
    yield ''.join(numbers).rstrip()


def _last_shown(errors: NDArray[np.float64]) -> float:
    """The error at which the axis ends."""
    best, most, worst = errors[0], np.quantile(errors, _SHOWN), errors[-1]
    return float(most if worst - most > most - best > 0 else worst)


def _round_limits(least: float, greatest: float, most: int) -> tuple[float, float, float]:
    """Return round numbers around two, the upper one above both, and the step of their scale.

    Args:
        least, greatest: different numbers.
        most: steps that there is room for.
    """
    power = math.floor(math.log10((greatest - least) / most))
    steps = (factor * 10.0**more for more in count(power) for factor in (1, 2, 5))
    for step in steps:
        first, last = math.floor(least / step), math.floor(greatest / step) + 1
        if last - first <= most:
            break
    return first * step, last * step, step


def _curve(
    errors: NDArray[np.float64], low: float, high: float, width: int, characters: _Characters
) -> Iterator[str]:
    """Yield the lines of the curve from one error to another, the upper one first."""
    down, across = characters.weights.shape
    # Strictly below, as `regnet_plugin.analysis.edf` has it, which imports scipy for half a second.
    shares = errors.searchsorted(np.linspace(low, high, width * across)) / len(errors)
    levels = np.rint(shares * (_HEIGHT * down - 1)).astype(int)
    before = np.concatenate([levels[:1], levels[:-1]])
    heights = np.arange(_HEIGHT * down)[::-1, np.newaxis]
    # where it rises, it is drawn through
    dots = (heights >= np.minimum(before + 1, levels)) & (heights <= levels)
    cells = dots.reshape(_HEIGHT, down, width, across).transpose(0, 2, 1, 3)
    for row in (cells * characters.weights).sum(axis=(2, 3)):
        yield ''.join(characters.cells[number] for number in row)


def _number(value: float, unit: str) -> str:
    """A round number with its unit."""
    return f'{value:.6g}{unit}'
