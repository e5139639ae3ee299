"""Networks that a box is drawn around in one figure: in others and in the table, in Chromium."""

from dataclasses import replace

from report_page import bounds, place, tip
from shown_documents import DEPTH, EDF, FLOPS, DrawnPlot, axes, document, networks, opened

from regnet_plugin.report.document import Figure, Section


def drag(tab, start, end):
    tab.move(*start)
    where = dict(button='left', clickCount=1)
    tab.call('Input.dispatchMouseEvent', type='mousePressed', x=start[0], y=start[1], **where)
    for part in (0.3, 0.7, 1):
        x, y = (a + part * (b - a) for a, b in zip(start, end))
        tab.call('Input.dispatchMouseEvent', type='mouseMoved', x=x, y=y, button='left', buttons=1)
    tab.call('Input.dispatchMouseEvent', type='mouseReleased', x=end[0], y=end[1], **where)


def around(tab, key, axes, x, y):
    x, y = place(tab, key, axes, x, y)
    return (x - 12, y - 12), (x + 12, y + 12)


def chosen(tab):
    if not tab.evaluate('document.querySelector(".selection").checkVisibility()'):
        return None
    return tab.texts('.selection a')[0]


def dots(tab):
    """Middles of the marks, in pixels of the window."""
    paths = tab.each('.picked', 'one.getAttribute("d")')
    return [path for path in paths if path]


def test_networks_in_a_box_are_marked_everywhere_and_alone_in_the_table(show):
    tab = show(document(networks(2)))
    drag(tab, *around(tab, 'scatter', FLOPS, 1e9, 40))
    assert chosen(tab) == '1 network chosen' and opened(tab) is None and tip(tab) is None
    assert tab.texts('.explorer tbody tr > :nth-child(3)') == ['a']
    # network a has a point in both panels, and its error of 40 is a step of a curve
    on_curve, path = dots(tab)
    assert on_curve.count('M') == 1 and path.count('M') == 2
    for panel, x, y in ((FLOPS, 1e9, 40), (DEPTH, 5, 50)):
        at = place(tab, 'scatter', panel, x, y)
        left, top, right, bottom = bounds(tab, '#scatter .picked')
        assert left - 3 <= at[0] <= right + 3 and top - 3 <= at[1] <= bottom + 3


def test_the_choice_is_cleared_by_its_button_by_escape_and_by_an_empty_box(show):
    tab = show(document(networks(2)))
    for clear in (
        lambda: tab.click_on('.selection button'),
        lambda: tab.press('Escape'),
        lambda: drag(tab, *around(tab, 'scatter', FLOPS, 2e8, 90)),
    ):
        drag(tab, *around(tab, 'scatter', FLOPS, 1e9, 60))
        assert tab.texts('.explorer tbody tr > :nth-child(3)') == ['b']
        clear()
        assert chosen(tab) is None and dots(tab) == []
        assert tab.texts('.explorer tbody tr > :nth-child(3)') == ['a', 'b']


def test_a_click_is_no_box(show):
    tab = show(document(networks(2)))
    tab.click(*place(tab, 'scatter', FLOPS, 1e9, 40))
    assert opened(tab) == 'AnyNetX_A \u00b7 a' and chosen(tab) is None


def test_without_a_table_nothing_can_be_chosen(show):
    tab = show(replace(document(), networks=None))
    drag(tab, *around(tab, 'scatter', FLOPS, 1e9, 40))
    assert dots(tab) == [] and tab.texts('.selection') == []


# of `networks`: their errors are steps of `EDF`, but for the last one, which has none
ON_CURVES = dict(
    population=['AnyNetX_A'] * 4 + ['AnyNetX_E'] * 3,
    network=['a', 'b', 'c', 'd', 'e', 'f', 'g'],
    error=[30, 40, 50, 50, 25, 35, None],
)


def on_curves(**within):
    series = [dict(one, **within) for one in EDF['series']]
    shown = DrawnPlot('edf', dict(EDF, series=series))
    return replace(
        document(networks(7, **ON_CURVES, flops=[1e9, 1e9, 1e9, 2e9, 1e9, 2e9, 1e9])),
        sections=(Section('errors', 'Errors', [], [Figure(shown, 'Error EDF')]),),
    )


def names(tab):
    return tab.texts('.explorer tbody tr > :nth-child(3)')


