"""Drawing a population: candidates in blocks, the constraints, and each network once.

Candidates are numbered. Block k of them is drawn from ``SeedSequence(seed, spawn_key=(k, ))`` and
no other randomness is used, so that a population depends on space, constraints and seed alone, not
on how many processes draw it or where they stopped.
"""

from dataclasses import dataclass, field
from functools import partial
from heapq import merge
from importlib import import_module
from itertools import count
from math import inf
from operator import itemgetter
from typing import Callable, Dict, Iterator, List, Tuple

import numpy as np

from regnet_plugin.core.complexity import Complexity
from regnet_plugin.design_spaces.constraints import Constraints
from regnet_plugin.design_spaces.sample import Sample
from regnet_plugin.design_spaces.space import DesignSpace, Networks
from regnet_plugin.pool import in_turn

BLOCK = 8192  # candidates; part of what a seed means: another number gives other populations
PATIENCE = 5_000_000  # candidates in a row without a new network, after which there is little hope


class NoSuchNetworks(ValueError):
    """The constraints let (almost) nothing through."""


@dataclass(frozen=True)
class Accepted:
    """Networks of a block that keep the constraints, all of one number of stages; rows belong
    together.

    Attributes:
        draws (np.ndarray): numbers of the candidates, ascending.
        networks (Networks), values (dict[str, np.ndarray]), counts (Complexity): what
            `DesignSpace.samples` takes.
    """

    draws: np.ndarray
    networks: Networks
    values: Dict[str, np.ndarray]
    counts: Complexity


@dataclass(frozen=True)
class Block:
    """What a block of candidates gave.

    Attributes:
        accepted (list[Accepted]): one for each number of stages.
        networks (int): candidates that made a network at all.
        nearest (dict[str, tuple]): for each constraint the value nearest to its interval, and the
            interval.
    """

    accepted: List[Accepted]
    networks: int
    nearest: Dict[str, Tuple[float, float, float]]

    def samples(self, space):
        """Iterate over number of the candidate and network, in the order of the candidates."""
        return merge(
            *(
                zip(
                    accepted.draws.tolist(),
                    space.samples(accepted.networks, accepted.values, accepted.counts),
                )
                for accepted in self.accepted
            ),
            key=itemgetter(0),
        )


def draw_block(space, constraints, seed, number):
    """Draw the candidates of one block and keep those that the constraints allow.

    Args:
        space (DesignSpace): to draw from.
        constraints (Constraints): to keep.
        seed (int): of the population.
        number (int): of the block.

    Returns:
        Block: arrays; `Block.samples` makes networks of them.
    """
    generator = np.random.Generator(
        np.random.PCG64(np.random.SeedSequence(seed, spawn_key=(number,)))
    )
    values = space.draw(generator.random((BLOCK, space.num_uniforms)))
    accepted, made, nearest = [], 0, {}
    for networks in space.networks(values):
        if not len(networks):
            continue
        counts = space.complexity(networks, values)
        made += len(networks)
        for name, found, low, high in constraints.quantities(counts, networks.num_stages):
            nearest[name] = _nearer(nearest.get(name), _nearest(found, low, high))
        rows = np.flatnonzero(constraints.allow(counts, networks.num_stages))
        kept = networks[rows]
        accepted.append(
            Accepted(
                number * BLOCK + kept.index,
                kept,
                {name: array[kept.index] for name, array in values.items()},
                Complexity(
                    counts.flops[rows],
                    counts.parameters[rows],
                    counts.activations[rows],
                    counts.activations_with_classifier[rows],
                ),
            )
        )
    return Block(accepted, made, nearest)


def _draw_imported(modules, *block):
    """`draw_block` in a process that begins with nothing: a block of one's own is known once its
    module is imported.
    """
    for module in modules:
        import_module(module)
    return draw_block(*block)


