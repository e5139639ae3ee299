"""docs/design_spaces.md."""
from killing import ROOT

from regnet_plugin.population.overview import overview


def test_the_page_is_what_the_configs_say():
    page = overview(ROOT)
    assert (ROOT / 'docs/design_spaces.md').read_text() == page, 'run tools/design_spaces.py'
    rows = [line for line in page.splitlines() if line.startswith('| [')]
    assert len(rows) == len(list((ROOT / 'configs/design_spaces').glob('*.py')))
    assert '| 16 | 1.8e+18 | 1.8e+18 |' in rows[[row.startswith('| [anynetx_a](') for row in rows].index(True)]
