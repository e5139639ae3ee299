import itertools
import json
import re
import time
from dataclasses import dataclass, replace
from html.parser import HTMLParser
from pathlib import Path

import numpy as np
import pytest
from chromium import chromium, executable
from hypothesis import example, given
from hypothesis import strategies as st

from regnet_plugin.report import page as page_module
from regnet_plugin.report.document import Document, Figure, Networks, Section, Table
from regnet_plugin.report.page import page, write_page


@dataclass(frozen=True)
class DrawnPlot:
    """What a page needs of a `regnet_plugin.report.plot.Plot`."""

    key: str
    shown: dict
    marks: str = ''

    def svg(self):
        return f'<svg viewBox="0 0 400 200"><text x="9" y="9">drawn</text>{self.marks}</svg>'

    def hover(self):
        return self.shown


def axes(left, width, x=(0, 10), y=(0, 100), scale='linear', label=''):
    return dict(box=[left, 0.1, width, 0.8], x=dict(limits=list(x), scale=scale, label=label),
                y=dict(limits=list(y), scale='linear', label='error'))


def points(*places, names=None, index=0, label='AnyNetX_A'):
    x, y = zip(*places)
    return dict(axes=index, label=label, kind='points', x=list(x), y=list(y), names=names)


EDF = dict(axes=[axes(0.1, 0.8, x=(20, 60), y=(0, 1), label='top-1 error')], series=[
    dict(axes=0, label='AnyNetX_A', kind='steps', x=[30, 40, 50], y=[0.25, 0.5, 1.0], names=None),
    dict(axes=0, label='AnyNetX_E', kind='steps', x=[25, 35], y=[0.5, 1.0], names=None)])
FLOPS, DEPTH = axes(0.1, 0.35, x=(1e8, 1e10), scale='log', label='flops'), axes(0.55, 0.35, label='depth')
SCATTER = dict(axes=[FLOPS, DEPTH], series=[
    points((1e9, 40), (1e9, 60), names=['a', 'b']),
    points((5, 50), (2, None), (1, 20), names=['a', 'x', 'b'], index=1),
    points((9, 50), names=['b'], index=1, label='AnyNetX_E'), points((9, 80), names=['unknown'], index=1)])

BACKBONES = (
    dict(depths=[1, 2, 5], widths=[24, 48, 96], bottleneck_ratios=[0.1 + 0.2, 1.0, 2.0], group_widths=[8, 8, 8],
         block='X', se_ratio=0.0, stem_width=32),
    dict(depths=[2, 2], widths=[64, 128], bottleneck_ratios=None, norm_cfg=dict(type='BN', requires_grad=True),
         block="it's \\ \"x\" \n\u2028\u00e9"),
    None)


def networks(count=3, **columns):
    """A table of a's, b's and c's; columns may be changed."""
    names = [f'{"abc"[i % 3]}{i // 3 or ""}' for i in range(count)]
    made = dict(population=['AnyNetX_A', 'AnyNetX_A', 'AnyNetX_E'] * count, network=names, status=['done'] * count,
                error=np.linspace(40, 30, count), flops=np.full(count, 3176622952.0))
    made = {name: values[:count] for name, values in dict(made, **columns).items()}
    return Networks(made, (BACKBONES * count)[:count], (['runs/a b#?.py', None, None] * count)[:count])


def document(table=None, files=None, marks=''):
    figures = [Figure(DrawnPlot('edf', EDF), 'Error EDF', 'Left is better.'),
               Figure(DrawnPlot('scatter', SCATTER, marks), 'Error against flops', 'Each point is a network.')]
    steps = Table('steps', 'Design steps', ['space', 'n', 'mean error'],
                  [['AnyNetX_A', 500, 39.25], ['AnyNetX_E', 500, None]], 'Table 1 of the paper.')
    sections = (Section('errors', 'Errors', ['F(e) is a fraction.', 'A second paragraph.'], [figures[0], steps]),
                Section('trade-offs', 'Trade-offs', [], figures[1:]))
    return Document('Design spaces', ['E is better than A.', 'By a lot.'], sections, table or networks(),
                    'regnet_plugin 0.1.0', files)


@pytest.fixture(scope='module')
def tab(tmp_path_factory):
    if executable() is None:
        pytest.skip('there is no Chromium: `make test` unpacks one from packages of Debian 12')
    with chromium(tmp_path_factory.mktemp('profile')) as browser:
        yield browser.tab()


