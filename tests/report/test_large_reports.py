"""Reports of more networks than a page can show or a section can fit."""

import json
import re

import numpy as np
import pytest
from reported import items_of, records_of, rows_of

from regnet_plugin.report.document import Figure
from regnet_plugin.report.report import report, write_report

pytestmark = pytest.mark.usefixtures('no_warnings')


def test_the_page_has_the_best_of_very_many_networks(tmp_path, monkeypatch):
    monkeypatch.setattr('regnet_plugin.report.report.MOST_NETWORKS', 3)
    table = tmp_path / 'mine.csv'
    table.write_text('network,error\na,33\nb,\nc,31\nd,34\ne,32\n')
    write_report(report(records_of([table])), tmp_path / 'page.html')
    html = (tmp_path / 'page.html').read_text()
    shown = json.loads(
        re.search('<dialog>.*?<script type="application/json">(.*?)</script>', html, re.S)[1]
    )
    assert shown['columns'][shown['names'].index('network')] == ['a', 'c', 'e']
    assert '<p>The 3 of 5 networks with the least errors; the CSV has all.</p>' in html
    assert html.count('The best networks') == 3 and 'All networks' not in html
    names = [row['network'] for row in rows_of(tmp_path / 'page_files/networks.csv')]
    assert names == ['a', 'b', 'c', 'd', 'e']


def test_a_hundred_thousand_networks_make_a_small_page(tmp_path):
    draw = np.random.default_rng(0)
    numbers = np.stack([draw.normal(50, 3, 100_000), draw.integers(4, 60, 100_000)], axis=1)
    table = tmp_path / 'mine.csv'
    np.savetxt(table, numbers, '%.6g', ',', header='error,depth', comments='')
    document = report(records_of([table]))
    write_report(document, tmp_path / 'page.html')
    assert (tmp_path / 'page.html').stat().st_size < 1_500_000
    caption = items_of(document, Figure)['error-against-complexity'].caption
    assert caption.endswith(
        ' Of more than 1,000 networks of a population the 200 best and an even part of the others '
        'are shown, 1,000 in all.'
    )
    assert len(rows_of(tmp_path / 'page_files/networks.csv')) == 100_000


def test_of_very_many_networks_a_random_part_is_fitted(tmp_path, monkeypatch):
    """The part is said; the very best networks are drawn, whether they are in it or not."""
    monkeypatch.setattr('regnet_plugin.report.sections.structure._MOST', 30)
    lines = ['depths,widths,error,b,g'] + [
        f'"1,2,{2 + number % 7},2","16,32,{8 * (5 + number)},512",{40 + number / 10},1,8'
        for number in range(50)
    ]
    table = tmp_path / 'mine.csv'
    table.write_text('\n'.join(lines))
    document = report(records_of([table]))
    (section,) = (one for one in document.sections if one.key == 'structure')
    assert 'mean e_fit of 30 of 50 networks, drawn at random, 0.' in section.text[0]
    assert '; of the best networks of these 0.' in section.text[0]
    e_fit, widths = (item.plot.plot.data for item in section.items)
    fitted = np.isfinite(np.array(e_fit['e_fit'][:50], dtype=float))
    assert fitted.sum() == 30 and not fitted[:20].all(), 'not the best ones, but any'
    assert len(set(widths['network'])) == 20 and set(widths['network']) == {
        f'{number:06d}' for number in range(20)
    }
    again = report(records_of([table]))
    assert next(one for one in again.sections if one.key == 'structure').text == section.text
