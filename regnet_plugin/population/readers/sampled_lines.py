"""The networks of a population of this package, as plain JSON: what is known before any training.

To build each `Sample` takes three times as long as all that is done here, and 10^5 networks are to
be read in seconds.
"""

from collections.abc import Mapping, Sequence
from typing import Any, NamedTuple

from regnet_plugin.core.vocabulary import DEFAULT_BLOCK
from regnet_plugin.files import is_there, naming, unambiguous
from regnet_plugin.population.columns import (
    ALIASES,
    COUNTS,
    DRAW,
    DRAWN_LISTS,
    LETTERS,
    LISTS,
    NETWORK,
    PREDICTIONS,
    SETTINGS,
    check_parameter,
    of_stage,
)
from regnet_plugin.population.readers.network_rows import backbone_of, stage_numbers
from regnet_plugin.population.store import (
    Population,
    PopulationError,
    SampledNetwork,
    check_new,
)

_KEYS = frozenset((*LISTS, *NETWORK))
_PREDICTIONS = frozenset(PREDICTIONS)
# Parameters that the stages say, after the group-width rule.
_OF_STAGES = ('depth', *DRAWN_LISTS)
_WHOLE: frozenset[type] = frozenset((int,))
_REAL: frozenset[type] = frozenset((int, float))


class Sampled(NamedTuple):
    """What is known of a network as soon as it is sampled.

    Attributes:
        numbers: its columns.
        backbone: arguments of AnyNet; None of a network that a config describes.
        counted_at: classes and resolution, as `Records.conditions` has them.
    """

    numbers: dict[str, float]
    backbone: dict[str, Any] | None
    counted_at: dict[str, tuple[str, ...]]


def sampled_networks(population: Population) -> dict[str, Sampled]:
    """Read what is known of each network of a population, by name.

    A last line without its end is being written, and left out.

    Raises:
        PopulationError: naming the line that is no network, or is there twice; or if there is none.
        OSError: naming the file, if it cannot be read now.
    """
    with naming(population.path):
        lines = population.path.read_bytes().split(b'\n')[:-1] if is_there(population.path) else []
    sampled: dict[str, Sampled] = {}
    for number, line in enumerate(lines, 1):
        try:
            values = _parsed(line)
            check_new(values['network'], sampled)
            backbone = None
            if 'architecture' in values:
                backbone = backbone_of(values['architecture'], values['activation'])
            sampled[values['network']] = Sampled(_numbers(values), backbone, _counted_at(values))
        except (ValueError, RecursionError) as error:
            raise PopulationError(f'{population.path}:{number}: {error}') from None
    if not sampled:
        raise PopulationError(f'there is no network in {population.directory} yet')
    return sampled


def _parsed(line: bytes) -> dict[str, Any]:
    """The JSON of a line.

    What does not look like a network is read with all rules, to say which one is broken.
    """
    values = unambiguous(line)
    try:
        looks_right = _looks_right(values)
    # of values of other kinds than are expected
    except (TypeError, AttributeError, KeyError, ArithmeticError):
        looks_right = False
    if not looks_right:
        SampledNetwork.from_line(line)
        raise ValueError('depths, widths and group widths must fit 64 bits')
    found: dict[str, Any] = values
    return found


def _looks_right(values: Any) -> bool:
    """Whether all that is used here of a line is of the right kind."""
    complexity = values['complexity']
    numbers = [complexity[name] for name in COUNTS]
    numbers += [values['resolution'], values.get('lr', 1), values.get('weight_decay', 1)]
    numbers += values.get('predicted', {}).values()
    for value in values['parameters'].values():
        if not isinstance(value, str):
            numbers += value if isinstance(value, list) else [value]
    draw = values['draw']
    return (
        type(values['network']) is str
        and type(draw) is int
        and 0 <= draw < 2**53  # as a float it is exact
        and type(values['num_classes']) is int
        and _PREDICTIONS.issuperset(values.get('predicted', {}))
        and _are_numbers(numbers, _REAL)
        and (type(values['config']) is dict if 'config' in values else _has_stages(values))
    )


def _has_stages(values: Any) -> bool:
    """Whether all that is used here of a network's stages is of the right kind."""
    architecture = values['architecture']
    stages = len(architecture['depths'])
    ones = [1] * stages  # where the block has no bottleneck, or no groups
    return (
        type(values['activation']) is str
        and type(architecture.get('block', DEFAULT_BLOCK)) is str
        and _KEYS.issuperset(architecture)
        and _is_list(architecture['depths'], stages, _WHOLE)
        and _is_list(architecture['widths'], stages, _WHOLE)
        and _is_list(architecture['bottleneck_ratios'] or ones, stages, _REAL)
        and _is_list(architecture['group_widths'] or ones, stages, _WHOLE)
    )


def _is_list(values: Any, stages: int, kinds: frozenset[type]) -> bool:
    """Whether these are positive numbers of some kinds, one per stage."""
    return (
        type(values) is list
        and len(values) == stages
        and _are_numbers(values, kinds)
        and min(values) > 0
    )


def _are_numbers(values: Sequence[Any], kinds: frozenset[type]) -> bool:
    """Whether these are numbers that fit 64 bits, not NaN: in a sum these would show."""
    return kinds.issuperset(map(type, values)) and -(2**63) < sum(values) < 2**63


def _numbers(values: Mapping[str, Any]) -> dict[str, float]:
    """The columns of a network.

    Nominal parameters, stages after the group-width rule, and what was drawn beside the
    architecture.
    """
    numbers: dict[str, float] = {name: values['complexity'][name] for name in COUNTS}
    numbers.update(values.get('predicted', {}))
    numbers[DRAW] = values['draw']
    if 'architecture' in values:
        numbers.update(stage_numbers(values['architecture']))
    parameters = values['parameters']
    for letter in 'bg':
        nominal = parameters.get(LETTERS[letter])
        if isinstance(nominal, list) and len(set(nominal)) == 1:
            numbers[letter] = nominal[0]
    for name, value in parameters.items():
        if isinstance(value, str) or (name in _OF_STAGES and 'architecture' in values):
            continue
        if isinstance(value, list):
            check_parameter(of_stage(name, 1))
            numbers.update({of_stage(name, stage): entry for stage, entry in enumerate(value, 1)})
        elif name in ALIASES:
            numbers[ALIASES[name]] = value
        else:
            check_parameter(name)
            numbers[name] = value
    numbers.update({name: values[name] for name in SETTINGS if name in values})
    return numbers


def _counted_at(values: Mapping[str, Any]) -> dict[str, tuple[str, ...]]:
    return {name: (str(values[name]),) for name in ('num_classes', 'resolution')}
