#!/usr/bin/env python
"""Scale a network in depth, width and resolution: tools/scale_network.py --help."""

import argparse
from pathlib import Path

from regnet_plugin.cli.arguments import Parser
from regnet_plugin.cli.errors import exit_on_user_error, refused
from regnet_plugin.cli.printing import say

_CONFIGS = Path(__file__).resolve().parents[1] / 'configs'
_PICTURES = ('.png', '.pdf', '.svg')
NOTES = """A factor s of flops is split: d * w^2 * r^2 = s. Letters share it evenly (dwr is uniform compound scaling), weights as they
say; g scales group widths along, which costs nothing of s. dWr is the fast compound scaling of Dollar, Singh and Girshick
(CVPR 2021), d1_w8_g8_r1: activations grow with about the root of the flops. Depths are rounded, widths go to multiples of 8,
groups to 1, 2, 4 or multiples of 8, images to multiples of 4, as in the authors' code. With --flops factors around the
quotient are tried, 1% of an octave apart, and the nearest network is taken."""  # noqa: E501  as it is printed
EXAMPLES = """\
  tools/scale_network.py regnety_4.0gf --type d1_w8_g8_r1 --flops 16e9
  tools/scale_network.py regnetz_500mf --type dwr --factor 4 --out regnetz_2gf.py
  tools/scale_network.py configs/regnetx_6.5mf_digits.py --type dWr --factor 2
  tools/scale_network.py work_dirs/regnetx --type dwr --factor 4 --out work_dirs/regnetx-dwr    every network of a population
  tools/scale_network.py efficientnet_b0 --type dWr --factor 4    counted; no config is written
  tools/scale_network.py regnety_4.0gf --factor 16 --figure scaling.svg    activations and parameters by eight types"""  # noqa: E501  as it is printed


def parse_arguments() -> argparse.Namespace:
    parser = Parser(
        description='Scale a network by fast, uniform or any other compound scaling.',
        notes=NOTES,
        examples=EXAMPLES,
        guide='scaling',
    )
    parser.add_argument(
        'network',
        metavar='NETWORK',
        help="a published name, a RegNet's parameters, the path of a classifier's config, or the "
        'folder of a population',
    )
    parser.add_argument(
        '--type', default='dWr', help='d, w, r, dw, dr, wr, dwr, …, or weights; default: dWr'
    )
    amount = parser.add_mutually_exclusive_group(required=True)
    amount.add_argument('--factor', type=float, help='of flops, such as 4')
    amount.add_argument('--flops', type=float, help='that are wanted, such as 16e9')
    parser.add_argument(
        '--resolution',
        type=int,
        metavar='SIDE',
        help='of the images before scaling; default: what the network is meant for',
    )
    parser.add_argument('--num-classes', type=int, help="default: 1000, or the config's")
    parser.add_argument(
        '--recipe',
        metavar='CONFIG',
        help="how it is trained; default: the config itself, or the paper's for so many flops",
    )
    parser.add_argument(
        '--out',
        type=Path,
        metavar='FILE',
        help='the config that is written, or the folder of the population; default: '
        'work_dirs/scaled_networks/NETWORK-TYPE-FLOPS.py',
    )
    parser.add_argument(
        '--figure',
        type=Path,
        metavar='FILE',
        help='.png, .pdf or .svg: what each type of scaling costs up to the factor or the flops, '
        'counted; then no config is written',
    )
    parser.add_argument('--overwrite', action='store_true', help='replace a config that is there')
    args = parser.parse_args()
    for name in ('resolution', 'num_classes'):
        value = getattr(args, name)
        if value is not None and value < 1:
            parser.error(f'--{name.replace("_", "-")} must be at least 1, but it is {value}')
    if args.figure is not None and args.figure.suffix not in _PICTURES:
        parser.error(f'--figure must end in {", ".join(_PICTURES)}, but it is {args.figure}')
    if Path(args.network).is_dir():
        if args.figure is not None:
            parser.error('--figure is of one network; report_population.py draws populations')
        if args.out is None:
            parser.error('--out must name the folder of the scaled population')
    elif args.out is not None and args.out.suffix != '.py':
        parser.error(f'--out must be a file whose name ends in .py, but it is {args.out}')
    return args


