"""The page of a study: what it asked, what was found, and the findings of the paper."""

import re
from collections import Counter
from collections.abc import Sequence
from itertools import combinations_with_replacement
from pathlib import Path

from regnet_plugin.files import is_there, naming, replace
from regnet_plugin.study.judging.findings import Finding, findings
from regnet_plugin.study.judging.judgement import NOT_STUDIED, OPEN, VERDICTS
from regnet_plugin.study.markdown import chapter, row
from regnet_plugin.study.questions import questions
from regnet_plugin.study.results import Results
from regnet_plugin.study.statistics import smallest_significant

FIGURES = 'figures'


def write_page(results: Results, path: str | Path, introduction: str = '') -> None:
    """Write what a study found, and its figures into a folder beside it.

    Args:
        results: of the study.
        path: of the page, such as docs/study/README.md; one that is there is replaced, and the
            figures that it shows are removed.
        introduction: Markdown that comes first. Default: ''.

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
    chapters = [chapter(section, folder) for section in questions(results)]
    parts = [introduction, _resolution(results), _findings_chapter(results), *chapters]
    replace(path, '\n'.join(parts).strip() + '\n')


def _figures_named_in(page: Path, folder: Path) -> list[Path]:
    """Return the figures that a page, written before, shows; other files are not ours."""
    if not is_there(page):
        return []
    with naming(page):
        text = page.read_text(encoding='utf-8', errors='replace')
    names = set(re.findall(rf'\]\({FIGURES}/([\w.-]+\.svg)\)', text))
    paths = [folder / name for name in sorted(names)]
    return [path for path in paths if path.is_file() and not path.is_symlink()]


def _resolution(results: Results) -> str:
    """Write the chapter on which differences populations of these sizes can show."""
    numbers = {population.n for population in results.populations.values() if population.n}
    sizes = sorted(numbers, reverse=True)
    smallest = [_smallest(*pair) for pair in combinations_with_replacement(sizes, 2)]
    told = ', '.join(smallest) if smallest else 'no network has an error'
    return (
        '## Which differences can be significant\n\nThe smallest Kolmogorov-Smirnov distance of '
        f'two populations that is significant at the 5% level, exactly: {told}. A true distance of '
        'just that is found about every other time.\n'
    )


def _smallest(first: int, second: int) -> str:
    distance = smallest_significant(first, second)
    text = 'none' if distance is None else f'{distance:.2f}'
    return f'{text} for {first} against {second}'


def _findings_chapter(results: Results) -> str:
    """Write the chapter on the findings of the paper: a row of a table for each of their claims."""
    judged = findings(results)
    if all(found.verdict == NOT_STUDIED for found in judged):
        return (
            '## The findings of the paper\n\nNone of them is studied: they are judged of '
            "populations with the keys of the paper's study, such as `anynetx_a` and `regnetx` "
            '(`configs/study/study.py`).\n'
        )
    lines = [
        '## The findings of the paper',
        '',
        f'Of {len(judged)}: {_tally(judged)}. A finding holds if all its claims do, of those that '
        'are studied. Each claim is decided at the 5% level by itself; "X less Y" is the '
        'difference of mean errors, negative where X is better. '
        f'"{OPEN}" means that these networks cannot tell.{_how_compared(results)}',
        '',
        row(('', 'claim', 'here', 'evidence', 'in the paper')),
        row(('--:', '---', '---', '---', '---')),
    ]
    missing = []
    for found in judged:
        number = f'**{found.number}**'
        if found.verdict != NOT_STUDIED:
            lines.append(row((number, f'**{found.title}**', f'**{found.verdict}**', '', '')))
        for claim, said in found.claims:
            if said.verdict == NOT_STUDIED:
                missing.append(f'{claim.text.rstrip(".")} ({found.number})')
            else:
                lines.append(row(('', claim.text, said.said, said.evidence, claim.paper)))
    if missing:
        lines += ['', f'Not studied: {"; ".join(missing)}.']
    return '\n'.join(lines) + '\n'


def _how_compared(results: Results) -> str:
    """Say how two populations of a study are compared."""
    looks = results.plan.looks
    if looks is None:
        return (
            " Differences of mean errors are judged by Welch's test; the chapters below use the "
            'Kolmogorov-Smirnov test, corrected for the number of pairs.'
        )
    return (
        f' {len(looks.pairs)} pairs were compared after every {looks.every} trainings of each, up '
        f'to {looks.most}, by means that use what is known of networks that are not trained, and '
        'their intervals hold over all looks at once; within the margins of the plan two are '
        "called equal. Other differences are judged by Welch's test."
    )


def _tally(judged: Sequence[Finding]) -> str:
    """Count the findings of each verdict: '3 "yes", 2 "not decided"'."""
    numbers = Counter(found.verdict for found in judged)
    return ', '.join(f'{numbers[verdict]} "{verdict}"' for verdict in VERDICTS if numbers[verdict])
