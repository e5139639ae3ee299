"""The page of the report: one HTML file that fetches nothing.

No name of a network can become script in it: all text is escaped, and the browser is told to run
the one script of the page and no other.
"""

import re
from base64 import b64encode
from collections import Counter
from collections.abc import Iterable, Sequence
from decimal import ROUND_HALF_UP, Context
from hashlib import sha256
from html import escape
from math import isfinite
from numbers import Real
from pathlib import Path
from string import Template
from urllib.parse import quote

from regnet_plugin.files import replace
from regnet_plugin.report.document import Document, Figure, Fold, NetworkTable, Section, Table
from regnet_plugin.report.drawing.plot import Cell, Plot, View
from regnet_plugin.report.drawing.sketch import Finished, Sketch
from regnet_plugin.report.drawing.style import swatch
from regnet_plugin.report.page_data import (
    address_of,
    compact_json,
    is_text,
    networks_json,
    thinned_by,
    without_tags,
)
from regnet_plugin.report.units import heading_of

# Anchors that page.html and networks.html have themselves.
_OWN_IDS = ('summary', 'how', 'contents', 'contents-title', 'networks')
_UNITS = (('T', 1e12), ('G', 1e9), ('M', 1e6))
_LARGEST_WITH_UNIT = 1e15  # from here on a number in T would have more than three digits
_PAIR = 2  # panels of a figure that stands beside others; of more it takes the whole width
_ROUNDING = Context(prec=3, rounding=ROUND_HALF_UP)
_LEAST_P = 0.001  # p-values below are not told apart
_DASH = '\N{EN DASH}'


def write_html(path: str | Path, document: Document) -> None:
    """Write a document as one HTML file, in place of one that may be there.

    Args:
        path: of the file.
        document: what it says.

    Raises:
        ValueError: as `html_of` does.
    """
    replace(path, html_of(document))


def html_of(document: Document) -> str:
    """Make HTML of a document: the same text for the same document.

    It is in ASCII, so that no encoding matters. Numbers of the table of networks are kept to 6
    significant digits; arguments of the backbones are exact.

    Args:
        document: what the page says.

    Returns:
        The file's text.

    Raises:
        ValueError: if two things on the page have one key, or columns of the table of networks
            differ in length.
    """
    _check_keys(document)
    if document.networks is not None:
        _check_lengths(document.networks)

    contents = [('summary', 'In short')]
    sections = ''
    for section in document.sections:
        contents.append((section.key, section.title))
        sections += _section_html(section, document)
    networks = ''
    if document.networks is not None:
        title = 'All networks' if document.networks.number is None else 'The best networks'
        contents.append(('networks', title))
        networks = _networks_html(document.networks, title, document.files)
    script = _script()
    text = Template(_file('page.html')).substitute(
        title=escape(document.title),
        refresh=refresh_html(document.refresh),
        digest=_digest(script),
        style=_file('page.css'),
        script=script,
        header=_header_html(document),
        lead=_lead_html(document),
        contents=_contents_html(contents),
        sections=sections,
        networks=networks,
        footer=escape(document.footer),
    )
    # half a surrogate pair, too, has no other encoding
    return text.encode('ascii', 'xmlcharrefreplace').decode()


def _check_keys(document: Document) -> None:
    keys = [*_OWN_IDS]
    if document.lead is not None:
        keys.append(document.lead.key)
    for section in document.sections:
        keys.append(section.key)
        keys += [item.key for item in section.figures_and_tables]
    repeated = [repr(key) for key, count in Counter(keys).items() if count > 1]
    if repeated:
        raise ValueError(
            'sections, figures and tables of a page must have keys of their own, none of them '
            f'{", ".join(_OWN_IDS)}, but these are there twice: {", ".join(repeated)}'
        )


def _check_lengths(table: NetworkTable) -> None:
    lengths = {name: len(values) for name, values in table.columns.items()}
    lengths.update(backbones=len(table.backbones), links=len(table.links))
    if len(set(lengths.values())) > 1:
        raise ValueError(
            f'columns, backbones and links of the networks must be of one length, but {lengths}'
        )


def _file(name: str) -> str:
    """Text of a file that lies beside this module."""
    return Path(__file__).with_name(name).read_text(encoding='ascii')


def _script() -> str:
    """The script of the page: its files, in the order in which they build on each other."""
    parts = ''.join(_file(f'{name}.js') for name in ('elements', 'networks', 'figures', 'page'))
    return f"'use strict';\n(() => {{\n{parts}}})();\n"


def _digest(script: str) -> str:
    """What allows this script, and no other, in a content security policy."""
    return 'sha256-' + b64encode(sha256(script.encode()).digest()).decode()


def refresh_html(seconds: int | None) -> str:
    """Make the line that has a browser load a page again after some seconds; '' for None."""
    return '' if seconds is None else f'<meta http-equiv="refresh" content="{seconds}">\n'


