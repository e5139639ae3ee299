"""How fast tables become proposals and a page: the last lines of tools/benchmark_analysis.py."""

import resource
import statistics
import subprocess
import sys
import time
from collections.abc import Sequence
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import NamedTuple

import numpy as np

from regnet_plugin.population.readers import read_records
from regnet_plugin.report.processes import in_processes
from regnet_plugin.report.proposals import judgement_lines
from regnet_plugin.report.report import report, write_report

_LARGE = 10**6  # networks of a table without stages
_PAGE = 'page.html'


class Page(NamedTuple):
    """What it took to make a page, in a process of its own.

    Attributes:
        seconds: from the start of Python on.
        page: megabytes of the page.
        memory: megabytes that the largest of its processes had at most.
    """

    seconds: float
    page: float
    memory: float


def page_table(populations: int, size: int, rounds: int) -> list[str]:
    """Judge restrictions, and make a page, of populations with stages; once of a very large one.

    Args:
        populations: how many there are.
        size: networks in each.
        rounds: how often their page is made.

    Returns:
        Lines with medians.
    """
    with TemporaryDirectory() as folder:
        tables = [Path(folder, f'population_{number}.csv') for number in range(populations)]
        for number, path in enumerate(tables):
            _write(path, _outcomes(size, number) | _stages(size, number))
        large = Path(folder, 'large.csv')
        _write(large, _outcomes(_LARGE, 0))
        pages = [_made(tables) for _ in range(rounds)]
        seconds = statistics.median(_proposals(tables[0]) for _ in range(rounds))
        return [
            f'{f"proposals of {size} networks":<28}{1e3 * seconds:>9.1f} ms',
            _line(f'page of {populations} populations', pages),
            _line(f'page of {_LARGE:,} networks', [_made([large])]),
        ]


def _proposals(table: Path) -> float:
    """Seconds until a table is read, and all restrictions that it suggests are judged."""
    start = time.perf_counter()
    judgement_lines(table)
    return time.perf_counter() - start


def _line(name: str, pages: Sequence[Page]) -> str:
    seconds, page, memory = (statistics.median(values) for values in zip(*pages))
    return f'{name:<28}{1e3 * seconds:>9.1f} ms{page:>7.1f} MB, in {memory:,.0f} MB of memory'


def _write(path: Path, columns: dict[str, Sequence[object]]) -> None:
    lines = [','.join(columns), *(','.join(map(str, row)) for row in zip(*columns.values()))]
    path.write_text('\n'.join(lines))


def _outcomes(size: int, seed: int) -> dict[str, Sequence[object]]:
    """Columns of errors and counts."""
    draw = np.random.default_rng(seed)
    return {
        'error': (50 + draw.normal(0, 3, size)).round(2).tolist(),
        'flops': draw.integers(360_000_000, 400_000_000, size).tolist(),
        'parameters': draw.integers(1_000_000, 9_000_000, size).tolist(),
        'activations': draw.integers(2_000_000, 9_000_000, size).tolist(),
    }


def _stages(size: int, seed: int) -> dict[str, Sequence[object]]:
    """Columns of networks of AnyNetX_A: depths and widths of four stages, any of them."""
    draw = np.random.default_rng(seed)
    depths, widths = draw.integers(1, 17, (size, 4)), 8 * draw.integers(1, 129, (size, 4))
    return {
        'depths': [' '.join(map(str, row)) for row in depths],
        'widths': [' '.join(map(str, row)) for row in widths],
        'b': [1] * size,
        'g': [8] * size,
    }


def _made(tables: Sequence[Path]) -> Page:
    """Make a page of tables, in their folder."""
    folder = tables[0].parent
    names = [path.name for path in tables]
    start = time.perf_counter()
    done = subprocess.run(
        [sys.executable, '-m', __name__, *names],
        cwd=folder,
        stdout=subprocess.PIPE,
        check=True,
    )
    seconds = time.perf_counter() - start
    return Page(seconds, Path(folder, _PAGE).stat().st_size / 1e6, float(done.stdout))


def main() -> None:
    """Make a page of the tables on the command line, and print the megabytes it took."""
    read = in_processes(read_records, map(Path, sys.argv[1:]), 'reading')
    write_report(report(records for found in read for records in found), _PAGE)
    largest = max(
        resource.getrusage(who).ru_maxrss
        for who in (resource.RUSAGE_SELF, resource.RUSAGE_CHILDREN)
    )
    print(largest / 1e3)  # Linux says kilobytes


if __name__ == '__main__':
    main()