def marks(tab):
    """Values of the figure's axes at the marks."""
    (path,) = dots(tab) or ['']
    found = [tuple(map(float, one.split())) for one in path.replace('h0', '').split('M')[1:]]
    left, top, width, height = EDF['axes'][0]['box']
    return [
        (
            round(20 + 40 * (x / 400 - left) / width, 1),
            round(1 - (y / 200 - top) / height, 2),
        )
        for x, y in found
    ]


def test_a_box_around_a_part_of_a_curve_chooses_its_networks(show):
    """A network is where the curve steps by it; of equal errors all are chosen."""
    tab = show(on_curves())
    drag(tab, *around(tab, 'edf', EDF['axes'][0], 50, 1))
    assert names(tab) == ['c', 'd'] and marks(tab) == [(50, 1)] * 2
    drag(tab, *around(tab, 'edf', EDF['axes'][0], 25, 0.5))
    assert names(tab) == ['e'] and marks(tab) == [(25, 0.5)]


def test_of_a_curve_of_some_networks_only_these_are_marked(show):
    """As of errors at equal flops: networks outside of the range are none of its steps."""
    tab = show(on_curves(within=['flops', 5e8, 1.5e9]))
    drag(tab, *around(tab, 'edf', EDF['axes'][0], 50, 1))
    assert names(tab) == ['c'] and marks(tab) == [(50, 1)]


def test_networks_outside_of_the_axes_are_not_marked_beside_them(show):
    shown = on_curves()
    ((figure,),) = [section.items for section in shown.sections]
    narrowed = dict(figure.plot.shown, axes=[axes(0.1, 0.8, x=(20, 45), y=(0, 1))])
    figure = replace(figure, plot=DrawnPlot('edf', narrowed))
    tab = show(replace(shown, sections=(Section('errors', 'Errors', [], [figure]),)))
    tab.centre('#edf .plot')
    box = tab.evaluate(
        '(({left, top, right, bottom}) => [[left + 1, top + 1], [right - 1, bottom - 1]])'
        '(document.querySelector("#edf .plot").getBoundingClientRect())'
    )
    drag(tab, *box)
    assert names(tab) == ['a', 'b', 'e', 'f']


def test_keys_choose_networks(show):
    tab = show(on_curves())
    tab.evaluate('document.querySelector("#edf .plot").focus()')
    tab.press('ArrowRight')
    assert tip(tab) == ['AnyNetX_A', 'b', 'top-1 error: 40', 'error: 0.500'] and chosen(tab) is None
    tab.press('ArrowRight', shift=True)
    assert names(tab) == ['b', 'c', 'd'] and chosen(tab) == '3 networks chosen'
    tab.press('ArrowLeft', shift=True)
    tab.press('ArrowLeft', shift=True)
    assert names(tab) == ['a', 'b']
    tab.press('ArrowDown', shift=True)  # another curve: a choice of its own
    assert names(tab) == ['e']
    tab.press('Escape')
    assert chosen(tab) is None and len(names(tab)) == 7 and tip(tab) is None


def test_a_finger_that_rests_draws_a_box_and_one_that_moves_scrolls(show):
    def touch(kind, *at):
        points = [dict(x=x, y=y) for x, y in at]
        tab.call('Input.dispatchTouchEvent', type=kind, touchPoints=points)

    for seconds, found in ((0, None), (0.6, '1 network chosen')):
        tab = show(on_curves(), width=390, height=500, phone=True)
        (x1, y1), (x2, y2) = around(tab, 'edf', EDF['axes'][0], 25, 0.5)
        touch('touchStart', (x1, y1))
        tab.evaluate(f'new Promise(done => setTimeout(done, {1000 * seconds}))')
        for part in (0.5, 1):
            touch('touchMove', (x1 + part * (x2 - x1), y1 + part * (y2 - y1)))
        touch('touchEnd')
        assert chosen(tab) == found
    assert tab.evaluate('document.querySelector(".how .finger").checkVisibility()')


def test_how_to_choose_is_said(show):
    tab = show(document(networks(2)))
    assert tab.texts('.how')[0].startswith('Draw a box around networks in any figure')
    tab = show(replace(document(), networks=None))
    assert not tab.evaluate('document.querySelector(".how").checkVisibility()')
