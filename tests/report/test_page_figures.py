import itertools

import numpy as np
import pytest
from report_page import bounds, place, tip
from shown_documents import DEPTH, EDF, FLOPS, document, inside_the_window, networks, opened


def test_the_nearest_point_is_shown(show):
    tab = show()
    x, y = place(tab, 'scatter', FLOPS, 1e9, 40)
    tab.move(x + 8, y + 8)
    assert tip(tab) == ['AnyNetX_A', 'a', 'flops: 1.00 G', 'error: 40']
    assert np.allclose(
        np.add(bounds(tab, '.mark')[:2], bounds(tab, '.mark')[2:]) / 2, (x, y), atol=0.6
    )
    tab.move(*place(tab, 'scatter', FLOPS, 1e9, 59))
    assert tip(tab) == ['AnyNetX_A', 'b', 'flops: 1.00 G', 'error: 60']
    tab.move(*place(tab, 'scatter', DEPTH, 8.9, 52))
    assert tip(tab) == ['AnyNetX_E', 'b', 'depth: 9', 'error: 50']
    x, y = place(tab, 'scatter', FLOPS, 1e9, 60)
    tab.move(x - 31, y)
    assert tip(tab) is None
    tab.move(x - 29, y)
    assert tip(tab) is not None
    tab.move(*tab.centre('h1'))
    assert tip(tab) is None and tab.texts('.mark') == []


# at 40 it is a pixel
@pytest.mark.parametrize('error', [21, 25.5, 29.9, 30.2, 36, 39.8, 40, 44, 59])
def test_step_functions_show_the_fraction_with_a_lower_error(show, error):
    tab = show()
    tab.move(*place(tab, 'edf', EDF['axes'][0], error, 0.5))
    errors = dict(AnyNetX_A=[30, 40, 50, 50], AnyNetX_E=[25, 35])
    (_, at), *values = (line.split(': ') for line in tip(tab))
    assert float(at) == pytest.approx(error, abs=0.05)
    assert {name: float(value) for name, value in values} == {
        name: np.mean(np.array(of) < error) for name, of in errors.items()
    }


def test_what_is_shown_stays_in_the_window(show):
    for width, x, y in itertools.product((320, 1200), (20.5, 59.5), (0.02, 0.98)):
        tab = show(width=width, height=400)
        tab.move(*place(tab, 'edf', EDF['axes'][0], x, y))
        # at 320 pixels the right end has to be scrolled to
        assert tip(tab) is None or inside_the_window(tab, '.tip')


def test_a_point_opens_its_network_of_its_population(show):
    table = networks(
        4,
        network=['a', 'b', 'a', 'b'],
        population=['AnyNetX_A', 'AnyNetX_A', 'AnyNetX_E', 'AnyNetX_E'],
    )
    tab = show(document(table))
    for axes, x, y, name in (
        (FLOPS, 1e9, 40, 'AnyNetX_A \u00b7 a'),
        (DEPTH, 9, 50, 'AnyNetX_E \u00b7 b'),
        (DEPTH, 9, 80, None),
    ):
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
        ('a', 'flops: 1.00 G'),
        ('b', 'flops: 1.00 G'),
        ('b', 'depth: 1'),
        ('a', 'depth: 5'),
        ('b', 'depth: 1'),
        ('a', 'depth: 5'),
        ('a', 'flops: 1.00 G'),
    ]
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
