"""What one sees first, the contents at the side, folds, and tables that are sorted, in Chromium."""

from dataclasses import replace

import pytest
from report_page import bounds
from shown_documents import EDF, DrawnPlot, document

from regnet_plugin.report.document import Figure, Fold, Section, Table
from regnet_plugin.report.page import html_of

TABLE = Table(
    'values',
    'Values',
    ('name', 'number', 'p'),
    [('net 10', 2.5, 0.2), ('net 9', None, 1e-9), ('b', -3e9, 0.04), ('a', 10, None)],
    p_values=('p',),
)


def finding(**changes):
    made = dict(
        headline='E beats A by 3 points',
        lead=Figure(
            DrawnPlot('lead', EDF), 'Errors', narrow=DrawnPlot('lead-narrow', EDF, '<g id="thin"/>')
        ),
        facts=[('Networks', '2 populations, 8 networks'), ('Epochs', '10')],
        cautions=['The flops differ.'],
    )
    return replace(document(), **{**made, **changes})


def test_the_finding_is_the_heading_and_the_name_stands_above(show):
    tab = show(finding())
    assert tab.texts('h1') == ['E beats A by 3 points'] and tab.texts('.title') == ['Design spaces']
    assert tab.texts('.facts dt, .facts dd') == [
        'Networks',
        '2 populations, 8 networks',
        'Epochs',
        '10',
    ]
    assert tab.texts('.cautions li') == ['The flops differ.']
    assert finding().told == [
        '2 populations, 8 networks.',
        'Caution: The flops differ.',
        'Epochs: 10.',
        'E is better than A.',
        'By a lot.',
    ]


@pytest.mark.parametrize('width', [820, 1200, 1600])
def test_the_finding_and_its_figure_are_seen_without_scrolling(show, width):
    tab = show(finding(), width=width, height=900)
    for selector in ('h1', '#lead .roomy svg'):
        left, top, right, bottom = bounds(tab, selector)
        assert 0 <= left < right <= width and 0 <= top < bottom <= 900, selector


def test_a_phone_gets_the_narrow_figure(show):
    tab = show(finding(), width=390, height=800, phone=True)
    assert tab.evaluate('document.querySelector("#thin").checkVisibility()')
    assert not tab.evaluate('document.querySelector("#lead .roomy").checkVisibility()')
    tab = show(finding(), width=1200)
    assert not tab.evaluate('document.querySelector("#thin").checkVisibility()')


def test_figures_stand_side_by_side_where_there_is_room(show):
    figures = [Figure(DrawnPlot(f'plot-{number}', EDF), f'Plot {number}') for number in range(3)]
    shown = replace(document(), sections=(Section('all', 'All', [], figures),))
    for width, columns in ((390, 1), (1200, 2), (1600, 3)):
        tab = show(shown, width=width)
        tops = {round(bounds(tab, f'#plot-{number}')[1]) for number in range(3)}
        assert len(tops) == -(-3 // columns), width


def test_the_contents_stay_at_the_side_and_say_where_one_is(show):
    tab = show(width=1200, height=500)
    assert tab.texts('#contents [aria-current]') == ['In short']
    tab.evaluate('document.documentElement.style.scrollBehavior = "auto"')
    tab.evaluate('document.querySelector("#trade-offs").scrollIntoView()')
    tab.evaluate('new Promise(done => requestAnimationFrame(() => requestAnimationFrame(done)))')
    assert tab.texts('#contents [aria-current]') == ['Trade-offs']
    left, top, right, bottom = bounds(tab, '#contents')
    assert 0 <= top < 500 and right <= bounds(tab, '#trade-offs')[0]


def test_a_fold_opens_and_its_figures_are_files_like_others(show):
    fold = Fold('Table of 4 values', [TABLE])
    shown = replace(document(), sections=(Section('all', 'All', [], [fold]),))
    tab = show(shown)
    assert tab.texts('summary') == ['Table of 4 values'] and tab.texts('#values td') == [''] * 8
    tab.click_on('summary')
    assert tab.texts('#values tbody th') == ['net 10', 'net 9', 'b', 'a']
    assert [item.key for item in shown.sections[0].figures_and_tables] == ['values']


def test_a_table_is_sorted_by_every_column(show):
    tab = show(replace(document(), sections=(Section('all', 'All', [], [TABLE]),)))

    def sort_by(number):
        tab.click_on(f'#values thead th:nth-child({number}) button')
        return tab.texts('#values tbody th')

    assert tab.texts('#values tbody td') == ['2.50', '0.200', '\u2013', '<0.001'] + [
        '-3.00 G',
        '0.0400',
        '10',
        '\u2013',
    ]
    assert sort_by(1) == ['a', 'b', 'net 9', 'net 10'] and sort_by(1) == [
        'net 10',
        'net 9',
        'b',
        'a',
    ]
    assert sort_by(2) == ['b', 'net 10', 'a', 'net 9']  # a dash is last
    assert sort_by(3) == ['net 9', 'b', 'net 10', 'a']
    assert tab.each('#values thead th', 'one.ariaSort') == ['none', 'none', 'ascending']


def test_two_things_of_one_key_are_refused():
    twice = finding(lead=Figure(DrawnPlot('edf', EDF), 'Errors'))
    with pytest.raises(ValueError, match="these are there twice: 'edf'"):
        html_of(twice)
