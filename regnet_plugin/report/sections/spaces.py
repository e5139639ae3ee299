"""What is known of the design space that a population was sampled from."""

import re
from collections.abc import Mapping
from typing import Any

from regnet_plugin.report.populations import ReportedPopulation

# A flop regime at any place of a name, such as '_400mf' or ' 1.6 GF'.
_REGIME = re.compile(r'[-_ ]?\d+(\.\d+)? ?[mg]f', re.IGNORECASE)


def description_of(population: ReportedPopulation) -> Mapping[str, Any]:
    """Return the config of the design space; empty where it is unknown."""
    return population.records.space.get('description') or {}


def size_of(population: ReportedPopulation) -> int | None:
    """Return the number of networks of the design space; None where it is unknown.

    It is counted as the paper does where the paper's way of counting is defined.
    """
    space = population.records.space
    return space.get('paper_size') or space.get('size')


def family_of(population: ReportedPopulation) -> str:
    """Return the name of the kind of design space, such as 'RegNet X' or 'AnyNet Y'.

    Where the space is unknown it is the name of the population without a flop regime.
    """
    space = description_of(population)
    if 'type' not in space:
        return _REGIME.sub('', population.name)
    kind = str(space['type']).rpartition('.')[2].replace('Space', '')
    block = str(space.get('block', ''))
    if block in ('', 'X') and space.get('se_ratio'):
        block = 'Y'
    return ' '.join(word for word in (kind, block) if word)
