"""The page of the report: one HTML file that fetches nothing, and in which no name of a network can
become script.
"""

import json
import re
from base64 import b64encode
from collections import Counter
from hashlib import sha256
from html import escape
from math import isfinite
from numbers import Real
from pathlib import Path
from string import Template
from urllib.parse import quote

import numpy as np

from regnet_plugin.files import replace
from regnet_plugin.report.document import Table

_OWN_IDS = ('summary', 'contents', 'contents-title', 'networks')
_UNITS = (('T', 1e12), ('G', 1e9), ('M', 1e6))
_DASH = '\N{EN DASH}'


def write_html(path, document):
    """Write a document as one HTML file, in place of one that may be there.

    Args:
        path (str | Path): of the file.
        document (Document): what it says.

    Raises:
        ValueError: as `html_of` does.
    """
    replace(path, html_of(document))


def html_of(document):
    """Make HTML of a document: the same text for the same document, in ASCII, so that no encoding
    matters.

    Numbers of the table of networks are kept to 6 significant digits; arguments of the backbones
    are exact.

    Args:
        document (Document): what it says.

    Returns:
        str: the file's text.

    Raises:
        ValueError: if two things on the page have one key, or columns of the table of networks
            differ in length.
    """
    _check(document)
    script = _file('page.js')
    sections = ''.join(_section(section, document) for section in document.sections)
    networks = '' if document.networks is None else _networks(document.networks, document.files)
    entries = [
        ('summary', 'Summary'),
        *((section.key, section.title) for section in document.sections),
    ]
    if networks:
        entries.append(('networks', 'All networks'))
    text = Template(_file('page.html')).substitute(
        title=escape(document.title),
        digest=_digest(script),
        style=_file('page.css'),
        script=script,
        summary=_paragraphs(document.summary),
        contents=_contents(entries),
        sections=sections,
        networks=networks,
        footer=escape(document.footer),
    )
    # half a surrogate pair, too, has no other encoding
    return text.encode('ascii', 'xmlcharrefreplace').decode()


def _check(document):
    items = [item for section in document.sections for item in section.items]
    keys = [*_OWN_IDS, *(section.key for section in document.sections), *map(_key, items)]
    repeated = [key for key, count in Counter(keys).items() if count > 1]
    if repeated:
        raise ValueError(
            f'sections, figures and tables of a page must have keys of their own, none of them '
            f'{", ".join(_OWN_IDS)}, but these are there twice: {", ".join(map(repr, repeated))}'
        )
    if document.networks is not None:
        table = document.networks
        lengths = {name: len(values) for name, values in table.columns.items()}
        lengths.update(backbones=len(table.backbones), links=len(table.links))
        if len(set(lengths.values())) > 1:
            raise ValueError(
                f'columns, backbones and links of the networks must be of one length, but {lengths}'
            )


def _key(item):
    return item.key if isinstance(item, Table) else item.plot.key


def _file(name):
    return Path(__file__).with_name(name).read_text(encoding='ascii')


def _digest(script):
    """What allows this script, and no other."""
    return 'sha256-' + b64encode(sha256(script.encode()).digest()).decode()


def _paragraphs(texts):
    return '\n'.join(f'<p>{escape(text)}</p>' for text in texts)


def _contents(entries):
    return '\n'.join(
        f'<li><a href="#{quote(key)}">{escape(title)}</a></li>' for key, title in entries
    )


def _section(section, document):
    items = '\n'.join(
        _table(item, document.files)
        if isinstance(item, Table)
        else _figure(item, document.files, document.formats)
        for item in section.items
    )
    return (
        '<section '
        f'id="{escape(section.key)}">\n<h2>{escape(section.title)}</h2>\n{_paragraphs(section.text)}\n'
        f'{items}\n</section>\n'
    )


def _figure(figure, files, formats):
    key, title, svg = figure.plot.key, escape(figure.title), figure.plot.svg()
    # points: the sheet makes pixels of them, by the text's size
    width = re.search(r'viewBox="0 0 ([\d.]+) ', svg)[1]
    links = _links(files, key, formats, figure.title)
    return (
        f'<figure id="{escape(key)}" class="drawn">\n<h3>{title}</h3>\n<div class="plot scroll" '
        'role="img" '
        f'tabindex="0" aria-label="{title}" style="--points: {width}">{svg}</div>\n'
        f'<figcaption>{escape(figure.caption)}{links}</figcaption>\n'
        '<script '
        f'type="application/json">{_safe(_compact(figure.plot.hover()))}</script>\n</figure>'
    )