@pytest.fixture
def show(tab, tmp_path):
    """Write a document as a page and open it; what goes wrong in its script fails the test."""

    def show(shown=None, **kwargs):
        path = tmp_path / 'report.html'
        write_page(path, shown or document())
        tab.open(path.as_uri(), **kwargs)
        return tab

    yield show
    assert tab.events('Runtime.exceptionThrown') == []


# The text

def test_a_page_is_the_same_at_any_time_and_in_any_encoding():
    text = page(document())
    assert text == page(document()) and text.isascii()
    named = replace(document(), title='\u6df1 \ud83d\ude00 \udcff')
    assert '<h1>&#28145; &#128512; &#56575;</h1>' in page(named).replace('&#55357;&#56832;', '&#128512;')


def test_keys_that_are_there_twice_are_named():
    twice = replace(document(), sections=(*document().sections, Section('edf', 'Again'), Section('networks', 'All')))
    with pytest.raises(ValueError, match="keys of their own.*there twice: 'networks', 'edf'"):
        page(twice)


def test_columns_of_different_lengths_are_named():
    with pytest.raises(ValueError, match="of one length, but .*'error': 2.*'backbones': 3"):
        page(document(networks(error=[1.0, 2.0])))


class Scripts(HTMLParser):
    """Contents of the script elements, as a browser's parser finds them."""

    def __init__(self, text):
        super().__init__()
        self.contents, self.inside = [], False
        self.feed(text)

    def handle_starttag(self, tag, attributes):
        self.inside = tag == 'script'
        if self.inside:
            self.contents.append('')

    def handle_endtag(self, tag):
        self.inside = self.inside and tag != 'script'

    def handle_data(self, data):
        if self.inside:
            self.contents[-1] += data


@given(st.text(st.characters()))
@example('</script><script>alert(1)</script><!--')
def test_any_name_comes_back_from_the_data(name):
    table = Networks(dict(network=[name]), [dict(depths=[1], widths=[8], block=name)], [None])
    data = json.loads(Scripts(page(Document('', [], (), table))).contents[-1])
    assert data['columns'] == [[name]] and data['names'] == ['network']
    assert dict(zip(data['kinds'][0], data['backbones'][0][1:])) == dict(depths=[1], widths=[8], block=name)


@given(st.floats())
def test_numbers_have_six_digits(value):
    table = Networks(dict(error=[value, 1.0]), [None, None], [None, None])
    (found, _), = json.loads(Scripts(page(Document('', [], (), table))).contents[-1])['columns']
    assert found is None if not np.isfinite(value) else found == float(f'{value:.6g}')


# What it looks like

def test_the_summary_comes_first_and_headings_are_in_order(show):
    tab = show()
    assert tab.texts('h1, h2, h3')[:-1] == ['Design spaces', 'Summary', 'Contents', 'Errors', 'Error EDF',
                                            'Design steps', 'Trade-offs', 'Error against flops', 'All networks']
    levels = [int(name[1]) for name in tab.each('h1, h2, h3, h4, h5', 'one.tagName')]
    assert levels[0] == 1 and all(after - before <= 1 for before, after in itertools.pairwise(levels))
    assert tab.texts('#contents li') == ['Summary', 'Errors', 'Trade-offs', 'All networks']
    assert tab.evaluate('document.title') == 'Design spaces' and tab.texts('footer') == ['regnet_plugin 0.1.0']
    assert tab.texts('#errors > p') == ['F(e) is a fraction.', 'A second paragraph.']
    assert tab.texts('figcaption') == ['Left is better.', 'Table 1 of the paper.', 'Each point is a network.']


def test_figures_are_images_with_names(show):
    tab = show()
    assert tab.each('.drawn [role=img]', 'one.ariaLabel') == ['Error EDF', 'Error against flops']


def test_a_small_table_has_its_numbers_at_the_right(show):
    tab = show()
    assert tab.texts('#steps th, #steps td') == ['space', 'n', 'mean error', 'AnyNetX_A', '500', '39.25', 'AnyNetX_E',
                                                 '500', '\u2013']
    assert tab.each('#steps tr:last-child > *', 'getComputedStyle(one).textAlign') == ['left', 'right', 'right'] * 2


