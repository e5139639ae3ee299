#!/usr/bin/env python
"""Time the networks of a population: tools/measure_latency.py --help."""

from regnet_plugin.cli.arguments import Parser, network
from regnet_plugin.cli.errors import exit_on_user_error, refused
from regnet_plugin.cli.next_steps import make_page, say_next
from regnet_plugin.cli.printing import say
from regnet_plugin.cli.wording import GOES_ON

NOTES = """One line per network in latency.jsonl of the population: device, threads, batch, resolution; the median seconds of a
forward pass and of a training step (forward, backward, SGD) and their spread, half the distance between the quartiles as a
fraction; versions. float32, at the resolution and with the classes that complexity was counted at. The same command goes
on after an interruption: what was measured with the same device, threads and batch is not measured again. Leave the
machine alone meanwhile: it is an error if runs of the population are being trained on it."""  # noqa: E501  as it is printed
EXAMPLES = """\
  tools/measure_latency.py work_dirs/regnetx    the paper's figure 12: inference of a batch of 64, here
  tools/measure_latency.py work_dirs/regnetx --batch 8 --threads 4
  tools/measure_latency.py work_dirs/regnetx --networks 000000 000007 --rounds 15"""  # noqa: E501  as it is printed


def main() -> None:
    parser = Parser(
        description='Time inference and training steps of the networks of a population.',
        notes=NOTES,
        examples=EXAMPLES,
        guide='devices',
    )
    parser.add_argument('population', help='folder of tools/sample_population.py')
    parser.add_argument(
        '--networks', nargs='+', type=network, metavar='NUMBER', help='such as 7; default: all'
    )
    parser.add_argument(
        '--batch', type=int, default=64, help='images in a step; default: 64, as in the paper'
    )
    parser.add_argument('--threads', type=int, default=1, help='of PyTorch on a CPU; default: 1')
    parser.add_argument(
        '--rounds', type=int, default=5, help='steps of each kind for each network; default: 5'
    )
    args = parser.parse_args()
    for name in ('batch', 'threads', 'rounds'):
        if getattr(args, name) < 1:
            parser.error(f'--{name} must be at least 1, but it is {getattr(args, name)}')
    from regnet_plugin.benchmarks.latency_display import (
        latency_progress,
        latency_summary,
        load_note,
    )
    from regnet_plugin.benchmarks.latency_measurement import measure_latencies
    from regnet_plugin.population.folder import LATENCIES
    from regnet_plugin.population.store import Population

    note = load_note()
    if note:
        say(f'note: {note}')
    with refused(ValueError, OSError):
        population = Population.open(args.population)
        with latency_progress() as progress:
            latencies, new = measure_latencies(
                population,
                batch=args.batch,
                rounds=args.rounds,
                threads=args.threads,
                names=args.networks,
                progress=progress,
            )
    say(latency_summary(latencies))
    say(f'{new or "nothing"} new in {population.directory / LATENCIES}')
    say_next(make_page([args.population]))


if __name__ == '__main__':
    exit_on_user_error(main, GOES_ON)
