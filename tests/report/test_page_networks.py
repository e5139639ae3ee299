import json
import re
import shlex
import time
from dataclasses import replace

import numpy as np
import pytest
from report_page import place, tip
from shown_documents import BACKBONES, FLOPS, column, document, heading, networks, opened

from regnet_plugin.report.document import NetworkTable
from regnet_plugin.report.page import write_html


def sort_by(tab, name):
    tab.click_on(f'{heading(tab, name)} button')
    return column(tab, name)


def test_sorting(show):
    tab = show(
        document(
            networks(
                5,
                error=[9.5, float('nan'), 100.0, -1.0, 9.5],
                network=['net 10', 'net 9', 'b', 'a', 'net 1'],
                status=['done', None, 'failed', float('nan'), 'done'],
            )
        )
    )
    assert column(tab, 'network') == ['net 10', 'net 9', 'b', 'a', 'net 1']
    assert sort_by(tab, 'error') == ['-1', '9.50', '9.50', '100', '\u2013']
    assert column(tab, 'network') == ['a', 'net 10', 'net 1', 'b', 'net 9']
    assert sort_by(tab, 'error') == ['100', '9.50', '9.50', '-1', '\u2013']
    assert column(tab, 'network') == ['b', 'net 10', 'net 1', 'a', 'net 9']
    assert sort_by(tab, 'network') == ['a', 'b', 'net 1', 'net 9', 'net 10']
    assert sort_by(tab, 'status') == ['done', 'done', 'failed', '\u2013', '\u2013']
    assert sort_by(tab, 'status') == ['failed', 'done', 'done', '\u2013', '\u2013']


def test_a_table_without_networks(show):
    tab = show(document(NetworkTable(dict(population=[], network=[], error=[]), [], [])))
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
    assert tab.each('.explorer thead th', 'one.ariaSort') == [
        None,
        'none',
        'none',
        'none',
        'descending',
        'none',
    ]
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
    assert tab.evaluate('document.querySelector("dialog").open') and tab.texts('dialog h3') == [
        'AnyNetX_A \u00b7 a'
    ]
    config = {}
    exec(tab.evaluate('document.querySelector("pre").textContent'), config)
    assert config['model'] == dict(backbone=dict(type='regnet_plugin.AnyNet', **BACKBONES[0]))
    lengths, heights = steps(tab.each('dialog path', 'one.getAttribute("d")')[0])
    assert np.allclose(np.divide(lengths, lengths[0]), [1, 2, 5])
    assert np.allclose(np.divide(heights, heights[0]), [1, 2, 4])
    assert tab.texts('dialog dt') == [
        'population',
        'network',
        'status',
        'error',
        'flops (GF)',
    ]
    assert tab.texts('dialog dd') == ['AnyNetX_A', 'a', 'done', '40', '3.18']
    assert (
        tab.evaluate('document.querySelector("dialog a").getAttribute("href")')
        == './runs/a%20b%23%3F.py'
    )
    (command,) = tab.texts('dialog .command')
    assert shlex.split(command) == ['tools/train.py', './runs/a b#?.py']
    tab.click_on('dialog form button')
    assert not tab.evaluate('document.querySelector("dialog").open')


def test_a_network_opens_with_its_curve(show):
    curves = [((1, 60.0), (2, 45.0), (4, 40.0)), (), ((3, 30.0),)]
    tab = show(document(replace(networks(), curves=curves)))
    drawn = []
    for row in (1, 2, 3):
        tab.click_on(f'.explorer tbody tr:nth-child({row}) .open')
        drawn.append(tab.each('dialog .curve path', 'one.getAttribute("d")'))
        label = tab.each('dialog .curve svg', 'one.getAttribute("aria-label")')
        if row == 1:
            assert label == ['Error of 60 at epoch 1, 40 at epoch 4']
        tab.press('Escape')
    (first,), second, (third,) = drawn
    x, y = np.array(re.findall(r'[\d.]+', first), dtype=float).reshape(-1, 2).T
    # a third of the epochs, and three quarters of the errors
    assert (x[1] - x[0]) / (x[2] - x[0]) == pytest.approx(1 / 3, abs=0.01)
    assert (y[1] - y[0]) / (y[2] - y[0]) == pytest.approx(3 / 4, abs=0.01)
    assert second == [] and third.count('L') == 0


