"""Reports at full size: twenty populations, and one of a hundred thousand networks."""

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
    report(f'{seconds:.1f} s, page of {(tmp_path / "0.html").stat().st_size / 1e6:.1f} MB')
    assert seconds < 10


def test_a_hundred_thousand_networks(tmp_path, run_tool, tab, report):
    draw = np.random.default_rng(0)
    columns = dict(
        error=draw.normal(50, 3, 100000),
        flops=draw.integers(36e7, 40e7, 100000),
        parameters=draw.integers(1e6, 9e6, 100000),
        activations=draw.integers(2e6, 9e6, 100000),
        depth=draw.integers(4, 60, 100000),
        w_0=8 * draw.integers(1, 30, 100000),
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
    start = time.monotonic()
    tab.open((tmp_path / 'report.html').as_uri())
    rows = len(tab.each('.explorer tbody tr', '1'))
    report(
        f'{seconds:.1f} s, page of {(tmp_path / "report.html").stat().st_size / 1e6:.1f} MB, in '
        f'the browser after {time.monotonic() - start:.1f} s'
    )
    assert rows == 50 and tab.events('Runtime.exceptionThrown') == []
