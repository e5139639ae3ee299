"""The best networks of a population trained again, longer and with several seeds, beside baselines:
section 5.
"""

from pathlib import Path
from tempfile import TemporaryDirectory

from regnet_plugin.cli.errors import UserError
from regnet_plugin.cli.printing import say
from regnet_plugin.population.baselines import BASELINES, baseline_name, baselines_of
from regnet_plugin.population.ranking import best_networks
from regnet_plugin.population.run_layout import RUNS
from regnet_plugin.population.runs.planning import Work, check_recipe_name
from regnet_plugin.training.populations.display import population_display, said
from regnet_plugin.training.populations.run_configs import prepare_runs, read_recipe
from regnet_plugin.training.populations.supervision import (
    make_ready,
    told_at_the_end,
    train_population,
)


def plan_retraining(
    population,
    recipe,
    *,
    ranked_by,
    count,
    seeds,
    among=None,
    baselines=(),
    baseline_flops=None,
    name=None,
    keep=True,
    **settings,
):
    """Choose the best networks of a population, and plan their training and that of baselines.

    Args:
        population (Population): a trained one.
        recipe (str): path of the config that says how they are trained now.
        ranked_by (str): name of the recipe whose results choose, or path of its config or of its
            runs.
        count (int): how many networks are chosen.
        seeds (Sequence[int]): of the trainings, for each network and each baseline.
        among (int, optional): candidates are the first so many networks. Default: None, all.
        baselines (Sequence[str]): published names, or parameters.
        baseline_flops (float, optional): that the widths of each baseline are scaled to. Default:
            None, as they are.
        name (str, optional): of the runs' folders. Default: None, the recipe's.
        keep (bool): note recipe and baselines; without, nothing is written. Default: True.
        **settings: of `prepare_runs`.

    Returns:
        tuple[tuple[Rating], tuple[tuple[Run]]]: what was chosen, the best first; the runs of the
        population, and, where there are baselines, theirs.

    Raises:
        UserError: if the results that choose are those that would be reported: the least of noisy
            errors is too low.
        ValueError: if there are too few results, or a baseline cannot be made out.
    """
    name, ranked_by = name or Path(recipe).stem, recipe_name(ranked_by)
    if name == ranked_by:
        raise UserError(
            'networks must be chosen by other results than those that are reported, or luck is '
            'reported '
            f'too, but both are of {name}'
        )
    check_recipe_name(name)
    read_recipe(recipe)  # before baselines are written
    chosen = best_networks(population, ranked_by, count, among)
    settings.update(name=name, seeds=tuple(dict.fromkeys(seeds)), keep=keep)
    with TemporaryDirectory() as folder:
        groups = [(population, [rating.network.name for rating in chosen], None)]
        if baselines:
            names = list(dict.fromkeys(map(baseline_name, baselines)))
            source = baselines_of(population, names, None if keep else folder, baseline_flops)
            names = [baseline_name(text, baseline_flops) for text in names]
            groups.append((source, names, population.directory / BASELINES / RUNS))
        return chosen, tuple(
            prepare_runs(source, recipe, names=names, out=out, **settings)
            for source, names, out in groups
        )


def recipe_name(text):
    """The name of the recipe of some runs, of which also the config or the runs' folder may be
    named.
    """
    path = Path(text)
    return path.stem if path.suffix == '.py' else path.name


def retrain(runs, make_launcher, *, retry_failed=False, say=say, **settings):
    """Train what is planned, the networks of the population, then the baselines; what has ended is
    not trained again.

    Args:
        runs (Sequence[Sequence[Run]]): from `plan_retraining`.
        make_launcher (Callable[[], launcher]): see `train_population`.
        retry_failed (bool): forget failures. Default: False.
        say (Callable[[str], None]): told notes, what is trained, and what came of it.
        **settings: of `Work`.
    """
    for number, group in enumerate(runs):
        if number:
            say('baselines: ' + ', '.join(sorted({run.network.name for run in group})))
        for note in make_ready(group, retry_failed):
            say(f'note: {note}')
        with population_display(str(group[0].folder.parent)) as show:
            standing = train_population(Work(group, **settings), make_launcher(), show)
        say('\n'.join(told_at_the_end(standing, group[0].folder.parent)))


def ratings_table(ratings, baselines=()):
    """Lay out ratings as text.

    Args:
        ratings (Sequence[Rating]): in this order.
        baselines (Container[str]): names that are marked.
    """
    width = max(12, *(len(rating.network.name) + 2 for rating in ratings))
    lines = [
        f'{"network":<{width}}{"error":>15}{"seeds":>7}{"flops":>16}{"parameters":>14}{"activations":>14}'
    ]
    for rating in ratings:
        counts = rating.network.sample.complexity
        error = said(rating.mean, rating.unit)
        if rating.deviation is not None:
            error += f' ± {said(rating.deviation, rating.unit).rstrip("%")}'
        lines.append(
            f'{rating.network.name:<{width}}{error:>15}{len(rating.errors):>7}'
            f'{counts.flops:>16,}{counts.parameters:>14,}{counts.activations:>14,}'
            f'{"  baseline" if rating.network.name in baselines else ""}'
        )
    most = max((len(rating.errors) for rating in ratings), default=0)
    if most > 1:
        lines.append(f'error: mean ± standard deviation over {most} seeds, of the last epoch')
    return '\n'.join(lines)
