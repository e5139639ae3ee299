import warnings

import pytest
from chromium import chromium
from rated_populations import rated_population
from reported import STEPS
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


@pytest.fixture(scope='session')
def steps(tmp_path_factory):
    """The steps of the paper on the digits; the means fall by 2 from C on."""
    folder = tmp_path_factory.mktemp('steps')
    means = dict(zip(STEPS, (50, 50, 50, 48, 46, 44)))
    return [
        rated_population(
            folder / name, f'{name}_digits', 40, mean=means[name], seed=number, failed=number
        )
        for number, name in enumerate(STEPS)
    ]


@pytest.fixture
def no_warnings():
    """Within the test a warning is an error."""
    with warnings.catch_warnings():
        warnings.simplefilter('error')
        yield
