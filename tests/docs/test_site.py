"""The site of docs/: made without a warning and a connection, with links that lead somewhere."""

import inspect
import os
import re
import subprocess
import sys

import pytest
from documented import PAGES
from killing import ROOT
from own_files import own_files
from pages.tools import help_of, help_of_all_tools

from regnet_plugin.models import AnyNet, RegNet

# Whatever asks for a host finds none: names are not looked up.
NO_HOSTS = 'import socket\nsocket.getaddrinfo = None\nsocket.create_connection = None\n'


def test_the_site_is_made_without_a_warning(tmp_path):
    """All pages are read, and all references and docstrings, with the names of types in them."""
    pytest.importorskip('sphinx')
    (tmp_path / 'sitecustomize.py').write_text(NO_HOSTS)
    paths = os.pathsep.join(filter(None, [str(tmp_path), os.environ.get('PYTHONPATH')]))
    made = subprocess.run(
        [sys.executable, '-m', 'sphinx', '--builder', 'dummy', '--fail-on-warning', '--quiet']
        + [str(ROOT / 'docs'), str(tmp_path / 'site')],
        capture_output=True,
        text=True,
        env=dict(os.environ, PYTHONPATH=paths),
    )
    assert made.returncode == 0, made.stderr[-3000:]


def anchors_of(text):
    """Anchors of a page's headings, as repositories make them."""
    text = re.sub(r'^ *```.*?^ *```', '', text, flags=re.MULTILINE | re.DOTALL)
    headings = re.findall(r'^#+ (.*)', text, re.MULTILINE)
    plain = [re.sub(r'\[(.*?)\]\(.*?\)', r'\1', heading).lower().strip() for heading in headings]
    return {re.sub(r'[^\w\- ]', '', heading).replace(' ', '-') for heading in plain}


@pytest.mark.parametrize('page', PAGES, ids=lambda page: str(page.relative_to(ROOT)))
def test_links_within_the_repository_lead_to_a_heading(page):
    """That their files are there, tests/test_docs.py tests."""
    for path, anchor in re.findall(r'\]\(([^)#\s:]*)#([^)\s]+)\)', page.read_text()):
        target = page.parent / path if path else page
        assert anchor in anchors_of(target.read_text()), f'{path}#{anchor}'


def test_that_test_can_fail():
    text = "# A\n\n## Boxes in COCO's format\n\n```sh\n# no heading\n```\n### [`b`](c.md), d\n"
    assert anchors_of(text) == {'a', 'boxes-in-cocos-format', 'b-d'}


def test_every_tool_says_what_it_is_for_on_the_page():
    page = help_of_all_tools(ROOT)
    chapters = re.findall(r'^## (.*)', page, re.MULTILINE)
    assert chapters == [path.name for path in own_files('tools', '*.py')] + [
        path.name for path in own_files('tools', '*.sh')
    ]
    told = help_of(ROOT / 'tools/population_status.py')
    assert re.search(r'^`--watch`\n: \w+', told, re.MULTILINE) and '%(' not in page


NAMED = re.compile(r'\bdocs/[\w/]+\.(?:md|json|svg)\b')
ONLY_WHERE_A_GPU_IS = {'docs/reference/gpu.json'}


NAMING = ('configs', 'docs', 'examples', 'regnet_plugin', 'tests', 'tools')


@pytest.mark.parametrize('folder', NAMING)
def test_pages_that_code_names_are_there(folder):
    """In messages, docstrings and comments of configs, too."""
    for path in own_files(folder, '**/*'):
        if path.suffix in ('.py', '.yml'):
            named = set(NAMED.findall(path.read_text())) - ONLY_WHERE_A_GPU_IS
            assert [one for one in named if not (ROOT / one).exists()] == [], path


@pytest.mark.parametrize('backbone', [AnyNet, RegNet])
def test_every_option_of_a_backbone_is_described(backbone):
    """The page of the backbones is made of these docstrings."""
    described = set(re.findall(r'^    (\w+) \(', inspect.getdoc(backbone), re.MULTILINE))
    options = set(inspect.signature(backbone.__init__).parameters) - {'self', 'unknown', 'kwargs'}
    assert options <= described
