"""Sequences of levels that are tried for networks, with their runs of equal blocks."""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from regnet_plugin.core.linear_fit.arrays import Integers, ShortFloats
from regnet_plugin.core.linear_fit.level_sequences import Sequences


@dataclass(frozen=True)
class Run:
    """The i-th run of each of the first k trials, which are those that have so many runs.

    A run is a row of blocks of one width and one level, whose errors are therefore the same.

    Attributes:
        level: of its blocks, shape (k, ).
        width: ln of their width in multiples of 8.
        size: how many blocks it has.
    """

    level: ShortFloats
    width: ShortFloats
    size: ShortFloats


@dataclass(frozen=True)
class Trials:
    """m sequences of levels, each tried for a network; those with the most runs come first.

    Attributes:
        network: which network, shape (m, ).
        row: which sequence, shape (m, ).
        low: least slope of the sequence, shape (m, ).
        high: greatest slope of the sequence, shape (m, ).
        levels: of the blocks that lines go through, shape (b, m).
        widths: of those blocks, ln of multiples of 8, shape (b, m).
        runs: all first runs, all second ones, …
    """

    network: Integers
    row: Integers
    low: ShortFloats
    high: ShortFloats
    levels: ShortFloats
    widths: ShortFloats
    runs: list[Run]


def trials_of(
    observed: ShortFloats,
    anchors: Integers,
    sequences: Sequences,
    network: Integers,
    row: Integers,
) -> Trials:
    """Collect what is needed to try m sequences, each for a network.

    Args:
        observed: ln of the widths in multiples of 8, of shape (n, d).
        anchors: blocks that lines go through, of shape (n, b).
        sequences: of d blocks.
        network: places in ``observed``, shape (m, ).
        row: places in ``sequences``, shape (m, ).
    """
    levels = sequences.levels[row]
    level_changes = levels[:, 1:] != levels[:, :-1]
    width_changes = observed[:, 1:] != observed[:, :-1]
    begins = np.ones(levels.shape, dtype=bool)  # whether a run begins with a block
    begins[:, 1:] = level_changes | width_changes[network]
    order = np.argsort(-np.count_nonzero(begins, axis=1), kind='stable')
    network, row = network[order], row[order]
    blocks = anchors[network].T
    return Trials(
        network=network,
        row=row,
        low=sequences.low[row],
        high=sequences.high[row],
        levels=sequences.levels[row, blocks],
        widths=observed[network, blocks],
        runs=_runs(observed, network, levels[order], begins[order]),
    )


def _runs(
    observed: ShortFloats, network: Integers, levels: ShortFloats, begins: NDArray[np.bool_]
) -> list[Run]:
    """Collect the runs of m trials, of which the first has the most.

    Args:
        observed: ln of the widths in multiples of 8, of shape (n, d).
        network: places in ``observed``, shape (m, ).
        levels: of the blocks, shape (m, d).
        begins: whether a run begins with a block, shape (m, d); always with the first one.
    """
    # All runs in one row, trial after trial.
    trial, block = np.nonzero(begins)
    level, width = levels[trial, block], observed[network[trial], block]
    position = trial * begins.shape[1] + block
    size = np.diff(position, append=begins.size).astype(np.float32)
    number = np.count_nonzero(begins, axis=1)  # of a trial's runs
    first = np.cumsum(number) - number  # where a trial's runs begin in that row
    runs = []
    for index in range(number[0]):
        places = first[number > index] + index
        runs.append(Run(level[places], width[places], size[places]))
    return runs