def _paragraphs_html(texts: Iterable[str]) -> str:
    return '\n'.join(f'<p>{escape(text)}</p>' for text in texts)


def _header_html(document: Document) -> str:
    """The finding, below the name of the page; the name alone where there is none."""
    title = escape(document.title)
    if not document.headline:
        return f'<h1>{title}</h1>'
    return f'<p class="title">{title}</p>\n<h1>{escape(document.headline)}</h1>'


def _lead_html(document: Document) -> str:
    """What one sees first: the figure, and beside it the facts, the cautions and the summary."""
    parts = []
    if document.lead is not None:
        parts.append(_figure_html(document.lead, document.files, document.formats))
    beside = ''
    if document.facts:
        facts = [f'<dt>{escape(name)}</dt><dd>{escape(text)}</dd>' for name, text in document.facts]
        beside += f'<dl class="facts">{"".join(facts)}</dl>\n'
    if document.cautions:
        cautions = ''.join(f'<li>{escape(caution)}</li>' for caution in document.cautions)
        beside += f'<h2>Cautions</h2>\n<ul class="cautions">{cautions}</ul>\n'
    beside += _paragraphs_html(document.summary)
    parts.append(f'<div class="beside">\n{beside}\n</div>')
    return '\n'.join(parts)


def _contents_html(entries: Iterable[tuple[str, str]]) -> str:
    """List of links to sections, given as pairs of key and title."""
    return '\n'.join(
        f'<li><a href="#{quote(key)}">{escape(title)}</a></li>' for key, title in entries
    )


def _section_html(section: Section, document: Document) -> str:
    lines = [
        f'<section id="{escape(section.key)}">',
        f'<h2>{escape(section.title)}</h2>',
        _paragraphs_html(section.text),
        '<div class="items">',
        *(_item_html(item, document) for item in section.items),
        '</div>',
        '</section>\n',
    ]
    return '\n'.join(lines)


def _item_html(item: Figure | Table | Fold, document: Document) -> str:
    if isinstance(item, Table):
        return _table_html(item, document.files)
    if isinstance(item, Figure):
        return _figure_html(item, document.files, document.formats)
    inside = '\n'.join(_item_html(one, document) for one in item.items)
    return (
        f'<details><summary>{escape(item.title)}</summary>\n<div class="items">\n{inside}\n</div>'
        '</details>'
    )


def _figure_html(figure: Figure, files: str | None, formats: Sequence[str]) -> str:
    title = escape(figure.title)
    links = _links_html(files, figure.key, formats, figure.title)
    caption = ' '.join(text for text in (figure.caption, *figure.plot.notes) if text)
    views = figure.plot.views()
    kinds = ['drawn']
    if figure.wide or len(views) > _PAIR:
        kinds.append('wide')
    drawn = _panels_html(views, title)
    if figure.narrow is not None:
        narrow = _panels_html(figure.narrow.views(), title)
        drawn = f'<div class="roomy">{drawn}</div>\n<div class="narrow">{narrow}</div>'
    lines = [
        f'<figure id="{escape(figure.key)}" class="{" ".join(kinds)}">',
        f'<h3>{title}</h3>',
        _legend_html(figure.plot),
        drawn,
        f'<figcaption>{escape(caption)}{links}</figcaption>',
        '</figure>',
    ]
    return '\n'.join(lines)


def _panels_html(views: Sequence[View], title: str) -> str:
    """What is drawn: one plot, or panels of which as many stand in a row as there is room for."""
    plots = [_plot_html(view, title) for view in views]
    if len(plots) == 1:
        return plots[0]
    width = max(float(_width_of(view.svg)) for view in views)
    return f'<div class="panels of-{len(plots)}" style="--points: {width:g}">{"".join(plots)}</div>'


def _plot_html(view: View, title: str) -> str:
    """A drawing that takes keys, with its values for the script."""
    hover = without_tags(compact_json(view.hover))
    return (
        f'<div class="plot" role="img" tabindex="0" aria-label="{title}" style="--points: '
        f'{_width_of(view.svg)}">{view.svg}<script type="application/json">{hover}</script></div>'
    )


def _legend_html(plot: Plot | Sketch | Finished) -> str:
    """Names of the series of a figure whose panels stand apart."""
    entries = [
        f'<li><svg viewBox="0 0 26 8" aria-hidden="true"><path d="M0 4h26" style="{swatch(look)}"/>'
        f'</svg>{escape(name)}</li>'
        for name, look in plot.legend
    ]
    return f'<ul class="legend">{"".join(entries)}</ul>' if entries else ''


def _width_of(svg: str) -> str:
    """Width in points; the style sheet makes pixels of them, by the size of the page's text."""
    found = re.search(r'viewBox="\S+ \S+ ([\d.]+) ', svg)
    assert found is not None, 'every plot has a viewBox'
    return found[1]


