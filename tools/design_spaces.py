#!/usr/bin/env python
"""Write docs/design_spaces.md from the configs: tools/design_spaces.py --help."""
import argparse
from pathlib import Path

from regnet_plugin.engine.errors import Parser, say

ROOT = Path(__file__).resolve().parent.parent


def main():
    Parser(
        description='Write docs/design_spaces.md, a line for each config in configs/design_spaces/.',
        formatter_class=argparse.RawDescriptionHelpFormatter, epilog="""example:
  design_spaces.py               after a change in configs/design_spaces/""").parse_args()
    from regnet_plugin.population.overview import overview

    page = ROOT / 'docs/design_spaces.md'
    page.write_text(overview(ROOT))
    say(f'wrote {page}')


if __name__ == '__main__':
    main()
