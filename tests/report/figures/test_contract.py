"""What every figure of the report does, whatever its data and their names."""

import csv
import importlib
import json
import pickle
import pkgutil
import re
from functools import cache
from itertools import combinations
from xml.etree import ElementTree

import matplotlib
import numpy as np
import pytest
from drawn_plots import NAMES, PLOTS
from matplotlib.text import Text

from regnet_plugin.report import figures
from regnet_plugin.report.drawing.style import COLOURS

HOSTILE = (
    '<script>alert(1)</script>&amp;',
    '"\'><img src=x onerror=alert(1)>\n$x_{$ \\frac',
    '_' + 'long name ' * 30,
    ']]> \x00\x1b\ud800 style="fill: #ffffff" 神经网络',
)


def drawn_texts(figure):
    hidden = {
        text
        for axes in figure.axes
        for axis in (axes.xaxis, axes.yaxis)
        for text in axis.findobj(Text)
    }
    return [
        text
        for text in figure.findobj(Text)
        if text not in hidden and text.get_visible() and text.get_text().strip()
    ]


@cache
def svg_of(make, names=NAMES):
    return make(names).svg()


@pytest.fixture(params=PLOTS)
def make(request):
    return PLOTS[request.param]


def test_every_figure_is_in_the_contract():
    assert set(PLOTS) == {name for name in figures.__all__ if name.endswith('_plot')}


def test_every_figure_is_exported():
    written = set()
    for found in pkgutil.iter_modules(figures.__path__, f'{figures.__name__}.'):
        module = importlib.import_module(found.name)
        written |= {name for name in vars(module) if name.endswith('_plot') and name[0] != '_'}
    assert written <= set(figures.__all__)


@pytest.mark.parametrize('names', [NAMES, HOSTILE], ids=['usual', 'hostile'])
def test_nothing_is_cut_off_or_overlaps(make, names):
    figure = make(names).figure
    figure.draw_without_rendering()
    boxes = [(text.get_text(), text.get_window_extent()) for text in drawn_texts(figure)]
    assert len(boxes) > 5
    for text, box in boxes:
        assert (
            0 <= box.x0 and box.x1 <= figure.bbox.x1 and 0 <= box.y0 and box.y1 <= figure.bbox.y1
        ), (text, box)
    for (text, box), (other, other_box) in combinations(boxes, 2):
        assert not box.padded(-1).overlaps(other_box.padded(-1)), (text, other)


@pytest.mark.parametrize('names', [NAMES, HOSTILE], ids=['usual', 'hostile'])
def test_names_are_text_and_nothing_else(make, names):
    svg = ElementTree.fromstring(svg_of(make, names))
    elements = {element.tag.split('}')[1] for element in svg.iter()}
    assert elements <= {'svg', 'g', 'defs', 'path', 'use', 'text', 'clipPath', 'rect'}
    attributes = {name for element in svg.iter() for name in element.attrib}
    assert attributes <= {
        'viewBox',
        'style',
        'd',
        'id',
        'href',
        'x',
        'y',
        'width',
        'height',
        'clip-path',
        'transform',
    }
    styles = [element.get('style', '') for element in svg.iter()]
    assert not any(re.search('url|expression|script', style) for style in styles)


def test_a_hostile_name_is_shown_as_it_is(make):
    texts = [text.get_text() for text in drawn_texts(make(HOSTILE).figure)]
    assert any('<script>alert(1)' in text for text in texts)
    assert max(map(len, texts)) < 90 and not any('\x00' in text or '\n$' in text for text in texts)


def test_colours_follow_the_theme(make):
    styles = re.findall('style="([^"]*)"', svg_of(make))
    colours = {value for style in styles for value in re.findall('(?:fill|stroke): ([^;]*)', style)}
    assert colours - {'none'} <= {f'var(--{role}, {colour})' for role, colour in COLOURS.items()}
    assert 'var(--ink' in str(colours) and 'var(--muted' in str(colours)


def test_the_font_is_the_pages_and_the_size_is_free(make):
    svg = svg_of(make)
    head = svg[: svg.index('>')]
    assert svg.startswith('<svg') and 'font-family' not in svg and 'DejaVu' not in svg
    assert re.search(r'viewBox="0 0 [\d.]+ [\d.]+"', head) and not re.search(
        ' (width|height)=', head
    )


def test_ids_are_unique_on_a_page_and_all_references_are_there(make):
    ids, references = [], []
    for key in ('one', 'two'):
        svg = make(n=3, key=key).svg()
        ids += re.findall(' id="([^"]*)"', svg)
        references += re.findall('href="#([^"]*)"', svg) + re.findall(r'url\(#([^)]*)\)', svg)
    assert len(ids) == len(set(ids)) and set(references) == set(ids)
    assert {name.split('-')[0] for name in ids} == {'one', 'two'}


@pytest.mark.parametrize('n', [0, 1])
def test_hardly_any_networks(make, n, tmp_path, recwarn):
    plot = make(n=n)
    plot.save(tmp_path, ['svg', 'csv'])
    json.dumps(plot.hover(), allow_nan=False)
    assert not [warning for warning in recwarn if issubclass(warning.category, RuntimeWarning)]
    texts = [text.get_text() for text in drawn_texts(plot.figure)]
    assert n or any(
        re.search('no network|no errors|nothing|unknown|ResNet', text) for text in texts
    )


def test_same_data_same_bytes_whatever_the_users_settings(make, tmp_path):
    make(n=3, key='one').save(tmp_path / 'one', ('svg', 'csv'))
    with matplotlib.rc_context(
        {
            'font.size': 20,
            'axes.grid': True,
            'svg.fonttype': 'path',
            'savefig.dpi': 50,
            'lines.linewidth': 5,
            'figure.autolayout': True,
            'axes.facecolor': 'yellow',
        }
    ):
        make.__wrapped__(n=3, key='one').save(tmp_path / 'two', ('svg', 'csv'))
    for path in sorted((tmp_path / 'one').iterdir()):
        assert path.read_bytes() == (tmp_path / 'two' / path.name).read_bytes(), path.name


def test_it_can_be_sent_to_another_process(make):
    assert pickle.loads(pickle.dumps(make())).data.keys() == make().data.keys()


def test_the_table_has_the_data(make, tmp_path):
    plot = make(HOSTILE[:3])
    (path,) = plot.save(tmp_path, ['csv'])
    with open(path, newline='', encoding='utf-8') as file:
        columns = {name: written for name, *written in zip(*csv.reader(file))}
    assert list(columns) == list(plot.data)
    for name, written in columns.items():
        for text, value in zip(written, plot.data[name]):
            if value is None or value != value:
                assert text == ''
            else:
                assert text == value if isinstance(value, str) else float(text) == value


def test_what_is_pointed_at_is_where_it_is_drawn(make):
    """All series are inside the limits of their axes; those of steps may begin and end outside."""
    plot = make()
    found = json.loads(json.dumps(plot.hover(), allow_nan=False))
    assert found['series'] and len(found['axes']) == len(plot.figure.axes)
    for series in found['series']:
        axes = found['axes'][series['axes']]
        assert axes['x']['label'] and axes['y']['label']
        assert len(series['x']) == len(series['y']) == len(series['names'] or series['x'])
        for values, axis in ((series['x'], axes['x']), (series['y'], axes['y'])):
            low, high = sorted(axis['limits'])
            known = np.array([value for value in values if value is not None])
            assert np.all(known >= low)
            assert series['kind'] == 'steps' or np.all(known <= high)
