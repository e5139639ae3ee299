"""A population of this package on which results are written by hand, to be read."""

from killing import ROOT

from regnet_plugin.design_spaces.configuration import design_space_of
from regnet_plugin.population.making.sampling import sample_population
from regnet_plugin.population.runs.results import Result


def sampled(folder, config='regnetx_digits', size=4, **intervals):
    space, described, constraints = design_space_of(
        ROOT / f'configs/design_spaces/{config}.py', intervals=intervals
    )
    return sample_population(space, described, constraints, size=size, seed=0, directory=folder)


def run_of(population, network, seed=0, recipe='short'):
    folder = population.directory / 'runs' / recipe / f'{network}-{seed}'
    folder.mkdir(parents=True)
    return folder


def write(population, network, seed=0, recipe='short', error=None, **values):
    values = {
        **dict(status='done', metric='accuracy/top1', last_error=error, best_error=error),
        **values,
    }
    folder = run_of(population, network, seed, recipe)
    Result(network=network, seed=seed, recipe=recipe, **values).write(folder)
    return folder
