"""The page of the report: one HTML file that fetches nothing.

No name of a network can become script in it: all text is escaped, and the browser is told to run
the one script of the page and no other.
"""

import json
import re
from base64 import b64encode
from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from hashlib import sha256
from html import escape
from math import isfinite
from numbers import Real
from pathlib import Path
from string import Template
from typing import Any
from urllib.parse import quote

import numpy as np

from regnet_plugin.files import replace
from regnet_plugin.report.document import Document, Figure, NetworkTable, Section, Table
from regnet_plugin.report.plot import Cell, Column, cells_of

# Anchors that page.html and networks.html have themselves.
_OWN_IDS = ('summary', 'contents', 'contents-title', 'networks')
_UNITS = (('T', 1e12), ('G', 1e9), ('M', 1e6))
_LARGEST_WITH_UNIT = 1e15  # from here on a number in T would have more than four digits
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

    contents = [('summary', 'Summary')]
    sections = ''
    for section in document.sections:
        contents.append((section.key, section.title))
        sections += _section_html(section, document)
    networks = ''
    if document.networks is not None:
        title = 'All networks' if document.networks.number is None else 'The best networks'
        contents.append(('networks', title))
        networks = _networks_html(document.networks, title, document.files)
    script = _file('page.js')
    text = Template(_file('page.html')).substitute(
        title=escape(document.title),
        refresh=refresh_html(document.refresh),
        digest=_digest(script),
        style=_file('page.css'),
        script=script,
        summary=_paragraphs_html(document.summary),
        contents=_contents_html(contents),
        sections=sections,
        networks=networks,
        footer=escape(document.footer),
    )
    # half a surrogate pair, too, has no other encoding
    return text.encode('ascii', 'xmlcharrefreplace').decode()


def address_of(path: str | Path) -> str:
    """Make an address of a path that stays relative, whatever is in it.

    'javascript:' and '//host' are names of files.
    """
    return './' + quote(str(path).lstrip('/'), errors='surrogateescape')


def _check_keys(document: Document) -> None:
    keys = [*_OWN_IDS]
    for section in document.sections:
        keys.append(section.key)
        for item in section.items:
            keys.append(item.key if isinstance(item, Table) else item.plot.key)
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


def _digest(script: str) -> str:
    """What allows this script, and no other, in a content security policy."""
    return 'sha256-' + b64encode(sha256(script.encode()).digest()).decode()


def refresh_html(seconds: int | None) -> str:
    """Make the line that has a browser load a page again after some seconds; '' for None."""
    return '' if seconds is None else f'<meta http-equiv="refresh" content="{seconds}">\n'


def _paragraphs_html(texts: Iterable[str]) -> str:
    return '\n'.join(f'<p>{escape(text)}</p>' for text in texts)


def _contents_html(entries: Iterable[tuple[str, str]]) -> str:
    """List of links to sections, given as pairs of key and title."""
    return '\n'.join(
        f'<li><a href="#{quote(key)}">{escape(title)}</a></li>' for key, title in entries
    )


def _section_html(section: Section, document: Document) -> str:
    items = []
    for item in section.items:
        if isinstance(item, Table):
            items.append(_table_html(item, document.files))
        else:
            items.append(_figure_html(item, document.files, document.formats))
    lines = [
        f'<section id="{escape(section.key)}">',
        f'<h2>{escape(section.title)}</h2>',
        _paragraphs_html(section.text),
        '\n'.join(items),
        '</section>\n',
    ]
    return '\n'.join(lines)


def _figure_html(figure: Figure, files: str | None, formats: Sequence[str]) -> str:
    key, title = figure.plot.key, escape(figure.title)
    svg = figure.plot.svg()
    width = _width_of(svg)
    links = _links_html(files, key, formats, figure.title)
    hover = _without_tags(_compact_json(figure.plot.hover()))
    lines = [
        f'<figure id="{escape(key)}" class="drawn">',
        f'<h3>{title}</h3>',
        f'<div class="plot scroll" role="img" tabindex="0" aria-label="{title}" style="--points: '
        f'{width}">{svg}</div>',
        f'<figcaption>{escape(figure.caption)}{links}</figcaption>',
        f'<script type="application/json">{hover}</script>',
        '</figure>',
    ]
    return '\n'.join(lines)


def _width_of(svg: str) -> str:
    """Width in points; the style sheet makes pixels of them, by the size of the page's text."""
    found = re.search(r'viewBox="0 0 ([\d.]+) ', svg)
    assert found is not None, 'every plot has a viewBox'
    return found[1]


