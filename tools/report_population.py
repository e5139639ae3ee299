#!/usr/bin/env python
"""Put the statistics of populations on one page: tools/report_population.py --help."""

import argparse
import os
import sys
from collections.abc import Sequence
from datetime import datetime
from pathlib import Path
from typing import TYPE_CHECKING

from regnet_plugin.cli.arguments import Parser
from regnet_plugin.cli.errors import exit_on_user_error, refused
from regnet_plugin.cli.guides import guide
from regnet_plugin.cli.next_steps import make_page_again, say_next, select_best
from regnet_plugin.cli.printing import say
from regnet_plugin.cli.wording import GOES_ON

if TYPE_CHECKING:
    from regnet_plugin.population.records import Records
    from regnet_plugin.report.document import Document

NOTES = f"""A population is a folder of sample_population.py, also while it is being trained; a JSON file of the 2019 paper's data
(facebookresearch/nds); a sweep.json of pycls; or a table of your own, CSV or JSON lines: {guide('population_formats')}. Given
in the order of the paper (A, B, C, D, E, RegNet) they are told as steps of a design.

--watch says on the page, and at each time here, how many networks have ended. What was made last stays after Ctrl-C.

The page is one file that needs no other. Beside it, in report_files/, are its figures as PDF and PNG, and their values, its
tables and all networks as CSV."""  # noqa: E501  as it is printed
EXAMPLES = """\
  tools/report_population.py work_dirs/regnetx_digits
  tools/report_population.py work_dirs/anynetx_{a,b,c,d,e} work_dirs/regnetx -o report.html
  tools/report_population.py work_dirs/regnetx_digits --watch    while it is being trained
  tools/report_population.py work_dirs/regnetx work_dirs/regnety --cost latency --device my_laptop.json
  tools/report_population.py ResNeXt-A.json ResNeXt-B.json sweep.json networks.csv --error best"""  # noqa: E501  as it is printed


def parse_arguments() -> argparse.Namespace:
    parser = Parser(
        description='Compare trained populations on one page: error distributions and tests, '
        'values of the best networks, random search, complexity, design steps, all networks.',
        notes=NOTES,
        examples=EXAMPLES,
        guide='reports',
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
    parser.add_argument(
        '--cost',
        choices=('flops', 'latency', 'memory'),
        default='flops',
        help='what networks cost on the axes of figures: flops, the time that --device takes as '
        'predicted, or the peak of activations of one image; default: flops',
    )
    parser.add_argument(
        '--device',
        help='device model: one that comes with the package, or a file of tools/model_device.py',
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
    parser.add_argument(
        '--watch',
        nargs='?',
        type=int,
        const=60,
        metavar='SECONDS',
        help='make the page again whenever results came in, so many seconds after the last time at '
        'the soonest (60 by default), until all runs ended; browsers load it again meanwhile',
    )
    args = parser.parse_args()
    if (args.cost == 'latency') > (args.device is not None):
        parser.error('--cost latency is one on a --device, which is missing')
    if args.watch is not None and args.watch < 1:
        parser.error(f'--watch must be at least 1 second, but it is {args.watch}')
    if args.watch is not None and not folders_of(args):
        parser.error(
            '--watch must be of a folder that is trained, at least one, but given are '
            + ', '.join(args.populations)
        )
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
    from regnet_plugin.device.packaged import device_model
    from regnet_plugin.population.predictions import with_predictions
    from regnet_plugin.report.populations import Rules
    from regnet_plugin.report.report import report, write_report
    from regnet_plugin.report.watching import keep_current, marked_as_partial

    with refused(ValueError, OSError):
        device = device_model(args.device) if args.device else None
    cost = dict(
        flops='flops',
        memory='peak_activations',
        latency=device.column if device else '',
    )[args.cost]
    rules = Rules(args.error, args.failed, cost=cost, device=device)

    def write(is_partial: bool) -> None:
        records = [with_predictions(one, device, args.cost == 'memory') for one in read(args)]
        document = report(records, rules, args.title)
        if is_partial:
            document = marked_as_partial(document, records, args.watch)
        args.out.parent.mkdir(parents=True, exist_ok=True)
        write_report(document, args.out, args.svg, args.style)
        if is_partial:
            say(f'{datetime.now():%H:%M:%S}  {document.summary[0]} {args.out}')
        else:
            tell(document, records, args)

    with refused(ValueError, OSError):
        check_place(args.out, args.populations)
        if args.watch is None:
            write(False)
        else:
            keep_current(
                args.out,
                write,
                folders=folders_of(args),
                recipe=args.recipe,
                seconds=args.watch,
            )


def folders_of(args: argparse.Namespace) -> list[str]:
    """The populations that are folders, and no tables."""
    return [path for path in args.populations if os.path.isdir(path)]


def read(args: argparse.Namespace) -> 'list[Records]':
    """The populations that the page is about."""
    from regnet_plugin.population.readers import read_records
    from regnet_plugin.report.processes import in_processes

    folders = folders_of(args)

    def read_one(path_and_name: tuple[str, str | None]) -> 'tuple[Records, ...]':
        path, name = path_and_name
        # a table is of one recipe, and stands beside folders that are read with any
        recipe = args.recipe if path in folders or not folders else None
        return read_records(path, recipe, name)

    named = zip(args.populations, args.names or [None] * len(args.populations))
    return [one for found in in_processes(read_one, named, 'reading') for one in found]


def tell(document: 'Document', records: 'Sequence[Records]', args: argparse.Namespace) -> None:
    """Print what the page says first, where it is, and what to do next."""
    for note in dict.fromkeys(note for one in records for note in one.notes):
        say(f'note: {note}', sys.stderr)
    extent, *others = document.told
    say('\n'.join([extent, f'{document.headline}.', *others]))
    say(f'{args.out}, with figures and tables in {args.out.with_name(f"{args.out.stem}_files")}')
    # tables are trained elsewhere, if at all
    trained = [one for one in records if os.path.isdir(one.source)]
    rated = [one for one in trained if one.rated().any()]
    if any(one.unfinished().any() for one in trained):
        say_next(make_page_again(args.populations, args.out))
    elif rated:
        best = min(rated, key=lambda one: one.last_error[one.rated()].min())
        say_next(select_best(best.source, recipe_of(best), args.out))


def recipe_of(records: 'Records') -> str:
    """Name of the recipe that the networks of a folder were trained with."""
    (name,) = records.conditions[int(records.rated().argmax())]['recipe']
    return name


if __name__ == '__main__':
    exit_on_user_error(main, GOES_ON)
