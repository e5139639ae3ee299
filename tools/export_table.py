#!/usr/bin/env python
"""Write a trained population as one table: tools/export_table.py --help."""

import sys
from pathlib import Path

from regnet_plugin.cli.arguments import Parser
from regnet_plugin.cli.errors import exit_on_user_error, refused
from regnet_plugin.cli.next_steps import make_page, say_next
from regnet_plugin.cli.printing import say

NOTES = """A line per network, an object of JSON: its number, the error of the last and of the best epoch in percent (means over the
seeds), or why there is none; flops, parameters and activations; nominal parameters; its stages, from which it is rebuilt;
what it was trained with; seconds of training and, where tools/measure_latency.py was used, of inference.
In pandas: pandas.read_json('regnetx.jsonl', lines=True)."""  # noqa: E501  as it is printed
EXAMPLES = """\
  tools/export_table.py work_dirs/regnetx                     writes regnetx.jsonl
  tools/export_table.py work_dirs/regnetx --recipe dds_10e_imagenet --out results/regnetx.jsonl
  tools/report_population.py regnetx.jsonl anynetx_a.jsonl    shows them, on any machine"""


def main() -> None:
    parser = Parser(
        description='Write the networks of a population with their errors as one table.',
        notes=NOTES,
        examples=EXAMPLES,
        guide='population_formats',
    )
    parser.add_argument('population', help='folder that tools/train_population.py has trained')
    parser.add_argument(
        '--recipe',
        metavar='NAME',
        help='with which they were trained; needed where there are several',
    )
    parser.add_argument(
        '--out', type=Path, metavar='FILE', help='default: <name of the folder>.jsonl, here'
    )
    args = parser.parse_args()
    from regnet_plugin.population.exports.table import write_table
    from regnet_plugin.population.readers import only, read_records

    with refused(ValueError, OSError):
        records = only(read_records(args.population, args.recipe))
        path = args.out or Path(f'{Path(args.population).resolve().name}.jsonl')
        path.parent.mkdir(parents=True, exist_ok=True)
        write_table(records, path)
    for note in records.notes:
        say(f'note: {note}', sys.stderr)
    networks, planned = len(records.networks), int((records.status != 'sampled').sum())
    of_planned = '' if planned == networks else f', {planned:,} planned'
    say(
        f'{int(records.rated().sum()):,} of {networks:,} networks with an error{of_planned}: {path}'
    )
    say_next(make_page([path]))


if __name__ == '__main__':
    exit_on_user_error(main)
