"""The order in which networks are trained: random by a seed, so that a part is a random part.

Candidates of a space are exchangeable, but a file of networks may have been sorted by whoever wrote
it, so their order there is not relied on.
"""

from collections.abc import Iterable, Mapping, Set
from hashlib import sha256

# One of so many networks, the last ones, are trained costliest first, so that no long one begins
# when the others end. Of 500 networks, 8 at a time, workers then wait at the end for a fifth of a
# training each in the mean, and for nine tenths without; 50 at the end are no part to report on.
_LAST = 10


def training_order(costs: Mapping[str, float], seed: int) -> list[str]:
    """Give the names of networks in the order in which they are trained.

    Args:
        costs: by the networks' names, see `population.runs.run.cost_of`.
        seed: of the population. Of two networks the same one comes first also among others, so a
            population that grows keeps its order, but for the last ones.
    """
    names = _shuffled(costs, seed)
    first = _number_of_first(len(names))
    return names[:first] + sorted(names[first:], key=lambda name: (-costs[name], name))


def first_networks(names: Iterable[str], seed: int, count: int) -> list[str]:
    """Name the networks of a population that are trained where only so many are.

    They are the first ones in an order that is random by the seed, so that a larger number goes on
    with what a smaller one began, and the smaller part stays a random part of the larger one.

    Args:
        names: of all networks.
        seed: of the population.
        count: how many, at most as many as there are.
    """
    return _shuffled(names, seed)[:count]


def is_random_part(
    names: Iterable[str], planned: Set[str], seed: int, ended: Set[str], untouched: Set[str]
) -> bool:
    """Whether the networks that ended are a random part of a population.

    They are if they were trained in the order of `training_order`: none of them comes after one
    that nobody began to train, except among the last ones that are to be trained.

    Args:
        names: of all networks.
        planned: of those that are to be trained, or were.
        seed: of the population.
        ended: names of the networks that ended.
        untouched: of those that nobody began to train.
    """
    order = _shuffled(names, seed)
    if planned == set(order[: len(planned)]):  # see `first_networks`
        order = order[: len(planned)]
    first = _number_of_first(len(order))
    for place, name in enumerate(order[:first]):
        if name in untouched:
            return ended.isdisjoint(order[place:])
    return True


def _shuffled(names: Iterable[str], seed: int) -> list[str]:
    """Names in an order that depends on them and a seed alone, not on that in which they come."""
    return sorted(names, key=lambda name: sha256(f'{seed} {name}'.encode()).digest())


def _number_of_first(networks: int) -> int:
    """How many of so many networks are trained in random order."""
    return networks - networks // _LAST