def _nearest(values, low, high):
    """The value with the least distance to the interval, and the interval."""
    high = np.broadcast_to(high, values.shape)
    row = np.argmin(np.maximum(low - values, 0) + np.maximum(values - high, 0))
    return values[row].item(), low, high[row].item()


def _nearer(one, other):
    def distance(entry):
        value, low, high = entry
        return max(low - value, value - high, 0)

    return other if one is None or distance(other) < distance(one) else one


@dataclass
class Sampler:
    """Draws the networks of a population in their order; remembers what became of the candidates.

    Args:
        space (DesignSpace): to draw from.
        constraints (Constraints): to keep; limits of the space are added.
        seed (int): from 0.
        processes (int): that draw; 1 is this one. Default: 1.
        patience (int): candidates in a row without a new network before giving up. Default:
            5,000,000.
        start (int): number of the first candidate, to go on with a population. Default: 0.
        known (set[int]): fingerprints of the networks that the population already has.
        progress (Callable[[int, int], None]): told after every block the networks found and the
            candidates looked at.

    Attributes:
        attempts (int): candidates looked at so far, those before ``start`` included.
        duplicates (int): of networks met before.
    """

    space: DesignSpace
    constraints: Constraints
    seed: int
    processes: int = 1
    patience: int = PATIENCE
    start: int = 0
    known: set = field(default_factory=set)
    progress: Callable[[int, int], None] = lambda found, attempts: None

    def __post_init__(self):
        self.constraints = Constraints(
            **{
                **self.constraints.to_dict(),
                'limits': {**self.space.limits, **self.constraints.to_dict().get('limits', {})},
            }
        )
        self.attempts = self.start
        self.duplicates = 0
        self._made = 0
        self._nearest = {}

    def __iter__(self) -> Iterator[Tuple[int, Sample]]:
        """Yield number of the candidate and network, each network once.

        Raises:
            NoSuchNetworks: if there is no new one for ``patience`` candidates.
        """
        last = self.start
        blocks = self._blocks(self.start // BLOCK)
        try:
            for number, block in blocks:
                self._remember(block)
                for draw, sample in block.samples(self.space):
                    if draw < self.start:
                        continue
                    self.attempts = draw + 1
                    fingerprint = sample.fingerprint
                    if fingerprint in self.known:
                        self.duplicates += 1
                        continue
                    self.known.add(fingerprint)
                    last = draw
                    yield draw, sample
                self.attempts = (number + 1) * BLOCK
                self.progress(len(self.known), self.attempts)
                if self.attempts - last >= self.patience:
                    raise NoSuchNetworks(self._explanation(self.attempts - last))
        finally:
            blocks.close()

    def _blocks(self, first):
        """Yield number and `Block`, in order; with several processes a few are under way at any
        time.
        """
        if self.processes == 1:
            for number in count(first):
                yield number, draw_block(self.space, self.constraints, self.seed, number)
        draw = partial(
            _draw_imported, self.space.custom_imports, self.space, self.constraints, self.seed
        )
        yield from enumerate(
            in_turn(draw, count(first), processes=self.processes, how='spawn', what='sampling'),
            first,
        )

    def _remember(self, block):
        self._made += block.networks
        for name, entry in block.nearest.items():
            self._nearest[name] = _nearer(self._nearest.get(name), entry)

    def _explanation(self, waited):
        found = len(self.known)
        lines = [
            f'the constraints must let networks through, but {waited:,} candidates in a row gave '
            'no new one '
            f'({found:,} found in {self.attempts:,}, acceptance rate {found / self.attempts:.3g}; '
            f'{self.duplicates:,} '
            f'duplicates; {self._made:,} candidates made a network)'
        ]
        lines += [
            f'{name}: nearest {value:,.0f} to {_text(low, high)}'
            for name, (value, low, high) in self._nearest.items()
        ]
        return '; '.join(lines)


def _text(low, high):
    if low == -inf:
        return f'at most {high:,.0f}'
    return f'at least {low:,.0f}' if high == inf else f'{low:,.0f} … {high:,.0f}'
