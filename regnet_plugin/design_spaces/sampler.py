"""Drawing a population: candidates in blocks, the constraints, and each network once.

Candidates are numbered. Block k of them is drawn from ``SeedSequence(seed, spawn_key=(k, ))`` and
no other randomness is used, so that a population depends on space, constraints and seed alone, not
on how many processes draw it or where they stopped.
"""

from collections.abc import Callable, Generator, Iterator, Sequence
from dataclasses import dataclass, field
from functools import partial
from heapq import merge
from importlib import import_module
from itertools import count
from math import inf
from operator import itemgetter

import numpy as np
from numpy.typing import NDArray

from regnet_plugin.cli.wording import counted
from regnet_plugin.core.complexity import Complexities
from regnet_plugin.design_spaces.constraints import Bound, Constraints
from regnet_plugin.design_spaces.networks import Networks, Values
from regnet_plugin.design_spaces.parameter_space import ParameterSpace
from regnet_plugin.design_spaces.sample import Sample
from regnet_plugin.pool import in_turn

BLOCK = ParameterSpace.candidates  # of the spaces that are counted in closed form
PATIENCE = 5_000_000  # candidates in a row without a new network, after which there is little hope
# And of a space with few draws so many times these: one that is a tenth as likely as the mean one
# is missed by them once in 20,000 times.
_DRAWS_OVER = 100


class NoSuchNetworks(ValueError):
    """The constraints let (almost) nothing through."""


@dataclass(frozen=True)
class Accepted:
    """Networks of a block that keep the constraints, all of one number of stages.

    Attributes:
        draws: numbers of the candidates, ascending, shape (n, ).
        networks: n of them, in that order.
        values: what they were drawn from, a row for each network.
        counts: of the networks.
        predicted: of the networks, by the names of `constraints.PREDICTED` where those are bounded.
    """

    draws: NDArray[np.int64]
    networks: Networks
    values: Values
    counts: Complexities
    predicted: Values

    def samples(self, space: ParameterSpace) -> Iterator[tuple[int, Sample]]:
        """Iterate over number of the candidate and network."""
        return zip(
            self.draws.tolist(),
            space.samples(self.networks, self.values, self.counts, self.predicted),
        )


@dataclass(frozen=True)
class Nearest:
    """The value that comes nearest to an interval, of all that were seen.

    Attributes:
        value: of a network.
        low: least that is allowed; -inf where there is no such bound.
        high: most that is allowed that network; inf where there is no such bound.
    """

    value: float
    low: float
    high: float

    @classmethod
    def of(cls, bound: Bound) -> 'Nearest':
        """Find the network that comes nearest to keeping a bound."""
        high = np.broadcast_to(bound.high, bound.values.shape)
        below = np.maximum(bound.low - bound.values, 0)
        above = np.maximum(bound.values - high, 0)
        row = np.argmin(below + above)
        return cls(bound.values[row].item(), bound.low, high[row].item())

    @property
    def distance(self) -> float:
        """How far the value is from the interval, 0 inside of it."""
        return max(self.low - self.value, self.value - self.high, 0)

    def __str__(self) -> str:
        if self.low == -inf:
            interval = f'at most {_said(self.high)}'
        elif self.high == inf:
            interval = f'at least {_said(self.low)}'
        else:
            interval = f'{_said(self.low)} … {_said(self.high)}'
        return f'nearest {_said(self.value)} to {interval}'


def _said(number: float) -> str:
    """A number as messages have it: whole ones, and parts of one with three digits."""
    return f'{number:,.0f}' if abs(number) >= 1 or number == 0 else f'{number:.3g}'


def _note(nearest: dict[str, Nearest], name: str, found: Nearest) -> None:
    """Keep what was found for a bound, unless what is known comes as near."""
    if name not in nearest or found.distance < nearest[name].distance:
        nearest[name] = found


@dataclass(frozen=True)
class Block:
    """What a block of candidates gave.

    Attributes:
        accepted: networks of each number of stages.
        networks: number of candidates that made a network at all.
        keeping: number of these that keep the rule of the space, all where it has none.
        nearest: for each constraint, by name, the network that comes nearest to keeping it.
    """

    accepted: list[Accepted]
    networks: int
    keeping: int
    nearest: dict[str, Nearest]

    def samples(self, space: ParameterSpace) -> Iterator[tuple[int, Sample]]:
        """Iterate over number of the candidate and network, in the order of the candidates."""
        of_each = [accepted.samples(space) for accepted in self.accepted]
        return merge(*of_each, key=itemgetter(0))


def draw_block(space: ParameterSpace, constraints: Constraints, seed: int, number: int) -> Block:
    """Draw the candidates of one block and keep those that the constraints allow.

    Args:
        space: to draw from.
        constraints: to keep.
        seed: of the population, from 0.
        number: of the block, from 0.

    Returns:
        Arrays; `Block.samples` makes networks of them.
    """
    sequence = np.random.SeedSequence(seed, spawn_key=(number,))
    generator = np.random.Generator(np.random.PCG64(sequence))
    values = space.draw(generator.random((space.candidates, space.num_uniforms)))
    accepted, made, keeping = [], 0, 0
    nearest: dict[str, Nearest] = {}
    for every in space.networks(values):
        made += len(every)
        networks = space.restricted(every, values)
        if not len(networks):
            continue
        keeping += len(networks)
        networks = space.proposed(networks, values, constraints)
        if not len(networks):
            continue
        counts = space.complexity(networks, values)
        for bound in constraints.bounds(counts, networks.num_stages):
            _note(nearest, bound.name, Nearest.of(bound))
        rows = np.flatnonzero(constraints.allow(counts, networks.num_stages))
        predicted: Values = {}
        if constraints.predictions and len(rows):
            predicted = space.predicted(networks[rows], values, constraints.predictions)
            for bound in constraints.predicted_bounds(predicted):
                _note(nearest, bound.name, Nearest.of(bound))
            allowed = constraints.allow_predicted(predicted)
            rows = rows[allowed]
            predicted = {name: array[allowed] for name, array in predicted.items()}
        kept = networks[rows]
        accepted.append(
            Accepted(
                draws=number * space.candidates + kept.index,
                networks=kept,
                values={name: array[kept.index] for name, array in values.items()},
                counts=counts[rows],
                predicted=constraints.columns_of(predicted),
            )
        )
    return Block(accepted, made, keeping, nearest)


