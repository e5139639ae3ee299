import itertools
import json
import re
from dataclasses import replace
from html.parser import HTMLParser
from pathlib import Path

import numpy as np
import pytest
from hypothesis import example, given
from hypothesis import strategies as st
from shown_documents import document, inside_the_window, networks

from regnet_plugin.report import page as page_module
from regnet_plugin.report.document import Document, NetworkTable, Section, Table
from regnet_plugin.report.page import html_of


def test_a_page_is_the_same_at_any_time_and_in_any_encoding():
    text = html_of(document())
    assert text == html_of(document()) and text.isascii()
    named = replace(document(), title='\u6df1 \ud83d\ude00 \udcff')
    assert '<h1>&#28145; &#128512; &#56575;</h1>' in html_of(named).replace(
        '&#55357;&#56832;', '&#128512;'
    )


def test_keys_that_are_there_twice_are_named():
    twice = replace(
        document(),
        sections=(*document().sections, Section('edf', 'Again'), Section('networks', 'All')),
    )
    with pytest.raises(ValueError, match="keys of their own.*there twice: 'networks', 'edf'"):
        html_of(twice)


def test_columns_of_different_lengths_are_named():
    with pytest.raises(ValueError, match="of one length, but .*'error': 2.*'backbones': 3"):
        html_of(document(networks(error=[1.0, 2.0])))


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
    table = NetworkTable(dict(network=[name]), [dict(depths=[1], widths=[8], block=name)], [None])
    data = json.loads(Scripts(html_of(Document('', [], (), table))).contents[-1])
    assert data['columns'] == [[name]] and data['names'] == ['network']
    assert dict(zip(data['kinds'][0], data['backbones'][0][1:])) == dict(
        depths=[1], widths=[8], block=name
    )


@given(st.floats())
def test_numbers_have_six_digits(value):
    table = NetworkTable(dict(error=[value, 1.0]), [None, None], [None, None])
    ((found, _),) = json.loads(Scripts(html_of(Document('', [], (), table))).contents[-1])[
        'columns'
    ]
    assert found is None if not np.isfinite(value) else found == float(f'{value:.6g}')


# What it looks like


def test_the_summary_comes_first_and_headings_are_in_order(show):
    tab = show()
    assert tab.texts('h1, h2, h3')[:-1] == [
        'Design spaces',
        'Summary',
        'Contents',
        'Errors',
        'Error EDF',
        'Design steps',
        'Trade-offs',
        'Error against flops',
        'All networks',
    ]
    levels = [int(name[1]) for name in tab.each('h1, h2, h3, h4, h5', 'one.tagName')]
    assert levels[0] == 1 and all(
        after - before <= 1 for before, after in itertools.pairwise(levels)
    )
    assert tab.texts('#contents li') == ['Summary', 'Errors', 'Trade-offs', 'All networks']
    assert tab.evaluate('document.title') == 'Design spaces' and tab.texts('footer') == [
        'regnet_plugin 0.1.0'
    ]
    assert tab.texts('#errors > p') == ['F(e) is a fraction.', 'A second paragraph.']
    assert tab.texts('figcaption') == [
        'Left is better.',
        'Table 1 of the paper.',
        'Each point is a network.',
    ]


def test_figures_are_images_with_names(show):
    tab = show()
    assert tab.each('.drawn [role=img]', 'one.ariaLabel') == ['Error EDF', 'Error against flops']


def test_a_small_table_has_its_numbers_at_the_right(show):
    tab = show()
    assert tab.texts('#steps th, #steps td') == [
        'space',
        'n',
        'mean error',
        'AnyNetX_A',
        '500',
        '39.25',
        'AnyNetX_E',
        '500',
        '\u2013',
    ]
    assert (
        tab.each('#steps tr:last-child > *', 'getComputedStyle(one).textAlign')
        == ['left', 'right', 'right'] * 2
    )


def test_numbers_look_the_same_in_every_table(show):
    shown = {
        0.0: '0',
        3.0: '3',
        -3.25: '-3.250',
        39.2468: '39.25',
        1234.5678: '1235',
        99999.7: '100000',
        123456.0: '123456',
        1234567.0: '1.235 M',
        3176622952.0: '3.177 G',
        -1.5e9: '-1.500 G',
        1e12: '1.000 T',
        1.8e18: '1.8e18',
        0.05: '0.05000',
        1.25e-5: '1.25e-5',
        2e-17: '2e-17',
        float('nan'): '\u2013',
        float('inf'): '\u2013',
        None: '\u2013',
    }
    small = Section(
        'numbers', 'Numbers', [], [Table('t', 'Numbers', ['value'], [[value] for value in shown])]
    )
    table = NetworkTable(dict(value=list(shown)), [None] * len(shown), [None] * len(shown))
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
    assert tab.texts('noscript p') == [
        'The table of 3 networks can be sorted and searched, and needs JavaScript.'
    ]
    assert not any(tab.each('button, input', 'one.checkVisibility()'))


