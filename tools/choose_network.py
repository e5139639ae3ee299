#!/usr/bin/env python
"""Choose a network for a budget: tools/choose_network.py --help."""

import argparse
from pathlib import Path
from typing import TYPE_CHECKING

from regnet_plugin.cli.arguments import Parser
from regnet_plugin.cli.errors import UserError, exit_on_user_error, refused
from regnet_plugin.cli.guides import guide
from regnet_plugin.cli.next_steps import say_next, test_chosen
from regnet_plugin.cli.printing import say
from regnet_plugin.cli.quantities import seconds, size_in_bytes

if TYPE_CHECKING:
    from regnet_plugin.choice.candidates import Budget, Candidate

NOTES = """Told are the networks within all budgets that no other one beats: as accurate at no more cost. The cost is that of the test whose
accuracy is told: the same weights on larger images are another row. A detector costs here what its backbone does on images of
800x1344. Memory is the most bytes of activations of one image at a time, of --element each. --device is one of
{devices}, or a file of tools/model_device.py.

Accuracies are those that the publishers of weights and recipes give, {accuracies} has all of them. Those of different
recipes do not compare; --recipe keeps to some."""  # noqa: E501  as it is printed
EXAMPLES = """\
  tools/choose_network.py --flops 1e9
  tools/choose_network.py --latency 10ms --device i7-12700h --memory 1MB
  tools/choose_network.py --latency 10ms --device my_laptop.json --write-config mine.py
  tools/choose_network.py --flops 40e9 --task detection --picture choice.png --json choice.json
  tools/choose_network.py --latency 9ms --device my_laptop.json --population work_dirs/regnetx"""


def parse_arguments() -> argparse.Namespace:
    from regnet_plugin.device.packaged import PACKAGED

    parser = Parser(
        description='List the published and pretrained networks that are the most accurate within '
        'a budget, with config and weights.',
        notes=NOTES.format(devices=', '.join(PACKAGED), accuracies=guide('model_zoo')),
        examples=EXAMPLES,
        guide='devices',
    )
    parser.add_argument('--flops', type=float, metavar='MOST', help='multiply-adds of an image')
    parser.add_argument('--parameters', type=float, metavar='MOST')
    parser.add_argument('--latency', type=seconds, metavar='MOST', help='such as 10ms')
    parser.add_argument('--device', help='that the latency is on')
    parser.add_argument('--memory', type=size_in_bytes, metavar='MOST', help='such as 1MB')
    parser.add_argument(
        '--element', choices=('int8', 'fp16', 'fp32'), default='int8', help='default: int8'
    )
    parser.add_argument(
        '--task',
        choices=('classification', 'detection'),
        default='classification',
        help='default: classification',
    )
    parser.add_argument(
        '--recipe', metavar='WORDS', help='only accuracies whose recipe has these words'
    )
    parser.add_argument(
        '--with-weights', action='store_true', help='only networks that have weights'
    )
    parser.add_argument(
        '--population', metavar='FOLDER', help='choose from its trained networks instead'
    )
    parser.add_argument('--count', type=int, default=5, help='so many are told; default: 5')
    parser.add_argument('--json', type=Path, metavar='FILE', help='all within the budget')
    parser.add_argument(
        '--picture', type=Path, metavar='FILE', help='accuracy against cost: .png, .pdf or .svg'
    )
    parser.add_argument(
        '--write-config',
        type=Path,
        metavar='FILE',
        help='config of the first one: trains and tests',
    )
    args = parser.parse_args()
    if (args.latency is None) != (args.device is None):
        parser.error('--latency is one on a --device: both are needed')
    if all(getattr(args, name) is None for name in ('flops', 'parameters', 'latency', 'memory')):
        parser.error('a budget is needed: --flops, --parameters, --latency or --memory')
    if args.count < 1:
        parser.error(f'--count must be at least 1, but it is {args.count}')
    if args.population and args.task == 'detection':
        parser.error('--task detection is of published networks, and --population of its own')
    return args


def budgets_of(args: argparse.Namespace) -> 'list[Budget]':
    """The budgets that were given, the first one is that of the picture."""
    from regnet_plugin.choice.candidates import Budget
    from regnet_plugin.device.packaged import device_model

    budgets = []
    for name in ('latency', 'memory', 'flops', 'parameters'):
        most = getattr(args, name)
        if most is not None:
            device = device_model(args.device) if name == 'latency' else None
            if device is not None and device.why_not:
                raise UserError(device.why_not)
            budgets.append(Budget(name, most, device, args.element))
    return budgets


def candidates_of(args: argparse.Namespace, root: Path) -> 'list[Candidate]':
    """The networks to choose from."""
    from regnet_plugin.choice.populations import population_candidates
    from regnet_plugin.choice.published import published_candidates

    if args.population:
        return population_candidates(args.population)
    candidates = published_candidates(root, args.task)
    if args.recipe:
        candidates = [one for one in candidates if args.recipe.lower() in one.recipe.lower()]
    if args.with_weights:
        candidates = [one for one in candidates if one.weights]
    return candidates


def main() -> None:
    args = parse_arguments()
    from regnet_plugin.choice.candidates import pareto, priced, within
    from regnet_plugin.choice.telling import (
        CAUTION,
        choice_lines,
        choice_values,
        write_json,
        write_picture,
    )

    root = Path(__file__).resolve().parent.parent
    with refused(ValueError, OSError):
        budgets = budgets_of(args)
        candidates = candidates_of(args, root)
        choices = priced(candidates, budgets)
        if not choices:
            raise ValueError('there must be a network to choose from, but there is none')
        kept = within(choices, budgets)
        front = pareto(kept)
        if not front:
            least = min(choice.costs[budgets[0].cost] for choice in choices)
            raise ValueError(
                f'a network must be within the budget, but of {len(choices)} none is; the least '
                f'{budgets[0].cost} is {least:.4g}'
            )
        say(f'{len(kept)} of {len(choices)} accuracies are within the budget, {len(front)} best')
        if len(choices) < len(candidates):
            unknown = len(candidates) - len(choices)
            say(f'{unknown} are of networks whose layers are not counted here')
        for budget in budgets:
            if budget.device is not None:
                images = budget.device.batch
                say(
                    f'latency: a step of {budget.device.step} with {images} image'
                    f'{"" if images == 1 else "s"} on {budget.device.name}, predicted; '
                    f'{budget.device.error}'
                )
        say('\n'.join(choice_lines(front[: args.count])))
        say(f'note: {CAUTION}')
        if args.json:
            write_json(args.json, choice_values(kept, front, budgets))
            say(args.json)
        if args.picture:
            write_picture(args.picture, choices, front, budgets[0])
            say(args.picture)
        if args.write_config:
            written(args, front[0].candidate, root)


def written(args: argparse.Namespace, chosen: 'Candidate', root: Path) -> None:
    """Write the config of a network, and say what it is good for."""
    from regnet_plugin.choice.config import write_config

    if not chosen.config:
        raise ValueError(f'{chosen.network} must have a config, but it has none')
    base = Path() if args.population else root
    write_config(chosen, base, args.write_config)
    say(args.write_config)
    if chosen.weights:
        say_next(test_chosen(args.write_config, chosen.weights))


if __name__ == '__main__':
    exit_on_user_error(main)
