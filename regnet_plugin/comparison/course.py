"""The course of a comparison: sample, train some of each space, look, and so on until decided.

Nothing is kept but the plan and the populations: looks are taken again from the results, so that
the same command goes on after any end. Networks are trained in an order that is random by the seed
of their population, and a look is at the first ones of that order.
"""

from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

from regnet_plugin.analysis import Decision, decide
from regnet_plugin.cli.errors import UserError
from regnet_plugin.cli.wording import counted
from regnet_plugin.comparison.looking import LookTaken, sample_of, take_look
from regnet_plugin.comparison.page import write_page
from regnet_plugin.comparison.plan import EVERY, ComparisonPlan, note_plan
from regnet_plugin.comparison.rounds import Train
from regnet_plugin.comparison.wording import decision_text
from regnet_plugin.files import replace
from regnet_plugin.population.features import shared_features
from regnet_plugin.population.making.sampling import sample_population
from regnet_plugin.population.readers import read_records
from regnet_plugin.population.records import Records
from regnet_plugin.population.store import Population

TEXT = 'comparison.txt'  # what it came to, a line


@dataclass(frozen=True, eq=False)
class Comparison:
    """A comparison that has ended.

    Attributes:
        decision: what it came to.
        looks: that were taken.
        text: the result as a line.
        page: path of the page.
    """

    decision: Decision
    looks: tuple[LookTaken, ...]
    text: str
    page: Path


def compare_spaces(
    plan: ComparisonPlan,
    directory: str | Path,
    train: Train,
    say: Callable[[str], None] = lambda text: None,
) -> Comparison:
    """Compare design spaces until it is decided, or the trainings are spent.

    Args:
        plan: what, and how.
        directory: of the plan, of a population per space, and of the page; what was begun there
            goes on.
        train: from `trainer`.
        say: told how far it is. Default: nobody.

    Raises:
        UserError: if the folder holds another comparison, or all trainings of a space failed.
        PopulationError, NoSuchNetworks: see `sample_population`.
    """
    directory = Path(directory)
    note_plan(plan, directory)
    populations = {name: _sampled(plan, name, directory, say) for name in plan.names}
    looks: list[LookTaken] = []
    going_on = plan.names
    while going_on:
        trainings = EVERY * (len(looks) + 1)
        for name in going_on:
            train(populations[name], trainings)
        records = {name: _records(populations[name], plan) for name in going_on}
        known = shared_features(list(records.values()))
        samples = {
            name: sample_of(found, features, populations[name].seed, trainings)
            for (name, found), features in zip(records.items(), known)
        }
        looks.append(take_look(samples, trainings, plan.statistic))
        decision = decide(plan.names, [look.differences for look in looks], plan.rules)
        going_on = decision.going_on
        text = decision_text(plan, decision, looks, next(iter(records.values())).unit)
        replace(directory / TEXT, f'{text}\n')
        say(text)
    every = [_records(populations[name], plan) for name in plan.names]
    page = write_page(plan, looks, every, text, directory)
    return Comparison(decision, tuple(looks), text, page)


def _sampled(
    plan: ComparisonPlan, name: str, directory: Path, say: Callable[[str], None]
) -> Population:
    """The population of a space, sampled to its end."""
    (space,) = (space for space in plan.spaces if space.name == name)
    population = sample_population(
        space.space,
        space.described,
        space.constraints,
        size=plan.size,
        seed=plan.seed_of(name),
        directory=directory / name,
        mode='resume',
    )
    say(f'{population.manifest["size"]:,} networks of {name} sampled')
    return population


def _records(population: Population, plan: ComparisonPlan) -> Records:
    """What the networks of a population learned, of which one has an error."""
    (records,) = read_records(population.directory, plan.name)
    if not records.rated().any():
        failed = int((records.status == 'failed').sum())
        raise UserError(
            f'networks of each space must be trained to the end, but of {population.directory} '
            f'{counted(failed, "training")} failed and none has an error'
        )
    return records
