"""A report of populations: what the statistics say, as a page and as files of its figures."""

import os
import re
from collections.abc import Iterable, Sequence
from dataclasses import replace as changed
from datetime import datetime, timezone
from pathlib import Path
from urllib.parse import unquote

from regnet_plugin import __version__
from regnet_plugin.analysis import compare
from regnet_plugin.files import is_there, naming
from regnet_plugin.population.records import Records
from regnet_plugin.report.csv_file import write_csv
from regnet_plugin.report.document import Document, Figure, NetworkTable, Table
from regnet_plugin.report.drawing.plot import Plot, rows_of
from regnet_plugin.report.drawing.sketch import Finished, Sketch
from regnet_plugin.report.keys import keys_of
from regnet_plugin.report.page import write_html
from regnet_plugin.report.page_data import address_of
from regnet_plugin.report.populations import Rules, reported_populations
from regnet_plugin.report.processes import in_processes
from regnet_plugin.report.sections.comparisons.distributions import (
    at_equal_complexity,
    distributions_section,
    edf_figure,
)
from regnet_plugin.report.sections.comparisons.scaling import scaling_section
from regnet_plugin.report.sections.comparisons.steps import are_steps, steps_section
from regnet_plugin.report.sections.comparisons.twins import twin_pairs
from regnet_plugin.report.sections.complexity import complexity_section
from regnet_plugin.report.sections.devices import device_section
from regnet_plugin.report.sections.extremes import extremes_section
from regnet_plugin.report.sections.headline import facts, headline
from regnet_plugin.report.sections.networks import network_table
from regnet_plugin.report.sections.overview import overview_section
from regnet_plugin.report.sections.parameters import parameters_section
from regnet_plugin.report.sections.published import published_section
from regnet_plugin.report.sections.restrictions import restrictions_section
from regnet_plugin.report.sections.search import search_section
from regnet_plugin.report.sections.structure import structure_section
from regnet_plugin.report.sections.summary import all_cautions, summary
from regnet_plugin.report.wording import listed

_NAMES_IN_TITLE = 6  # at most; the number of populations is said instead of more
STYLES = ('page', 'paper')  # of the figures that are files
_ENDINGS = ('.pdf', '.png', '.csv', '.svg')  # of the files of a report
_MANY = 8  # populations, above which figures of single ones are fewer and smaller
MOST_NETWORKS = 10_000  # in the table on the page, which a phone has to load, too


def report(
    records: Records | Iterable[Records], rules: Rules = Rules(), title: str | None = None
) -> Document:
    """Make the report of some populations.

    Args:
        records: one, or several with different names; in the order of the design, if they are its
            steps.
        rules: which networks count, and how.
        title: of the page. Default: made from the names.

    Returns:
        The document for `write_report`.

    Raises:
        ValueError: for no population, or for two of one name.
    """
    records = [records] if isinstance(records, Records) else list(records)
    names = [one.name for one in records]
    _check_names(names)
    populations = reported_populations(records, rules)
    keys = keys_of(names)
    brief = len(populations) > _MANY
    errors = {population.name: population.errors for population in populations}
    comparison = compare(errors, level=1 - rules.level)
    equal = at_equal_complexity(populations)
    twins = twin_pairs(populations)
    sections = [
        overview_section(populations),
        distributions_section(populations, comparison, equal, twins),
        steps_section(populations) if are_steps(populations) else None,
        scaling_section(populations),
        parameters_section(populations, brief),
        restrictions_section(populations, keys, brief),
        search_section(populations),
        complexity_section(populations),
        device_section(populations),
        structure_section(populations, keys, brief),
        extremes_section(populations, keys, brief),
        published_section(populations),
    ]
    if not title:
        few = len(names) <= _NAMES_IN_TITLE
        title = listed(names) if few else f'{len(names)} populations'
    return Document(
        title=title,
        summary=summary(populations, comparison, equal, twins),
        sections=tuple(section for section in sections if section is not None),
        networks=network_table(populations),
        footer=f'regnet_plugin {__version__}, {datetime.now(timezone.utc):%Y-%m-%d %H:%M} UTC',
        headline=headline(populations, comparison),
        lead=edf_figure(populations),
        facts=facts(populations),
        cautions=all_cautions(populations),
    )


