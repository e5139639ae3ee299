"""The EDF in characters: what is drawn is the EDF, on any terminal."""

import io
import os
import re

import numpy as np
import pytest
from rated_populations import rated_population
from rich.console import Console

from regnet_plugin.population.runs.results import Result
from regnet_plugin.population.runs.standing import Standing
from regnet_plugin.training.populations.edf_picture import EDFPicture

ERRORS = 3 + np.random.default_rng(0).gamma(2, 1.5, 30)
ASCII_HEIGHTS = {' ': None, '_': 0, '-': 1, "'": 2, '|': 2}  # of the uppermost dot of three


def printed(errors, width=80, encoding='utf-8', unit='%'):
    file = io.TextIOWrapper(io.BytesIO(), encoding=encoding)
    Console(file=file, width=width).print(EDFPicture(list(errors), unit))
    file.seek(0)
    return file.read().splitlines()


def braille_height(character, column):
    """The uppermost of the four dots of a column that is set, counted from below; None: none is."""
    dots = ord(character) - 0x2800 if character != ' ' else 0
    bits = ((0x40, 0x04, 0x02, 0x01), (0x80, 0x20, 0x10, 0x08))[column]
    return max((height for height, bit in enumerate(bits) if dots & bit), default=None)


def heights(rows, ascii_only):
    """The height of the curve, from 0 to 1, in each column of dots."""
    found = []
    down, across = (3, 1) if ascii_only else (4, 2)
    for place in range(max(map(len, rows))):
        for column in range(across):
            for above, row in enumerate(rows):
                character = row[place] if place < len(row) else ' '
                height = (
                    ASCII_HEIGHTS[character] if ascii_only else braille_height(character, column)
                )
                if height is not None:
                    level = (len(rows) - 1 - above) * down + height
                    found.append(level / (len(rows) * down - 1))
                    break
    return np.array(found)


@pytest.mark.parametrize('encoding', ['utf-8', 'ascii'])
@pytest.mark.parametrize('width', [40, 80, 200])
def test_the_curve_is_the_edf(width, encoding):
    title, *rows, axis, numbers = printed(ERRORS, width, encoding)
    assert title.startswith('30 networks: the share with an error below'[:width])
    assert [row[:4] for row in rows] == ['100%', '    ', '    ', ' 50%', '    ', '    ', '  0%']
    ticks = [float(number) for number in re.findall(r'([\d.]+)%', numbers)]
    curve = heights([row[6:] for row in rows], encoding == 'ascii')
    # equation 1: the share of errors that are strictly below
    x = np.linspace(ticks[0], ticks[-1], len(curve))
    share = (ERRORS < x[:, np.newaxis]).mean(axis=1)
    # a stroke of ASCII may stand for one dot less than it has
    across, dots, within = (1, 21, 1.5) if encoding == 'ascii' else (2, 28, 0.5)
    assert len(curve) == (width - 6) * across
    assert np.abs(curve - share).max() <= within / (dots - 1) + 1e-9
    if encoding == 'utf-8':  # one dot where it is level, and where it rises no gap
        levels = np.rint(curve * (dots - 1)).astype(int)
        drawn = sum((ord(one) - 0x2800).bit_count() for row in rows for one in row if one > '⠀')
        assert drawn == np.diff(levels, prepend=levels[0]).clip(min=1).sum()


@pytest.mark.parametrize('unit', ['%', ''])
def test_numbers_below_the_axis_are_round_and_below_their_places(unit):
    for low, spread in ((0, 1), (5, 80), (61.3, 0.07), (0.001, 1e-4), (9.99, 0.02), (20, 80)):
        errors = low + spread * np.linspace(0, 1, 9)
        if not unit:
            errors *= 1000
        for width in range(30, 160, 7):
            *_, axis, numbers = printed(errors, width, unit=unit)
            assert max(len(axis), len(numbers)) <= width
            places = [found.start() for found in re.finditer('┴', axis)]
            found = list(re.finditer(r'\S+', numbers))
            values = np.array([float(one[0].removesuffix('%')) for one in found])
            assert len(found) == len(places) >= 2
            steps = np.diff(values)
            assert steps == pytest.approx(np.full(len(steps), steps[0]), rel=1e-3)
            assert f'{steps[0]:.0e}'[0] in '125' and values[0] <= errors.min()
            # the last one may not go beyond the last column
            for one, place in list(zip(found, places))[:-1]:
                assert one.start() <= place <= one.end()
            assert values[-1] >= errors.max() and not (unit and values[-1] > 100)


def test_networks_that_learned_nothing_are_named_and_leave_room_to_the_others():
    title, *_, numbers = printed([*ERRORS, 88.0, 89.0, 90.0])
    last = re.findall(r'[\d.]+%', numbers)[-1]
    assert title.endswith(f'(3 of them from {last} on)') and last == '12%'
    assert '(' not in printed(ERRORS)[0]


def test_errors_that_do_not_differ_are_not_drawn():
    for errors in ([], [5.0], [5.0, 5.0], [5.0, 5.000000001]):
        assert printed(errors) == []
    assert len(printed([0.0, 100.0])) == 10


def test_an_error_is_the_mean_over_the_seeds():
    def result(network, seed, **values):
        return Result(network=network, seed=seed, recipe='r', **values)

    done = (
        result('a', 0, status='done', last_error=4.0),
        result('a', 1, status='done', last_error=6.0),
        result('b', 0, status='done', last_error=9.0),
        result('c', 0, status='done'),
    )
    failed = (result('d', 0, status='failed', reason='diverged'),)
    assert Standing(done, failed, (), ()).errors == [5.0, 9.0]


@pytest.mark.parametrize('encoding', ['utf-8', 'ascii'])
def test_the_status_shows_it_on_any_terminal(tmp_path, run_tool, encoding):
    """Also where the folder's name is too long for a line, which is cut off."""
    folder = tmp_path / ('long_' * 30)
    rated_population(folder, 'regnetx_digits', 20, failed=2)
    environment = dict(
        os.environ, PYTHONIOENCODING=f'{encoding}:strict', PYTHONUTF8='0', NO_COLOR='1'
    )
    done = run_tool('population_status.py', folder, env=environment)
    assert done.returncode == 0, done.stderr
    lines = done.stdout.splitlines()
    (title,) = [line for line in lines if line.startswith('18 networks: the share')]
    picture = lines[lines.index(title) : lines.index(title) + 10]
    assert max(map(len, picture)) <= 80 and '\x1b' not in done.stdout
    assert ''.join(picture).isascii() == (encoding == 'ascii')


def test_an_error_is_not_below_itself():
    """Equation 1 counts errors strictly below: at 100% those of 100% are not in."""
    _, *rows, _, numbers = printed([0.0, 50.0, 100.0])
    curve = heights([row[6:] for row in rows], ascii_only=False)
    assert (
        numbers.endswith('100%') and curve[0] == 0 and curve[-1] == pytest.approx(2 / 3, abs=0.02)
    )
