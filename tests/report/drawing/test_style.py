"""Colours and lines of the figures."""

import re

import matplotlib
import pytest
from killing import ROOT

from regnet_plugin.report.drawing.style import COLOURS, drawing, line, marker, one_line


def test_colours_are_those_of_the_page():
    sheet = (ROOT / 'regnet_plugin/report/page.css').read_text()
    assert set(COLOURS) == {
        'ink',
        'muted',
        'paper',
        'band',
        *(f'series-{number}' for number in range(1, 9)),
    }
    assert len(set(COLOURS.values())) == len(COLOURS)
    for role, colour in COLOURS.items():
        assert re.search(rf'--{role}: light-dark\({colour}, #[0-9a-f]{{6}}\)', sheet)


@pytest.mark.parametrize('look, count', [(line, 32), (marker, 64)])
def test_looks_are_repeated_late(look, count):
    looks = [tuple(map(str, look(number).values())) for number in range(count)]
    assert len(set(looks)) == count
    assert len({color for color, _ in looks[:8]}) == 8
    # neighbours differ without colours, too
    assert all(one[1] != other[1] for one, other in zip(looks, looks[1:8]))


@pytest.mark.parametrize(
    'text, shown',
    [
        (' two\n  lines\t', 'two lines'),
        ('a\x00b\x9f', 'a�b�'),
        ('\ud800', '�'),
        ('x' * 9, 'xxxxxx…'),
        (12, '12'),
        ('ü神', 'ü神'),
    ],
)
def test_text_from_data_is_one_short_line(text, shown):
    assert one_line(text, 7 if len(str(text)) == 9 else None) == shown


def test_the_settings_of_the_user_come_back():
    with matplotlib.rc_context({'font.size': 33}):
        with drawing():
            assert matplotlib.rcParams['font.size'] == 9
        assert matplotlib.rcParams['font.size'] == 33
