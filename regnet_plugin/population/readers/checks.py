"""What may stand in a file: rules that the readers have in common."""

from collections.abc import Mapping
from pathlib import Path
from typing import Any

from regnet_plugin.core.number_checks import is_real
from regnet_plugin.files import unambiguous
from regnet_plugin.population.measured_error import LARGEST
from regnet_plugin.population.store import PopulationError

# What any Python may raise of values of other kinds and sizes than a reader expects.
MISREAD = (ValueError, TypeError, KeyError, IndexError, AttributeError, ArithmeticError)


def is_number(value: Any) -> bool:
    """Whether a value is a number that can be computed with.

    It is finite and, without its sign, at most 1e100.
    """
    return is_real(value) and abs(value) <= LARGEST


def is_nan(value: Any) -> bool:
    """Whether a value of any kind is NaN."""
    return bool(value != value)


def error_in_percent(value: Any, name: str = 'an error') -> float:
    """Check an error.

    Args:
        value: of any kind.
        name: of it, for the message.

    Raises:
        ValueError: if it is none in percent.
    """
    if not is_real(value) or not 0 <= value <= 100:
        raise ValueError(
            f'{name} must be a number from 0 to 100, in percent, but it is {value!r}; a network '
            'that diverged has none, and failed'
        )
    return float(value)


def known_numbers(values: Mapping[str, Any]) -> dict[str, float]:
    """Check numbers from 0, such as flops, and leave out those that are None or NaN: unknown.

    Args:
        values: by name, of any kind.

    Raises:
        ValueError: naming the first one that is no number.
    """
    known = {
        name: value for name, value in values.items() if value is not None and not is_nan(value)
    }
    for name, value in known.items():
        if not is_number(value) or value < 0:
            raise ValueError(f'{name} must be a number from 0 to 1e100, but it is {value!r}')
    return known


def space_of(values: Mapping[str, Any]) -> dict[str, Any]:
    """Give what is known of a design space, as `Records.space` has it.

    Args:
        values: of any origin.

    Returns:
        ``size``, ``paper_size``, ``dimension``, ``low``, ``high``, ``description``, ``seed``,
        ``uniforms``, ``twins_of`` and ``scaled``, as far as they are there: what is no number
        above 0, no object, no list or no text, is not. ``low`` and ``seed`` may be 0.
    """
    known: dict[str, Any] = {}
    for name in ('size', 'paper_size', 'dimension', 'low', 'high', 'seed'):
        value: Any = values.get(name)
        if is_real(value) and (value > 0 or (value == 0 and name in ('low', 'seed'))):
            known[name] = value
    description = values.get('description')
    if isinstance(description, dict):
        known['description'] = description
    for name, kind in (('uniforms', list), ('twins_of', str)):
        if isinstance(values.get(name), kind):
            known[name] = values[name]
    how = values.get('scaled')
    if isinstance(how, dict) and all(isinstance(how.get(name), str) for name in ('of', 'type')):
        factor = how.get('factor')
        known['scaled'] = dict(
            of=how['of'], type=how['type'], factor=factor if is_real(factor) else None
        )
    return known


def ratio_of_multiplier(multiplier: Any) -> float:
    """Return the bottleneck ratio, the inverse of the multiplier of pycls.

    Returns:
        A whole number where it is one.

    Raises:
        ValueError: if the multiplier is no number from 1/64 to 64, as `Architecture` has them.
    """
    if not is_real(multiplier) or not 1 / 64 <= multiplier <= 64:
        raise ValueError(
            f'a bottleneck multiplier must be a number from 1/64 to 64, but it is {multiplier!r}'
        )
    ratio = 1 / float(multiplier)
    # the inverse of the double nearest to 1/3 is not quite 3
    return round(ratio) if abs(ratio - round(ratio)) < 1e-9 else ratio


def object_in(values: Mapping[str, Any], name: str) -> dict[str, Any]:
    """Return the object of a name in JSON, an empty one where there is none.

    Raises:
        ValueError: if it is no object.
    """
    found = values.get(name)
    if found is not None and not isinstance(found, dict):
        raise ValueError(f'{name} must be an object, but it is {found!r}')
    return found or {}


def epochs_in(values: Mapping[str, Any], name: str) -> list[Any]:
    """Return the list of a name in JSON, with an entry per epoch.

    Raises:
        ValueError: if it is no list, or an empty one.
    """
    found = values.get(name)
    if not isinstance(found, list) or not found:
        raise ValueError(f'{name} must be a list with an entry per epoch, but it is {found!r}')
    return found


def read_foreign_text(path: Path) -> str:
    """Read a text in UTF-8, with or without a byte order mark.

    Raises:
        PopulationError: if it is none.
        OSError: if it cannot be read now.
    """
    data = path.read_bytes()
    try:
        return data.decode('utf-8-sig')
    except UnicodeDecodeError as error:
        raise PopulationError(
            f'{path} must be a text in UTF-8, but its byte {error.start} is '
            f'0x{data[error.start]:02x}'
        ) from None


def parse_json(text: str, where: str | Path) -> Any:
    """Parse JSON.

    Args:
        text: of a file, or of a line of one.
        where: it is, for the message.

    Raises:
        PopulationError: naming where it is.
    """
    try:
        return unambiguous(text)
    except (ValueError, RecursionError) as error:
        raise PopulationError(f'{where} cannot be read: {error}') from None