def test_any_argument_is_written_as_python(show):
    tab = show()
    tab.click_on('.explorer tbody tr:nth-child(2) .open')
    config = {}
    exec(tab.evaluate('document.querySelector("pre").textContent'), config)
    assert config['model'] == dict(backbone=dict(type='regnet_plugin.AnyNet', **BACKBONES[1]))
    assert tab.evaluate('document.querySelector("dialog a").checkVisibility()') is False
    assert not tab.evaluate('document.querySelector("dialog .command").checkVisibility()')
    tab.press('Escape')
    assert not tab.evaluate('document.querySelector("dialog").open')


def test_a_network_without_a_config_shows_its_values(show):
    tab = show()
    assert tab.texts('.open') == ['config', 'config', 'values']
    tab.click_on('.explorer tbody tr:nth-child(3) .open')
    assert not any(tab.each('dialog :is(pre, .copy, a, svg)', 'one.checkVisibility()'))
    assert tab.texts('dialog dd') == ['AnyNetX_E', 'c', 'done', '30', '3.18']


def test_the_config_can_be_copied(show):
    tab = show()
    tab.browser.call(
        'Browser.grantPermissions', permissions=['clipboardReadWrite', 'clipboardSanitizedWrite']
    )
    tab.click_on('.explorer tbody tr:nth-child(2) .open')
    tab.click_on('.copy')
    assert tab.texts('.config [role=status]') == ['Copied.']
    text = tab.evaluate('navigator.clipboard.readText()')
    config = {}
    exec(text, config)
    assert config['model']['backbone']['depths'] == [2, 2] and text.startswith('model = dict(')


@pytest.mark.acceptance  # seconds of a processor, which others may share
def test_a_hundred_thousand_networks(tab, tmp_path, report):
    count, draws = 100_000, np.random.default_rng(0)
    backbones = [
        dict(depths=depths, widths=widths, bottleneck_ratios=[1.0] * 4, group_widths=[8] * 4)
        for depths, widths in zip(
            draws.integers(1, 16, (count, 4)).tolist(),
            (8 * draws.integers(1, 128, (count, 4))).tolist(),
        )
    ]
    numbers = {
        name: draws.random(count)
        for name in ('error', 'flops', 'parameters', 'activations', 'lr', 'seconds')
    }
    columns = dict(
        population=['AnyNetX_A'] * count,
        network=[f'net-{i}' for i in range(count)],
        status=['done'] * count,
        **numbers,
    )
    large = document(NetworkTable(columns, backbones, [None] * count))
    start = time.process_time()
    write_html(tmp_path / 'report.html', large)
    written = time.process_time() - start
    tab.open((tmp_path / 'report.html').as_uri())
    ready = (
        tab.evaluate('performance.getEntriesByType("navigation")[0].domContentLoadedEventEnd')
        / 1000
    )
    seconds = {
        name: tab.evaluate(f"""(() => {{
        const start = performance.now();
        document.querySelector({json.dumps(heading(tab, name))}).querySelector('button').click();
        return (performance.now() - start) / 1000;
    }})()""")
        for name in ('error', 'network')
    }
    assert tab.texts('.count span')[0] == '1 to 50 of 100000 networks'
    assert column(tab, 'network')[:3] == ['net-0', 'net-1', 'net-2']
    size = (tmp_path / 'report.html').stat().st_size / 1e6
    report(
        f'100000 networks: {size:.1f} MB in {written:.1f} s; in Chromium ready after {ready:.1f} '
        f's, sorted by number in {seconds["error"]:.2f} s, by name in {seconds["network"]:.2f} s'
    )
