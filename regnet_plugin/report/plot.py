"""A drawn figure that knows its numbers: SVG for the page with the values on hover, PDF and PNG,
CSV.
"""

import csv
import io
import re
import warnings
from dataclasses import dataclass
from pathlib import Path
from typing import Dict, Optional, Sequence, Tuple
from xml.etree import ElementTree

import matplotlib
import numpy as np
from matplotlib.figure import Figure

from regnet_plugin.files import replace
from regnet_plugin.report.style import COLOURS, TEXT_AS_TEXT, drawing, one_line

_NAMESPACE = '{http://www.w3.org/2000/svg}'
_XLINK = '{http://www.w3.org/1999/xlink}href'
_ROLES = {colour: f'var(--{role}, {colour})' for role, colour in COLOURS.items()}
_COLOUR = re.compile('|'.join(COLOURS.values()))
_VARIABLE = re.compile(f'var\\(--(?:{"|".join(COLOURS)}), ({"|".join(COLOURS.values())})\\)')
_REFERENCE = re.compile(r'#([\w.-]+)')
_DIGITS = re.compile(r'(?<=\.\d\d)\d+')  # a hundredth of a point is enough
_DOT = re.compile(r'M (\S+ \S+) +L \1 +')
_TIMELESS = dict(svg=dict(Date=None), pdf=dict(CreationDate=None), png=dict(Software=None))
_SAVING = {**TEXT_AS_TEXT, 'svg.image_inline': True, 'pdf.compression': 6}
# PNG: 858 pixels for 6.6 inches; the usual level of compression takes 20 ms more, and saves 2% of
# the bytes
_OPTIONS = dict(pdf={}, png=dict(dpi=130, pil_kwargs=dict(compress_level=3)))
FORMATS = ('pdf', 'png', 'csv', 'svg')


