"""An estimate of a training's cost as text: what train_population.py --dry-run prints."""

from datetime import timedelta

import numpy as np

from regnet_plugin.cli.wording import counted
from regnet_plugin.training.estimates.estimate import Cost, Estimate, Memory

_PREFIXES = ' KMGTPE'  # by the power of 1000, from 0


def estimate_text(estimate: Estimate) -> str:
    """Lay out an estimate as lines of text.

    They say how many runs there are, what the costliest, the median and the cheapest of those
    to be trained take, and the sum.
    """
    costs = estimate.costs
    total = estimate.done + estimate.failed + len(costs)
    count_line = (
        f'{counted(total, "run")}: {estimate.done:,} done, {estimate.failed:,} failed, '
        f'{len(costs):,} to be trained'
    )
    if not costs:
        return count_line
    lines = [
        count_line,
        *_table(estimate),
        'the costliest have the greatest square root of flops x activations; the order is random',
        'flops are multiply-adds; training takes 3 x flops/image x images x epochs',
        estimate.basis if estimate.seconds is None else f'time: from {estimate.basis}',
        *_memory_lines(estimate.memory),
    ]
    return '\n'.join(lines)


def _table(estimate: Estimate) -> list[str]:
    """Lines: a head, three runs, fewer where there are fewer, and the sum."""
    costs = sorted(estimate.costs, key=lambda cost: -cost.run.cost)
    # Where a run has two of these places, it is called by the last one.
    labels = {len(costs) // 2: 'median', len(costs) - 1: 'cheapest', 0: 'costliest'}
    rows = [('', 'run', 'flops/image', 'activations', 'training', 'time')]
    rows += [_row(labels[place], costs[place]) for place in sorted(labels)]
    rows += [('total', '', '', '', _flops(estimate.flops), _duration(estimate.seconds))]
    width = max(len(name) for _, name, *_ in rows) + 4
    lines = []
    for label, name, *numbers in rows:
        columns = ''.join(f'{number:>12}' for number in numbers)
        lines.append(f'{label:<11}{name:<{width}}{columns}')
    lines[-1] += f'  {estimate.workers} at a time'
    return lines


def _memory_lines(memory: Memory | None) -> list[str]:
    """A line on the memory that a network takes, and how many fit; none where it is not known."""
    if memory is None:
        return []
    line = (
        f'memory: up to {_gigabytes(memory.network)} a network, of {_gigabytes(memory.room)}: '
        f'{counted(memory.fit, "network")} at a time'
    )
    if memory.fit < memory.beside:
        line += f', and {memory.beside} do not fit: --workers'
    return [line]


def _gigabytes(count: int) -> str:
    """Such as '1.2 GB'."""
    return f'{count / 1e9:.1f} GB'


def _row(label: str, cost: Cost) -> tuple[str, str, str, str, str, str]:
    """Cells of a run's line."""
    counts = cost.run.network.sample.complexity
    return (
        label,
        cost.run.name,
        _flops(counts.flops),
        _prefixed(counts.activations),
        _flops(cost.flops),
        _duration(cost.seconds),
    )


def _flops(count: int | None) -> str:
    """Such as '402 MF'; '-' where it is not known."""
    return '-' if count is None else f'{_prefixed(count)}F'


def _prefixed(count: int) -> str:
    """A count with three digits and a prefix, such as '3.14 M'."""
    power = min(len(_PREFIXES) - 1, int(np.log10(max(count, 1)) // 3))
    return f'{count / 1000**power:.3g} {_PREFIXES[power].strip()}'


def _duration(seconds: float | None) -> str:
    """Such as '1:02:03'; '-' where it is not known."""
    return '-' if seconds is None else str(timedelta(seconds=round(seconds)))
