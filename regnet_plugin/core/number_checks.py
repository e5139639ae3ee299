"""Whether something that a config or a file says is a number that can be computed with."""

from math import isfinite
from numbers import Integral, Real
from typing import TypeGuard

import numpy as np


def is_count(value: object) -> TypeGuard[int]:
    """Whether a value is a whole number from 1, and not a bool."""
    if isinstance(value, bool):
        return False
    return isinstance(value, Integral) and int(value) >= 1


def is_real(value: object) -> TypeGuard[float]:
    """Whether a value is a number that a float can hold, neither infinite nor a bool."""
    if isinstance(value, (bool, np.bool_)):
        return False
    # Nearly all values are int or float, and to ask an abstract class takes longer than all else.
    if not isinstance(value, (int, float, Real)):
        return False
    try:
        return isfinite(value)
    except OverflowError:  # a whole number of more than 308 digits
        return False
