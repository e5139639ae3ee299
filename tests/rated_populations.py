"""Populations on disk with results as trainings leave them, made in a moment.

Errors are drawn, nothing is trained.
"""

import numpy as np
from killing import ROOT

from regnet_plugin.design_spaces.configuration import design_space_of
from regnet_plugin.population.making.sampling import sample_population
from regnet_plugin.population.runs.planning import plan_runs, recipe_folder
from regnet_plugin.population.runs.recipe_file import keep_recipe
from regnet_plugin.population.runs.results import Result, curve_summary
from regnet_plugin.population.store import Population

EPOCHS = 3


def rated_population(
    folder, space, size, *, mean=50.0, seed=0, failed=0, waiting=0, recipe='short'
):
    """Sample a population and write a result for each of its networks.

    Args:
        folder (Path): of the population.
        space (str): name of a config in configs/design_spaces.
        size (int): networks, of which the first ``failed`` diverged and the last ``waiting`` have
            not been trained.
        mean (float): error in percent, deviation 3; deeper networks have less.
        seed (int): of networks and errors.
        recipe (str): its name.

    Returns:
        Path: the folder.
    """
    sampled, described, constraints = design_space_of(ROOT / f'configs/design_spaces/{space}.py')
    sample_population(sampled, described, constraints, size=size, seed=seed, directory=folder)
    population, draw = Population.open(folder), np.random.default_rng(seed)
    keep_recipe(recipe_folder(population, recipe), 'model = dict()\n')
    runs = plan_runs(recipe_folder(population, recipe), list(population), [0], population.seed)
    for run in sorted(runs, key=lambda run: (-run.cost, run.name)):
        number = int(run.network.name)
        if number < size - waiting:
            error = mean + 3 * draw.standard_normal() - _depth(run.network.sample) / 10
            _write(run, recipe, None if number < failed else error)
    return folder


def _depth(sample):
    """Blocks of a network; of one that a config describes, the parameter of that name."""
    return sample.parameters['depth'] if sample.architecture is None else sample.architecture.depth


def _write(run, recipe, error):
    shared = dict(network=run.network.name, seed=run.seed, recipe=recipe)
    (run.folder / 'config.py').write_text('model = dict()\n')
    if error is None:
        Result(**shared, status='failed', reason='diverged', message='the loss is nan').write(
            run.folder
        )
        return
    curve = [
        dict(epoch=epoch, loss=2.0 / epoch, error=float(error + EPOCHS - epoch))
        for epoch in range(1, EPOCHS + 1)
    ]
    counts = run.network.sample.complexity
    Result(
        **shared,
        status='done',
        metric='accuracy/top1',
        seconds=12.5,
        complexity=dict(
            flops=counts.flops, parameters=counts.parameters, activations=counts.activations
        ),
        **curve_summary(curve),
    ).write(run.folder)