def test_numbers_look_the_same_in_every_table(show):
    shown = {0.0: '0', 3.0: '3', -3.25: '-3.250', 39.2468: '39.25', 1234.5678: '1235', 99999.7: '100000',
             123456.0: '123456', 1234567.0: '1.235 M', 3176622952.0: '3.177 G', -1.5e9: '-1.500 G', 1e12: '1.000 T',
             1.8e18: '1.8e18', 0.05: '0.05000', 1.25e-5: '1.25e-5', 2e-17: '2e-17', float('nan'): '\u2013',
             float('inf'): '\u2013', None: '\u2013'}
    small = Section('numbers', 'Numbers', [], [Table('t', 'Numbers', ['value'], [[value] for value in shown])])
    table = Networks(dict(value=list(shown)), [None] * len(shown), [None] * len(shown))
    tab = show(replace(document(table), sections=(small,)))
    assert tab.texts('#t tbody th') == tab.texts('.explorer td.number') == list(shown.values())


@pytest.mark.parametrize('width', [320, 390, 800, 1400])
def test_a_page_is_not_wider_than_the_window(show, width):
    tab = show(document(networks(80), files='files'), width=width, height=700, phone=width < 500)
    assert tab.evaluate('document.documentElement.scrollWidth') == width
    tab.click_on('.explorer .open')
    assert inside_the_window(tab, 'dialog')


def test_without_scripts_all_but_the_large_table_is_there(show):
    tab = show(scripts=False)
    assert tab.texts('#summary p') == ['E is better than A.', 'By a lot.']
    assert tab.texts('.drawn svg text') == ['drawn', 'drawn'] and len(tab.texts('#steps td')) == 4
    assert tab.texts('noscript p') == ['The table of 3 networks can be sorted and searched, and needs JavaScript.']
    assert not any(tab.each('button, input', 'one.checkVisibility()'))


def test_paper_is_light_and_has_no_controls(show):
    tab = show(document(networks(120), files='files'), prefers_color_scheme='dark')
    assert tab.evaluate('getComputedStyle(document.body).backgroundColor') == 'rgb(21, 24, 28)'
    tab.call('Emulation.setEmulatedMedia', media='print', features=[dict(name='prefers-color-scheme', value='dark')])
    assert tab.evaluate('getComputedStyle(document.body).backgroundColor') == 'rgb(255, 255, 255)'
    assert len(tab.texts('.explorer tbody tr')) == 50 and tab.texts('.count span')[0] == '1 to 50 of 120 networks'
    for selector in ('.theme', '.controls', '.pages', '.files'):
        assert not tab.evaluate(f'document.querySelector("{selector}").checkVisibility()'), selector
    assert tab.call('Page.printToPDF')['data']


def variables():
    sheet = Path(page_module.__file__).with_name('page.css').read_text()
    found = re.findall(r'--([\w-]+): light-dark\(#(\w{6}), #(\w{6})\)', sheet)
    return [{name: colours[theme] for name, *colours in found} for theme in (0, 1)]


def linear(colour):
    """Linear RGB of a colour of sRGB, IEC 61966-2-1."""
    values = np.array([int(colour[i:i + 2], 16) for i in (0, 2, 4)]) / 255
    return np.where(values <= 0.04045, values / 12.92, ((values + 0.055) / 1.055) ** 2.4)


def contrast(one, other):
    """Contrast ratio of WCAG 2.1."""
    dark, light = sorted(linear(colour) @ [0.2126, 0.7152, 0.0722] for colour in (one, other))
    return (light + 0.05) / (dark + 0.05)


@pytest.mark.parametrize('theme', variables())
def test_colours_can_be_read(theme):
    for name in ('ink', 'muted', 'link'):
        assert contrast(theme[name], theme['paper']) >= 4.5 and contrast(theme[name], theme['raised']) >= 4.5, name
    for number in range(1, 9):
        assert contrast(theme[f'series-{number}'], theme['paper']) >= 3, number


# Machado, Oliveira and Fernandes 2009, table 1: severity 1.0, linear RGB
VISION = dict(
    normal=np.eye(3),
    protanopia=[[0.152286, 1.052583, -0.204868], [0.114503, 0.786281, 0.099216], [-0.003882, -0.048116, 1.051998]],
    deuteranopia=[[0.367322, 0.860646, -0.227968], [0.280085, 0.672501, 0.047413], [-0.011820, 0.042940, 0.968881]],
    tritanopia=[[1.255528, -0.076749, -0.178779], [-0.078411, 0.930809, 0.147602], [0.004733, 0.691367, 0.303900]])


