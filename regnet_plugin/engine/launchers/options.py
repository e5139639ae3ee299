"""The options of tools/train_population.py that say where networks are trained, and the launcher that they make."""
from argparse import ArgumentTypeError

from regnet_plugin.engine.launchers.local import LocalLauncher
from regnet_plugin.engine.launchers.ray import RayLauncher
from regnet_plugin.engine.launchers.slurm import SlurmLauncher, minutes_of

# options that not every launcher has: attribute, and whose it is
_OWNERS = dict(gpus_per_network=('ray', 'slurm'), cpus_per_network=('ray', 'slurm'), address=('ray', ),
               partition=('slurm', ), account=('slurm', ), qos=('slurm', ), time=('slurm', ), array_limit=('slurm', ),
               setup=('slurm', ), sbatch=('slurm', ), detach=('slurm', ))


def add_launcher_options(parser):
    """Add them to an argparse.ArgumentParser."""
    parser.add_argument('--launcher', choices=['local', 'ray', 'slurm'], default='local',
                        help='this machine; a cluster of Ray; an array of Slurm jobs; default: local')
    group = parser.add_argument_group('on a cluster (ray, slurm)')
    group.add_argument('--gpus-per-network', type=_amount, metavar='K',
                       help='default: one per process, if the cluster has any; ray also gives parts, such as 0.5')
    group.add_argument('--cpus-per-network', type=_positive, metavar='K', help='default: one per process')
    group.add_argument('--address', metavar='HOST:PORT',
                       help="ray: of a cluster's head; 'local': this machine alone; default: the cluster that `ray start` "
                       "made here, if any")
    group.add_argument('--partition', help="slurm: default: the cluster's")
    group.add_argument('--account', help='slurm')
    group.add_argument('--qos', help='slurm')
    group.add_argument('--time', type=_minutes, metavar='TIME',
                       help="slurm: after which a task is requeued, and goes on; written as for sbatch; default: a day, "
                       "or the partition's limit")
    group.add_argument('--array-limit', type=int, metavar='N', help='slurm: tasks that run at a time; default: all')
    group.add_argument('--setup', nargs='+', default=[], metavar='LINE',
                       help="slurm: lines of shell for the jobs, such as 'module load cuda'")
    group.add_argument('--sbatch', nargs='+', default=[], type=_option, metavar='OPTION=VALUE',
                       help='slurm: more options of sbatch, such as mem=32G constraint=a100')
    group.add_argument('--detach', action='store_true', help='slurm: submit and leave; the jobs go on by themselves')


def check_launcher_options(parser, args):
    """End with a message if an option is not the launcher's."""
    for name, owners in _OWNERS.items():
        if getattr(args, name) not in (None, False, []) and args.launcher not in owners:
            parser.error(f'--{name.replace("_", "-")} is for --launcher {" and ".join(owners)}')
    if args.array_limit is not None and args.array_limit <= 0:
        parser.error(f'--array-limit must be positive, but it is {args.array_limit}')


def launcher_of(args):
    """Make the launcher that the parsed options ask for."""
    if args.launcher == 'local':
        return LocalLauncher(args.workers)
    share = dict(workers=args.workers, gpus=args.gpus_per_network, cpus=args.cpus_per_network)
    if args.launcher == 'ray':
        return RayLauncher(args.address, **share)
    named = {name: getattr(args, name) for name in ('account', 'qos') if getattr(args, name)}
    return SlurmLauncher(at_a_time=args.array_limit, partition=args.partition, minutes=args.time, setup=args.setup,
                         sbatch={**named, **dict(args.sbatch)}, **share)


def _amount(text):
    amount = float(text)
    if not 0 <= amount < float('inf'):
        raise ArgumentTypeError(f'must not be negative, but it is {text}')
    return amount


def _positive(text):
    amount = _amount(text)
    if not amount:
        raise ArgumentTypeError(f'must be positive, but it is {text}')
    return amount


def _minutes(text):
    try:
        minutes = minutes_of(text)
    except ValueError as error:
        raise ArgumentTypeError(str(error)) from None
    if not minutes:
        raise ArgumentTypeError(f'must be at least a minute, but it is {text}')
    return minutes


def _option(text):
    """Read 'mem=32G', or 'exclusive' alone."""
    name, given, value = text.partition('=')
    return name.lstrip('-'), value if given else True
