"""What may stand in a file: rules that the readers have in common."""

from regnet_plugin.core.number_checks import is_real
from regnet_plugin.files import unambiguous
from regnet_plugin.population.store import PopulationError

# What any Python may raise of values of other kinds and sizes than a reader expects.
MISREAD = (ValueError, TypeError, KeyError, IndexError, AttributeError, ArithmeticError)

_LARGEST = 1e100  # products of a few of them, summed over a population, are finite


def is_number(value):
    """Whether a value is a number that can be computed with: finite and, without its sign, at most
    1e100.
    """
    return is_real(value) and abs(value) <= _LARGEST


def percent(value, name='an error'):
    """Check an error.

    Raises:
        ValueError: if it is none in percent.
    """
    if not is_real(value) or not 0 <= value <= 100:
        raise ValueError(
            f'{name} must be a number from 0 to 100, in percent, but it is {value!r}; a network '
            'that '
            'diverged has none, and failed'
        )
    return float(value)


def known_numbers(values):
    """Check numbers from 0, such as flops, and leave out those that are None or NaN: unknown.

    Args:
        values (dict): by name.

    Raises:
        ValueError: naming the first one that is no number.
    """
    known = {name: value for name, value in values.items() if value is not None and value == value}
    for name, value in known.items():
        if not is_number(value) or value < 0:
            raise ValueError(f'{name} must be a number from 0 to 1e100, but it is {value!r}')
    return known


def space_of(values):
    """What is known of a design space, as `Records.space` has it; what is no number above 0, or no
    object, is not.

    Args:
        values (dict): of any origin.

    Returns:
        dict: ``size``, ``paper_size``, ``dimension``, ``low``, ``high`` and ``description``, as far
            as they are there.
    """
    numbers = {
        name: values.get(name) for name in ('size', 'paper_size', 'dimension', 'low', 'high')
    }
    known = {
        name: value
        for name, value in numbers.items()
        if is_real(value) and (value > 0 or name == 'low')
    }
    return (
        dict(known, description=values['description'])
        if isinstance(values.get('description'), dict)
        else known
    )


def ratio_of(multiplier):
    """Return the bottleneck ratio, the inverse of the multiplier of pycls, as a whole number where
    it is one.

    Raises:
        ValueError: if the multiplier is no number from 1/64 to 64.
    """
    if not is_real(multiplier) or not 1 / 64 <= multiplier <= 64:
        raise ValueError(
            f'a bottleneck multiplier must be a number from 1/64 to 64, but it is {multiplier!r}'
        )
    ratio = 1 / multiplier
    return round(ratio) if abs(ratio - round(ratio)) < 1e-9 else ratio


def section(values, name):
    """Return the object of a name in JSON, an empty one where there is none.

    Raises:
        ValueError: if it is no object.
    """
    found = values.get(name)
    if found is not None and not isinstance(found, dict):
        raise ValueError(f'{name} must be an object, but it is {found!r}')
    return found or {}


def series(values, name):
    """Return the list of a name in JSON, with an entry per epoch.

    Raises:
        ValueError: if it is no list, or an empty one.
    """
    found = values.get(name)
    if not isinstance(found, list) or not found:
        raise ValueError(f'{name} must be a list with an entry per epoch, but it is {found!r}')
    return found


def read_text(path):
    """Read a text in UTF-8, with or without a byte order mark.

    Raises:
        PopulationError: if it is none.
    """
    data = path.read_bytes()
    try:
        return data.decode('utf-8-sig')
    except UnicodeDecodeError as error:
        raise PopulationError(
            f'{path} must be a text in UTF-8, but its byte {error.start} is '
            f'0x{data[error.start]:02x}'
        ) from None


def parse_json(text, where):
    """Parse JSON.

    Raises:
        PopulationError: naming where it is.
    """
    try:
        return unambiguous(text)
    except (ValueError, RecursionError) as error:
        raise PopulationError(f'{where} cannot be read: {error}') from None