def lab(rgb):
    """CIELAB of linear RGB, white point D65."""
    to_xyz = np.array([[0.4124, 0.3576, 0.1805], [0.2126, 0.7152, 0.0722], [0.0193, 0.1192, 0.9505]])
    ratios = to_xyz @ np.clip(rgb, 0, 1) / to_xyz.sum(axis=1)
    x, y, z = np.where(ratios > 0.008856, np.cbrt(ratios), 7.787 * ratios + 16 / 116)
    return np.array([116 * y - 16, 500 * (x - y), 200 * (y - z)])


@pytest.mark.parametrize('vision', VISION)
@pytest.mark.parametrize('theme', variables())
def test_series_differ_with_every_kind_of_colour_vision(theme, vision):
    seen = [lab(np.array(VISION[vision]) @ linear(theme[f'series-{number}'])) for number in range(1, 9)]
    assert min(np.linalg.norm(one - other) for one, other in itertools.combinations(seen, 2)) > 12


def test_the_theme_is_the_systems_until_one_is_chosen(show):
    background = 'getComputedStyle(document.body).backgroundColor'
    tab = show(prefers_color_scheme='light')
    assert tab.evaluate(background) == 'rgb(255, 255, 255)' and tab.texts('.theme') == ['Dark']
    tab.click_on('.theme')
    assert tab.evaluate(background) == 'rgb(21, 24, 28)' and tab.texts('.theme') == ['Light']
    show(prefers_color_scheme='light')
    assert tab.evaluate(background) == 'rgb(21, 24, 28)'
    tab.click_on('.theme')
    assert tab.evaluate(background) == 'rgb(255, 255, 255)'
    tab.evaluate('localStorage.clear()')


# The table of all networks

def column(tab, name):
    headings = tab.texts('.explorer thead th')
    return tab.texts(f'.explorer tbody tr > :nth-child({headings.index(name) + 1})')


def heading(tab, name):
    return f'.explorer thead th:nth-child({tab.texts(".explorer thead th").index(name) + 1})'


def sort_by(tab, name):
    tab.click_on(f'{heading(tab, name)} button')
    return column(tab, name)


def test_sorting(show):
    tab = show(document(networks(
        5, error=[9.5, float('nan'), 100.0, -1.0, 9.5], network=['net 10', 'net 9', 'b', 'a', 'net 1'],
        status=['done', None, 'failed', float('nan'), 'done'])))
    assert column(tab, 'network') == ['net 10', 'net 9', 'b', 'a', 'net 1']
    assert sort_by(tab, 'error') == ['-1', '9.500', '9.500', '100', '\u2013']
    assert column(tab, 'network') == ['a', 'net 10', 'net 1', 'b', 'net 9']
    assert sort_by(tab, 'error') == ['100', '9.500', '9.500', '-1', '\u2013']
    assert column(tab, 'network') == ['b', 'net 10', 'net 1', 'a', 'net 9']
    assert sort_by(tab, 'network') == ['a', 'b', 'net 1', 'net 9', 'net 10']
    assert sort_by(tab, 'status') == ['done', 'done', 'failed', '\u2013', '\u2013']
    assert sort_by(tab, 'status') == ['failed', 'done', 'done', '\u2013', '\u2013']


def test_a_table_without_networks(show):
    tab = show(document(Networks(dict(population=[], network=[], error=[]), [], [])))
    assert tab.texts('.count span') == ['0 networks'] and sort_by(tab, 'error') == []
    tab.click(*place(tab, 'scatter', FLOPS, 1e9, 40))
    assert tip(tab)[1] == 'a' and opened(tab) is None


def test_a_heading_says_how_it_sorts_and_takes_keys(show):
    tab = show()
    assert tab.each('.explorer thead th', 'one.ariaSort') == [None] + ['none'] * 5
    tab.evaluate(f'document.querySelector("{heading(tab, "population")} button").focus()')
    for _ in range(3):
        tab.press('Tab')
    tab.press('Enter', text='\r')
    assert tab.each('.explorer thead th', 'one.ariaSort')[4] == 'ascending'
    assert column(tab, 'error') == ['30', '35', '40']
    tab.press('Enter', text='\r')
    assert tab.each('.explorer thead th', 'one.ariaSort') == [None, 'none', 'none', 'none', 'descending', 'none']
    assert column(tab, 'error') == ['40', '35', '30']


def test_filtering(show):
    tab = show(document(networks(120)))

    def search(text):
        tab.evaluate('document.querySelector(".explorer input").select()')
        tab.type(text)
        return tab.texts('.count span')[0]

    tab.click_on('.explorer input')
    assert search('anynetx_e C1') == '11 networks that match, of 120'
    assert set(column(tab, 'population')) == {'AnyNetX_E'} and 'c19' in column(tab, 'network')
    assert search('nothing') == '0 networks that match, of 120' and column(tab, 'network') == []
    assert search(' ') == '1 to 50 of 120 networks'