def _table_html(table: Table, files: str | None) -> str:
    # columns with a number are aligned to the right
    classes = []
    for column in range(len(table.columns)):
        has_numbers = any(isinstance(row[column], Real) for row in table.rows)
        classes.append(' class="number"' if has_numbers else '')
    head = ''.join(
        f'<th scope="col"{kind}>{escape(name)}</th>' for kind, name in zip(classes, table.columns)
    )
    body = '\n'.join(f'<tr>{_cells_html(row, classes)}</tr>' for row in table.rows)
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


def _cells_html(row: Sequence[Cell], classes: Sequence[str]) -> str:
    """Cells of a row, the first of which is its heading."""
    first, *others = [escape(_shown(value)) for value in row]
    cells = f'<th scope="row"{classes[0]}>{first}</th>'
    for kind, text in zip(classes[1:], others):
        cells += f'<td{kind}>{text}</td>'
    return cells


def _shown(value: object) -> str:
    """A cell's text; numbers are shown as the script shows them, too: four digits, or whole."""
    if value is None:
        return _DASH
    if isinstance(value, bool) or not isinstance(value, Real):
        return str(value)
    number = float(value)
    return _number_text(number) if isfinite(number) else _DASH


def _number_text(value: float) -> str:
    size = abs(value)
    if size < _LARGEST_WITH_UNIT:
        for unit, least in _UNITS:
            if size >= least:
                return f'{value / least:#.4g}'.rstrip('.') + f' {unit}'
    if size < 1e6 and (value == int(value) or size >= 1e3):
        return f'{value:.0f}'
    if size >= _LARGEST_WITH_UNIT or size < 1e-4:
        return f'{value:.4g}'.replace('e+', 'e').replace('e-0', 'e-')
    return f'{value:#.4g}'.rstrip('.')


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
    are_text = {name: _is_text(values) for name, values in table.columns.items()}
    searched = [name for name, is_text in are_text.items() if is_text]
    return Template(_file('networks.html')).substitute(
        title=title,
        count=f'{shown:,}',
        note=note,
        searched=escape(', '.join(searched)),
        file=_links_html(files, 'networks', ('csv',), 'all networks'),
        data=_without_tags(_networks_json(table, are_text)),
    )


def _networks_json(table: NetworkTable, are_text: Mapping[str, bool]) -> str:
    """JSON of the table, as page.js reads it.

    A backbone is the number of its kind and its values: backbones of one kind have the same names
    of arguments, which are written once.
    """
    kinds: dict[tuple[str, ...], int] = {}
    backbones: list[list[Any] | None] = []
    for backbone in table.backbones:
        if not backbone:
            backbones.append(None)
            continue
        kind = kinds.setdefault(tuple(backbone), len(kinds))
        backbones.append([kind, *backbone.values()])
    parts = {
        'names': list(table.columns),
        'text': list(are_text.values()),
        'kinds': list(kinds),
        'backbones': backbones,
        'links': [address_of(link) if link else None for link in table.links],
    }
    columns = []
    for name, values in table.columns.items():
        columns.append(_texts_json(values) if are_text[name] else _numbers_json(values))
    # columns are put in as text, since numbers have a notation of their own
    other_parts = _compact_json(parts).removesuffix('}')
    return f'{other_parts},"columns":[{",".join(columns)}]}}'


def _is_text(column: Column) -> bool:
    """Whether a column has text, and not only numbers."""
    return any(isinstance(cell, str) for cell in cells_of(column))


def _texts_json(column: Column) -> str:
    """A column of texts; null for None and NaN."""
    texts = [None if cell is None else str(cell) for cell in cells_of(column)]
    return _compact_json(texts)


def _numbers_json(column: Column) -> str:
    """A column of numbers with six digits; null for None and for what is not finite."""
    numbers = np.array(column, dtype=np.float64)  # None becomes NaN
    written = [f'{number:.6g}' if isfinite(number) else 'null' for number in numbers.tolist()]
    return f'[{",".join(written)}]'


def _compact_json(values: object) -> str:
    return json.dumps(values, allow_nan=False, separators=(',', ':'), default=_plain)


def _plain(value: Any) -> Any:
    """Arrays and numbers of NumPy as Python's."""
    return value.tolist()


def _without_tags(data: str) -> str:
    """JSON that cannot end the script element that it is in."""
    return data.replace('<', '\\u003c')
