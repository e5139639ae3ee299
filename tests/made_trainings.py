"""Trainings of a comparison that take no time: results of networks are drawn, not learned."""

import numpy as np
from killing import ROOT

from regnet_plugin.comparison import plan_comparison
from regnet_plugin.population.runs.order import first_networks
from regnet_plugin.population.runs.planning import plan_runs, recipe_folder
from regnet_plugin.population.runs.recipe_file import keep_recipe
from regnet_plugin.population.runs.results import Result, curve_summary

SPACES = ROOT / 'configs/design_spaces'
RECIPE = ROOT / 'configs/recipes/dds_10e_digits.py'


def planned(*names, **changes):
    """Plan a comparison of spaces on the digits."""
    given = dict(flops=(2e6, 8e6), trainings=80, size=60)
    paths = [SPACES / f'{name}_digits.py' for name in names or ('anynetx_d', 'anynetx_e')]
    return plan_comparison(paths, RECIPE, **{**given, **changes})


class MadeTrainings:
    """Stands for `trainer`: writes a result for each network that has none.

    Args:
        plan: of the comparison.
        means: mean error of a space, by its name; the deviation is 3.
        failing: space whose trainings all fail.
        failures: of each space, how many of the first trainings fail.

    Attributes:
        calls: name of the space and number of trainings, of each call.
    """

    def __init__(self, plan, means, failing=None, failures=0):
        self.plan, self.means, self.failing, self.failures = plan, means, failing, failures
        self.calls = []

    def __call__(self, population, trainings):
        name = population.directory.name
        self.calls.append((name, trainings))
        networks = {network.name: network for network in population}
        some = first_networks(networks, population.seed, trainings)
        folder = recipe_folder(population, self.plan.name)
        keep_recipe(folder, 'model = dict()\n')
        runs = plan_runs(folder, [networks[network] for network in some], [0], population.seed)
        for run in runs:
            if not run.ended:
                place = some.index(run.network.name)
                failed = name == self.failing or place < self.failures
                self._write(run, None if failed else self._error(name, run))

    def _error(self, name, run):
        draw = np.random.default_rng([len(name), int(run.network.name)])
        return self.means[name] + 3 * draw.standard_normal()

    def _write(self, run, error):
        shared = dict(network=run.network.name, seed=0, recipe=self.plan.name)
        if error is None:
            Result(**shared, status='failed', reason='diverged', message='nan').write(run.folder)
            return
        curve = [dict(epoch=1, loss=1.0, error=float(error))]
        Result(
            **shared,
            status='done',
            metric='accuracy/top1',
            seconds=36.0,
            complexity=run.counts,
            **curve_summary(curve),
        ).write(run.folder)
