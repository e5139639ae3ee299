"""What a space over a config draws, and the settings of the config that follow from it."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from mmengine.config import Config

from regnet_plugin.config_spaces.keys import check_key, short_names
from regnet_plugin.core.number_checks import is_real
from regnet_plugin.design_spaces.distributions import ABOVE_0, WHOLE, Parameter, Rule, as_law
from regnet_plugin.design_spaces.formulas import Absent, Formula

_ANY = Rule(
    'numbers or names', lambda value: is_real(value) or isinstance(value, str), continuous=True
)
# Names that a network has beside its parameters, see `Sample`, and what they must be.
_SETTINGS = dict(resolution=WHOLE, lr=ABOVE_0, weight_decay=ABOVE_0)
SETTINGS = tuple(_SETTINGS)


@dataclass(frozen=True)
class Drawn:
    """A parameter of a space over a config.

    Attributes:
        name: that formulas and tables have for it.
        key: of the config, which it sets; None for a name of one's own.
        parameter: its law.
        when: condition under which a network has it; None for always.
    """

    name: str
    key: str | None
    parameter: Parameter
    when: Formula | None


@dataclass(frozen=True)
class Derived:
    """A value that follows from others.

    Attributes:
        name: that formulas have for it.
        key: of the config, which it sets; None for a name of one's own.
        formula: of it.
    """

    name: str
    key: str | None
    formula: Formula


def is_key(config: Config, name: str) -> bool:
    """Whether a name is that of a key of a config, and not one of one's own."""
    return '.' in name or name in config


def read_parameters(config: Config, given: object) -> list[Drawn]:
    """Read the parameters of a space.

    Args:
        config: that is varied.
        given: laws by key or name: as `as_law` has them; with an entry ``when`` in a dict, the
            condition under which a network has the parameter.

    Raises:
        ValueError: which entry is not what it must be.
    """
    if not isinstance(given, Mapping) or not given:
        raise ValueError(
            f'parameters must be a dict of laws by key, at least one, but parameters={given!r}'
        )
    names = _names(config, given)
    known: list[str] = []
    drawn = []
    for key, law in given.items():
        law, when = _without_condition(key, law, known)
        own = not is_key(config, key)
        parameter = Parameter(as_law(law, key, _ANY))
        drawn.append(Drawn(names[key], None if own else key, parameter, when))
        known.append(names[key])
    return drawn


def _names(config: Config, given: Mapping[str, Any]) -> dict[str, str]:
    """The name of each parameter or derived value; keys are checked."""
    keys = [name for name in given if is_key(config, name)]
    for key in keys:
        check_key(config, key)
    names = {**short_names(keys), **{name: name for name in given if name not in keys}}
    for key, name in names.items():
        if not name.isidentifier():
            raise ValueError(
                f'a name of a parameter must be made of letters, digits and _, but it is {name!r}'
            )
        twice = [other for other in names if names[other] == name and other != key]
        if twice:
            raise ValueError(f'a name must be that of one parameter, but {key} and {twice[0]}')
    return names


def _without_condition(key: str, law: object, known: list[str]) -> tuple[object, Formula | None]:
    """A law without its condition, and that."""
    if not isinstance(law, Mapping) or law.get('when') is None:
        return law, None
    rest = {name: value for name, value in law.items() if name != 'when'}
    if set(rest) == {'values'}:
        rest = rest['values']
    when = _formula(f'the condition of {key}', law['when'])
    for name in when.names:
        if name not in known:
            raise ValueError(
                f'a condition has the names of parameters before it ({", ".join(known) or "none"}),'
                f" but that of {key} is '{when}'"
            )
    return rest, when


def _formula(what: str, text: object) -> Formula:
    try:
        return Formula(text)  # type: ignore[arg-type]
    except ValueError as error:
        raise ValueError(f'{what}: {error}') from None


