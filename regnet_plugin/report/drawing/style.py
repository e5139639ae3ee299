"""Colours, lines and sizes of the figures.

The colours are those of the page's light theme, page.css. Each of them stands for one role, so that
`Plot.svg` can put the CSS variable of the role in its place and a figure follows the theme. Series
differ in lines and shapes, too.
"""

import re
from contextlib import AbstractContextManager
from pathlib import Path
from typing import Any

import matplotlib

_ROLES = re.compile(r'--(ink|muted|paper|band|series-\d): light-dark\((#[0-9a-f]{6})')
# colours by role, in the order of the sheet
COLOURS: dict[str, str] = dict(
    _ROLES.findall(Path(__file__).parents[1].joinpath('page.css').read_text(encoding='ascii'))
)
INK = COLOURS['ink']
MUTED = COLOURS['muted']
PAPER = COLOURS['paper']
BAND = COLOURS['band']
SERIES = tuple(colour for role, colour in COLOURS.items() if role.startswith('series'))
# a solid line, and lengths of strokes and gaps, in widths of the line
DASHES = ('-', (0, (5, 1.6)), (0, (1.2, 1.2)), (0, (6, 1.4, 1.2, 1.4)))
MARKERS = 'os^DvPX*'

# Matplotlib's settings by name; it has a type for the names only from version 3.11 on.
Settings = dict[Any, Any]

_RC: Settings = {
    'font.family': 'DejaVu Sans',
    'font.size': 9,
    'text.usetex': False,
    'text.parse_math': False,
    'text.color': INK,
    'axes.titlesize': 9,
    'axes.titlelocation': 'left',
    'axes.titley': 1.0,
    'axes.labelsize': 9,
    'axes.labelpad': 3,
    'axes.edgecolor': MUTED,
    'axes.labelcolor': INK,
    'axes.facecolor': 'none',
    'axes.linewidth': 0.7,
    'axes.spines.top': False,
    'axes.spines.right': False,
    'legend.frameon': False,
    'legend.fontsize': 8.5,
    'legend.handlelength': 2.4,
    'legend.labelspacing': 0.35,
    'legend.borderpad': 0,
    'legend.columnspacing': 1.5,
    'lines.linewidth': 1.5,
    'lines.dash_capstyle': 'butt',
    'path.simplify': True,
    'figure.facecolor': PAPER,
    'figure.dpi': 100,
}


# Settings that are no matter of looks.
_NO_LOOKS = ('backend', 'toolbar', 'interactive', 'webagg', 'tk', 'keymap', 'animation')
# Matplotlib's own looks: rc files and style sheets of the user must not change a report.
_DEFAULTS: Settings = {
    name: value
    for name, value in matplotlib.rcParamsDefault.items()
    if not name.startswith(_NO_LOOKS)
}


# Text stays text: journals refuse the outlines (Type 3) that Matplotlib puts into PDF, and nobody
# can search them.
TEXT_AS_TEXT: Settings = {'svg.fonttype': 'none', 'pdf.fonttype': 42, 'ps.fonttype': 42}

# What Python's text may have and XML or a line may not: control characters, halves of surrogate
# pairs, and two code points that are no characters.
_UNPRINTABLE = re.compile(r'[\x00-\x1f\x7f-\x9f\ud800-\udfff\ufffe\uffff]')


def drawing() -> AbstractContextManager[None]:
    """Make a context with Matplotlib's settings of the report, whatever those of the user are."""
    return matplotlib.rc_context({**_DEFAULTS, **_RC})


def line(number: int) -> dict[str, Any]:
    """Return colour and dashes of the number-th series, as arguments of ``axes.plot``.

    The first eight differ in colour, and 32 have a pair of their own.
    """
    return {
        'color': SERIES[number % len(SERIES)],
        'linestyle': DASHES[_shifted(number) % len(DASHES)],
    }


def swatch(number: int) -> str:
    """Return the style of an SVG line that stands for the number-th series in the page's legend."""
    dashes = DASHES[_shifted(number) % len(DASHES)]
    pattern = '' if isinstance(dashes, str) else ' '.join(f'{2 * part:g}' for part in dashes[1])
    return (
        f'fill: none; stroke: var(--series-{number % len(SERIES) + 1}); stroke-width: 2; '
        f'stroke-dasharray: {pattern or "none"}'
    )


def marker(number: int) -> dict[str, Any]:
    """Return colour and shape of the number-th series of points, as arguments of ``axes.plot``."""
    return {
        'color': SERIES[number % len(SERIES)],
        'marker': MARKERS[_shifted(number) % len(MARKERS)],
    }


def marked_line(number: int) -> dict[str, Any]:
    """Return colour, dashes and shape of the number-th series of joined points."""
    return {**line(number), **marker(number)}


def _shifted(number: int) -> int:
    """One more for each round of colours, so that a colour gets another line or shape."""
    return number + number // len(SERIES)


def one_line(text: object, length: int | None = None) -> str:
    """Make text from data fit for a figure: on one line, without control characters.

    What cannot be encoded is shown as '�'.

    Args:
        text: anything; ``str(text)`` is shown.
        length: characters at most; text that is longer ends in '…'. Default: no limit.
    """
    spaced = re.sub(r'\s+', ' ', str(text)).strip()
    shown = _UNPRINTABLE.sub('\ufffd', spaced)
    if length is None or len(shown) <= length:
        return shown
    return shown[: length - 1] + '…'
