import pytest
from chromium import chromium, executable


@pytest.fixture(scope='module')
def tab(tmp_path_factory):
    if executable() is None:
        pytest.skip('there is no Chromium: `make test` unpacks one from packages of Debian 12')
    with chromium(tmp_path_factory.mktemp('profile')) as browser:
        yield browser.tab()
