#!/usr/bin/env python
"""Make all pages and figures of the package, to look at: docs/make_gallery.py --help."""

import json
import os
from pathlib import Path

from pages.gallery import index, pages, status_picture, structure

from regnet_plugin.cli.arguments import Parser
from regnet_plugin.cli.printing import say
from regnet_plugin.report.report import write_report

ROOT = Path(__file__).resolve().parent.parent
STRUCTURE = ROOT / 'docs/gallery.json'


def main() -> None:
    os.environ.setdefault('OMP_NUM_THREADS', '1')  # each process that draws has a core to itself
    parser = Parser(
        description='Make the pages of reports, of a comparison and of the study from the tables '
        'of docs/study, and one page with a figure of each kind, so that a change of style is seen '
        'at a glance; and figures for a paper, and what a terminal shows. What is on the pages, '
        'without numbers, is kept in docs/gallery.json, which a test compares.',
        examples="""\
  docs/make_gallery.py                into work_dirs/gallery; then open its index.html
  docs/make_gallery.py --structure    after a change of what is on the pages: write docs/gallery.json""",  # noqa: E501  as it is printed
    )
    parser.add_argument('--out', type=Path, default=ROOT / 'work_dirs/gallery', metavar='FOLDER')
    parser.add_argument('--structure', action='store_true', help='write docs/gallery.json, no page')
    args = parser.parse_args()
    documents = pages(ROOT)
    if args.structure:
        found = structure({**documents, 'index': index(documents)})
        STRUCTURE.write_text(json.dumps(found, indent=1, ensure_ascii=False) + '\n')
        say(f'wrote {STRUCTURE}')
        return
    args.out.mkdir(parents=True, exist_ok=True)
    for name, document in {**documents, 'index': index(documents)}.items():
        write_report(document, args.out / f'{name}.html')
        say(f'{args.out / name}.html: {document.headline}')
    write_report(documents['one'], args.out / 'paper.html', style='paper')
    say(f'{args.out / "paper_files"}: figures as wide as the columns of a paper')
    (args.out / 'status.txt').write_text(status_picture(ROOT), encoding='utf-8')
    say(f'{args.out / "status.txt"}: a distribution of errors in a terminal')


if __name__ == '__main__':
    main()