def _draw_imported(
    modules: Sequence[str], space: ParameterSpace, constraints: Constraints, seed: int, number: int
) -> Block:
    """Import modules, then draw a block: for a process that begins with nothing.

    A block of one's own is known once its module is imported.
    """
    for module in modules:
        import_module(module)
    return draw_block(space, constraints, seed, number)


def _patience_for(space: ParameterSpace) -> int:
    """Candidates in a row without a new network, after which there is little hope."""
    if space.size is None:
        return PATIENCE
    return min(PATIENCE, max(space.candidates, _DRAWS_OVER * space.size))


def _nothing(found: int, attempts: int) -> None:
    """Tell nobody of progress."""


@dataclass
class Sampler:
    """Draws the networks of a population in their order; remembers what became of the candidates.

    Attributes:
        space: to draw from.
        constraints: to keep; limits of the space are added.
        seed: from 0.
        processes: that draw; 1 is this one.
        patience: candidates in a row without a new network before giving up; None for `PATIENCE`,
            or fewer where the space has few draws.
        start: number of the first candidate, to go on with a population.
        end: number of the first candidate that is not looked at; None where there is no end.
        known: fingerprints of the networks that the population already has; grows.
        progress: told after every block the networks found and the candidates looked at.
        attempts: candidates looked at so far, those before ``start`` included.
        duplicates: candidates that gave a network met before.
    """

    space: ParameterSpace
    constraints: Constraints
    seed: int
    processes: int = 1
    patience: int | None = None
    start: int = 0
    end: int | None = None
    known: set[int] = field(default_factory=set)
    progress: Callable[[int, int], None] = _nothing

    def __post_init__(self) -> None:
        given = self.constraints.to_dict()
        given['limits'] = {**self.space.limits, **given.get('limits', {})}
        self.constraints = Constraints(**given)
        self.attempts = self.start
        self.duplicates = 0
        self._patience = _patience_for(self.space) if self.patience is None else self.patience
        self._made = 0
        self._keeping = 0
        self._nearest: dict[str, Nearest] = {}

    def __iter__(self) -> Iterator[tuple[int, Sample]]:
        """Yield number of the candidate and network, each network once, up to the end.

        Raises:
            NoSuchNetworks: if there is no new one for ``patience`` candidates.
        """
        last_new = self.start
        blocks = self._blocks(self.start // self.space.candidates)
        try:
            for number, block in blocks:
                self._remember(block)
                for draw, sample in block.samples(self.space):
                    if draw < self.start:
                        continue
                    if self.end is not None and draw >= self.end:
                        break
                    self.attempts = draw + 1
                    fingerprint = sample.fingerprint
                    if fingerprint in self.known:
                        self.duplicates += 1
                        continue
                    self.known.add(fingerprint)
                    last_new = self.attempts
                    yield draw, sample
                self.attempts = (number + 1) * self.space.candidates
                self.progress(len(self.known), self.attempts)
                if self.attempts - last_new >= self._patience:
                    raise NoSuchNetworks(self._explanation(self.attempts - last_new))
        finally:
            blocks.close()

    def _blocks(self, first: int) -> Generator[tuple[int, Block], None, None]:
        """Yield number and `Block`, in order, up to that of the last candidate.

        With several processes a few blocks are under way at any time.
        """
        what = self.space, self.constraints, self.seed
        size = self.space.candidates
        numbers = count(first) if self.end is None else range(first, -(-self.end // size))
        blocks: Iterator[Block]
        if self.processes == 1:
            blocks = map(partial(draw_block, *what), numbers)
        else:
            draw = partial(_draw_imported, self.space.custom_imports, *what)
            blocks = in_turn(draw, numbers, processes=self.processes, how='spawn', what='sampling')
        yield from enumerate(blocks, first)

    def _remember(self, block: Block) -> None:
        self._made += block.networks
        self._keeping += block.keeping
        for name, found in block.nearest.items():
            _note(self._nearest, name, found)

    def _explanation(self, waited: int) -> str:
        """Say what was looked at, and how near it came to what was wanted."""
        found = len(self.known)
        size = self.space.size
        parts = [
            f'the constraints must let networks through, but {waited:,} candidates in a row gave '
            f'no new one ({found:,} found in {self.attempts:,}, acceptance rate '
            f'{found / self.attempts:.3g}; {self.duplicates:,} duplicates; {self._made:,} '
            'candidates made a network)'
        ]
        if size is not None and size < PATIENCE:
            parts.append(f'the space has {counted(size, "draw")}')
        if self.space.where is not None:
            parts.append(f"{self._keeping:,} of these kept '{self.space.where}'")
        if self.space.counted is not None:
            for bound in self.constraints.bounds(self.space.counted, 0):
                _note(self._nearest, bound.name, Nearest.of(bound))
        parts += [f'{name}: {nearest}' for name, nearest in self._nearest.items()]
        return '; '.join(parts)
