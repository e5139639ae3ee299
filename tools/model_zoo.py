#!/usr/bin/env python
"""Write docs/model_zoo.md from the metafiles: tools/model_zoo.py --help."""
import argparse
from pathlib import Path

from regnet_plugin.engine.errors import Parser, say
from regnet_plugin.model_zoo import model_zoo

ROOT = Path(__file__).resolve().parent.parent


def main():
    Parser(
        description='Write docs/model_zoo.md from the metafiles that configs/model-index.yml names: flops, parameters, '
        'activations, published errors and AP, and which weights of others load.',
        formatter_class=argparse.RawDescriptionHelpFormatter, epilog="""example:
  model_zoo.py                   after a change in a metafile""").parse_args()
    page = ROOT / 'docs/model_zoo.md'
    page.parent.mkdir(exist_ok=True)
    page.write_text(model_zoo(ROOT))
    say(f'wrote {page}')


if __name__ == '__main__':
    main()
