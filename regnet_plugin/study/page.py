"""The page of a study: Markdown that a repository shows, with its figures as SVG."""

import re
from collections import Counter
from itertools import combinations_with_replacement
from math import isfinite
from pathlib import Path

from regnet_plugin.analysis import seed_noise
from regnet_plugin.files import is_there, naming, replace
from regnet_plugin.report.document import Figure, Table
from regnet_plugin.report.wording import listed
from regnet_plugin.study.findings import NO_POPULATIONS, NOT_STUDIED, OPEN, VERDICTS, findings
from regnet_plugin.study.questions import questions, smallest_significant

FIGURES = 'figures'


def write_page(results, path, introduction=''):
    """Write what a study found, and its figures into a folder beside it.

    Args:
        results (Results): of the study.
        path (str | Path): of the page, such as docs/study/README.md; one that is there is replaced,
            and the figures that it shows are removed.
        introduction (str): Markdown that comes first. Default: ''.

    Raises:
        ValueError: if the folder of the figures is a link.
    """
    path = Path(path)
    folder = path.with_name(FIGURES)
    if folder.is_symlink():
        raise ValueError(
            'the figures of a page must be in a folder of their own, which is no link, but '
            f'{folder} is one'
        )
    folder.mkdir(parents=True, exist_ok=True)
    for old in _figures_named_in(path, folder):
        old.unlink()
    chapters = [_chapter(section, folder) for section in questions(results)]
    replace(
        path,
        '\n'.join([introduction, _resolution(results), _findings(results), *chapters]).strip()
        + '\n',
    )


def write_pilot(results, path, introduction=''):
    """Write how far the errors of each candidate spread beyond the noise between seeds.

    Args:
        results (Results): of parts whose networks were trained with several seeds each.
        path (str | Path): of the page; one that is there is replaced.
        introduction (str): Markdown that comes first. Default: ''.
    """
    columns = (
        'candidate',
        'mean error',
        'highest',
        'between networks',
        'between seeds',
        'share of the networks',
        'low',
        'high',
        'networks',
        'seeds',
        'failed',
        'seconds, mean',
        'seconds, most',
    )
    share = columns.index('share of the networks')
    rows = sorted(map(_candidate, results.entries.values()), key=lambda row: -row[share])
    caption = (
        'Errors are means over the seeds, their standard deviations in points; the share of the '
        'variance that is '
        'due to the network, with its 95% interval (intraclass correlation, analysis of variance); '
        'seconds of a '
        'training on one core.'
    )
    replace(
        path,
        '\n'.join([introduction, *_table(Table('pilot', '', columns, rows, caption))]).strip()
        + '\n',
    )


def _candidate(entry):
    seeds = int(entry.records.seeds[entry.rows].min()) if entry.n else 0
    try:
        noise = seed_noise(entry.errors, entry.records.deviation[entry.rows], seeds)
    except ValueError as error:
        raise ValueError(f'{entry.name}: {error}') from None
    seconds = entry.column('seconds')
    return (
        entry.name,
        entry.mean,
        float(entry.errors.max()),
        noise.between,
        noise.within,
        noise.share,
        noise.low,
        noise.high,
        noise.n,
        noise.seeds,
        entry.failed,
        float(seconds.mean()),
        float(seconds.max()),
    )


def _resolution(results):
    sizes = sorted({entry.n for entry in results.entries.values() if entry.n}, reverse=True)
    told = (
        ', '.join(_smallest(*pair) for pair in combinations_with_replacement(sizes, 2))
        or 'no network has an error'
    )
    return (
        '## Which differences can be significant\n\nThe smallest Kolmogorov-Smirnov distance of '
        'two populations that '
        f'is significant at the 5% level, exactly: {told}. A true distance of just that is found '
        'about every other '
        'time.\n'
    )


def _figures_named_in(page, folder):
    """Figures that a page, written before, shows."""
    if not is_there(page):
        return []
    with naming(page):
        text = page.read_text(encoding='utf-8', errors='replace')
    found = (
        folder / name for name in sorted(set(re.findall(rf'\]\({FIGURES}/([\w.-]+\.svg)\)', text)))
    )
    return [path for path in found if path.is_file() and not path.is_symlink()]


def _smallest(first: int, second: int) -> str:
    distance = smallest_significant(first, second)
    return f'{"none" if distance is None else f"{distance:.2f}"} for {first} against {second}'


def _chapter(section, folder):
    lines = [f'## {section.title}', '']
    for text in section.text:
        lines += [f'- {text}']
    for item in section.items:
        lines += [
            '',
            *(_figure(section, item, folder) if isinstance(item, Figure) else _table(item)),
        ]
    return '\n'.join(lines) + '\n'


def _figure(section, item, folder):
    path = folder / f'{section.key}-{item.plot.key}.svg'
    replace(path, item.plot.plot.standalone_svg())
    return [
        f'![{item.title}]({folder.name}/{path.name})',
        *(['', item.caption] if item.caption else []),
    ]


def _table(item):
    rows = [[_cell(value) for value in row] for row in item.rows]
    numbers = [
        all(isinstance(row[column], (int, float, type(None))) for row in item.rows)
        for column in range(len(item.columns))
    ]
    return [
        _row(item.columns),
        _row('--:' if number else '---' for number in numbers),
        *map(_row, rows),
        '',
        item.caption,
    ]


def _row(cells):
    return f'| {" | ".join(map(str, cells))} |'


def _cell(value):
    if value is None or isinstance(value, float) and not isfinite(value):
        return '–'
    if isinstance(value, float):
        return (
            f'{value:.2g}'
            if abs(value) < 0.01
            else f'{value:.2f}'
            if abs(value) < 1000
            else f'{value:,.0f}'
        )
    return f'{value:,}' if isinstance(value, int) else str(value)


def _findings(results):
    judged = findings(results)
    if all(found.verdict == NOT_STUDIED for found in judged):
        return (
            '## The findings of the paper\n\nNone of them is studied: they are judged of '
            'populations with the keys '
            "of the paper's study, such as `anynetx_a` and `regnetx` (`configs/study/study.py`).\n"
        )
    missing = [str(found.number) for found in judged if found.evidence == NO_POPULATIONS]
    verdicts = Counter(found.verdict for found in judged)
    tally = ', '.join(
        f'{verdicts[verdict]} "{verdict}"' for verdict in VERDICTS if verdicts[verdict]
    )
    lines = [
        '## The findings of the paper',
        '',
        f'Of {len(judged)}: {tally}. Each is decided at the 5% level by itself, differences of '
        'mean errors by '
        "Welch's test; the chapters below use the Kolmogorov-Smirnov test, corrected for the "
        'number of pairs. '
        f'"{OPEN}" means that these networks cannot tell. "X less Y" is negative where X is '
        'better.',
        '',
        _row(('', 'finding', 'here', 'evidence')),
        _row(('--:', '---', '---', '---')),
    ]
    lines += [
        _row((found.number, found.claim, f'**{found.verdict}**', found.evidence))
        for found in judged
        if found.evidence != NO_POPULATIONS
    ]
    if missing:
        lines += ['', f'There are no populations for {listed(missing)}.']
    return '\n'.join(lines) + '\n'
