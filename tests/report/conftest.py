import pytest
from chromium import chromium
from shown_documents import document

from regnet_plugin.report.page import write_html


@pytest.fixture(scope='module')
def tab(tmp_path_factory):
    with chromium(tmp_path_factory.mktemp('profile')) as browser:
        yield browser.tab()


@pytest.fixture
def show(tab, tmp_path):
    """Write a document as a page and open it; what goes wrong in its script fails the test."""

    def show(shown=None, **kwargs):
        path = tmp_path / 'report.html'
        write_html(path, shown or document())
        tab.open(path.as_uri(), **kwargs)
        return tab

    yield show
    assert tab.events('Runtime.exceptionThrown') == []