def _table(table, files):
    numeric = [
        any(isinstance(row[j], Real) for row in table.rows) for j in range(len(table.columns))
    ]
    classes = [' class="number"' if is_numeric else '' for is_numeric in numeric]
    head = ''.join(
        f'<th scope="col"{kind}>{escape(name)}</th>' for kind, name in zip(classes, table.columns)
    )
    body = '\n'.join(f'<tr>{_cells(row, classes)}</tr>' for row in table.rows)
    title, links = escape(table.title), _links(files, table.key, ('csv',), table.title)
    return (
        f'<figure id="{escape(table.key)}" class="table">\n<h3>{title}</h3>\n'
        f'<div class="scroll" role="region" tabindex="0" aria-label="{title}"><table>\n'
        f'<thead><tr>{head}</tr></thead>\n<tbody>\n{body}\n</tbody>\n</table></div>\n'
        f'<figcaption>{escape(table.caption)}{links}</figcaption>\n</figure>'
    )


def _cells(row, classes):
    first, *others = (escape(_shown(value)) for value in row)
    return f'<th scope="row"{classes[0]}>{first}</th>' + ''.join(
        f'<td{kind}>{text}</td>' for kind, text in zip(classes[1:], others)
    )


def _shown(value):
    """A number as the script shows it, too: four digits, or whole."""
    if value is None or isinstance(value, Real) and not isfinite(value):
        return _DASH
    if not isinstance(value, Real) or isinstance(value, bool):
        return str(value)
    unit, size = next((pair for pair in _UNITS if pair[1] <= abs(value) < 1e15), ('', 1))
    if unit:
        return f'{value / size:#.4g}'.rstrip('.') + f' {unit}'
    if abs(value) < 1e6 and (value == int(value) or abs(value) >= 1e3):
        return f'{value:.0f}'
    if abs(value) >= 1e15 or abs(value) < 1e-4:
        return f'{value:.4g}'.replace('e+', 'e').replace('e-0', 'e-')
    return f'{value:#.4g}'.rstrip('.')


def _links(files, key, formats, title):
    """Links to a figure's or table's files, where there are any."""
    if files is None:
        return ''
    links = ' '.join(
        f'<a href="{address_of(f"{files}/{key}.{kind}")}" aria-label="{kind.upper()} of '
        f'{escape(title)}">'
        f'{kind.upper()}</a>'
        for kind in formats
    )
    return f' <span class="files">{links}</span>'


def address_of(path):
    """A path as an address that stays relative, whatever is in it: 'javascript:' and '//host' are
    names of files.
    """
    return './' + quote(str(path).lstrip('/'), errors='surrogateescape')


def _networks(table, files):
    columns = {name: _column(values) for name, values in table.columns.items()}
    searched = [name for name, (is_text, _) in columns.items() if is_text]
    return Template(_file('networks.html')).substitute(
        count=len(table.backbones),
        searched=escape(', '.join(searched)),
        file=_links(files, 'networks', ('csv',), 'all networks'),
        data=_safe(_data(table, columns)),
    )


def _data(table, columns):
    """JSON of the table. Names of arguments are written once for all backbones that have the same
    ones.
    """
    kinds = {}
    backbones = [
        backbone and [kinds.setdefault(tuple(backbone), len(kinds)), *backbone.values()]
        for backbone in table.backbones
    ]
    links = [link and address_of(link) for link in table.links]
    parts = dict(
        names=list(columns),
        text=[is_text for is_text, _ in columns.values()],
        kinds=list(kinds),
        backbones=backbones,
        links=links,
    )
    return f'{_compact(parts)[:-1]},"columns":[{",".join(text for _, text in columns.values())}]}}'


def _column(values):
    """Whether a column has text, and its JSON."""
    values = values.tolist() if isinstance(values, np.ndarray) else values
    if any(isinstance(value, str) for value in values):
        return True, _compact(
            [None if value is None or value != value else str(value) for value in values]
        )
    numbers = np.array(values, dtype=float)
    numbers[~np.isfinite(numbers)] = np.nan
    return False, '[' + ','.join([f'{number:.6g}' for number in numbers.tolist()]).replace(
        'nan', 'null'
    ) + ']'


def _compact(values):
    return json.dumps(values, allow_nan=False, separators=(',', ':'), default=_plain)


def _plain(value):
    """Arrays and numbers of numpy as Python's."""
    return value.tolist()


def _safe(data):
    """JSON that cannot end the script element that it is in."""
    return data.replace('<', '\\u003c')
