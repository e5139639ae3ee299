"""Sampling a population into a directory: new, replaced, or continued."""

import json
import platform
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field, replace
from itertools import islice
from pathlib import Path
from typing import Any, Literal

import numpy as np

from regnet_plugin import __version__
from regnet_plugin.core.number_checks import is_count
from regnet_plugin.design_spaces.constraints import Constraints
from regnet_plugin.design_spaces.parameter_space import ParameterSpace
from regnet_plugin.design_spaces.sample import Sample
from regnet_plugin.design_spaces.sampler import (
    NoSuchNetworks,
    Sampler,
    draw_block,
)
from regnet_plugin.population.columns import LISTS, NETWORK, check_parameter
from regnet_plugin.population.folder import BASE
from regnet_plugin.population.making.twins import Origin
from regnet_plugin.population.store import FORMAT, Population, PopulationError, SampledNetwork

Mode = Literal['create', 'overwrite', 'resume']


def sample_population(
    space: ParameterSpace,
    described: Mapping[str, Any],
    constraints: Constraints,
    *,
    size: int,
    seed: int,
    directory: str | Path,
    mode: Mode = 'create',
    processes: int = 1,
    patience: int | None = None,
    progress: Callable[[int, int], None] = lambda found, attempts: None,
    preparing: Callable[[int, int], None] = lambda done, total: None,
    twins_of: Origin | None = None,
) -> Population:
    """Draw networks of a design space until there are as many as asked.

    Each one is written as it is found.

    Args:
        space: to draw from.
        described: the space as its config has it, for the record.
        constraints: to keep.
        size: of the population.
        seed: from 0. The same space, constraints and seed give the same population; a larger one
            begins with it.
        directory: of the population.
        mode: what happens to a population that is there: 'create' refuses it, 'overwrite' replaces
            it, 'resume' goes on with it.
        processes, patience: see `Sampler`.
        progress: told the networks found and the candidates looked at, now and then.
        preparing: told how much is done of what a space does first, see `ParameterSpace.prepare`.
        twins_of: take networks of these draws only, up to the last of them, so that all are twins
            of networks of another space, and no random part of this one. The population then may
            have fewer networks than ``size``. Default: None.

    Returns:
        The population, complete.

    Raises:
        PopulationError: if the directory holds a population and the mode is 'create', or another
            one and it is 'resume'.
        NoSuchNetworks: if the constraints let too little through, or no twin; what was found stays.
        ValueError: if size or seed is out of range, or a parameter has the name of something else.
    """
    _check_numbers(size, seed)
    for name in set(space.parameters) - {*space.SETTINGS, *LISTS}:
        check_parameter(name)
        if space.base_text is not None and name in NETWORK:
            raise ValueError(
                f'a parameter must have a name of its own, but {name!r} is what a table calls an '
                'argument of AnyNet'
            )
    space.prepare(constraints, preparing)
    manifest = _manifest(described, constraints, seed, twins_of)
    if mode == 'overwrite':  # what is there goes when there is something to put in its place
        next(iter(Sampler(space, constraints, seed, patience=patience)))
    # raises where the space cannot be counted, before anything is written
    draw_block(space, constraints, seed, 0)
    if space.base_text is not None:
        manifest['base'] = BASE
    population = _opened(directory, manifest, mode)
    if space.base_text is not None:
        population.keep_base(space.base_text)
    before = _found_before(population)
    found = len(before.fingerprints)
    attempts = before.next_draw
    sampler = Sampler(
        space, constraints, seed, processes=processes, patience=patience, progress=progress
    )
    if twins_of is None:
        sampler = replace(sampler, start=before.next_draw, known=before.fingerprints)
        drawn = iter(sampler)
    else:
        # from the first candidate, since networks that are no twins are not kept, and each counts
        # once
        sampler = replace(sampler, end=twins_of.end, patience=twins_of.end + space.candidates)
        wanted = {draw for draw in twins_of.draws if draw >= before.next_draw}
        drawn = ((draw, sample) for draw, sample in sampler if draw in wanted)
    population.note(size=size, complete=False, **_circumstances(space))
    missing = max(0, size - found)
    for network in population.append(islice(_numbered(drawn, found), missing)):
        attempts = network.draw + 1
        found += 1
    if not found:
        raise NoSuchNetworks(
            'a population of twins needs one at least, but of the draws of the other one this space'
            ' accepts none'
        )
    if twins_of is not None:
        attempts = twins_of.end
    population.note(complete=True, size=found, attempts=attempts, acceptance_rate=found / attempts)
    return population


