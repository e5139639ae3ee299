"""JSON with a value of the wrong kind in it."""

import copy
import math

_WRONG = (None, 'x', -1, 0, 0.5, [], [None], {}, True, math.nan, 10**400)


def variants(good):
    """Every object or list that differs from this one in one place.

    In that place there is something of another kind.
    """
    for path in _places(good):
        for value in _WRONG:
            broken = copy.deepcopy(good)
            place = broken
            for key in path[:-1]:
                place = place[key]
            place[path[-1]] = copy.deepcopy(value)
            yield broken


def _places(value, path=()):
    if isinstance(value, (dict, list)):
        for key, entry in value.items() if isinstance(value, dict) else enumerate(value):
            yield *path, key
            yield from _places(entry, (*path, key))