def test_paging(show):
    tab = show(document(networks(120)))

    def turn(where):
        tab.click_on(f'.pages [value={where}]')
        return tab.texts('.count span')[0], column(tab, 'network')[0], len(column(tab, 'network'))

    assert tab.texts('.pages span') == ['Page 1 of 3']
    assert turn('next') == ('51 to 100 of 120 networks', 'c16', 50)
    assert turn('last') == ('101 to 120 of 120 networks', 'b33', 20)
    assert tab.each('.pages button', 'one.disabled') == [False, False, True, True]
    assert turn('previous')[0] == '51 to 100 of 120 networks'
    assert turn('first') == ('1 to 50 of 120 networks', 'a', 50)
    turn('last')
    assert sort_by(tab, 'error')[0] == '30' and tab.texts('.pages span') == ['Page 1 of 3']


def steps(path):
    """Lengths and heights of a staircase that is drawn from the left, up from a line."""
    numbers = [float(number) for number in re.findall(r'-?[\d.e-]+', path)]
    (x, base), pairs = numbers[:2], list(zip(numbers[2:-1:2], numbers[3:-1:2]))
    ends = [end for _, end in pairs]
    return [end - start for start, end in zip([x, *ends], ends)], [base - top for top, _ in pairs]


def test_rows_have_diagrams_on_one_scale(show):
    tab = show()
    paths = tab.each('.open', 'one.querySelector("path")?.getAttribute("d")')
    assert paths[2] is None
    (lengths, heights), (others, lower) = map(steps, paths[:2])
    assert np.allclose(np.divide(lengths, lengths[0]), [1, 2, 5])
    assert np.allclose(np.divide(heights, heights[0]), [1, 2, 4])
    assert np.allclose(np.divide(others, lengths[0]), [2, 2])
    assert np.allclose(np.divide(lower, heights[0]), [64 / 24, 128 / 24])


def test_a_network_opens_with_its_config_diagram_values_and_file(show):
    tab = show()
    tab.click_on('.explorer tbody tr:nth-child(1) .open')
    assert tab.evaluate('document.querySelector("dialog").open') and tab.texts('dialog h3') == ['AnyNetX_A \u00b7 a']
    config = {}
    exec(tab.evaluate('document.querySelector("pre").textContent'), config)
    assert config['model'] == dict(backbone=dict(type='regnet_plugin.AnyNet', **BACKBONES[0]))
    lengths, heights = steps(tab.each('dialog path', 'one.getAttribute("d")')[0])
    assert np.allclose(np.divide(lengths, lengths[0]), [1, 2, 5])
    assert np.allclose(np.divide(heights, heights[0]), [1, 2, 4])
    assert tab.texts('dialog dt') == ['population', 'network', 'status', 'error', 'flops']
    assert tab.texts('dialog dd') == ['AnyNetX_A', 'a', 'done', '40', '3.177 G']
    assert tab.evaluate('document.querySelector("dialog a").getAttribute("href")') == './runs/a%20b%23%3F.py'
    tab.click_on('dialog form button')
    assert not tab.evaluate('document.querySelector("dialog").open')


def test_any_argument_is_written_as_python(show):
    tab = show()
    tab.click_on('.explorer tbody tr:nth-child(2) .open')
    config = {}
    exec(tab.evaluate('document.querySelector("pre").textContent'), config)
    assert config['model'] == dict(backbone=dict(type='regnet_plugin.AnyNet', **BACKBONES[1]))
    assert tab.evaluate('document.querySelector("dialog a").checkVisibility()') is False
    tab.press('Escape')
    assert not tab.evaluate('document.querySelector("dialog").open')


def test_a_network_without_a_config_shows_its_values(show):
    tab = show()
    assert tab.texts('.open') == ['config', 'config', 'values']
    tab.click_on('.explorer tbody tr:nth-child(3) .open')
    assert not any(tab.each('dialog :is(pre, .copy, a, svg)', 'one.checkVisibility()'))
    assert tab.texts('dialog dd') == ['AnyNetX_E', 'c', 'done', '30', '3.177 G']


