"""Reports at full size: twenty populations, and one of a million networks."""

import os
import time

import numpy as np
import pytest
from chromium import chromium
from rated_populations import rated_population

SPACES = ('anynetx_a', 'anynetx_b', 'anynetx_c', 'anynetx_d', 'anynetx_e', 'regnetx')


@pytest.fixture
def tab(tmp_path):
    with chromium(tmp_path / 'profile') as browser:
        yield browser.tab()


def seconds_of(run_tool, *arguments):
    start = time.monotonic()
    done = run_tool('report_population.py', *arguments, env=dict(os.environ))  # with its imports
    assert done.returncode == 0, done.stderr
    return time.monotonic() - start


def test_twenty_populations_of_500_networks(tmp_path, run_tool, report):
    """With the start of the tool, reading, fits of all networks, and all files."""
    folders = [
        rated_population(
            tmp_path / f'{SPACES[number % 6]}_{number}',
            f'{SPACES[number % 6]}_digits',
            500,
            mean=50 - number % 6,
            seed=number,
            failed=number % 3,
        )
        for number in range(20)
    ]
    seconds = min(seconds_of(run_tool, *folders, '-o', f'{number}.html') for number in range(3))
    page = tmp_path / '0.html'
    report(f'{seconds:.1f} s (goal: 5), page of {page.stat().st_size / 1e6:.1f} MB')
    assert page.read_text().count('class="drawn"') > 25


def test_a_million_networks(tmp_path, run_tool, tab, report):
    draw, n = np.random.default_rng(0), 1_000_000
    columns = dict(
        error=draw.normal(50, 3, n),
        flops=draw.integers(36e7, 40e7, n),
        parameters=draw.integers(1e6, 9e6, n),
        activations=draw.integers(2e6, 9e6, n),
        depth=draw.integers(4, 60, n),
        w_0=8 * draw.integers(1, 30, n),
    )
    np.savetxt(
        tmp_path / 'many.csv',
        np.stack(list(columns.values()), axis=1),
        fmt='%.6g',
        delimiter=',',
        header=','.join(columns),
        comments='',
    )
    seconds = seconds_of(run_tool, 'many.csv')
    size = (tmp_path / 'report.html').stat().st_size / 1e6
    start = time.monotonic()
    tab.open((tmp_path / 'report.html').as_uri())
    rows = len(tab.each('.explorer tbody tr', '1'))
    report(
        f'{seconds:.1f} s (goal: 30), page of {size:.1f} MB, in the browser after '
        f'{time.monotonic() - start:.1f} s'
    )
    assert rows == 50 and tab.events('Runtime.exceptionThrown') == []
    assert tab.texts('.count [role=status]') == ['1 to 50 of 10000 networks']
    assert size < 5
