import json

import pytest
from report_page import place, tip
from shown_documents import FLOPS, DrawnPlot, axes, document, networks, points

from regnet_plugin.report.document import Document, Figure, NetworkTable, Section, Table


def test_links_lead_to_files_and_places_that_exist(show, tmp_path):
    tab = show(document(files='its files'))
    tab.click_on('.open')
    links = tab.each('a[href]', 'one.href')
    for name in (
        'edf.pdf',
        'edf.png',
        'edf.csv',
        'scatter.pdf',
        'scatter.png',
        'scatter.csv',
        'steps.csv',
        'networks.csv',
    ):
        assert (tmp_path / 'its files' / name).as_uri() in links
    assert (tmp_path / 'runs/a b#?.py').as_uri() in links
    inside = [
        link.partition('#')[2]
        for link in links
        if link.startswith(f'{(tmp_path / "report.html").as_uri()}#')
    ]
    assert inside == ['summary', 'errors', 'trade-offs', 'networks', 'networks']
    assert tab.evaluate(f'{json.dumps(inside)}.every(id => document.getElementById(id))')


def test_without_files_there_are_no_links_to_them(show):
    links = show().each('a[href]', 'one.href')
    assert {link.partition('#')[0].rpartition('/')[2] for link in links} == {'report.html'}


def test_nothing_is_fetched(show):
    tab = show(document(networks(60), files='files'))
    tab.move(*place(tab, 'scatter', FLOPS, 1e9, 40))
    tab.click_on('.pages [value=next]')
    tab.click_on('.open')
    requested = {
        event['request']['url'].partition('?')[0]
        for event in tab.events('Network.requestWillBeSent')
    }
    assert [address.rpartition('/')[2] for address in requested] == ['report.html']


ATTEMPTS = (
    'fetch("http://127.0.0.1:9/")',
    'new Promise((_, no) => { const i = new Image(); i.onerror = no; i.src = '
    '"http://127.0.0.1:9/x.png"; })',
)


@pytest.mark.parametrize('attempt', ATTEMPTS)
def test_a_page_may_not_fetch(show, attempt):
    tab = show(
        before='window.refused = []; '
        'document.addEventListener("securitypolicyviolation", event => '
        'refused.push(event.blockedURI))'
    )
    assert tab.evaluate(f'{attempt}.then(() => "fetched", () => "refused")') == 'refused'
    assert tab.evaluate('refused')[0].startswith('http://127.0.0.1:9/')


def test_a_script_that_got_in_would_not_run(show):
    marks = (
        '<a href="javascript:hacked=1"><circle r="9" onclick="hacked=2" '
        '/></a><script>hacked=3</script><image href="x" onerror="hacked=4" />'
    )
    tab = show(document(marks=marks), before='window.hacked = 0')
    tab.evaluate(
        'document.querySelector("circle").dispatchEvent(new MouseEvent("click", {bubbles: true}))'
    )
    assert tab.evaluate('new Promise(done => setTimeout(() => done(hacked), 50))') == 0


HOSTILE = (
    '<img src=x onerror=hacked=1>',
    '</script><script>hacked=1</script>',
    '"><svg onload=hacked=1>',
    "' onfocus='hacked=1' autofocus='",
    'javascript:hacked=1',
    '</style><style>*{display:none}</style>',
    '<!--<script>',
    '${hacked=1}$title',
    '&lt;img src=x onerror=hacked=1&gt;',
    '</textarea></title><iframe srcdoc="<script>">',
    '//127.0.0.1:9/',
    'data:text/html,<script>x</script>',
    '\\u003cimg src=x\\u003e\x00\u2028]]>',
)


def written_by(author):
    """A document in which every text is the author's.

    The author is a function from what a text is for to the text.
    """
    hover = dict(
        axes=[axes(0.1, 0.8, label=author('axis'))],
        series=[
            points((5, 50), names=[author('network')], label=author('population')),
            dict(points((5, 50)), kind='steps', label=author('curve')),
        ],
    )
    items = [
        Figure(DrawnPlot('figure', hover), author('title of a figure'), author('caption')),
        Table(
            'table',
            author('title of a table'),
            [author('heading'), 'n'],
            [[author('cell'), 1]],
            author('note'),
        ),
    ]
    columns = {
        'population': [author('population')],
        'network': [author('network')],
        'status': [author('status')],
        author('column'): [author('entry')],
    }
    backbone = dict(
        depths=[1], widths=[8], block=author('block'), norm_cfg={author('key'): author('value')}
    )
    section = Section('section', author('section'), [author('text')], items)
    return Document(
        author('title'),
        [author('summary')],
        (section,),
        NetworkTable(columns, [backbone], [author('link')]),
        author('footer'),
        author('files'),
    )


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
    tab = show(
        written_by(lambda place: f'{place} {text}' if place in ('column', 'key') else text),
        before='window.hacked = 0',
    )
    assert structure(tab) == harmless[0]
    assert tab.evaluate('hacked') == 0
    assert set(tab.each('a[href]', 'one.protocol + one.host')) == {'file:'}
    without_zero = text.replace('\x00', '')  # which HTML has not
    assert tab.each('h1, #table tbody th', 'one.textContent') == [without_zero, without_zero]
    assert tab.each('.explorer tbody th', 'one.textContent') == [text]
    config = {}
    exec(tab.evaluate('document.querySelector("pre").textContent'), config)
    assert config['model']['backbone']['block'] == text
