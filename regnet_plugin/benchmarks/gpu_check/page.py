"""The page of what was measured, in Markdown: docs/reference/gpu.md, or the one beside the file."""

import statistics
from collections.abc import Callable, Iterator, Sequence
from itertools import groupby
from pathlib import Path
from typing import Any

from regnet_plugin.benchmarks.detector_comparison import ComparedDetector
from regnet_plugin.benchmarks.gpu_check.form import FORMS, ON_GPU
from regnet_plugin.benchmarks.gpu_check.goals import EAGER_GOAL, FAST_GOAL, goals_of, time_ratio
from regnet_plugin.benchmarks.gpu_check.gpu_tests import GpuTests
from regnet_plugin.benchmarks.gpu_check.parts import EAGER, Part, Place, Row, parts_of
from regnet_plugin.benchmarks.gpu_check.record import MEASURED, Check, MeasuredPart
from regnet_plugin.benchmarks.library_comparison import ComparedStep
from regnet_plugin.benchmarks.loader_rates import LoaderRate
from regnet_plugin.benchmarks.populations.memory_formats import ComparedFormats
from regnet_plugin.benchmarks.populations.population_rates import PopulationRate
from regnet_plugin.benchmarks.step_timing import Timing
from regnet_plugin.cli.printing import printable

_HEAD = f"""# On a GPU

What can only be seen on a GPU is one command. It ends after ten minutes at most, downloads nothing,
goes on with what is left when it is started again, and writes what it measured as JSON and, from
that, this page:

```sh
tools/check_gpu.py                        # into work_dirs/gpu/check_gpu.json and .md
tools/check_gpu.py --page                 # the page again, of what was measured
tools/check_gpu.py --device cpu           # in miniature, which proves nothing about a GPU
```

With `--out` it goes elsewhere: into a `gpu.json` beside this page, and it becomes this page.

Times are medians of rounds in which all contestants of a table do a step in turn, with the same
weights. Ratios are those within a round, median over the rounds: of time by ours, above 1 where
ours takes less; `ours again` is the noise. A library that has not a network is left out, as
torchvision has no Y-4.0GF. The goals: at least {EAGER_GOAL} of timm's speed where both are eager,
and {FAST_GOAL} of the speed of timm's eager mode with the fast path. On a GPU, convolutions in
float32 are TF32, as PyTorch has it, and cuDNN looks for its fastest algorithms.
"""


def gpu_page(check: Check | None, tree: Path) -> str:
    """The page.

    Args:
        check: what was measured; None where nothing was.
        tree: the folder with tests/, see `parts_of`.
    """
    sections = [_HEAD, *([_unmeasured(tree)] if check is None else _sections(check, tree))]
    return '\n'.join(section.rstrip('\n') + '\n' for section in sections)


def _unmeasured(tree: Path) -> str:
    """What the page says until there is a GPU."""
    rows = [(part.name, part.what, f'{part.seconds:.0f}') for part in parts_of(ON_GPU, _at(tree))]
    return '**Not measured on a GPU.** It will measure:\n\n' + _table(
        ('part', 'what', 'seconds at most'), rows
    )


def _sections(check: Check, tree: Path) -> Iterator[str]:
    """What the page says of what was measured."""
    form = FORMS[check.circumstances.device]
    parts = parts_of(form, _at(tree))
    yield _measured_where(check)
    goals = [
        (goal.what, f'{goal.wanted}', _ratio(goal.found), goal.outcome)
        for goal in goals_of(form, check)
    ]
    yield '## Goals\n\n' + _table(('what', 'wanted', 'measured', ''), goals)
    for part in parts:
        yield _section(part, check.parts.get(part.name))


def _at(tree: Path) -> Place:
    """The place of parts that are only named."""
    return Place(tree, tree)


def _measured_where(check: Check) -> str:
    """Of what machine the page is."""
    here = check.circumstances
    memory = f' ({here.memory / 2**30:.0f} GiB)' if here.memory else ''
    versions = ', '.join(f'{name} {number}' for name, number in here.versions.items())
    days = sorted({measured.finished[:10] for measured in check.parts.values()})
    dates = ' to '.join(dict.fromkeys((days[0], days[-1]))) if days else 'not begun'
    machine = f'{here.processor}{memory}; {here.cores} cores of {here.cpu}; {here.system}'
    text = f'{_plain(machine)}; {dates}.\n\nVersions: {_plain(versions)}.'
    if here.device == 'cpu':
        return (
            '**This is of a CPU, in miniature: it shows that the command runs, and proves nothing '
            f'about a GPU.**\n\n{text}'
        )
    return text


def _section(part: Part, measured: MeasuredPart | None) -> str:
    """What the page says of a part."""
    title = f'## {part.name[0].upper()}{part.name[1:]}\n\n{part.what[0].upper()}{part.what[1:]}.'
    if measured is None:
        return f'{title}\n\n**Not measured yet.**'
    paragraphs = [title]
    if measured.status != MEASURED:
        because = f': {_plain(measured.message)}' if measured.message else ''
        paragraphs.append(f'**{measured.status.capitalize()}**{because}.')
    if measured.rows:
        paragraphs.append(_TABLES[part.kind](measured.rows))
    return '\n\n'.join(paragraphs)


