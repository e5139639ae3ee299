"""Names of populations and parameters as parts of names of files."""

import re
from collections.abc import Sequence

_LONGEST_KEY = 60  # characters


def keys_of(names: Sequence[str]) -> list[str]:
    """Make parts of names of files: of lower-case letters, digits and '_', each another one.

    Where two names give the same, the later one gets a number.

    Args:
        names: of populations or parameters; they may come from data.
    """
    keys: list[str] = []
    for name in names:
        plain = re.sub('[^a-z0-9]+', '_', name.lower()).strip('_')[:_LONGEST_KEY] or 'unnamed'
        key = plain
        number = 1
        while key in keys:
            number += 1
            key = f'{plain}_{number}'
        keys.append(key)
    return keys