def test_the_config_can_be_copied(show):
    tab = show()
    tab.browser.call('Browser.grantPermissions', permissions=['clipboardReadWrite', 'clipboardSanitizedWrite'])
    tab.click_on('.explorer tbody tr:nth-child(2) .open')
    tab.click_on('.copy')
    assert tab.texts('.config [role=status]') == ['Copied.']
    text = tab.evaluate('navigator.clipboard.readText()')
    config = {}
    exec(text, config)
    assert config['model']['backbone']['depths'] == [2, 2] and text.startswith('model = dict(')


# Figures

def bounds(tab, selector):
    return tab.evaluate(f'(({{left, top, right, bottom}}) => [left, top, right, bottom])'
                        f'(document.querySelector({json.dumps(selector)}).getBoundingClientRect())')


def inside_the_window(tab, selector):
    left, top, right, bottom = bounds(tab, selector)
    return left >= 0 and top >= 0 and tab.evaluate(f'innerWidth >= {right} && innerHeight >= {bottom}')


def place(tab, key, axes, x, y):
    """Pixels in the window of a value in a figure's axes."""
    tab.centre(f'#{key} svg')
    left, top, right, bottom = bounds(tab, f'#{key} svg')
    box = axes['box']

    def part(axis, value):
        low, high, value = map(np.log if axis['scale'] == 'log' else float, (*axis['limits'], value))
        return (value - low) / (high - low)

    return (left + (right - left) * (box[0] + box[2] * part(axes['x'], x)),
            top + (bottom - top) * (box[1] + box[3] * (1 - part(axes['y'], y))))


def tip(tab):
    return tab.texts('.tip b, .tip span') if tab.evaluate('!document.querySelector(".tip").hidden') else None


def test_the_nearest_point_is_shown(show):
    tab = show()
    x, y = place(tab, 'scatter', FLOPS, 1e9, 40)
    tab.move(x + 8, y + 8)
    assert tip(tab) == ['AnyNetX_A', 'a', 'flops: 1.000 G', 'error: 40']
    assert np.allclose(np.add(bounds(tab, '.mark')[:2], bounds(tab, '.mark')[2:]) / 2, (x, y), atol=0.6)
    tab.move(*place(tab, 'scatter', FLOPS, 1e9, 59))
    assert tip(tab) == ['AnyNetX_A', 'b', 'flops: 1.000 G', 'error: 60']
    tab.move(*place(tab, 'scatter', DEPTH, 8.9, 52))
    assert tip(tab) == ['AnyNetX_E', 'b', 'depth: 9', 'error: 50']
    x, y = place(tab, 'scatter', FLOPS, 1e9, 60)
    tab.move(x - 31, y)
    assert tip(tab) is None
    tab.move(x - 29, y)
    assert tip(tab) is not None
    tab.move(*tab.centre('h1'))
    assert tip(tab) is None and tab.texts('.mark') == []


@pytest.mark.parametrize('error', [21, 25.5, 29.9, 30.2, 36, 39.8, 40, 44, 59])  # at 40 it is a pixel
def test_step_functions_show_the_fraction_with_a_lower_error(show, error):
    tab = show()
    tab.move(*place(tab, 'edf', EDF['axes'][0], error, 0.5))
    errors = dict(AnyNetX_A=[30, 40, 50, 50], AnyNetX_E=[25, 35])
    (_, at), *values = (line.split(': ') for line in tip(tab))
    assert float(at) == pytest.approx(error, abs=0.05)
    assert {name: float(value) for name, value in values} == {
        name: np.mean(np.array(of) < error) for name, of in errors.items()}


def test_what_is_shown_stays_in_the_window(show):
    for width, x, y in itertools.product((320, 1200), (20.5, 59.5), (0.02, 0.98)):
        tab = show(width=width, height=400)
        tab.move(*place(tab, 'edf', EDF['axes'][0], x, y))
        assert tip(tab) is None or inside_the_window(tab, '.tip')  # at 320 pixels the right end has to be scrolled to


def opened(tab):
    return tab.texts('dialog h3')[0] if tab.evaluate('document.querySelector("dialog").open') else None


def test_a_point_opens_its_network_of_its_population(show):
    table = networks(4, network=['a', 'b', 'a', 'b'], population=['AnyNetX_A', 'AnyNetX_A', 'AnyNetX_E', 'AnyNetX_E'])
    tab = show(document(table))
    for axes, x, y, name in ((FLOPS, 1e9, 40, 'AnyNetX_A \u00b7 a'), (DEPTH, 9, 50, 'AnyNetX_E \u00b7 b'),
                             (DEPTH, 9, 80, None)):
        tab.click(*place(tab, 'scatter', axes, x, y))
        assert opened(tab) == name
        tab.press('Escape')


