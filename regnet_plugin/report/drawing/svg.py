"""SVG as a page has it: of a whole figure, or of each of its panels."""

import re
from collections.abc import Mapping, Sequence
from typing import NamedTuple
from xml.etree import ElementTree
from xml.etree.ElementTree import Element

from matplotlib.axes import Axes
from matplotlib.figure import Figure

from regnet_plugin.report.drawing.style import COLOURS

POINTS = 72  # in an inch; the unit of Matplotlib's SVG

_NAMESPACE = '{http://www.w3.org/2000/svg}'
_XLINK = '{http://www.w3.org/1999/xlink}href'
_VARIABLES = {colour: f'var(--{role}, {colour})' for role, colour in COLOURS.items()}
_COLOUR = re.compile('|'.join(COLOURS.values()))
_REFERENCE = re.compile(r'#([\w.-]+)')
_EXCESS_DIGITS = re.compile(r'(?<=\.\d\d)\d+')  # a hundredth of a point is enough
_DOT = re.compile(r'M (\S+) (\S+) +L \1 \2(?: +|$)')  # a line without length
_VARIABLE = re.compile(f'var\\(--(?:{"|".join(COLOURS)}), ({"|".join(COLOURS.values())})\\)')


class Margins(NamedTuple):
    """Inches around a panel that its labels, numbers and title take."""

    left: float
    right: float
    top: float
    bottom: float


class Box(NamedTuple):
    """A part of a figure, in points from its top left."""

    x: float
    y: float
    width: float
    height: float


class PageSvg(NamedTuple):
    """A figure fit for a page.

    Attributes:
        element: its ``<svg>``.
        panels: those of its ``<g>`` that have a pair of axes each, in order.
    """

    element: Element
    panels: list[Element]


def page_svg(rendered: bytes, key: str) -> PageSvg:
    """Make Matplotlib's SVG fit for a page.

    It has no XML header, ids that are unique on a page (they begin with the key), text as text in
    the page's font, and colours as CSS variables of the page's theme, with those of the light theme
    where there is no page.

    Args:
        rendered: what Matplotlib writes.
        key: of the plot.

    Returns:
        The element, and the groups of its panels.
    """
    tree = ElementTree.fromstring(rendered)
    _remove_metadata_and_styles(tree)
    groups = tree.iter(f'{_NAMESPACE}g')
    panels = [group for group in groups if group.get('id', '').startswith('axes_')]
    used_ids = _referenced_ids(tree)
    for element in tree.iter():
        element.tag = element.tag.replace(_NAMESPACE, '')
        element.attrib = _page_attributes(element.attrib, key, used_ids)
        element.tail = None
        if element.tag not in ('text', 'tspan'):
            element.text = None
    tree.attrib = _attributes_of_svg(tree.attrib['viewBox'])
    return PageSvg(tree, panels)


def text_of(svg: Element) -> str:
    """Write an element."""
    return ElementTree.tostring(svg, encoding='unicode')


def with_plain_colours(text: str) -> str:
    """Put the colours of the light theme in the place of the page's variables."""
    return _VARIABLE.sub(r'\1', text)


def panel_box(figure: Figure, axes: Axes, margins: Margins) -> Box:
    """Find the part of a figure that a panel and what is written around it take."""
    figure_width, figure_height = figure.get_size_inches()
    place = axes.get_position()
    left = place.x0 * figure_width - margins.left
    top = (1 - place.y1) * figure_height - margins.top
    width = place.width * figure_width + margins.left + margins.right
    height = place.height * figure_height + margins.top + margins.bottom
    return Box(left * POINTS, top * POINTS, width * POINTS, height * POINTS)


def split_panels(svg: PageSvg, boxes: Sequence[Box]) -> list[Element]:
    """Make an ``<svg>`` of each panel of a figure; all of them have to be on one page.

    Args:
        svg: of the figure, see `page_svg`.
        boxes: of its panels, in order.
    """
    panels = []
    for group, box in zip(svg.panels, boxes):
        panel = Element('svg', _attributes_of_svg(' '.join(f'{number:.6g}' for number in box)))
        panel.append(group)
        panels.append(panel)
    if panels:  # those of the other panels refer to what is defined in the first one
        panels[0].extend(svg.element.findall('defs'))
    return panels


def _attributes_of_svg(box: str) -> dict[str, str]:
    return {
        'xmlns': _NAMESPACE.strip('{}'),
        'viewBox': box,
        'style': 'stroke-linejoin: round',
    }


def _remove_metadata_and_styles(tree: ElementTree.Element) -> None:
    """Remove what Matplotlib writes for whole files.

    A style would be that of the whole page; what it says, `Plot.svg` sets in the element.
    """
    metadata = tree.findall(_NAMESPACE + 'metadata')
    styles = tree.findall(f'{_NAMESPACE}defs[{_NAMESPACE}style]')
    for part in metadata + styles:
        tree.remove(part)


def _referenced_ids(tree: ElementTree.Element) -> set[str]:
    found: set[str] = set()
    for element in tree.iter():
        for value in element.attrib.values():
            found.update(_REFERENCE.findall(value))
    return found


def _page_attributes(attributes: Mapping[str, str], key: str, used_ids: set[str]) -> dict[str, str]:
    """Attributes of an element as they are on a page: short, and with ids that begin with a key."""
    kept = {}
    for name, value in attributes.items():
        if name == 'style':
            value = re.sub(r'font-family: [^;]*;? ?', '', value)
            kept[name] = _COLOUR.sub(lambda found: _VARIABLES[found[0]], value)
        elif name == 'id':
            if value in used_ids:
                kept[name] = f'{key}-{value}'
        elif name == _XLINK:
            kept['href'] = value.replace('#', f'#{key}-')
        elif name == 'clip-path':
            kept[name] = value.replace('#', f'#{key}-')
        elif name == 'd':
            kept[name] = _short_path(_DOT.sub(_short_dot, _EXCESS_DIGITS.sub('', value)))
        elif not value.startswith('rotate(-0 '):  # which turns nothing
            kept[name] = _EXCESS_DIGITS.sub('', value)
    return kept


def _short_dot(found: re.Match[str]) -> str:
    """A point, to a tenth of a unit: there are many, each of which is thirty times as large."""
    x, y = (f'{float(number):.1f}'.removesuffix('.0') for number in found.groups())
    return f'M{x} {y}h0'


def _short_path(path: str) -> str:
    """A path, shorter where lines are level or upright, as those of step functions are."""
    parts = path.split()
    if not {'M', 'L'} >= set(parts[::3]) or len(parts) % 3:
        return path
    written = []
    before: tuple[str, str] = ('', '')
    for command, x, y in zip(parts[::3], parts[1::3], parts[2::3]):
        if command == 'L' and y == before[1]:
            written.append(f'H{x}')
        elif command == 'L' and x == before[0]:
            written.append(f'V{y}')
        else:
            written.append(f'{command}{x} {y}')
        before = (x, y)
    return ''.join(written)
