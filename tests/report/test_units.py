"""Units in the headings of tables: on the page, and not in the names of CSV columns."""

import csv
import json
import re
from dataclasses import replace

import numpy as np
import pytest
from reported import items_of, records_of
from shown_documents import document, networks

from regnet_plugin.report.document import NetworkTable, Table
from regnet_plugin.report.page import html_of
from regnet_plugin.report.report import report, write_report
from regnet_plugin.report.units import heading_of, units_of_errors


@pytest.mark.parametrize(
    'name, values, heading, shown',
    [
        ('flops', [398e6, 4.0e9, 402e6], 'flops (MF)', 398),
        ('flops', [3.2e9], 'flops (GF)', 3.2),
        ('flops', [], 'flops', None),
        ('parameters', [58_400, 348_000, 1_200_000], 'parameters (k)', 58.4),
        ('activations', [200.0, 300.0], 'activations', 200),
        ('parameters', [np.nan, 2.5e6], 'parameters (M)', None),
        ('latency', [0.0125], 'latency (ms)', 12.5),
        ('depth', [12], 'depth', 12),
    ],
)
def test_numbers_of_a_column_share_a_unit(name, values, heading, shown):
    found = heading_of(name, values)
    assert found.text == heading
    if shown is not None:
        assert values[0] / found.factor == pytest.approx(shown)


def test_errors_are_in_percent_only_where_they_are():
    assert units_of_errors(['mean'], ['low']) == dict(mean='%', low='points')
    assert units_of_errors(['mean'], ['low'], unit='') == {}


def test_headings_have_units_and_files_have_names(tmp_path):
    table = tmp_path / 'mine.csv'
    table.write_text('error,flops,depth\n30,2000000,8\n40,4000000,9\n')
    shown = report(records_of([table]))
    write_report(shown, tmp_path / 'page.html')
    html = (tmp_path / 'page.html').read_text()
    (populations,) = re.findall('<figure id="populations".*?</figure>', html, re.S)
    heads = re.findall('<th scope="col"[^>]*>(.*?)</th>', populations)
    assert 'minimum (%)' in heads and 'mean (%)' in heads and 'flops (MF)' in heads
    assert re.findall('<td [^>]*data-value="3e\\+06">(.*?)</td>', populations) == ['3']
    (data,) = re.findall('<dialog>.*?<script type="application/json">(.*?)</script>', html, re.S)
    assert json.loads(data)['headings'][3:5] == ['error (%)', 'flops (MF)']
    for name in ('populations', 'networks'):
        with (tmp_path / f'page_files/{name}.csv').open() as file:
            names = next(csv.reader(file))
        assert 'flops' in names and not [one for one in names if '(' in one]


def test_every_table_of_a_report_says_what_its_errors_are_in(steps):
    words = ('error', 'mean', 'minimum', 'difference', 'low', 'high', 'change', 'adjusted')
    tables = items_of(report(records_of(steps)), Table).values()
    named = {
        (table.key, column): table.units.get(column)
        for table in tables
        for column in table.columns
        if any(word in column.split() for word in words)
    }
    assert len(named) > 10 and set(named.values()) == {'%', 'points'}


def test_curves_of_very_many_points_are_thinned_and_it_is_said(monkeypatch, show):
    few = networks(2)
    curves = [tuple((epoch, 90.0 - epoch) for epoch in range(1, 11))] * 2
    shown = document(NetworkTable(few.columns, few.backbones, few.links, curves=curves))
    assert 'evaluations is shown' not in html_of(shown)
    monkeypatch.setattr('regnet_plugin.report.page_data._MOST_POINTS', 7)
    tab = show(shown)
    tab.click_on('.explorer tbody tr:nth-child(1) .open')
    assert tab.texts('.thinned') == ['One of 3 evaluations is shown, and the last.']
    (path,) = tab.each('.curve path', 'one.getAttribute("d")')
    assert path.count('L') == 3 and tab.texts('.curve text')[:2] == ['1', '10']
    tab = show(replace(shown, networks=few))
    tab.click_on('.explorer tbody tr:nth-child(1) .open')
    assert not tab.evaluate('document.querySelector(".thinned").checkVisibility()')


def test_on_a_phone_the_first_column_stays_while_a_table_scrolls(show):
    columns = [f'column {number}' for number in range(9)]
    table = Table('wide', 'Wide', ('population', *columns), [['AnyNetX_A', *range(9)]])
    shown = document()
    (first, *others) = shown.sections
    tab = show(
        replace(shown, sections=(replace(first, items=[table]), *others)), width=390, phone=True
    )
    left = 'document.querySelector("#wide tbody th").getBoundingClientRect().left'
    before = tab.evaluate(left)
    assert tab.evaluate(
        '(box => { box.scrollLeft = 200; return box.scrollLeft; })'
        '(document.querySelector("#wide .scroll"))'
    )
    assert tab.evaluate(left) == before
    assert tab.evaluate('document.documentElement.scrollWidth <= innerWidth')