def _check_names(names: Sequence[str]) -> None:
    rule = 'a report is of one population or more, each with a name of its own, but'
    if not names:
        raise ValueError(f'{rule} there is none')
    repeated = sorted({name for name in names if names.count(name) > 1})
    if repeated:
        raise ValueError(f'{rule} these are there twice: {listed(repeated)} (--names gives others)')


def files_of(path: Path) -> Path:
    """Find the folder beside a page for its figures and tables.

    It is ``report_files`` of ``report.html``.

    Args:
        path: of the page, which need not be there.

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


def write_report(
    document: Document, path: str | Path, svg: bool = False, style: str = 'page'
) -> None:
    """Write a page, and beside it a folder with its figures and tables.

    The folder, ``report_files`` of ``report.html``, gets the figures as PDF, PNG and CSV, and the
    tables and all networks as CSV.

    Args:
        document: from `report`.
        path: of the page; one that is there is replaced, and then the figures and tables that only
            that one names are removed.
        svg: write each figure as SVG, too, whose text is text. Default: False.
        style: 'page', or 'paper': figures are PDF and SVG instead, as wide as a column of a paper
            or as both. Default: 'page'.

    Raises:
        ValueError: if the style is another one, the path does not end in .html, something else than
            a file is there, or the folder is a link.
    """
    path = Path(path)
    files = files_of(path)
    files.mkdir(parents=True, exist_ok=True)
    before = _files_named_in(path, files)
    formats = _formats(document, svg, style)
    document = _with_finished_plots(document, files, formats, style == 'paper')
    for section in document.sections:
        for item in section.figures_and_tables:
            if isinstance(item, Table):
                write_csv(files / f'{item.key}.csv', item.columns, item.rows)
    table = document.networks
    if table is not None:
        write_csv(files / 'networks.csv', table.columns, rows_of(table.columns))
        table = table.best(MOST_NETWORKS)
        table = changed(table, links=_relative_links(table, path.parent))
    write_html(path, changed(document, networks=table, files=files.name, formats=formats))
    # Not sooner: who has the old page open, or interrupts this, still has its files.
    for old in set(before) - set(_files_named_in(path, files)):
        old.unlink()


def _formats(document: Document, svg: bool, style: str) -> tuple[str, ...]:
    if style not in STYLES:
        raise ValueError(f'a style of figures is one of {", ".join(STYLES)}, but got {style!r}')
    if style == 'paper':
        return ('pdf', 'svg', 'csv')
    return (*document.formats, 'svg') if svg else document.formats


def _with_finished_plots(
    document: Document, files: Path, formats: Sequence[str], for_paper: bool
) -> Document:
    """Write the plots of all figures, on all cores, and put the finished ones in their places."""
    jobs: list[tuple[Plot | Sketch, Sequence[str]]] = []
    for figure in document.figures:
        for plot, its_formats in ((figure.plot, formats), (figure.narrow, ())):
            if plot is not None and not isinstance(plot, Finished):
                jobs.append((plot, its_formats))
    jobs.reverse()  # the last sections have figures that take long, and the first one has, too
    finished = in_processes(lambda job: Finished(job[0], files, job[1], for_paper), jobs, 'drawing')
    by_key = {plot.key: plot for plot in finished}

    def with_finished(figure: Figure) -> Figure:
        narrow = figure.narrow
        return changed(
            figure,
            plot=by_key.get(figure.key, figure.plot),
            narrow=narrow and by_key.get(narrow.key, narrow),
        )

    return document.with_figures(with_finished)


def _relative_links(table: NetworkTable, folder: Path) -> list[str | None]:
    """Paths of the networks' configs from the folder of the page."""
    links: list[str | None] = []
    for config in table.links:
        if config:
            config = Path(os.path.relpath(config, folder)).as_posix()
        links.append(config)
    return links


def _files_named_in(page: Path, files: Path) -> list[Path]:
    """Find the figures and tables that a page, written before, links to.

    Those are ours, and other files of the folder are not.
    """
    if not is_there(page):
        return []
    with naming(page):
        text = page.read_text(encoding='utf-8', errors='replace')
    folder = re.escape(address_of(files.name))
    addresses = set(re.findall(f'href="{folder}/([^"/]+)"', text))
    found = []
    for name in sorted({unquote(address) for address in addresses}):
        path = files / name
        of_the_folder = Path(name).name == name  # a slash may have been quoted
        if of_the_folder and path.suffix in _ENDINGS and path.is_file() and not path.is_symlink():
            found.append(path)
    return found
