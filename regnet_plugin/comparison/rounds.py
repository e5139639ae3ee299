"""The trainings of a comparison: a few networks more of a population."""

from collections.abc import Callable
from pathlib import Path
from typing import Any

from regnet_plugin.comparison.plan import ComparisonPlan
from regnet_plugin.population.runs.planning import Work
from regnet_plugin.population.store import Population
from regnet_plugin.training.populations.display import population_display
from regnet_plugin.training.populations.launcher import Launcher
from regnet_plugin.training.populations.run_planning import prepare_runs
from regnet_plugin.training.populations.supervision import make_ready, train_population

Train = Callable[[Population, int], None]


def trainer(
    plan: ComparisonPlan,
    launcher: Callable[[], Launcher],
    *,
    retry_failed: bool = False,
    trained_here: bool = True,
    say: Callable[[str], None] = lambda note: None,
    **work: Any,
) -> Train:
    """Give a function that trains the first so many networks of a population.

    Args:
        plan: with the recipe.
        launcher: makes one for each round of trainings.
        retry_failed: train again what failed before this function was made. Default: False.
        trained_here: on this machine, so that the recipe's data must be here. Default: True.
        say: told notes. Default: nobody.
        **work: how, see `Work`.
    """
    seen: set[Path] = set()  # runs that were handed to a launcher already, or found to be ended

    def train(population: Population, trainings: int) -> None:
        runs = prepare_runs(
            population,
            plan.recipe,
            name=plan.name,
            options=plan.options,
            trainings=trainings,
            trained=True,
            trained_here=trained_here,
            retry_failed=retry_failed,
            processes=work.get('processes', 1),
            say=say,
        )
        for note in make_ready([run for run in runs if run.folder not in seen], retry_failed):
            say(note)
        seen.update(run.folder for run in runs)
        if all(run.ended for run in runs):
            return
        with population_display(str(runs[0].folder.parent)) as show:
            train_population(Work(runs, **work), launcher(), show)

    return train
