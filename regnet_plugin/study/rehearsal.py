"""Is there a reason known already why a plan cannot be carried out? Found before training."""

from collections.abc import Iterable
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

from regnet_plugin.cli.errors import UserError, blame
from regnet_plugin.design_spaces.configuration import design_space_of
from regnet_plugin.population.baselines import baseline_name, baselines_of
from regnet_plugin.population.folder import BASELINES
from regnet_plugin.population.making.sampling import sample_population
from regnet_plugin.population.store import Population
from regnet_plugin.study.checks import check_names
from regnet_plugin.study.plan import Part, Plan, Selection
from regnet_plugin.training.populations.run_planning import prepare_runs


def rehearse_plan(plan: Plan, parts: Iterable[Part], selection: bool) -> None:
    """Send a network of each part's space through the part's recipe as its training would.

    So are the networks of the selection. Nothing is written but in a folder that goes again.

    Args:
        plan: the study.
        parts: those that are left to be carried out.
        selection: whether the selection is left, which the plan then has.

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
        if selection and plan.selection is not None:
            with blame('the selection'):
                _rehearse_selection(plan, plan.selection, Path(folder, 'selection'))


def _sampled(plan: Plan, part: Part, folder: Path, size: int) -> Population:
    """Sample networks of a part's space, as many as asked for."""
    source = plan.part(part.folder)
    space, described, constraints = design_space_of(
        source.space, intervals=dict(flops=list(source.flops))
    )
    return sample_population(
        space, described, constraints, size=size, seed=source.seed, directory=folder
    )


def _try_recipe(population: Population, recipe: str, seeds: Iterable[int], **settings: Any) -> None:
    """Refuse what `prepare_runs` refuses; it takes the settings, too."""
    prepare_runs(population, recipe, seeds=tuple(seeds), keep=False, trained_here=True, **settings)


def _rehearse_selection(plan: Plan, chosen: Selection, folder: Path) -> None:
    part = plan.part(chosen.of)
    if Path(chosen.recipe).stem == part.recipe_name:
        raise UserError(
            'networks must be chosen by other results than those that are reported, or luck is '
            f'reported too, but both are of {part.recipe_name}'
        )
    population = _sampled(plan, part, folder, plan.part(part.folder).size)
    _try_recipe(population, chosen.recipe, chosen.seeds)
    if chosen.baselines:
        names = [baseline_name(name) for name in chosen.baselines]
        baselines = baselines_of(population, names, folder / BASELINES, chosen.flops)
        _try_recipe(baselines, chosen.recipe, chosen.seeds)
