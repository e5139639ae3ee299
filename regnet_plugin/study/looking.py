"""Looks at the pairs of a study's populations, while their networks are trained.

Nothing is kept but the tables of results: what was seen, and which networks are needed next, follow
from them. So a study goes on after any end, and on another machine.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

from regnet_plugin.analysis import Decision, LookRules, Statistic, decide
from regnet_plugin.comparison.looking import sample_of, take_look
from regnet_plugin.population.features import shared_features
from regnet_plugin.population.making.sampling import network_name
from regnet_plugin.population.readers import read_records
from regnet_plugin.population.records import Records
from regnet_plugin.population.runs.order import first_networks
from regnet_plugin.study.plan import Looks, Plan


@dataclass(frozen=True, eq=False)
class Looked:
    """What the looks at a pair came to until now.

    Attributes:
        pair: keys of the two parts.
        trainings: of each part at the last look; 0 before the first one.
        decision: None before the first look.
    """

    pair: tuple[str, str]
    trainings: int
    decision: Decision | None

    @property
    def goes_on(self) -> bool:
        """Whether another look is planned, and wanted."""
        return self.decision is None or bool(self.decision.going_on)


def look_at_pairs(plan: Plan, folder: str | Path) -> list[Looked]:
    """Take all looks that the results allow, at each pair of a plan.

    Args:
        plan: with looks.
        folder: of the tables of results.

    Raises:
        ValueError: naming a table that cannot be read.
    """
    assert plan.looks is not None  # asked before
    records = {
        key: _records_of(plan, key, folder)
        for key in {key for pair in plan.looks.pairs for key in pair}
    }
    return [_look_at(plan, plan.looks, pair, records) for pair in plan.looks.pairs]


def networks_needed(plan: Plan, folder: str | Path) -> dict[str, list[int]]:
    """Say which networks of which parts are to be trained before the next look.

    Args:
        plan: with looks.
        folder: of the tables of results.

    Returns:
        Numbers of networks without a result by the keys of parts, of the parts that go on; a part
        whose pairs are decided has none.
    """
    assert plan.looks is not None  # asked before
    needed: dict[str, int] = {}
    for looked in look_at_pairs(plan, folder):
        if looked.goes_on:
            for key in looked.pair:
                wanted = looked.trainings + plan.looks.every
                needed[key] = max(needed.get(key, 0), wanted)
    networks = {key: _without_result(plan, key, folder, count) for key, count in needed.items()}
    return {key: numbers for key, numbers in networks.items() if numbers}


def _look_at(
    plan: Plan, looks: Looks, pair: tuple[str, str], records: Mapping[str, Records | None]
) -> Looked:
    """Take the looks at a pair, one after the other, as far as its parts are trained."""
    first, second = (records[key] for key in pair)
    if first is None or second is None:
        return Looked(pair, 0, None)
    known = dict(zip(pair, shared_features([first, second])))
    rules = LookRules(looks.most // looks.every, looks.margin_of(pair), looks.confidence)
    taken = []
    decision = None
    for number in range(1, rules.looks + 1):
        trainings = number * looks.every
        samples = {}
        for key, found in zip(pair, (first, second)):
            seed = plan.part(key).seed
            if _is_trained(found, seed, trainings):
                samples[key] = sample_of(found, known[key], seed, trainings)
        if len(samples) < len(pair):
            break
        taken.append(take_look(samples, trainings, Statistic()).differences)
        decision = decide(pair, taken, rules)
        if not decision.going_on:
            break
    return Looked(pair, len(taken) * looks.every, decision)


def _is_trained(records: Records, seed: int, trainings: int) -> bool:
    """Whether the first so many networks of a part have ended."""
    return set(first_networks(records.networks, seed, trainings)) <= _ended(records)


def _without_result(plan: Plan, key: str, folder: str | Path, trainings: int) -> list[int]:
    """Numbers of those of the first so many networks of a part that have not ended."""
    part = plan.part(key)
    names = [network_name(number) for number in range(part.size)]
    first = first_networks(names, part.seed, trainings)
    records = _records_of(plan, key, folder)
    if records is not None:
        first = [name for name in first if name not in _ended(records)]
    return sorted(int(name) for name in first)


def _ended(records: Records) -> set[str]:
    """Names of the networks whose training has ended, well or not."""
    statuses = zip(records.networks, records.status)
    return {name for name, status in statuses if status in ('done', 'failed')}


def _records_of(plan: Plan, key: str, folder: str | Path) -> Records | None:
    """What the table of a part holds; None where there is none."""
    table = Path(folder, f'{key}.jsonl')
    if not table.exists():
        return None
    (records,) = read_records(table, name=plan.part(key).name)
    return records


def looked_text(plan: Plan, looked: Looked) -> str:
    """What the looks at a pair came to, in a line."""
    first, second = (plan.part(key).name for key in looked.pair)
    if looked.decision is None:
        return f'{first} and {second}: not looked at yet'
    (verdict,) = looked.decision.verdicts
    better, other = (plan.part(key).name for key in (verdict.better, verdict.other))
    said = {
        'better': f'{better} is better than {other}',
        'equal': f'{first} and {second} are equal within the margin',
        'undecided': f'{first} and {second}: not decided',
    }[verdict.outcome]
    return (
        f'{said} after {looked.trainings} trainings of each: {better} by {verdict.difference:.2f} '
        f'points ({verdict.low:.2f} to {verdict.high:.2f})'
    )
