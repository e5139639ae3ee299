"""Is there a reason known already why a plan cannot be carried out? Found before anything is
trained.
"""

from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Iterable

from regnet_plugin.cli.errors import UserError, blame
from regnet_plugin.design_spaces.configuration import design_space_of
from regnet_plugin.population.baselines import baseline_name, baselines_of
from regnet_plugin.population.sampling import sample_population
from regnet_plugin.population.store import Population
from regnet_plugin.study.checks import check_names
from regnet_plugin.study.plan import Part, Plan
from regnet_plugin.training.populations.run_configs import prepare_runs


def rehearse_plan(plan: Plan, parts: Iterable[Part], selection: bool) -> None:
    """Sample a network of each part's space and send it through the part's recipe as its training
    would; so the selection.

    Nothing is written but in a folder that goes again.

    Args:
        plan (Plan): the study.
        parts (Iterable[Part]): those that are left to be carried out.
        selection (bool): whether the selection is left.

    Raises:
        UserError: naming the part and what does not fit: a space without such networks, a recipe
            that does not take them, data that is not there, a baseline that is not known or cannot
            have so many flops.
    """
    check_names(plan.parts)
    with TemporaryDirectory() as folder:
        for part in parts:
            with blame(f'part {part.key}'):
                _try_recipe(
                    _sampled(plan, part, Path(folder, part.key), 1),
                    part.recipe,
                    part.seeds,
                    name=part.recipe_name,
                    options=part.settings,
                )
        if selection:
            with blame('the selection'):
                _rehearse_selection(plan, Path(folder, 'selection'))


def _sampled(plan: Plan, part: Part, folder: Path, size: int) -> Population:
    source = plan.part(part.folder)
    space, described, constraints = design_space_of(
        source.space, intervals=dict(flops=list(source.flops))
    )
    return sample_population(
        space, described, constraints, size=size, seed=source.seed, directory=folder
    )


def _try_recipe(population: Population, recipe: str, seeds: Iterable[int], **settings) -> None:
    """What `prepare_runs` refuses is refused."""
    prepare_runs(population, recipe, seeds=tuple(seeds), keep=False, trained_here=True, **settings)


def _rehearse_selection(plan: Plan, folder: Path) -> None:
    chosen, part = plan.selection, plan.part(plan.selection.of)
    if Path(chosen.recipe).stem == part.recipe_name:
        raise UserError(
            'networks must be chosen by other results than those that are reported, or luck is '
            'reported too, '
            f'but both are of {part.recipe_name}'
        )
    population = _sampled(plan, part, folder, plan.part(part.folder).size)
    _try_recipe(population, chosen.recipe, chosen.seeds)
    if chosen.baselines:
        names = [baseline_name(name) for name in chosen.baselines]
        _try_recipe(
            baselines_of(population, names, folder / 'baselines', chosen.flops),
            chosen.recipe,
            chosen.seeds,
        )
