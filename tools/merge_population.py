#!/usr/bin/env python
"""Bring together a population that was trained in parts: tools/merge_population.py --help."""

from regnet_plugin.cli.arguments import Parser
from regnet_plugin.cli.errors import exit_on_user_error, refused
from regnet_plugin.cli.next_steps import make_page, say_next
from regnet_plugin.cli.printing import say

NOTES = """On each of two machines sample the same networks, and train some of them:
  tools/sample_population.py configs/design_spaces/regnetx_digits.py --size 30
  tools/train_population.py work_dirs/regnetx_digits configs/recipes/dds_10e_digits.py --networks 0 1 2
Then merge, on one of them, with a copy of the other's folder.

The results that the first population does not have are copied into it, each result.json and nothing else; nothing is
replaced, and the others stay as they are. Before anything of a part is copied it is checked that it is one of the same
population: the same networks, the same recipes, each result that of its network, and no run with two different ends."""  # noqa: E501  as it is printed
EXAMPLES = """\
  tools/merge_population.py work_dirs/regnetx_digits /media/usb/regnetx_digits    a copy of the other machine's folder
  tools/merge_population.py work_dirs/regnetx ../other_clone/work_dirs/regnetx"""  # noqa: E501  as it is printed


def main() -> None:
    parser = Parser(
        description='Copy the results of parts of one population, trained elsewhere, into it.',
        notes=NOTES,
        examples=EXAMPLES,
        guide='populations',
    )
    parser.add_argument('population', help='folder that gets the results')
    parser.add_argument(
        'parts', nargs='+', help='folders of the same population that have been trained elsewhere'
    )
    args = parser.parse_args()
    from regnet_plugin.population.making.merging import merge_results
    from regnet_plugin.population.store import Population

    with refused(ValueError, OSError):
        population = Population.open(args.population)
        for part in args.parts:
            for recipe, merged in merge_results(population, Population.open(part)).items():
                say(
                    f'{part}, {recipe}: {merged.added:,} results added, {merged.known:,} were there'
                )
    say_next(make_page([args.population]))


if __name__ == '__main__':
    exit_on_user_error(main)