def _table_html(table: Table, files: str | None) -> str:
    # columns with a number are aligned to the right
    headings, classes = [], []
    for place, name in enumerate(table.columns):
        numbers = [_number_of(row[place]) for row in table.rows]
        known = [number for number in numbers if number is not None]
        headings.append(heading_of(name, known, table.units.get(name, '')))
        has_numbers = any(isinstance(row[place], Real) for row in table.rows)
        classes.append(' class="number"' if has_numbers else '')
    head = ''.join(
        f'<th scope="col"{kind}>{escape(heading.text)}</th>'
        for kind, heading in zip(classes, headings)
    )
    factors = [heading.factor for heading in headings]
    body = '\n'.join(f'<tr>{_cells_html(row, table, classes, factors)}</tr>' for row in table.rows)
    title = escape(table.title)
    links = _links_html(files, table.key, ('csv',), table.title)
    lines = [
        f'<figure id="{escape(table.key)}" class="table">',
        f'<h3>{title}</h3>',
        f'<div class="scroll" role="region" tabindex="0" aria-label="{title}"><table>',
        f'<thead><tr>{head}</tr></thead>',
        '<tbody>',
        body,
        '</tbody>',
        '</table></div>',
        f'<figcaption>{escape(table.caption)}{links}</figcaption>',
        '</figure>',
    ]
    return '\n'.join(lines)


def _cells_html(
    row: Sequence[Cell], table: Table, classes: Sequence[str], factors: Sequence[float]
) -> str:
    """Cells of a row, the first of which is its heading; numbers are there for sorting, too."""
    cells = []
    for place, (value, kind) in enumerate(zip(row, classes)):
        number = _number_of(value)
        scaled = value if number is None else number / factors[place]
        text = escape(_shown(scaled, is_p=table.columns[place] in table.p_values))
        data = '' if number is None else f' data-value="{number:.6g}"'
        start, end = ('th scope="row"', 'th') if place == 0 else ('td', 'td')
        cells.append(f'<{start}{kind}{data}>{text}</{end}>')
    return ''.join(cells)


def _number_of(value: object) -> float | None:
    """The number that a cell has; None where it has none that can be shown."""
    if isinstance(value, bool) or not isinstance(value, Real):
        return None
    number = float(value)
    return number if isfinite(number) else None


def _shown(value: object, is_p: bool = False) -> str:
    """A cell's text; numbers are shown as the script shows them, too: three digits, or whole."""
    number = _number_of(value)
    if number is not None:
        return f'<{_LEAST_P}' if is_p and number < _LEAST_P else _number_text(number)
    is_unknown = value is None or (isinstance(value, Real) and value not in (True, False))
    return _DASH if is_unknown else str(value)


def _number_text(value: float) -> str:
    size = abs(value)
    if size < _LARGEST_WITH_UNIT:
        for unit, least in _UNITS:
            if size >= least:
                return f'{_three_digits(value / least)} {unit}'
    if size < 1e6 and (value == int(value) or size >= 1e3):
        return f'{value:.0f}'
    if size >= _LARGEST_WITH_UNIT or size < 1e-4:
        return f'{value:.3g}'.replace('e+', 'e').replace('e-0', 'e-')
    return _three_digits(value)


def _three_digits(value: float) -> str:
    """Three digits, or a whole number; half a digit goes up, as in the script."""
    rounded = float(_ROUNDING.create_decimal_from_float(value))
    if abs(rounded) >= 1000:
        return f'{rounded:.0f}'
    return f'{rounded:#.3g}'.rstrip('.')


def _links_html(files: str | None, key: str, formats: Iterable[str], title: str) -> str:
    """Links to a figure's or table's files, where there are any."""
    if files is None:
        return ''
    links = []
    for ending in formats:
        address = address_of(f'{files}/{key}.{ending}')
        name = ending.upper()
        links.append(f'<a href="{address}" aria-label="{name} of {escape(title)}">{name}</a>')
    return f' <span class="files">{" ".join(links)}</span>'


def _networks_html(table: NetworkTable, title: str, files: str | None) -> str:
    shown = len(table.backbones)
    note = ''
    if table.number is not None:
        where = '' if files is None else '; the CSV has all'
        note = f'<p>The {shown:,} of {table.number:,} networks with the least errors{where}.</p>'
    are_text = {name: is_text(values) for name, values in table.columns.items()}
    searched = [name for name, is_text in are_text.items() if is_text]
    every = thinned_by(table.curves)
    return Template(_file('networks.html')).substitute(
        curves=f'One of {every} evaluations is shown, and the last.' if every > 1 else '',
        title=title,
        count=f'{shown:,}',
        note=note,
        searched=escape(', '.join(searched)),
        file=_links_html(files, 'networks', ('csv',), 'all networks'),
        data=without_tags(networks_json(table, are_text)),
    )
