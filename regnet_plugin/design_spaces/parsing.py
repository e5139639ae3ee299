"""Texts of a person that Python's own parser reads, and nothing ever runs."""

import ast
import operator
from collections.abc import Callable
from typing import Any

_LONGEST, _MOST_PARTS = 1000, 200  # characters and nodes; more would be no design principle

COMPARISONS: dict[type[ast.cmpop], Callable[[Any, Any], Any]] = {
    ast.Lt: operator.lt,
    ast.LtE: operator.le,
    ast.Gt: operator.gt,
    ast.GtE: operator.ge,
    ast.Eq: operator.eq,
    ast.NotEq: operator.ne,
}
OPERATIONS: dict[type[ast.operator], Callable[[Any, Any], Any]] = {
    ast.Add: operator.add,
    ast.Sub: operator.sub,
    ast.Mult: operator.mul,
    ast.Div: operator.truediv,
    ast.FloorDiv: operator.floordiv,
    ast.Mod: operator.mod,
}


def parsed(text: object, what: str, example: str) -> ast.expr:
    """Return a text as Python's parser reads it; nothing is checked but that it can.

    Args:
        text: of a person.
        what: it is, for errors: 'a formula'.
        example: of such a text, for errors.

    Raises:
        ValueError: if it is no text, cannot be read, or is too long.
    """
    if not isinstance(text, str) or len(text) > _LONGEST:
        raise ValueError(
            f'{what} must be a text of at most {_LONGEST:,} characters, but it is '
            f'{str(text)[:60]!r}'
        )
    try:
        tree = ast.parse(text.strip(), mode='eval').body
    except (SyntaxError, ValueError, MemoryError, RecursionError) as error:
        reason = error.msg if isinstance(error, SyntaxError) else 'it cannot be read'
        raise ValueError(
            f"{what} must be one such as '{example}', but it is {text!r}: {reason}"
        ) from None
    if sum(1 for _ in ast.walk(tree)) > _MOST_PARTS:
        raise ValueError(
            f'{what} must have at most {_MOST_PARTS} names, numbers and signs, but '
            f'{text[:60]!r} has more'
        )
    return tree
