"""The site of the documentation: `make docs` builds it, offline, into work_dirs/docs."""

import sys
from pathlib import Path
from typing import Any

HERE = Path(__file__).resolve().parent
sys.path[:0] = [str(HERE), str(HERE.parent)]

from docutils import nodes  # noqa: E402
from pages.tools import help_of_all_tools  # noqa: E402
from sphinx import addnodes  # noqa: E402
from sphinx.application import Sphinx  # noqa: E402

from regnet_plugin import __version__  # noqa: E402

project = 'regnet_plugin'
author = 'The regnet_plugin authors'
project_copyright = f'{author}. Apache-2.0'
release = version = __version__
extensions = [
    'myst_parser',
    'sphinx.ext.autodoc',
    'sphinx.ext.napoleon',
    'sphinx_copybutton',
]
exclude_patterns = ['study/introduction.md', 'study/**/introduction.md']  # parts of pages
nitpicky = True
# Names of others have no pages here; a short name in a docstring is text where it names nothing.
nitpick_ignore_regex = [
    ('py:.*', r'(?!regnet_plugin\.).*'),
    ('py:.*', r'regnet_plugin\.[A-Z]\w*'),  # the name of a type in a config
    ('py:.*', r'.*\.([A-Z_]+|Count|Stages)'),  # constants, and variables and aliases of types
]

myst_enable_extensions = ['deflist']
smartquotes = False
myst_heading_anchors = 4  # as a repository's pages have them

suppress_warnings = ['ref.python']  # a short name that several classes have is no link
default_role = 'py:obj'  # `this` in a docstring
autodoc_member_order = 'bysource'
napoleon_use_ivar = True
napoleon_attr_annotations = False

# The theme of scikit-learn, NumPy and pandas: kinds of pages in a bar, light and dark, a search.
html_theme = 'pydata_sphinx_theme'
html_title = 'regnet_plugin'
html_show_sourcelink = False
html_copy_source = False
html_static_path = ['_static']
html_css_files = ['site.css']
html_theme_options = {
    'navbar_end': ['theme-switcher'],
    'show_toc_level': 2,
    'footer_start': ['copyright'],
    'footer_end': [],
}

# Files beside docs/ that are part of the site: their pages.
PAGES_BESIDE = {
    'README': 'index',
    'CHANGELOG': 'project/changelog',
    'CONTRIBUTING': 'project/contributing',
    'SECURITY': 'project/security',
}


def lead_to_pages(app: Sphinx, doctree: nodes.document) -> None:
    """Links to files beside docs/ lead to their pages."""
    for link in doctree.findall(addnodes.pending_xref):
        target = Path(link['reftarget'])
        if target.parent == HERE.parent:
            link['reftarget'] = PAGES_BESIDE[target.name]


def add_help(app: Sphinx, page: str, source: list[str]) -> None:
    """The page of the tools has what each of them says of itself."""
    if page == 'reference/tools':
        source[0] += help_of_all_tools(HERE.parent)


def skip_fields(
    app: Sphinx, kind: str, name: str, one: Any, skip: bool, options: Any
) -> bool | None:
    """Fields of named tuples are left out where Python alone describes them."""
    return True if str(one.__doc__).startswith('Alias for field number') else None


def setup(app: Sphinx) -> dict[str, Any]:
    """Sphinx calls this."""
    app.connect('source-read', add_help)
    app.connect('autodoc-skip-member', skip_fields)
    app.connect('doctree-read', lead_to_pages)
    return {'parallel_read_safe': True}
