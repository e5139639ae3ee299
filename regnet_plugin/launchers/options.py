"""Options of the tools that train networks of a population: how, and where.

From the parsed options come the launcher, or the estimate, that they ask for.
"""

import math
import sys
from argparse import ArgumentParser, ArgumentTypeError, Namespace, _ArgumentGroup
from collections.abc import Callable, Sequence
from typing import TypedDict

from regnet_plugin.cli.printing import say
from regnet_plugin.launchers.local import LocalLauncher
from regnet_plugin.launchers.ray import RayLauncher
from regnet_plugin.launchers.slurm import SlurmLauncher
from regnet_plugin.launchers.slurm_commands import minutes_of
from regnet_plugin.population.runs.run import Run
from regnet_plugin.population.store import Population
from regnet_plugin.training.config.options import Options
from regnet_plugin.training.populations.launcher import Launcher

# Options that not every launcher has, by their attribute: the launchers that have them.
_OWNERS: dict[str, tuple[str, ...]] = dict(
    gpus_per_network=('ray', 'slurm'),
    cpus_per_network=('ray', 'slurm'),
    address=('ray',),
    partition=('slurm',),
    account=('slurm',),
    qos=('slurm',),
    time=('slurm',),
    array_limit=('slurm',),
    setup=('slurm',),
    sbatch=('slurm',),
    detach=('slurm',),
)
# Minutes without an iteration: the first one comes after the imports and the first batch, which
# take seconds.
_LEAST_TIMEOUT = 0.2


class WorkSettings(TypedDict):
    """The attributes of `Work`, but for its runs."""

    tries: int
    timeout: float
    keep_checkpoints: bool
    processes: int


def add_training_options(parser: ArgumentParser) -> None:
    """Add the options to the parser of a tool; `check_training_options` checks what was given."""
    parser.add_argument(
        '--name',
        help="of the runs' folder, where a recipe is used with several options; default: the "
        "recipe's",
    )
    _add_amounts(parser)
    _add_endings(parser)
    parser.add_argument(
        '--cfg-options',
        nargs='+',
        action=Options,
        metavar='KEY=VALUE',
        help='change settings of the recipe, such as train_cfg.max_epochs=25',
    )
    parser.add_argument(
        '--launcher',
        choices=list(_LAUNCHERS),
        default='local',
        help='this machine; a cluster of Ray; an array of Slurm jobs; default: local',
    )
    group = parser.add_argument_group('on a cluster (ray, slurm)')
    _add_shares(group)
    _add_slurm_options(group)


def _add_amounts(parser: ArgumentParser) -> None:
    """Add how many networks are trained at a time, and by how many processes each."""
    parser.add_argument(
        '--workers',
        type=int,
        metavar='N',
        help='networks trained at a time; default: one per GPU, else one per core; on a cluster, '
        'all that it holds',
    )
    parser.add_argument(
        '--processes',
        type=int,
        default=1,
        metavar='K',
        help='GPUs, or processes on CPUs, that train one network together; default: 1',
    )


def _add_endings(parser: ArgumentParser) -> None:
    """Add when a training has failed, and what happens when it has ended."""
    parser.add_argument(
        '--tries',
        type=int,
        default=3,
        metavar='N',
        help='after so many in a row without a new checkpoint a network has failed; default: 3',
    )
    parser.add_argument(
        '--timeout',
        type=float,
        default=30.0,
        metavar='MINUTES',
        help='without an iteration, after which a training counts as hanging and is killed; '
        'default: 30',
    )
    parser.add_argument(
        '--keep-checkpoints',
        action='store_true',
        help='of runs that ended; default: they are deleted',
    )
    parser.add_argument(
        '--retry-failed', action='store_true', help='train again what failed before'
    )


def _add_shares(group: _ArgumentGroup) -> None:
    """Add what a network takes of a cluster, and where that is."""
    group.add_argument(
        '--gpus-per-network',
        type=_amount,
        metavar='K',
        help='default: one per process, if the cluster has any; ray also gives parts, such as 0.5',
    )
    group.add_argument(
        '--cpus-per-network', type=_positive, metavar='K', help='default: one per process'
    )
    group.add_argument(
        '--address',
        metavar='HOST:PORT',
        help="ray: of a cluster's head; 'local': this machine alone; default: the cluster that "
        '`ray start` made here, if any',
    )


def _add_slurm_options(group: _ArgumentGroup) -> None:
    """Add what Slurm is told of the jobs."""
    group.add_argument('--partition', help="slurm: default: the cluster's")
    group.add_argument('--account', help='slurm')
    group.add_argument('--qos', help='slurm')
    group.add_argument(
        '--time',
        type=_minutes,
        metavar='TIME',
        help='slurm: after which a task is requeued, and goes on; written as for sbatch; default: '
        "a day, or the partition's limit",
    )
    group.add_argument(
        '--array-limit', type=int, metavar='N', help='slurm: tasks that run at a time; default: all'
    )
    group.add_argument(
        '--setup',
        nargs='+',
        default=[],
        metavar='LINE',
        help="slurm: lines of shell for the jobs, such as 'module load cuda'",
    )
    group.add_argument(
        '--sbatch',
        nargs='+',
        default=[],
        type=_option,
        metavar='OPTION=VALUE',
        help='slurm: more options of sbatch, such as mem=32G constraint=a100',
    )