def _check_numbers(size: int, seed: int) -> None:
    if not is_count(size):
        raise ValueError(f'size must be a positive whole number, but size={size!r}')
    if isinstance(seed, bool) or not isinstance(seed, int) or seed < 0:
        raise ValueError(f'seed must be a whole number from 0, but seed={seed!r}')


def _manifest(
    described: Mapping[str, Any], constraints: Constraints, seed: int, twins_of: Origin | None
) -> dict[str, Any]:
    """What says which population it is, as it will be read again: with lists for tuples."""
    manifest = dict(format=FORMAT, space=described, constraints=constraints.to_dict(), seed=seed)
    if twins_of is not None:
        manifest['twins_of'] = twins_of.noted
    as_read: dict[str, Any] = json.loads(json.dumps(manifest, default=str))
    return as_read


def _circumstances(space: ParameterSpace) -> dict[str, Any]:
    """What the manifest says of the space beside its config, and of the versions."""
    versions = dict(
        regnet_plugin=__version__, numpy=np.__version__, python=platform.python_version()
    )
    return dict(
        dimension=space.dimension,
        uniforms=list(space.uniforms),
        space_size=space.size,
        space_size_of_the_paper=space.paper_size,
        versions=versions,
        custom_imports=list(space.custom_imports),
    )


def _numbered(drawn: Iterator[tuple[int, Sample]], first: int) -> Iterator[SampledNetwork]:
    """Networks named by their numbers in the population."""
    for number, (draw, sample) in enumerate(drawn, first):
        yield SampledNetwork(network_name(number), draw, sample)


def network_name(number: int) -> str:
    """What a network is called; six digits keep names in order up to a million."""
    return f'{number:06d}'


def _opened(directory: str | Path, manifest: Mapping[str, Any], mode: Mode) -> Population:
    """The population to write into: a new one, or the same one begun before."""
    if mode == 'overwrite':
        Population.remove(directory)
    if mode != 'resume' or not Population.exists(directory):
        return Population.create(directory, manifest)
    population = Population.open(directory)
    for name, value in manifest.items():
        if population.manifest.get(name) != value:
            raise PopulationError(
                f'{population.directory} holds another population: its {name} is '
                f'{population.manifest.get(name)!r}, not {value!r}; --overwrite replaces it'
            )
    population.drop_broken_end()
    return population


@dataclass
class _FoundBefore:
    """How far a population is.

    Attributes:
        next_draw: number of the next candidate.
        fingerprints: of the networks that are there, see `Sample.fingerprint`.
    """

    next_draw: int = 0
    fingerprints: set[int] = field(default_factory=set)


def _found_before(population: Population) -> _FoundBefore:
    """Look how far a population is that may have been begun before.

    Raises:
        PopulationError: if lines were lost or doubled, so that it cannot be continued.
    """
    before = _FoundBefore()
    for number, network in enumerate(population.lines()):
        fingerprint = network.sample.fingerprint
        is_next = network.name == network_name(number) and network.draw >= before.next_draw
        if not is_next or fingerprint in before.fingerprints:
            raise PopulationError(
                f'{population.path}:{number + 1}: networks must be numbered from 000000, in the '
                f'order of their candidates and each once, but this is {network.name}, candidate '
                f'{network.draw}'
            )
        before.next_draw = network.draw + 1
        before.fingerprints.add(fingerprint)
    return before