def test_a_name_of_one_population_is_enough(show):
    tab = show(document(networks(2, population=['one', 'other'])))
    tab.click(*place(tab, 'scatter', DEPTH, 9, 50))
    assert opened(tab) == 'other \u00b7 b'


def test_figures_take_keys(show):
    tab = show()
    tab.evaluate('document.querySelector("#scatter .plot").focus()')
    seen = [tip(tab)]
    for key in ('ArrowRight', 'ArrowDown', 'ArrowRight', 'ArrowRight', 'ArrowLeft', 'ArrowUp'):
        tab.press(key)
        seen.append(tip(tab))
    assert [(name, x) for _, name, x, _ in seen] == [
        ('a', 'flops: 1.000 G'), ('b', 'flops: 1.000 G'), ('b', 'depth: 1'), ('a', 'depth: 5'), ('b', 'depth: 1'),
        ('a', 'depth: 5'), ('a', 'flops: 1.000 G')]
    tab.press('Enter')
    assert opened(tab) == 'AnyNetX_A \u00b7 a'


def test_a_finger_shows_a_point_and_then_opens_it(show):
    tab = show(width=390, height=700, phone=True)
    at = place(tab, 'scatter', FLOPS, 1e9, 40)
    tab.tap(*at)
    assert tip(tab)[1] == 'a' and opened(tab) is None
    tab.tap(*at)
    assert opened(tab) == 'AnyNetX_A \u00b7 a'
    tab.press('Escape')
    tab.tap(*tab.centre('h1'))
    assert tip(tab) is None


# Links, and what must not happen

def test_links_lead_to_files_and_places_that_exist(show, tmp_path):
    tab = show(document(files='its files'))
    tab.click_on('.open')
    links = tab.each('a[href]', 'one.href')
    for name in ('edf.pdf', 'edf.png', 'edf.csv', 'scatter.pdf', 'scatter.png', 'scatter.csv', 'steps.csv',
                 'networks.csv'):
        assert (tmp_path / 'its files' / name).as_uri() in links
    assert (tmp_path / 'runs/a b#?.py').as_uri() in links
    inside = [link.partition('#')[2] for link in links if link.startswith(f'{(tmp_path / "report.html").as_uri()}#')]
    assert inside == ['summary', 'errors', 'trade-offs', 'networks']
    assert tab.evaluate(f'{json.dumps(inside)}.every(id => document.getElementById(id))')


def test_without_files_there_are_no_links_to_them(show):
    links = show().each('a[href]', 'one.href')
    assert {link.partition('#')[0].rpartition('/')[2] for link in links} == {'report.html'}


def test_nothing_is_fetched(show):
    tab = show(document(networks(60), files='files'))
    tab.move(*place(tab, 'scatter', FLOPS, 1e9, 40))
    tab.click_on('.pages [value=next]')
    tab.click_on('.open')
    requested = {event['request']['url'].partition('?')[0] for event in tab.events('Network.requestWillBeSent')}
    assert [address.rpartition('/')[2] for address in requested] == ['report.html']


ATTEMPTS = ('fetch("http://127.0.0.1:9/")',
            'new Promise((_, no) => { const i = new Image(); i.onerror = no; i.src = "http://127.0.0.1:9/x.png"; })')


@pytest.mark.parametrize('attempt', ATTEMPTS)
def test_a_page_may_not_fetch(show, attempt):
    tab = show(before='window.refused = []; '
                      'document.addEventListener("securitypolicyviolation", event => refused.push(event.blockedURI))')
    assert tab.evaluate(f'{attempt}.then(() => "fetched", () => "refused")') == 'refused'
    assert tab.evaluate('refused')[0].startswith('http://127.0.0.1:9/')


def test_a_script_that_got_in_would_not_run(show):
    marks = ('<a href="javascript:hacked=1"><circle r="9" onclick="hacked=2" /></a><script>hacked=3</script>'
             '<image href="x" onerror="hacked=4" />')
    tab = show(document(marks=marks), before='window.hacked = 0')
    tab.evaluate('document.querySelector("circle").dispatchEvent(new MouseEvent("click", {bubbles: true}))')
    assert tab.evaluate('new Promise(done => setTimeout(() => done(hacked), 50))') == 0


