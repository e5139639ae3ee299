#!/usr/bin/env python
"""Say what the results of a study say: tools/report_study.py --help."""

import os
from pathlib import Path

from regnet_plugin.cli.arguments import Parser
from regnet_plugin.cli.errors import exit_on_user_error, refused
from regnet_plugin.cli.next_steps import make_page_of_tables, say_next
from regnet_plugin.cli.printing import say

# the repository, or where the package has configs and tools
HERE = Path(__file__).resolve().parent.parent
NOTES = """The answers to the study's questions with figures and tables, and the 13 findings of the paper one by one, from the tables
of tools/run_study.py alone. Of a pilot, whose parts are trained with several seeds each: how far errors spread beyond the
noise between seeds. What is in introduction.md beside the page comes first. All networks of some populations, on a page of
their own: tools/report_population.py docs/study/*.jsonl."""  # noqa: E501  as it is printed
EXAMPLES = """\
  tools/report_study.py                                            docs/study/README.md from docs/study/*.jsonl, in seconds
  tools/report_study.py --plan my_study.py --results my_results    of a study with the same keys
  tools/report_study.py --pilot --plan configs/study/pilot.py --results docs/study/pilot"""  # noqa: E501  as it is printed


def main() -> None:
    parser = Parser(
        description='Write the page of a study from its stored results.',
        notes=NOTES,
        examples=EXAMPLES,
        guide='study',
    )
    parser.add_argument(
        '--plan',
        default=HERE / 'configs/study/study.py',
        help='default: configs/study/study.py beside tools/',
    )
    parser.add_argument(
        '--results',
        type=Path,
        default=HERE / 'docs/study',
        metavar='FOLDER',
        help='default: docs/study beside tools/',
    )
    parser.add_argument('--pilot', action='store_true', help='the parts are candidates of a pilot')
    parser.add_argument(
        '--out', type=Path, metavar='PAGE', help='default: README.md in the folder of the results'
    )
    args = parser.parse_args()
    os.environ.setdefault('OMP_NUM_THREADS', '1')  # the processes that fit have a core each
    from regnet_plugin.study.page import write_page
    from regnet_plugin.study.pilot import write_pilot
    from regnet_plugin.study.plan_file import read_plan
    from regnet_plugin.study.results import read_results

    with refused(ValueError, OSError):
        results = read_results(read_plan(args.plan), args.results)
        page = args.out or args.results / 'README.md'
        introduction = page.with_name('introduction.md')
        write = write_pilot if args.pilot else write_page
        write(results, page, introduction.read_text() if introduction.exists() else '')
    say(page)
    say_next(make_page_of_tables(args.results))


if __name__ == '__main__':
    exit_on_user_error(main)
