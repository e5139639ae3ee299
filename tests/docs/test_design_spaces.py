"""docs/reference/design_spaces.md."""

import shutil

from killing import ROOT
from own_files import own_files
from pages.design_spaces import overview


def test_the_page_is_what_the_configs_say(tmp_path):
    spaces = own_files('configs/design_spaces', '*.py')
    (tmp_path / 'configs/design_spaces').mkdir(parents=True)
    for path in spaces:
        shutil.copy(path, tmp_path / 'configs/design_spaces')
    page = overview(tmp_path)
    assert (ROOT / 'docs/reference/design_spaces.md').read_text() == page, (
        'run docs/make_pages.py --write'
    )
    rows = [line for line in page.splitlines() if line.startswith('| [')]
    assert len(rows) == len(spaces)
    assert (
        '| 16 | 1.8e+18 | 1.8e+18 |'
        in rows[[row.startswith('| [anynetx_a](') for row in rows].index(True)]
    )