def check_training_options(parser: ArgumentParser, args: Namespace) -> None:
    """End with a message if an option is out of range, or not the launcher's.

    Args:
        parser: that the options were added to.
        args: what it gave.
    """
    if not _LEAST_TIMEOUT <= args.timeout < math.inf:
        parser.error(
            f'--timeout must be a finite number of minutes from {_LEAST_TIMEOUT}, so that '
            f'trainings can begin, but it is {args.timeout}'
        )
    for name in ('workers', 'processes', 'tries'):
        value = getattr(args, name)
        if value is not None and value <= 0:
            parser.error(f'--{name} must be positive, but it is {value}')
    for name, owners in _OWNERS.items():
        is_given = getattr(args, name, None) not in (None, False, [])
        if is_given and args.launcher not in owners:
            parser.error(f'--{name.replace("_", "-")} is for --launcher {" and ".join(owners)}')
    if args.array_limit is not None and args.array_limit <= 0:
        parser.error(f'--array-limit must be positive, but it is {args.array_limit}')


def settings_of(args: Namespace) -> WorkSettings:
    """Return the settings of `Work` that the parsed options ask for."""
    return WorkSettings(
        tries=args.tries,
        timeout=60 * args.timeout,
        keep_checkpoints=args.keep_checkpoints,
        processes=args.processes,
    )


def launcher_of(args: Namespace) -> Launcher:
    """Make the launcher that the parsed options ask for."""
    return _LAUNCHERS[args.launcher](args)


def _local(args: Namespace) -> LocalLauncher:
    return LocalLauncher(args.workers)


def _ray(args: Namespace) -> RayLauncher:
    return RayLauncher(
        args.address, workers=args.workers, gpus=args.gpus_per_network, cpus=args.cpus_per_network
    )


def _slurm(args: Namespace) -> SlurmLauncher:
    named = {name: getattr(args, name) for name in ('account', 'qos') if getattr(args, name)}
    return SlurmLauncher(
        workers=args.workers,
        at_a_time=args.array_limit,
        gpus=args.gpus_per_network,
        cpus=args.cpus_per_network,
        partition=args.partition,
        minutes=args.time,
        setup=args.setup,
        sbatch={**named, **dict(args.sbatch)},
    )


# The choices of `--launcher`, and what makes each of the options.
_LAUNCHERS: dict[str, Callable[[Namespace], Launcher]] = dict(local=_local, ray=_ray, slurm=_slurm)


def print_estimate(population: Population, runs: Sequence[Run], args: Namespace) -> None:
    """Print what it costs to train runs as the parsed options ask for.

    What takes its time on the way is told on standard error.

    Args:
        population: whose networks they are.
        runs: of one recipe, in the order in which they are trained.
        args: with ``recipe``.
    """
    # imports torch
    from regnet_plugin.training.estimates.estimate import estimate_training
    from regnet_plugin.training.estimates.estimate_text import estimate_text
    from regnet_plugin.training.populations.recipe_config import read_recipe

    modules = population.manifest.get('custom_imports', [])
    recipe = read_recipe(args.recipe, args.cfg_options, modules, population.base)
    estimate = estimate_training(
        runs,
        recipe,
        workers=args.workers,
        processes=args.processes,
        retry_failed=args.retry_failed,
        say=lambda text: say(text, sys.stderr),
    )
    say(estimate_text(estimate))


def _amount(text: str) -> float:
    """Read a number from 0."""
    amount = float(text)
    if not 0 <= amount < math.inf:
        raise ArgumentTypeError(f'must not be negative, but it is {text}')
    return amount


def _positive(text: str) -> float:
    """Read a number above 0."""
    amount = _amount(text)
    if not amount:
        raise ArgumentTypeError(f'must be positive, but it is {text}')
    return amount


def _minutes(text: str) -> int:
    """Read a time as sbatch does."""
    try:
        minutes = minutes_of(text)
    except ValueError as error:
        raise ArgumentTypeError(str(error)) from None
    if not minutes:
        raise ArgumentTypeError(f'must be at least a minute, but it is {text}')
    return minutes


def _option(text: str) -> tuple[str, str | bool]:
    """Read 'mem=32G', or 'exclusive' alone."""
    if not text.isprintable():
        raise ArgumentTypeError(f'must be one line without control characters, but it is {text!r}')
    name, given, value = text.partition('=')
    return name.lstrip('-'), value if given else True