HOSTILE = ('<img src=x onerror=hacked=1>', '</script><script>hacked=1</script>', '"><svg onload=hacked=1>',
           "' onfocus='hacked=1' autofocus='", 'javascript:hacked=1', '</style><style>*{display:none}</style>',
           '<!--<script>', '${hacked=1}$title', '&lt;img src=x onerror=hacked=1&gt;',
           '</textarea></title><iframe srcdoc="<script>">', '//127.0.0.1:9/', 'data:text/html,<script>x</script>',
           '\\u003cimg src=x\\u003e\x00\u2028]]>')


def written_by(author):
    """A document in which every text is the author's: a function from what a text is for to the text."""
    hover = dict(axes=[axes(0.1, 0.8, label=author('axis'))], series=[
        points((5, 50), names=[author('network')], label=author('population')),
        dict(points((5, 50)), kind='steps', label=author('curve'))])
    items = [Figure(DrawnPlot('figure', hover), author('title of a figure'), author('caption')),
             Table('table', author('title of a table'), [author('heading'), 'n'], [[author('cell'), 1]],
                   author('note'))]
    columns = {'population': [author('population')], 'network': [author('network')], 'status': [author('status')],
               author('column'): [author('entry')]}
    backbone = dict(depths=[1], widths=[8], block=author('block'), norm_cfg={author('key'): author('value')})
    section = Section('section', author('section'), [author('text')], items)
    return Document(author('title'), [author('summary')], (section,),
                    Networks(columns, [backbone], [author('link')]), author('footer'), author('files'))


def structure(tab):
    """Names of all elements and of their attributes, with everything open."""
    tab.move(*place(tab, 'figure', axes(0.1, 0.8), 5, 50))
    assert len(tip(tab)) == 4
    tab.click_on('.open')
    return tab.each('*', '[one.tagName, ...[...one.attributes].map(attribute => attribute.name)]')


@pytest.fixture(scope='module')
def harmless():
    """The structure of a page with harmless texts, once it is known."""
    return []


@pytest.mark.parametrize('text', HOSTILE)
def test_no_text_becomes_markup_or_script(show, text, harmless):
    if not harmless:
        harmless.append(structure(show(written_by(str))))
    tab = show(written_by(lambda place: f'{place} {text}' if place in ('column', 'key') else text),
               before='window.hacked = 0')
    assert structure(tab) == harmless[0]
    assert tab.evaluate('hacked') == 0
    assert set(tab.each('a[href]', 'one.protocol + one.host')) == {'file:'}
    without_zero = text.replace('\x00', '')  # which HTML has not
    assert tab.each('h1, #table tbody th', 'one.textContent') == [without_zero, without_zero]
    assert tab.each('.explorer tbody th', 'one.textContent') == [text]
    config = {}
    exec(tab.evaluate('document.querySelector("pre").textContent'), config)
    assert config['model']['backbone']['block'] == text


# Scale

def test_a_hundred_thousand_networks(tab, tmp_path, report):
    count, draws = 100_000, np.random.default_rng(0)
    backbones = [dict(depths=depths, widths=widths, bottleneck_ratios=[1.0] * 4, group_widths=[8] * 4)
                 for depths, widths in zip(draws.integers(1, 16, (count, 4)).tolist(),
                                           (8 * draws.integers(1, 128, (count, 4))).tolist())]
    numbers = {name: draws.random(count) for name in ('error', 'flops', 'parameters', 'activations', 'lr', 'seconds')}
    columns = dict(population=['AnyNetX_A'] * count, network=[f'net-{i}' for i in range(count)],
                   status=['done'] * count, **numbers)
    large = document(Networks(columns, backbones, [None] * count))
    start = time.process_time()
    write_page(tmp_path / 'report.html', large)
    written = time.process_time() - start
    tab.open((tmp_path / 'report.html').as_uri())
    ready = tab.evaluate('performance.getEntriesByType("navigation")[0].domContentLoadedEventEnd') / 1000
    seconds = {name: tab.evaluate(f'''(() => {{
        const start = performance.now();
        document.querySelector({json.dumps(heading(tab, name))}).querySelector('button').click();
        return (performance.now() - start) / 1000;
    }})()''') for name in ('error', 'network')}
    assert tab.texts('.count span')[0] == '1 to 50 of 100000 networks'
    assert column(tab, 'network')[:3] == ['net-0', 'net-1', 'net-2']
    size = (tmp_path / 'report.html').stat().st_size / 1e6
    report(f'100000 networks: {size:.1f} MB in {written:.1f} s; in Chromium ready after {ready:.1f} s, sorted by '
           f'number in {seconds["error"]:.2f} s, by name in {seconds["network"]:.2f} s')
    assert written < 5 and ready < 10 and max(seconds.values()) < 2
