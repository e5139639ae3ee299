"""Values that follow from others, as a config writes them: 'width * (1, 2, 4, 8)'.

Python's own parser reads them, and each node is evaluated here: what is no node of `_value` is
refused, so nothing of a text is ever run. Unlike `expressions`, which tell of many networks at once
whether they keep a rule, a formula gives one network a number, a name, or a tuple of such.
"""

import ast
import math
import operator
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from functools import cached_property
from typing import Any

from regnet_plugin.core.number_checks import is_real
from regnet_plugin.design_spaces.parsing import COMPARISONS, OPERATIONS, parsed

EXAMPLE = 'width * (1, 2, 4, 8)'
_LARGEST_POWER, _MOST_ENTRIES = 64, 1000

_OPERATIONS = {**OPERATIONS, ast.Pow: operator.pow}


def multiple(value: float, of: int) -> int:
    """Return the multiple of a number that is nearest to a value, and at least one time it."""
    return max(of, round(value / of) * of)


def repeat(value: Any, times: int) -> tuple[Any, ...]:
    """Return a tuple with a value so many times."""
    if not 0 <= times <= _MOST_ENTRIES:
        raise ValueError(f'a value is repeated up to {_MOST_ENTRIES} times')
    return (value,) * times


_FUNCTIONS: dict[str, Callable[..., Any]] = dict(
    min=min,
    max=max,
    sum=sum,
    round=round,
    int=int,
    sqrt=math.sqrt,
    log2=math.log2,
    multiple=multiple,
    repeat=repeat,
)


class Absent(ValueError):
    """A formula needs a parameter that a network does not have."""


@dataclass(frozen=True)
class Formula:
    """A value that is computed from named ones.

    Arithmetic with a tuple is done entry by entry: ``width * (1, 2)`` is ``(width, 2 * width)``.

    Args:
        text: names, numbers, 'texts', True, False, None, tuples, entries of them (``widths[0]``),
            ``+ - * / // % **``, comparisons, and, or, not, ``a if b else c``, and the functions
            min, max, sum, round, int, sqrt, log2, ``multiple(value, of)`` (the nearest multiple)
            and ``repeat(value, times)``.

    Raises:
        ValueError: if it cannot be read, is too long, or has something else.
    """

    text: str

    def __post_init__(self) -> None:
        for node in ast.walk(self.tree):
            _check(node, self.text)

    @cached_property
    def tree(self) -> ast.expr:
        """The text as Python's parser reads it."""
        return parsed(self.text, 'a formula', EXAMPLE)

    @cached_property
    def names(self) -> tuple[str, ...]:
        """Names of the values that it needs, in their order."""
        found = [node.id for node in ast.walk(self.tree) if isinstance(node, ast.Name)]
        return tuple(dict.fromkeys(name for name in found if name not in _FUNCTIONS))

    def __call__(self, values: Mapping[str, Any]) -> Any:
        """Return what it gives.

        Args:
            values: by name; None where a network has no such value.

        Raises:
            Absent: if it needs one that is None.
            ValueError: if it cannot be computed from these values, which the message has.
        """
        for name in self.names:
            if values[name] is None:
                raise Absent(name)
        try:
            found = _value(self.tree, values)
        except (ArithmeticError, TypeError, ValueError, IndexError) as error:
            raise ValueError(
                f'{self.text!r} must give a value, but with '
                f'{", ".join(f"{name}={values[name]!r}" for name in self.names)} '
                f'{type(error).__name__}: {error}'
            ) from None
        return found

    def __str__(self) -> str:
        return self.text


def _check(node: ast.AST, text: str) -> None:
    """Refuse what a formula does not have, before it is computed."""
    match node:
        case ast.Constant(value=value) if value is None or isinstance(value, (str, bool)):
            return
        case ast.Constant(value=value) if is_real(value):
            return
        case ast.Call(func=ast.Name(id=name), keywords=[]) if name in _FUNCTIONS:
            return
        case ast.BinOp(op=sign) if type(sign) in _OPERATIONS:
            return
        case ast.Compare(ops=signs) if all(type(sign) in COMPARISONS for sign in signs):
            return
        case ast.Name() | ast.Tuple() | ast.List() | ast.Subscript() | ast.BoolOp() | ast.IfExp():
            return
        case ast.UnaryOp(op=ast.USub() | ast.Not()):
            return
        case ast.operator() | ast.cmpop() | ast.boolop() | ast.unaryop() | ast.expr_context():
            return
    shown = ast.unparse(node) if isinstance(node, ast.expr) else type(node).__name__
    raise ValueError(
        'a formula has names, numbers, texts, tuples, + - * / // % **, comparisons, and, or, not, '
        f'if else, and the functions {", ".join(_FUNCTIONS)}, but {text!r} has {shown!r}'
    )


def _value(node: ast.expr, values: Mapping[str, Any]) -> Any:
    """Evaluate one node that `_check` let through."""
    match node:
        case ast.Constant(value=value):
            return value
        case ast.Name(id=name):
            return values[name]
        case ast.Tuple(elts=entries) | ast.List(elts=entries):
            return tuple(_value(entry, values) for entry in entries)
        case ast.Subscript(value=whole, slice=place):
            return _value(whole, values)[_value(place, values)]
        case ast.UnaryOp(op=ast.Not(), operand=operand):
            return not _value(operand, values)
        case ast.UnaryOp(operand=operand):
            return _by_entry(operator.sub, 0, _value(operand, values))
        case ast.BinOp(left=left, op=sign, right=right):
            sides = _value(left, values), _value(right, values)
            if isinstance(sign, ast.Pow) and abs(sides[1]) > _LARGEST_POWER:
                raise ValueError(f'a power must be at most {_LARGEST_POWER}')
            return _by_entry(_OPERATIONS[type(sign)], *sides)
        case ast.BoolOp(op=op, values=parts):
            join = all if isinstance(op, ast.And) else any
            return join(_value(part, values) for part in parts)
        case ast.IfExp(test=test, body=body, orelse=other):
            return _value(body if _value(test, values) else other, values)
        case ast.Compare(left=left, ops=signs, comparators=others):
            sides = tuple(_value(part, values) for part in (left, *others))
            return all(
                COMPARISONS[type(sign)](*pair) for sign, pair in zip(signs, zip(sides, sides[1:]))
            )
        case ast.Call(func=ast.Name(id=name), args=arguments):
            return _FUNCTIONS[name](*(_value(argument, values) for argument in arguments))
    raise TypeError(ast.unparse(node))  # nothing that `_check` lets through


def _by_entry(operation: Callable[[Any, Any], Any], left: Any, right: Any) -> Any:
    """Compute with two values; with a tuple, entry by entry."""
    if isinstance(left, str) or isinstance(right, str):
        raise TypeError('a text is no number')
    if isinstance(left, tuple) and isinstance(right, tuple):
        if len(left) != len(right):
            raise ValueError('tuples must be of one length')
        return tuple(operation(*pair) for pair in zip(left, right))
    if isinstance(left, tuple):
        return tuple(_by_entry(operation, entry, right) for entry in left)
    if isinstance(right, tuple):
        return tuple(_by_entry(operation, left, entry) for entry in right)
    return operation(left, right)