def main() -> None:
    args = parse_arguments()
    if Path(args.network).is_dir():
        _scale_population(args)
        return
    if args.figure is not None:
        _draw(args)
        return
    from regnet_plugin.benchmarks.complexity_table import format_scaled
    from regnet_plugin.core.architecture import Architecture
    from regnet_plugin.core.compound_scaling import ScalingType, scaled, scaled_to_flops
    from regnet_plugin.files import create, replace
    from regnet_plugin.training.scaled_config import base_of, recipe_for, scaled_config

    with refused(ValueError, OSError):
        kind = ScalingType.from_text(args.type)
        base = base_of(args.network, args.resolution, args.num_classes)
        if args.factor is not None:
            result = scaled(base.network, kind, args.factor, base.resolution, base.num_classes)
        else:
            result = scaled_to_flops(
                base.network, kind, args.flops, base.resolution, base.num_classes
            )
        say(format_scaled(args.network, base.network, base.resolution, base.num_classes, result))
        if not isinstance(result.network, Architecture) and args.out is None:
            return
        recipe = args.recipe or base.config or recipe_for(result.complexity.flops, _CONFIGS)
        config = scaled_config(base, kind, result, recipe)
        text = f'"""{_title(args, result.factor)}"""\n\n{config.pretty_text}'
        out = args.out or _default_path(args, result.complexity.flops)
        out.parent.mkdir(parents=True, exist_ok=True)
        if args.overwrite:
            replace(out, text)
        elif not create(out, text):
            raise ValueError(f'--overwrite is needed to replace a file, but {out} is there')
    say(f'written: {out}')


def _draw(args: argparse.Namespace) -> None:
    """Write the figure of what each type of scaling costs."""
    from regnet_plugin.core.compound_scaling import counted
    from regnet_plugin.files import replace
    from regnet_plugin.report.figures import scaling_plot
    from regnet_plugin.report.sections.comparisons.scaling import scaled_families
    from regnet_plugin.training.scaled_config import base_of

    with refused(ValueError, OSError):
        base = base_of(args.network, args.resolution, args.num_classes)
        now = counted(base.network, base.resolution, base.num_classes).flops
        factor = args.flops / now if args.factor is None else args.factor
        types = scaled_families(base.network, base.resolution, base.num_classes, factor)
        plot = scaling_plot('scaling', types)
        replace(args.figure, plot.content(args.figure.suffix[1:]))
    say(args.figure)


def _scale_population(args: argparse.Namespace) -> None:
    """Scale every network of a population into another one."""
    from regnet_plugin.cli.wording import counted
    from regnet_plugin.population.making.scaling import Amount, scale_population
    from regnet_plugin.population.store import Population

    with refused(ValueError, OSError):
        made, left_out = scale_population(
            Population.open(args.network), args.out, args.type, Amount(args.factor, args.flops)
        )
    say(f'{args.out}: {counted(len(list(made)), "network")}')
    if left_out:
        name, reason = next(iter(left_out.items()))
        say(f'{counted(len(left_out), "network")} left out, first {name}: {reason}')


def _title(args: argparse.Namespace, factor: float) -> str:
    """What is said at the top of the config."""
    return f'{args.network} scaled by {factor:g} in flops, {args.type}: tools/scale_network.py.'


def _default_path(args: argparse.Namespace, flops: int) -> Path:
    name = Path(args.network).stem if args.network.endswith('.py') else args.network
    return Path('work_dirs/scaled_networks', f'{name}-{args.type}-{flops / 1e9:.3g}gf.py')


if __name__ == '__main__':
    exit_on_user_error(main)
