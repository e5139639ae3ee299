"""A report of populations: what the statistics say, as a page with figures and tables, and as
files.
"""

import csv
import io
import os
import re
from dataclasses import replace as changed
from datetime import datetime, timezone
from pathlib import Path
from urllib.parse import unquote

from regnet_plugin import __version__
from regnet_plugin.analysis import compare
from regnet_plugin.files import is_there, naming, replace
from regnet_plugin.population.records import Records
from regnet_plugin.report.document import Document, Figure, Table
from regnet_plugin.report.page import address_of, write_html
from regnet_plugin.report.populations import Rules, reported_populations
from regnet_plugin.report.processes import in_processes
from regnet_plugin.report.sections.complexity import complexity
from regnet_plugin.report.sections.distributions import at_equal_complexity, distributions
from regnet_plugin.report.sections.extremes import extremes
from regnet_plugin.report.sections.networks import networks
from regnet_plugin.report.sections.overview import overview
from regnet_plugin.report.sections.parameters import parameters
from regnet_plugin.report.sections.published import published
from regnet_plugin.report.sections.search import search
from regnet_plugin.report.sections.steps import are_steps, steps
from regnet_plugin.report.sections.structure import structure
from regnet_plugin.report.sections.summary import summary
from regnet_plugin.report.sketch import Finished
from regnet_plugin.report.wording import listed

_NAMES_IN_TITLE = 6
_ENDINGS = ('.pdf', '.png', '.csv', '.svg')  # of the files of a report
_MANY = 8  # populations, above which figures of single ones are fewer and smaller


def report(records, rules=Rules(), title=None):
    """Make the report of some populations.

    Args:
        records (Records | Iterable[Records]): one, or several with different names; in the order of
            the design, if they are its steps.
        rules (Rules): which networks count, and how.
        title (str, optional): of the page. Default: made from the names.

    Returns:
        Document: for `write_report`.

    Raises:
        ValueError: for no population, or for two of one name.
    """
    records = [records] if isinstance(records, Records) else list(records)
    names = [one.name for one in records]
    repeated = sorted({name for name in names if names.count(name) > 1})
    if not names or repeated:
        raise ValueError(
            'a report is of one population or more, each with a name of its own, but '
            + (
                f'these are there twice: {listed(repeated)} (--names gives others)'
                if repeated
                else 'there is none'
            )
        )
    entries = reported_populations(records, rules)
    keys = _keys(names)
    brief = len(entries) > _MANY
    comparison = compare({entry.name: entry.errors for entry in entries}, level=1 - rules.level)
    equal = at_equal_complexity(entries)
    sections = [
        overview(entries),
        distributions(entries, comparison, equal),
        steps(entries) if are_steps(entries) else None,
        parameters(entries, keys, brief),
        search(entries),
        complexity(entries),
        structure(entries, keys, brief),
        extremes(entries, keys, brief),
        published(entries),
    ]
    title = title or (
        listed(names) if len(names) <= _NAMES_IN_TITLE else f'{len(names)} populations'
    )
    return Document(
        title,
        summary(entries, comparison, equal),
        tuple(filter(None, sections)),
        networks(entries),
        f'regnet_plugin {__version__}, {datetime.now(timezone.utc):%Y-%m-%d %H:%M} UTC',
    )


def files_of(path):
    """The folder beside a page that its figures and tables go to: ``report_files`` of
    ``report.html``.

    Raises:
        ValueError: if the path is none of a page, or the folder is a link: what is in it is
            replaced.
    """
    if path.suffix != '.html' or (os.path.lexists(path) and not path.is_file()):
        raise ValueError(f'a page must be a file whose name ends in .html, but it is {path}')
    files = path.with_name(f'{path.stem}_files')
    if files.is_symlink():
        raise ValueError(
            f'the files of a page must be in a folder of their own, which is no link, but {files} '
            'is one'
        )
    return files


def write_report(document, path, svg: bool = False):
    """Write a page, and beside it a folder, ``report_files`` of ``report.html``, with its figures
    (PDF, PNG and CSV), its tables and all networks (CSV).

    Args:
        document (Document): from `report`.
        path (str | Path): of the page; one that is there is replaced, and the figures and tables
            that it names are removed.

        svg (bool): write each figure as SVG, too, whose text is text. Default: False.

    Raises:
        ValueError: if the path does not end in .html, something else than a file is there, or the
            folder is a link.
    """
    path, files = Path(path), files_of(Path(path))
    files.mkdir(parents=True, exist_ok=True)
    for old in _files_named_in(path, files):
        old.unlink()
    figures = [
        item for section in document.sections for item in section.items if isinstance(item, Figure)
    ]
    formats = (*document.formats, *(['svg'] if svg else []))
    figures.reverse()  # the last sections have figures that take long, and the first one has, too
    drawn = {
        plot.key: plot
        for plot in in_processes(
            lambda figure: Finished(figure.plot, files, formats), figures, 'drawing'
        )
    }
    sections = tuple(
        changed(
            section,
            items=[
                changed(item, plot=drawn[item.plot.key]) if isinstance(item, Figure) else item
                for item in section.items
            ],
        )
        for section in document.sections
    )
    for table in (
        item for section in sections for item in section.items if isinstance(item, Table)
    ):
        replace(files / f'{table.key}.csv', _csv(table.columns, table.rows))
    if document.networks is not None:
        columns = document.networks.columns
        replace(files / 'networks.csv', _csv(columns, zip(*columns.values())))
        links = [
            config and Path(os.path.relpath(config, path.parent)).as_posix()
            for config in document.networks.links
        ]
        document = changed(document, networks=changed(document.networks, links=links))
    write_html(path, changed(document, sections=sections, files=files.name, formats=formats))


def _files_named_in(page, files):
    """Figures and tables that a page, written before, links to: those are ours, and other files of
    the folder are not.
    """
    if not is_there(page):
        return []
    with naming(page):
        text = page.read_text(encoding='utf-8', errors='replace')
    names = map(unquote, re.findall(f'href="{re.escape(address_of(files.name))}/([^"/]+)"', text))
    found = (
        files / name
        for name in sorted(set(names))
        if Path(name).name == name and Path(name).suffix in _ENDINGS
    )
    return [path for path in found if path.is_file() and not path.is_symlink()]


def _keys(names):
    """Names of files, of lower-case letters and digits; with a number where two names give the
    same.
    """
    keys = []
    for name in names:
        plain = key = re.sub('[^a-z0-9]+', '_', name.lower()).strip('_')[:60] or 'population'
        number = 1
        while key in keys:
            number += 1
            key = f'{plain}_{number}'
        keys.append(key)
    return keys


def _csv(columns, rows):
    text = io.StringIO()
    table = csv.writer(text, lineterminator='\n')
    table.writerow(columns)
    table.writerows(rows)
    # half a surrogate pair has no encoding
    return text.getvalue().encode(errors='backslashreplace').decode()