@dataclass(frozen=True)
class Series:
    """What can be pointed at in one pair of axes.

    Attributes:
        axes (int): index in ``figure.axes``.
        label (str): of the series, as in the legend; may come from data.
        x, y (Sequence[float]): in data coordinates, of equal length.
        kind (str): 'points', the nearest one is shown, or 'steps', F at the pointer's x is shown (a
            left-continuous step function whose value right of ``x[i]`` is ``y[i]``).
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
        key (str): name of its files, and its anchor on the page: lower-case letters, digits, '-'
            and '_'.
        figure (matplotlib.figure.Figure): as drawn.
        data (dict[str, Sequence]): columns of its CSV, of equal length.
        series (tuple[Series]): what is shown on hover.

    Raises:
        ValueError: for another key, or columns of different lengths.
    """

    key: str
    figure: Figure
    data: Dict[str, Sequence]
    series: Tuple[Series, ...] = ()

    def __post_init__(self):
        if not re.fullmatch('[a-z0-9_-]+', self.key):
            raise ValueError(
                f"a plot's key must be of lower-case letters, digits, '-' and '_', not {self.key!r}"
            )
        lengths = {name: len(column) for name, column in self.data.items()}
        if len(set(lengths.values())) > 1:
            raise ValueError(
                f'columns of a plot must be of equal length, but those of {self.key} have {lengths}'
            )

    def svg(self):
        """Return the figure as an ``<svg>`` element, the same at any time.

        It has no XML header, ids that are unique on a page (they begin with the key), text as text
        in the page's font, and colours as CSS variables of the page's theme, with those of the
        light theme where there is no page.
        """
        tree = ElementTree.fromstring(self._rendered('svg', facecolor='none', edgecolor='none'))
        for part in tree.findall(_NAMESPACE + 'metadata') + tree.findall(
            f'{_NAMESPACE}defs[{_NAMESPACE}style]'
        ):
            tree.remove(part)  # a style would be that of the whole page; what it says is set below
        values = [value for element in tree.iter() for value in element.attrib.values()]
        used = {found for value in values for found in _REFERENCE.findall(value)}
        for element in tree.iter():
            element.tag = element.tag.replace(_NAMESPACE, '')
            element.attrib = dict(_attributes(element.attrib, self.key, used))
            element.tail = None
            element.text = element.text if element.tag in ('text', 'tspan') else None
        tree.attrib = dict(
            xmlns=_NAMESPACE[1:-1], viewBox=tree.attrib['viewBox'], style='stroke-linejoin: round'
        )
        return ElementTree.tostring(tree, encoding='unicode')

    def standalone_svg(self):
        """Return the figure as a file of its own: on white, with a font, and colours that drawing
        programs know, too.
        """
        style = 'stroke-linejoin: round'
        text = self.svg().replace(style, f'{style}; background: white; font-family: sans-serif', 1)
        return _VARIABLE.sub(r'\1', text)

    def hover(self):
        """Return what the page's script needs, fit for JSON: numbers have six digits, what is not
        finite is None.

        Returns:
            dict: ``axes``, per axes of the figure ``box`` (left, top, width and height as fractions
            of the SVG's width and height, from the top left) and ``x`` and ``y`` with ``limits``
            (at the left and right, the bottom and top), ``scale`` ('linear' or 'log') and
            ``label``; ``series``, with the attributes of `Series`.
        """
        return dict(
            axes=[_axes(axes) for axes in self.figure.axes],
            series=[_series(one) for one in self.series],
        )

    def save(self, folder, formats=('pdf', 'png', 'csv')):
        """Write ``<key>.pdf`` and so on into a folder; the same plot gives the same bytes.

        Args:
            folder (str | Path): is made where it is missing.
            formats (Sequence[str]): of 'pdf', 'png', 'csv' and 'svg'.

        Returns:
            list[Path]: what was written.

        Raises:
            ValueError: for another format.
        """
        unknown = [name for name in formats if name not in FORMATS]
        if unknown:
            raise ValueError(
                f'formats of a plot are {", ".join(FORMATS)}, but got {", ".join(unknown)}'
            )
        Path(folder).mkdir(parents=True, exist_ok=True)
        paths = [Path(folder, f'{self.key}.{name}') for name in formats]
        for path, name in zip(paths, formats):
            if name in ('csv', 'svg'):
                text = self._csv() if name == 'csv' else self.standalone_svg()
                replace(path, text.encode(errors='backslashreplace'))
            else:
                replace(path, self._rendered(name, **_OPTIONS[name]))
        return paths

    def _rendered(self, name, **options):
        output = io.BytesIO()
        with (
            drawing(),
            matplotlib.rc_context({**_SAVING, 'svg.hashsalt': self.key}),
            warnings.catch_warnings(),
        ):
            # the font has no Chinese, say: boxes in PDF and PNG, while the page's own fonts show
            # the name
            warnings.filterwarnings('ignore', message='Glyph .* missing from')
            self.figure.savefig(output, format=name, metadata=_TIMELESS[name], **options)
        return output.getvalue()

    def _csv(self):
        text = io.StringIO()
        table = csv.writer(text, lineterminator='\n')
        table.writerow(self.data)
        table.writerows(zip(*map(_cells, self.data.values())))
        return text.getvalue()


def _attributes(attributes, key, used):
    for name, value in attributes.items():
        if name == 'style':
            value = re.sub(r'font-family: [^;]*;? ?', '', value)
            yield name, _COLOUR.sub(lambda found: _ROLES[found[0]], value)
        elif name == 'id':
            if value in used:
                yield name, f'{key}-{value}'
        elif name in (_XLINK, 'clip-path'):
            yield name.replace(_XLINK, 'href'), value.replace('#', f'#{key}-')
        elif name == 'd':
            yield name, _DOT.sub(r'M\1h0', _DIGITS.sub('', value))
        elif not value.startswith('rotate(-0 '):
            yield name, _DIGITS.sub('', value)


def _axes(axes):
    box = axes.get_position()
    return dict(
        box=[_number(value) for value in (box.x0, 1 - box.y1, box.width, box.height)],
        x=_axis(axes.get_xlim(), axes.get_xscale(), axes.get_xlabel()),
        y=_axis(axes.get_ylim(), axes.get_yscale(), axes.get_ylabel()),
    )


def _axis(limits, scale, label):
    return dict(
        limits=[float(limit) for limit in limits],
        scale='log' if scale == 'log' else 'linear',
        label=label,
    )


def _series(series):
    names = series.names if series.names is None else [one_line(name) for name in series.names]
    return dict(
        axes=series.axes,
        label=one_line(series.label),
        kind=series.kind,
        names=names,
        x=[_number(value) for value in series.x],
        y=[_number(value) for value in series.y],
    )


def _number(value):
    return float(f'{value:.6g}') if np.isfinite(value) else None


def _cells(column):
    values = column.tolist() if isinstance(column, np.ndarray) else column
    return [None if value != value else value for value in values]