def read_derived(config: Config, given: object, drawn: list[Drawn]) -> list[Derived]:
    """Read what follows from the parameters, in an order in which it can be computed.

    Args:
        config: that is varied.
        given: formulas by key or name; a list of keys is written as one, separated by spaces, where
            several settings are to have one value.
        drawn: the parameters.

    Raises:
        ValueError: which entry is not what it must be, or stands in a circle.
    """
    if not isinstance(given, Mapping):
        raise ValueError(f'derived must be a dict of formulas by key, but derived={given!r}')
    formulas = {key: _formula(key, _text(text)) for key, text in given.items()}
    names = _names(config, formulas)
    known = {each.name for each in drawn}
    for each in drawn:
        if each.key in formulas or each.name in names.values():
            # a derived key may end as a parameter does: then it is known by its whole key
            names = {key: _apart(key, name, known) for key, name in names.items()}
        if each.key is not None and each.key in formulas:
            raise ValueError(f'a key is drawn or derived, but {each.key} is both')
    for key, name in names.items():
        if not is_key(config, key) and name in known:
            raise ValueError(f'a name must be that of one value, but {name} is drawn and derived')
    everything = known | set(names.values())
    for key, formula in formulas.items():
        unknown = [name for name in formula.names if name not in everything]
        if unknown:
            raise ValueError(
                f'a formula has the names {", ".join(sorted(everything))}, but that of {key}, '
                f"'{formula}', has {unknown[0]}"
            )
    values = [
        Derived(names[key], key if is_key(config, key) else None, formula)
        for key, formula in formulas.items()
    ]
    ordered = _in_order(values, known)
    _check_used(drawn, list(formulas.values()))
    return ordered


def _check_used(drawn: list[Drawn], formulas: list[Formula]) -> None:
    """Refuse a parameter that sets nothing: networks would differ in name only."""
    conditions = [each.when for each in drawn if each.when is not None]
    used = {name for formula in (*formulas, *conditions) for name in formula.names}
    for each in drawn:
        if each.key is None and each.name not in used and each.name not in SETTINGS:
            raise ValueError(
                'a parameter is a key of the config, or has a name that a formula uses, but '
                f'{each.name} is neither'
            )


def _text(value: object) -> object:
    """A formula; a number or list stands for itself."""
    return value if isinstance(value, str) else repr(value)


def _apart(key: str, name: str, known: set[str]) -> str:
    return key.replace('.', '_') if name in known and '.' in key else name


def _in_order(values: list[Derived], known: set[str]) -> list[Derived]:
    """Values, each behind those that it needs."""
    ordered: list[Derived] = []
    done, waiting = set(known), list(values)
    while waiting:
        ready = [each for each in waiting if set(each.formula.names) <= done]
        if not ready:
            circle = ', '.join(f"{each.key or each.name}='{each.formula}'" for each in waiting)
            raise ValueError(f'derived values must not need each other in a circle, but {circle}')
        ordered += ready
        done |= {each.name for each in ready}
        waiting = [each for each in waiting if each.name not in done]
    return ordered


@dataclass(frozen=True)
class Settings:
    """What a network has of a config, and beside it.

    Attributes:
        config: values by key.
        named: all values by name.
    """

    config: dict[str, Any]
    named: dict[str, Any]


def settings_of(row: Mapping[str, Any], drawn: list[Drawn], derived: list[Derived]) -> Settings:
    """Compute what follows from drawn values; None stands for a parameter that there is not.

    A derived key whose formula needs such a parameter keeps what the base has.

    Raises:
        ValueError: if a formula cannot be computed, or a setting is not what it must be.
    """
    named = dict(row)
    config = {
        each.key: row[each.name]
        for each in drawn
        if each.key is not None and row[each.name] is not None
    }
    for each in derived:
        try:
            value = each.formula(named)
        except Absent:
            named[each.name] = None
            continue
        except ValueError as error:
            raise ValueError(f'{each.key or each.name}: {error}') from None
        named[each.name] = value
        if each.key is not None:
            config[each.key] = _plain(value)
    for name, rule in _SETTINGS.items():
        if named.get(name) is not None and not rule.keeps(named[name]):
            raise ValueError(f'values of {name} must be {rule.words}, but one is {named[name]!r}')
    return Settings(config, named)


def _plain(value: Any) -> Any:
    """A value as JSON and configs have it: lists for tuples, whole numbers as such."""
    if isinstance(value, tuple):
        return [_plain(entry) for entry in value]
    return value
