"""The gallery: what is on all pages, compared by structure and not by pixels, and its places."""

import json

import pytest
from chromium import chromium
from killing import ROOT
from page_layout import misplaced
from pages import gallery

from regnet_plugin.report import figures
from regnet_plugin.report.page import html_of, write_html

A4 = 672  # pixels between the margins of the page
KEPT = json.loads((ROOT / 'docs/gallery.json').read_text())


@pytest.fixture(scope='module')
def documents():
    documents = gallery.pages(ROOT)
    return {**documents, 'index': gallery.index(documents)}


def test_pages_have_what_they_had(documents):
    """Where the change is meant: docs/make_gallery.py --structure."""
    found = json.loads(json.dumps(gallery.structure(documents)))
    assert list(found) == list(KEPT)
    for name, page in found.items():
        assert page == KEPT[name], name


def test_the_index_has_a_figure_of_each_kind(documents):
    kinds = {kind for document in documents.values() for kind, _ in gallery._items(document)}
    drawing = {name for name in figures.__all__ if name.endswith('_plot')}
    assert drawing <= kinds
    page = html_of(documents['index'])
    assert page.count('<figure') > len(drawing) and 'id="training-curves"' in page


def test_nothing_is_cut_or_collides_on_any_page(documents, tmp_path):
    found = {}
    with chromium(tmp_path) as browser:
        tab = browser.tab()
        for name, document in documents.items():
            write_html(tmp_path / f'{name}.html', document)
            for width in (390, 820, 1200, 1600):
                address = (tmp_path / f'{name}.html').as_uri()
                tab.open(address, width=width, phone=width == 390)
                tab.each('details', 'one.open = true')
                found[name, width] = misplaced(tab)
            tab.open(address, width=A4)
            tab.call('Emulation.setEmulatedMedia', media='print')
            found[name, 'print'] = misplaced(tab)
        assert tab.events('Runtime.exceptionThrown') == []
    assert {place: what for place, what in found.items() if what} == {}