def test_paper_is_light_and_has_no_controls(show):
    tab = show(document(networks(120), files='files'), prefers_color_scheme='dark')
    assert tab.evaluate('getComputedStyle(document.body).backgroundColor') == 'rgb(21, 24, 28)'
    tab.call(
        'Emulation.setEmulatedMedia',
        media='print',
        features=[dict(name='prefers-color-scheme', value='dark')],
    )
    assert tab.evaluate('getComputedStyle(document.body).backgroundColor') == 'rgb(255, 255, 255)'
    assert (
        len(tab.texts('.explorer tbody tr')) == 50
        and tab.texts('.count span')[0] == '1 to 50 of 120 networks'
    )
    for selector in ('.theme', '.controls', '.pages', '.files'):
        assert not tab.evaluate(f'document.querySelector("{selector}").checkVisibility()'), selector
    assert tab.call('Page.printToPDF')['data']


def variables():
    sheet = Path(page_module.__file__).with_name('page.css').read_text()
    found = re.findall(r'--([\w-]+): light-dark\(#(\w{6}), #(\w{6})\)', sheet)
    return [{name: colours[theme] for name, *colours in found} for theme in (0, 1)]


def linear(colour):
    """Linear RGB of a colour of sRGB, IEC 61966-2-1."""
    values = np.array([int(colour[i : i + 2], 16) for i in (0, 2, 4)]) / 255
    return np.where(values <= 0.04045, values / 12.92, ((values + 0.055) / 1.055) ** 2.4)


def contrast(one, other):
    """Contrast ratio of WCAG 2.1."""
    dark, light = sorted(linear(colour) @ [0.2126, 0.7152, 0.0722] for colour in (one, other))
    return (light + 0.05) / (dark + 0.05)


@pytest.mark.parametrize('theme', variables())
def test_colours_can_be_read(theme):
    for name in ('ink', 'muted', 'link'):
        assert (
            contrast(theme[name], theme['paper']) >= 4.5
            and contrast(theme[name], theme['raised']) >= 4.5
        ), name
    for number in range(1, 9):
        assert contrast(theme[f'series-{number}'], theme['paper']) >= 3, number


# Machado, Oliveira and Fernandes 2009, table 1: severity 1.0, linear RGB
VISION = dict(
    normal=np.eye(3),
    protanopia=[
        [0.152286, 1.052583, -0.204868],
        [0.114503, 0.786281, 0.099216],
        [-0.003882, -0.048116, 1.051998],
    ],
    deuteranopia=[
        [0.367322, 0.860646, -0.227968],
        [0.280085, 0.672501, 0.047413],
        [-0.011820, 0.042940, 0.968881],
    ],
    tritanopia=[
        [1.255528, -0.076749, -0.178779],
        [-0.078411, 0.930809, 0.147602],
        [0.004733, 0.691367, 0.303900],
    ],
)


def lab(rgb):
    """CIELAB of linear RGB, white point D65."""
    to_xyz = np.array(
        [[0.4124, 0.3576, 0.1805], [0.2126, 0.7152, 0.0722], [0.0193, 0.1192, 0.9505]]
    )
    ratios = to_xyz @ np.clip(rgb, 0, 1) / to_xyz.sum(axis=1)
    x, y, z = np.where(ratios > 0.008856, np.cbrt(ratios), 7.787 * ratios + 16 / 116)
    return np.array([116 * y - 16, 500 * (x - y), 200 * (y - z)])


@pytest.mark.parametrize('vision', VISION)
@pytest.mark.parametrize('theme', variables())
def test_series_differ_with_every_kind_of_colour_vision(theme, vision):
    seen = [
        lab(np.array(VISION[vision]) @ linear(theme[f'series-{number}'])) for number in range(1, 9)
    ]
    assert min(np.linalg.norm(one - other) for one, other in itertools.combinations(seen, 2)) > 12


def test_the_theme_is_the_systems_until_one_is_chosen(show):
    background = 'getComputedStyle(document.body).backgroundColor'
    tab = show(prefers_color_scheme='light')
    assert tab.evaluate(background) == 'rgb(255, 255, 255)' and tab.texts('.theme') == ['Dark']
    tab.click_on('.theme')
    assert tab.evaluate(background) == 'rgb(21, 24, 28)' and tab.texts('.theme') == ['Light']
    # A busy Chromium may lose what a page stored just before it is left: the next page is given it.
    stored = tab.evaluate('JSON.stringify(localStorage)')
    show(prefers_color_scheme='light', before=f'Object.assign(localStorage, {stored})')
    assert tab.evaluate(background) == 'rgb(21, 24, 28)'
    tab.click_on('.theme')
    assert tab.evaluate(background) == 'rgb(255, 255, 255)'
    tab.evaluate('localStorage.clear()')
