"""Twins: networks of the same draw in two design spaces.

Candidates are numbered, and those of one number and seed are made of the same uniform numbers. Two
spaces that draw the same parameters, and differ in one rule, make nearly the same network of them.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np

from regnet_plugin.core.number_checks import is_count
from regnet_plugin.design_spaces.constraints import Constraints
from regnet_plugin.design_spaces.parameter_space import ParameterSpace
from regnet_plugin.population.columns import DRAW
from regnet_plugin.population.records import Records
from regnet_plugin.population.store import Population, PopulationError

LAW = (
    'networks whose draw the other space accepts, too: no random part of this space, whose mean '
    'theirs is not'
)


@dataclass(frozen=True)
class Stream:
    """The sequence of candidates that a population was drawn from.

    Attributes:
        seed: of it.
        uniforms: names of the parameters that the uniform numbers of a candidate are for; None
            where that was not noted, as by version 0.1.
        dimension: degrees of freedom of the space; None where that was not noted.
    """

    seed: int
    uniforms: tuple[str, ...] | None = None
    dimension: int | None = None

    @classmethod
    def of(cls, noted: Mapping[str, Any]) -> 'Stream | None':
        """Find what is noted of a population; None where nothing is.

        Args:
            noted: its manifest, or `Records.space`.
        """
        seed, uniforms, dimension = (noted.get(name) for name in ('seed', 'uniforms', 'dimension'))
        if isinstance(seed, bool) or not isinstance(seed, int) or seed < 0:
            return None
        names = None
        if isinstance(uniforms, list) and all(isinstance(name, str) for name in uniforms):
            names = tuple(uniforms)
        return cls(seed, names, dimension if is_count(dimension) else None)

    @property
    def parameters(self) -> str:
        """What is drawn, in words."""
        if self.uniforms is None:
            return f'{self.dimension or "unknown"} numbers'
        return ', '.join(self.uniforms)

    def draws_as(self, other: 'Stream') -> bool:
        """Whether candidates of one seed would be the same draws of the same parameters."""
        if self.uniforms is None or other.uniforms is None:
            return self.dimension is not None and self.dimension == other.dimension
        return self.uniforms == other.uniforms


@dataclass(frozen=True)
class Origin:
    """A population whose twins in another space are wanted.

    Attributes:
        stream: of its candidates.
        draws: numbers of those that are its networks.
        noted: of it, for the manifest of its twins.
    """

    stream: Stream
    draws: frozenset[int]
    noted: Mapping[str, Any]

    @property
    def end(self) -> int:
        """Number of the first candidate behind its last network."""
        return max(self.draws) + 1


def origin_of_twins(
    directory: str | Path, space: ParameterSpace, constraints: Constraints, seed: int | None = None
) -> Origin:
    """Read which candidates a space is to be asked for, so that its networks are twins.

    Args:
        directory: of a population.
        space: in which it is to have twins.
        constraints: that these are to keep.
        seed: that they are wanted of. None: that of the population.

    Raises:
        PopulationError: if the population's candidates are not known.
        ValueError: if the space draws other parameters, or seed or flops are others.
    """
    population = Population.open(directory)
    stream = Stream.of(population.manifest)
    draws = [network.draw for network in population]
    if stream is None or not draws or any(np.diff(draws) <= 0):
        raise PopulationError(
            'twins are of a population that was sampled, with a seed and numbered candidates, but '
            f'{directory} has none'
        )
    if 'twins_of' in population.manifest:
        raise PopulationError(
            f'twins are of a population of all that its space accepts, but {directory} has those '
            f'of {population.manifest["twins_of"]["name"]} only'
        )
    if seed not in (None, stream.seed):
        raise ValueError(
            f'twins are of one seed, but that of {directory} is {stream.seed}, and not {seed}'
        )
    own = Stream(stream.seed, space.uniforms, space.dimension)
    if not own.draws_as(stream):
        raise ValueError(
            f'twins are of spaces that draw the same parameters, but {directory} draws '
            f'{stream.parameters}, and not {own.parameters}'
        )
    flops = _flops(population.manifest)
    wanted = None if constraints.flops is None else [*constraints.flops]
    if flops != wanted:
        raise ValueError(
            f'twins are of one interval of flops, but that of {directory} is {flops}, and not '
            f'{wanted}'
        )
    noted = dict(
        name=population.directory.resolve().name,
        space=population.manifest.get('space'),
        constraints=population.manifest.get('constraints'),
        law=LAW,
    )
    return Origin(stream, frozenset(draws), noted)


def flops_of(directory: str | Path) -> Any:
    """Interval of flops that a population was sampled for; None where there is none."""
    return _flops(Population.open(directory).manifest)


def _flops(manifest: Mapping[str, Any]) -> Any:
    constraints = manifest.get('constraints')
    return constraints.get('flops') if isinstance(constraints, dict) else None


def share_draws(first: Records, second: Records) -> bool:
    """Whether networks of two populations that have one number of a candidate are twins.

    Both are all that their spaces accept of the candidates up to their last one.
    """
    one, other = Stream.of(first.space), Stream.of(second.space)
    if one is None or other is None or not (_has_draws(first) and _has_draws(second)):
        return False
    return one.seed == other.seed and one.draws_as(other)


def _has_draws(records: Records) -> bool:
    """Whether the numbers of the candidates are known, as a table of one's own may have them."""
    draws = records.columns.get(DRAW)
    if draws is None or not (draws % 1 == 0).all():  # false where one is NaN
        return False
    return len(np.unique(draws)) == len(draws)


def are_twins_of(records: Records) -> str | None:
    """Name of the population whose twins these networks are; None of what a space gave by itself.

    The mean of twins is not that of their space.
    """
    twins_of = records.space.get('twins_of')
    return None if twins_of is None else str(twins_of)
