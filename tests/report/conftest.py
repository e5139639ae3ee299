import pytest
from chromium import chromium


@pytest.fixture(scope='module')
def tab(tmp_path_factory):
    with chromium(tmp_path_factory.mktemp('profile')) as browser:
        yield browser.tab()
