"""Colours, lines and sizes of the figures.

The colours are those of the page's light theme, page.css. Each of them stands for one role, so that
`Plot.svg` can put the CSS variable of the role in its place and a figure follows the theme. Series
differ in lines and shapes, too.
"""

import re
from pathlib import Path

import matplotlib

_ROLES = re.compile(r'--(ink|muted|paper|band|series-\d): light-dark\((#[0-9a-f]{6})')
# by role
COLOURS = dict(_ROLES.findall(Path(__file__).with_name('page.css').read_text(encoding='ascii')))
INK, MUTED, PAPER, BAND = (COLOURS[role] for role in ('ink', 'muted', 'paper', 'band'))
SERIES = tuple(colour for role, colour in COLOURS.items() if role.startswith('series'))
DASHES = ('-', (0, (5, 1.6)), (0, (1.2, 1.2)), (0, (6, 1.4, 1.2, 1.4)))
MARKERS = 'os^DvPX*'

_RC = {
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


# rc files and style sheets of the user must not change a report; backends are no matter of looks
_DEFAULTS = {
    name: value
    for name, value in matplotlib.rcParamsDefault.items()
    if not name.startswith(
        ('backend', 'toolbar', 'interactive', 'webagg', 'tk', 'keymap', 'animation')
    )
}


# Text stays text: journals refuse the outlines (Type 3) that Matplotlib puts into PDF, and nobody
# can search them.
TEXT_AS_TEXT = {'svg.fonttype': 'none', 'pdf.fonttype': 42, 'ps.fonttype': 42}


def drawing():
    """Matplotlib's settings of the report, whatever those of the user are, as a context."""
    return matplotlib.rc_context({**_DEFAULTS, **_RC})


def line(number):
    """Colour and dashes of the number-th series: a pair of their own for 32, and the first eight
    differ in colour.
    """
    count = len(SERIES)
    return dict(
        color=SERIES[number % count], linestyle=DASHES[(number + number // count) % len(DASHES)]
    )


def marker(number):
    """Colour and shape of the number-th series of points."""
    count = len(SERIES)
    return dict(
        color=SERIES[number % count], marker=MARKERS[(number + number // count) % len(MARKERS)]
    )


def one_line(text, length=None):
    """Text from data for a figure: on one line, without control characters, with '…' where it is
    too long.

    What cannot be encoded is shown as '�'.
    """
    text = re.sub(
        r'[\x00-\x1f\x7f-\x9f\ud800-\udfff\ufffe\uffff]',
        '\ufffd',
        re.sub(r'\s+', ' ', str(text)).strip(),
    )
    return text if length is None or len(text) <= length else text[: length - 1] + '…'
