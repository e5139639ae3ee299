"""The gallery: what is on the pages of a report, compared by structure and not by pixels."""

import json

import pytest
from killing import ROOT
from pages import gallery

from regnet_plugin.report import figures
from regnet_plugin.report.page import html_of

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
