"""Networks that a box is drawn around in one figure: in others and in the table, in Chromium."""

from dataclasses import replace

from report_page import bounds, place, tip
from shown_documents import DEPTH, FLOPS, document, networks, opened


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
    # network a has a point in both panels
    (path,) = dots(tab)
    assert path.count('M') == 2
    for axes, x, y in ((FLOPS, 1e9, 40), (DEPTH, 5, 50)):
        at = place(tab, 'scatter', axes, x, y)
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