def _steps_table(rows: Sequence[ComparedStep]) -> str:
    """Times by ours on the same path, and eager."""
    lines = []
    for kind, group in groupby(rows, key=lambda row: row.kind):
        steps = list(group)
        timings = {(step.path, step.library): step.timing for step in steps}
        peaks = {step.path: step.peak for step in steps if step.library == 'ours'}
        for step in steps:
            lines.append(
                (
                    kind,
                    step.path,
                    step.library,
                    *_times(step.timing),
                    _ratio(step.timing.ratio_to(timings[step.path, 'ours'])),
                    _ratio(time_ratio(steps, (EAGER, 'timm'), (step.path, step.library))),
                    f'{step.batch / step.timing.median:.0f}',
                    _mebibytes(step.peak),
                    _ratio(step.peak / peaks[step.path]),
                )
            )
    header = (
        'step',
        'path',
        'library',
        'ms',
        'spread',
        'time by ours',
        "timm's eager time by this",
    )
    return _table((*header, 'images/s', 'peak MiB', 'peak by ours'), lines)


def _detectors_table(rows: Sequence[ComparedDetector]) -> str:
    lines = []
    for kind, group in groupby(rows, key=lambda row: row.kind):
        steps = list(group)
        ours = next(step for step in steps if step.backbone == 'ours')
        lines += [
            (
                kind,
                step.backbone,
                *_times(step.timing),
                _ratio(step.timing.ratio_to(ours.timing)),
                _mebibytes(step.peak),
                _ratio(step.peak / ours.peak),
            )
            for step in steps
        ]
    header = ('step', 'backbone', 'ms', 'spread', 'time by ours', 'peak MiB', 'peak by ours')
    return _table(header, lines)


def _formats_table(rows: Sequence[ComparedFormats]) -> str:
    lines = [
        (
            row.network,
            *(_times(Timing(row.outermost))),
            *(_times(Timing(row.innermost))),
            _ratio(row.ratio),
        )
        for row in rows
    ]
    ratio = statistics.median(row.ratio for row in rows)
    slower = sum(row.ratio < 1 for row in rows)
    return (
        _table(('network', 'outermost ms', 'spread', 'innermost ms', 'spread', 'ratio'), lines)
        + '\nMedian of the ratios, time with the channels outermost by that with them innermost: '
        f'{_ratio(ratio)}; {slower} of {len(rows)} networks are slower with them innermost.'
    )


def _rates_table(rows: Sequence[PopulationRate]) -> str:
    first = rows[0]
    lines = [
        (
            f'{row.workers}',
            f'{row.networks}',
            f'{row.failed}',
            f'{row.seconds:.1f}',
            f'{row.per_hour:.0f}',
            _ratio(row.per_hour / first.per_hour),
        )
        for row in rows
    ]
    header = ('at a time', 'networks', 'of them failed', 'seconds', 'networks/hour', 'ratio')
    return _table(header, lines)


def _loader_table(rows: Sequence[LoaderRate]) -> str:
    lines = [(row.decoder, f'{row.workers}', f'{row.rate:.0f}', row.images) for row in rows]
    return _table(('decoder', 'processes', 'images/s', 'images'), lines)


def _tests_table(rows: Sequence[GpuTests]) -> str:
    (tests,) = rows
    names = f': {", ".join(map(_plain, tests.failed))}' if tests.failed else ''
    counts = f'{tests.passed} passed, {len(tests.failed)} failed, {tests.skipped} skipped{names}.'
    if not tests.passed and not tests.failed:
        return f'{counts} Without a GPU all of them are skipped.'
    return counts


_TABLES: dict[type[Row], Callable[[Any], str]] = {
    GpuTests: _tests_table,
    ComparedStep: _steps_table,
    ComparedDetector: _detectors_table,
    ComparedFormats: _formats_table,
    PopulationRate: _rates_table,
    LoaderRate: _loader_table,
}


def _times(timing: Timing) -> tuple[str, str]:
    """Median in milliseconds and spread."""
    return f'{1000 * timing.median:.2f}', f'{timing.spread:.0%}'


def _ratio(value: float | None) -> str:
    return '' if value is None else f'{value:.3f}'


def _mebibytes(count: int) -> str:
    return f'{count / 2**20:.0f}'


def _plain(text: str) -> str:
    """A text of others as a cell may have it."""
    return printable(text).replace('|', r'\|').replace('\n', ' ')


def _table(header: Sequence[str], rows: Sequence[Sequence[str]]) -> str:
    """A table in Markdown."""
    lines = [header, ['---'] * len(header), *rows]
    return ''.join(f'| {" | ".join(line)} |\n' for line in lines)
