"""The best networks of a population trained again, beside baselines: section 5.

They are trained longer, and with several seeds.
"""

from collections.abc import Callable, Container, Sequence
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

from regnet_plugin.cli.errors import UserError
from regnet_plugin.cli.printing import say
from regnet_plugin.population.baselines import baseline_name, baselines_of
from regnet_plugin.population.folder import BASELINES, RUNS
from regnet_plugin.population.ranking import Rating, best_networks
from regnet_plugin.population.runs.planning import Work, check_recipe_name
from regnet_plugin.population.runs.run import Run
from regnet_plugin.population.store import Population
from regnet_plugin.training.populations.display import population_display
from regnet_plugin.training.populations.launcher import Launcher
from regnet_plugin.training.populations.recipe_config import read_recipe
from regnet_plugin.training.populations.run_planning import prepare_runs
from regnet_plugin.training.populations.standing_picture import error_in_words
from regnet_plugin.training.populations.supervision import (
    make_ready,
    told_at_the_end,
    train_population,
)


def plan_retraining(
    population: Population,
    recipe: str | Path,
    *,
    ranked_by: str,
    count: int,
    seeds: Sequence[int],
    among: int | None = None,
    baselines: Sequence[str] = (),
    baseline_flops: float | None = None,
    name: str | None = None,
    keep: bool = True,
    **settings: Any,
) -> tuple[tuple[Rating, ...], tuple[tuple[Run, ...], ...]]:
    """Choose the best networks of a population, and plan their training and that of baselines.

    Args:
        population: a trained one.
        recipe: path of the config that says how they are trained now.
        ranked_by: name of the recipe whose results choose, or path of its config or of its runs.
        count: how many networks are chosen.
        seeds: of the trainings, for each network and each baseline; one that is given twice counts
            once.
        among: candidates are the first so many networks. Default: None, all.
        baselines: published names, or parameters.
        baseline_flops: that the widths of each baseline are scaled to. Default: None, as they are.
        name: of the runs' folders. Default: None, the recipe's.
        keep: note recipe and baselines; without, nothing is written. Default: True.
        **settings: of `prepare_runs`.

    Returns:
        what was chosen, the best first; the runs of the population, and, where there are baselines,
        theirs.

    Raises:
        UserError: if the results that choose are those that would be reported: the least of noisy
            errors is too low.
        ValueError: if there are too few results, or a baseline cannot be made out.
    """
    name, ranked_by = name or Path(recipe).stem, recipe_name(ranked_by)
    if name == ranked_by:
        raise UserError(
            'networks must be chosen by other results than those that are reported, or luck is '
            f'reported too, but both are of {name}'
        )
    check_recipe_name(name)
    read_recipe(recipe)  # before baselines are written
    chosen = best_networks(population, ranked_by, count, among)
    settings.update(name=name, seeds=tuple(dict.fromkeys(seeds)), keep=keep)
    chosen_names = [rating.network.name for rating in chosen]
    given = list(dict.fromkeys(baseline_name(text) for text in baselines))
    if not given:
        return chosen, (prepare_runs(population, recipe, names=chosen_names, **settings),)
    with TemporaryDirectory() as scratch:
        # Baselines are made out first: one that cannot be stops everything.
        source = baselines_of(population, given, None if keep else scratch, baseline_flops)
        scaled = [baseline_name(text, baseline_flops) for text in given]
        out = population.directory / BASELINES / RUNS
        return chosen, (
            prepare_runs(population, recipe, names=chosen_names, **settings),
            prepare_runs(source, recipe, names=scaled, out=out, **settings),
        )


def recipe_name(text: str) -> str:
    """Return the name of a recipe, of which also the config or the runs' folder may be given."""
    path = Path(text)
    return path.stem if path.suffix == '.py' else path.name


def retrain(
    runs: Sequence[Sequence[Run]],
    make_launcher: Callable[[], Launcher],
    *,
    retry_failed: bool = False,
    say: Callable[[str], None] = say,
    **settings: Any,
) -> None:
    """Train what is planned: the networks of the population, then the baselines.

    What has ended is not trained again.

    Args:
        runs: from `plan_retraining`.
        make_launcher: called for each group of runs, see `train_population`.
        retry_failed: forget failures. Default: False.
        say: told notes, what is trained, and what came of it.
        **settings: of `Work`.
    """
    for number, group in enumerate(runs):
        folder = group[0].folder.parent
        if number:
            say('baselines: ' + ', '.join(sorted({run.network.name for run in group})))
        for note in make_ready(group, retry_failed):
            say(f'note: {note}')
        with population_display(str(folder)) as show:
            standing = train_population(Work(tuple(group), **settings), make_launcher(), show)
        say('\n'.join(told_at_the_end(standing, folder)))


def ratings_table(ratings: Sequence[Rating], baselines: Container[str] = ()) -> str:
    """Lay out ratings as text.

    Args:
        ratings: in this order.
        baselines: names of networks that are marked.
    """
    width = max(12, *(len(rating.network.name) + 2 for rating in ratings))
    lines = [
        f'{"network":<{width}}{"error":>15}{"seeds":>7}{"flops":>16}{"parameters":>14}'
        f'{"activations":>14}'
    ]
    for rating in ratings:
        counts = rating.network.sample.complexity
        mark = '  baseline' if rating.network.name in baselines else ''
        lines.append(
            f'{rating.network.name:<{width}}{_error_with_deviation(rating):>15}'
            f'{len(rating.errors):>7}{counts.flops:>16,}{counts.parameters:>14,}'
            f'{counts.activations:>14,}{mark}'
        )
    most = max((len(rating.errors) for rating in ratings), default=0)
    if most > 1:
        lines.append(f'error: mean ± standard deviation over {most} seeds, of the last epoch')
    return '\n'.join(lines)


def _error_with_deviation(rating: Rating) -> str:
    """Such as '5.10% ± 0.20'; without a deviation where there are not several seeds."""
    error = error_in_words(rating.mean, rating.unit)
    if rating.deviation is not None:
        error += f' ± {error_in_words(rating.deviation, rating.unit).rstrip("%")}'
    return error
