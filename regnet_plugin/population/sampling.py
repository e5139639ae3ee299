"""Sampling a population into a directory: new, replaced, or continued."""

import json
import platform
from itertools import islice

import numpy as np

from regnet_plugin import __version__
from regnet_plugin.core.number_checks import is_count
from regnet_plugin.design_spaces.sampler import PATIENCE, Sampler, draw_block
from regnet_plugin.population.columns import LISTS, check_parameter
from regnet_plugin.population.store import FORMAT, Network, Population, PopulationError


def sample_population(
    space,
    described,
    constraints,
    *,
    size,
    seed,
    directory,
    mode='create',
    processes=1,
    patience=PATIENCE,
    progress=lambda found, attempts: None,
):
    """Draw networks of a design space until there are as many as asked, and write each one as it is
    found.

    Args:
        space (DesignSpace): to draw from.
        described (dict): the space as its config has it, for the record.
        constraints (Constraints): to keep.
        size (int): of the population.
        seed (int): from 0. The same space, constraints and seed give the same population; a larger
            one begins with it.
        directory (str | Path): of the population.
        mode (str): 'create', 'overwrite' or 'resume'. Default: 'create'.
        processes, patience (int): see `Sampler`.
        progress (Callable[[int, int], None]): told the networks found and the candidates looked at,
            now and then.

    Returns:
        Population: complete.

    Raises:
        PopulationError: if the directory holds a population and the mode is 'create', or another
            one and it is 'resume'.
        NoSuchNetworks: if the constraints let too little through; what was found stays.
        ValueError: if size or seed is out of range, or a parameter has the name of something else.
    """
    if not is_count(size):
        raise ValueError(f'size must be a positive whole number, but size={size!r}')
    if isinstance(seed, bool) or not isinstance(seed, int) or seed < 0:
        raise ValueError(f'seed must be a whole number from 0, but seed={seed!r}')
    for name in set(space.parameters) - {*space.SETTINGS, *LISTS}:
        check_parameter(name)
    manifest = json.loads(
        json.dumps(  # as it will be read again: lists for tuples
            dict(format=FORMAT, space=described, constraints=constraints.to_dict(), seed=seed),
            default=str,
        )
    )
    if mode == 'overwrite':  # what is there goes when there is something to put in its place
        next(iter(Sampler(space, constraints, seed, patience=patience)))
    # raises where the space cannot be counted, before anything is written
    draw_block(space, constraints, seed, 0)
    population = _opened(directory, manifest, mode)
    start, known = _state(population)
    found = len(known)
    sampler = Sampler(space, constraints, seed, processes, patience, start, known, progress)
    versions = dict(
        regnet_plugin=__version__, numpy=np.__version__, python=platform.python_version()
    )
    population.note(
        size=size,
        complete=False,
        dimension=space.dimension,
        space_size=space.size,
        space_size_of_the_paper=space.paper_size,
        versions=versions,
        custom_imports=list(space.custom_imports),
    )
    numbered = (
        Network(f'{number:06d}', draw, sample)
        for number, (draw, sample) in enumerate(sampler, found)
    )
    for network in population.append(islice(numbered, max(0, size - found))):
        start = network.draw + 1
    size = max(size, found)
    population.note(complete=True, size=size, attempts=start, acceptance_rate=size / start)
    return population


def _opened(directory, manifest, mode):
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


def _state(population):
    """Number of the next candidate, and the fingerprints of the networks that are there."""
    start, known = 0, set()
    for number, network in enumerate(population.lines()):
        fingerprint = network.sample.fingerprint
        if network.name != f'{number:06d}' or network.draw < start or fingerprint in known:
            raise PopulationError(
                f'{population.path}:{number + 1}: networks must be numbered from 000000, in the '
                'order of '
                f'their candidates and each once, but this is {network.name}, candidate '
                f'{network.draw}'
            )
        start = network.draw + 1
        known.add(fingerprint)
    return start, known
