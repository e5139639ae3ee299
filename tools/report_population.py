#!/usr/bin/env python
"""Put the statistics of populations on one page: tools/report_population.py --help."""

import argparse
import os
import sys
from collections.abc import Sequence
from pathlib import Path

from regnet_plugin.cli.arguments import Parser
from regnet_plugin.cli.errors import exit_on_user_error, refused
from regnet_plugin.cli.printing import say

EPILOG = """examples:
  report_population.py work_dirs/regnetx_digits
  report_population.py work_dirs/anynetx_{a,b,c,d,e} work_dirs/regnetx -o report.html
  report_population.py ResNeXt-A.json ResNeXt-B.json sweep.json networks.csv --error best

A population is a folder of sample_population.py, also while it is being trained; a JSON file of the 2019 paper's data
(facebookresearch/nds); a sweep.json of pycls; or a table of your own, CSV or JSON lines: docs/population_formats.md. Given
in the order of the paper (A, B, C, D, E, RegNet) they are told as steps of a design.

The page is one file that needs no other. Beside it, in report_files/, are its figures as PDF and PNG, and their values, its
tables and all networks as CSV."""  # noqa: E501  as it is printed


def parse_arguments() -> argparse.Namespace:
    parser = Parser(
        description='Compare trained populations on one page: error distributions and tests, '
        'values of the best networks, random search, complexity, design steps, all networks.',
        formatter_class=argparse.RawDescriptionHelpFormatter,
        epilog=EPILOG,
    )
    parser.add_argument(
        'populations', nargs='+', metavar='POPULATION', help='folders or files, see below'
    )
    parser.add_argument(
        '-o',
        '--out',
        type=Path,
        default=Path('report.html'),
        metavar='PAGE',
        help='default: report.html',
    )
    parser.add_argument(
        '--recipe',
        metavar='NAME',
        help='of folders: only networks trained with this; default: all, apart',
    )
    parser.add_argument(
        '--names',
        nargs='+',
        metavar='NAME',
        help='of the populations, one each; default: of the files',
    )
    parser.add_argument('--title', help='of the page; default: made from the names')
    parser.add_argument(
        '--error',
        choices=['last', 'best'],
        default='last',
        help='the error of a network is that of its last or its best epoch; default: last',
    )
    parser.add_argument(
        '--failed',
        choices=['outside', 'counted'],
        default='outside',
        help='failed networks are outside n, or in it with an error above all others; default: '
        'outside',
    )
    parser.add_argument(
        '--svg', action='store_true', help='write each figure as SVG, too, whose text is text'
    )
    parser.add_argument(
        '--style',
        choices=['page', 'paper'],
        default='page',
        help='paper: figures beside the page are PDF and SVG, as wide as a column of a paper '
        '(3.25 inches) or as both (6.875); default: page, PDF and PNG',
    )
    args = parser.parse_args()
    if args.names is not None and (len(args.names) != len(args.populations) or '' in args.names):
        parser.error(
            f'--names must be one per population, and not empty, but they are {args.names} for '
            f'{len(args.populations)}'
        )
    return args


def check_place(page: Path, populations: Sequence[str]) -> None:
    """Refuse a page whose files would replace what it is about."""
    from regnet_plugin.report.report import files_of

    files = files_of(page)
    for path in populations:
        if files.resolve() in Path(path).resolve().parents:
            raise ValueError(
                f'files of a page are replaced, so that none can be a population, but {path} is in '
                f'{files}'
            )


def main() -> None:
    args = parse_arguments()
    os.environ.setdefault('OMP_NUM_THREADS', '1')  # each process that draws has a core to itself
    from regnet_plugin.population.readers import read_records
    from regnet_plugin.population.records import Records
    from regnet_plugin.report.populations import Rules
    from regnet_plugin.report.processes import in_processes
    from regnet_plugin.report.report import report, write_report

    # terminals without UTF-8 have no w with an index 0
    sys.stdout.reconfigure(errors='backslashreplace')  # type: ignore[union-attr]  # a TextIOWrapper
    with refused(ValueError, OSError):
        check_place(args.out, args.populations)
        folders = [path for path in args.populations if Path(path).is_dir()]

        def read(path_and_name: tuple[str, str | None]) -> list[Records]:
            path, name = path_and_name
            # a table is of one recipe, and stands beside folders that are read with any
            recipe = args.recipe if path in folders or not folders else None
            return read_records(path, recipe, name)

        named = zip(args.populations, args.names or [None] * len(args.populations))
        records = [one for found in in_processes(read, named, 'reading') for one in found]
        document = report(records, Rules(args.error, args.failed), args.title)
        args.out.parent.mkdir(parents=True, exist_ok=True)
        write_report(document, args.out, args.svg, args.style)
    for note in dict.fromkeys(note for one in records for note in one.notes):
        say(f'note: {note}', sys.stderr)
    extent, *others = document.told
    say('\n'.join([extent, f'{document.headline}.', *others]))
    say(f'{args.out}, with figures and tables in {args.out.with_name(f"{args.out.stem}_files")}')


if __name__ == '__main__':
    exit_on_user_error(main)
