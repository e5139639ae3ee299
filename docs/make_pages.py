#!/usr/bin/env python
"""Make the pages of docs/ that are written by code: docs/make_pages.py --help."""

import difflib
import sys
from pathlib import Path

from pages.design_spaces import overview
from pages.gpu import measured_on_a_gpu
from pages.model_zoo import model_zoo

from regnet_plugin.cli.arguments import Parser
from regnet_plugin.cli.printing import say

ROOT = Path(__file__).resolve().parent.parent
PAGES = {
    'docs/reference/design_spaces.md': overview,
    'docs/reference/gpu.md': measured_on_a_gpu,
    'docs/reference/model_zoo.md': model_zoo,
}


def main() -> None:
    parser = Parser(
        description='Compare design_spaces.md, model_zoo.md and gpu.md of docs/reference with what '
        'configs/design_spaces/, the metafiles and gpu.json say, and show where they differ; '
        'the exit code is 1 where they do. Nothing is written without --write.',
        examples="""\
  docs/make_pages.py            what would change?
  docs/make_pages.py --write    after a change in a config, a metafile or gpu.json""",
    )
    parser.add_argument('--write', action='store_true', help='write the pages that differ')
    write = parser.parse_args().write
    differ = [name for name, page in PAGES.items() if _differs(ROOT / name, page(ROOT), write)]
    sys.exit(1 if differ and not write else 0)


def _differs(path: Path, page: str, write: bool) -> bool:
    """Whether a file holds another page.

    The difference is shown, and written where that is asked.
    """
    present = path.read_text() if path.exists() else ''
    if present == page:
        say(f'{path.name}: as it should be')
        return False
    difference = difflib.unified_diff(
        present.splitlines(True), page.splitlines(True), path.name, 'as it should be'
    )
    say(''.join(difference))
    if write:
        path.write_text(page)
        say(f'wrote {path}')
    return True


if __name__ == '__main__':
    main()
