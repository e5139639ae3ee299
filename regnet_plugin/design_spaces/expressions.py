"""Rules on networks as a person writes them: 'width[3] >= width[2] and group_width >= 8'.

They are read by Python's own parser, and evaluated here, node by node, for all networks at once;
what is no node of `_value` or `_truth` is refused, so nothing of a text is ever run. The libraries
that evaluate expressions safely ask each comparison whether it is true, which arrays are not: they
would take a network at a time.
"""

import ast
import operator
import re
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from difflib import get_close_matches
from functools import cached_property, reduce
from typing import Any

import numpy as np
from numpy.typing import NDArray

from regnet_plugin.cli.guides import guide
from regnet_plugin.core.number_checks import is_real
from regnet_plugin.design_spaces.parsing import COMPARISONS, OPERATIONS, parsed

EXAMPLE = 'width[3] >= width[2] and group_width >= 8'
# What stages have, by the paper's symbols, which columns of tables begin with.
SYMBOLS = dict(d='depth', w='width', b='bottleneck_ratio', g='group_width')

Numbers = NDArray[np.float64]
Truths = NDArray[np.bool_]

# How a stage is compared with the one before.
_ORDERS: dict[str, Callable[[Any, Any], Any]] = {
    'rising': operator.ge,
    'falling': operator.le,
    'equal': operator.eq,
}


@dataclass(frozen=True)
class Known:
    """What is known of n networks, by the names that expressions have for it.

    Attributes:
        stages: of each stage, shape (n, S); NaN for a stage that a network does not have.
        numbers: of whole networks, shape (n,); a name in both is the number where it has no index.
        also: names that were not asked for, and are left out of the numbers.
    """

    stages: Mapping[str, NDArray[Any]]
    numbers: Mapping[str, NDArray[Any]]
    also: Sequence[str] = ()

    @property
    def names(self) -> list[str]:
        """All names, each once."""
        return list(dict.fromkeys([*self.stages, *self.numbers, *self.also]))

    def __len__(self) -> int:
        return len(next(iter((*self.numbers.values(), *self.stages.values()))))


@dataclass(frozen=True)
class Expression:
    """A rule that each network keeps or breaks.

    Names without an index are those of every stage, and a comparison holds if it does in each;
    ``depth`` is the one exception, the blocks of the whole network. Stages are numbered from 1, as
    in the paper. ``rising(width)``: from stage to stage no width is less than the one before, so
    ties are allowed, as in AnyNetX_D; ``falling`` and ``equal`` likewise.

    Args:
        text: with names, numbers, + - * / // %, comparisons, rising(…), falling(…), equal(…), and,
            or, not and parentheses.

    Raises:
        ValueError: if it cannot be read, or is too long.
    """

    text: str

    def __post_init__(self) -> None:
        # One line without needless parentheses, whatever was written.
        object.__setattr__(self, 'text', _text(_joined(self.tree)))

    @cached_property
    def tree(self) -> ast.expr:
        """The text as Python's parser reads it; nothing is checked but that it can."""
        return parsed(self.text, 'an expression', EXAMPLE)

    @cached_property
    def names(self) -> frozenset[str]:
        """Names that it has, those of functions among them."""
        return frozenset(node.id for node in ast.walk(self.tree) if isinstance(node, ast.Name))

    def orders(self) -> Iterator[tuple[str, str]]:
        """Iterate over the orders of stages that every network has to keep, and whose they are.

        Those are 'rising', 'falling' and 'equal', where they are joined to the rest by ``and``.
        """
        for part in _joined(self.tree):
            if isinstance(part, ast.Call):
                yield _called(part)

    def holds(self, known: Known) -> Truths:
        """Return which of n networks keep the rule.

        Args:
            known: of the networks.

        Raises:
            ValueError: if a name, an index or a part of the expression is none that there is.
        """
        with np.errstate(all='ignore'):  # 0 / 0 is no number, and keeps nothing
            return np.broadcast_to(_truth(self.tree, known), len(known))

    def __str__(self) -> str:
        return self.text


def both(first: str | None, second: str) -> str:
    """Join two expressions, of which the first may be missing: networks must keep both."""
    rules = [Expression(text) for text in (first, second) if text is not None]
    return _text(part for rule in rules for part in _joined(rule.tree))


def _text(parts: Iterable[ast.expr]) -> str:
    """Write rules that are joined by ``and``, which Python would put into needless parentheses."""
    first, *others = parts
    if not others:
        return ast.unparse(first)
    binds_less = (ast.BoolOp, ast.IfExp, ast.Lambda)
    return ' and '.join(
        f'({ast.unparse(part)})' if isinstance(part, binds_less) else ast.unparse(part)
        for part in (first, *others)
    )


def _joined(node: ast.expr) -> Iterator[ast.expr]:
    """Yield the parts that a rule joins by ``and``; the rule itself where it joins none."""
    if isinstance(node, ast.BoolOp) and isinstance(node.op, ast.And):
        for part in node.values:
            yield from _joined(part)
    else:
        yield node


def _truth(node: ast.expr, known: Known) -> Truths:
    """Evaluate what is true or false of each network: shape (n,)."""
    match node:
        case ast.BoolOp(op=op, values=parts):
            join = np.logical_and if isinstance(op, ast.And) else np.logical_or
            joined: Truths = reduce(join, [_truth(part, known) for part in parts])
            return joined
        case ast.UnaryOp(op=ast.Not(), operand=operand):
            return ~_truth(operand, known)
        case ast.Compare(left=left, ops=signs, comparators=others):
            values = [_value(part, known) for part in (left, *others)]
            compared = [
                _in_every_stage(sign, node, *pair)
                for sign, pair in zip(signs, zip(values, values[1:]))
            ]
            every: Truths = np.logical_and.reduce(compared)
            return every
        case ast.Call():
            order, name = _called(node)
            stages = _stages(name, node, known)
            steps = _in_every_stage_of(_ORDERS[order], stages[:, 1:], stages[:, :-1])
            is_single: Truths = np.isfinite(stages).sum(axis=1) == 1
            return steps | is_single
    raise ValueError(
        f'an expression must be true or false of each network, as {EXAMPLE!r} is, but '
        f'{ast.unparse(node)!r} is not'
    )


def _value(node: ast.expr, known: Known) -> Numbers:
    """Evaluate a number of each network, shape (n, 1), or of each stage, shape (n, S)."""
    match node:
        case ast.Constant(value=value) if is_real(value):
            return np.full((1, 1), float(value))
        case ast.UnaryOp(op=ast.USub(), operand=operand):
            return -_value(operand, known)
        case ast.BinOp(left=left, op=sign, right=right) if type(sign) in OPERATIONS:
            result: Numbers = OPERATIONS[type(sign)](_value(left, known), _value(right, known))
            return result
        case ast.Name(id=name):
            if name in known.numbers:
                return np.asarray(known.numbers[name], dtype=np.float64)[:, None]
            return _stages(name, node, known)
        case ast.Subscript(value=ast.Name(id=name), slice=ast.Constant(value=int(stage))):
            stages = _stages(name, node, known)
            if not 1 <= stage <= stages.shape[1]:
                raise ValueError(
                    f'stages are numbered from 1 to {stages.shape[1]}, but the expression has '
                    f'{ast.unparse(node)}'
                )
            return stages[:, stage - 1 : stage]
    raise ValueError(
        'an expression has names, numbers, + - * / // %, comparisons, rising, falling and equal of '
        f'a name, and, or, not, and a stage in brackets, but it has {ast.unparse(node)!r} (guide: '
        f'{guide("restrictions")})'
    )


def _in_every_stage(sign: ast.cmpop, node: ast.expr, left: Numbers, right: Numbers) -> Truths:
    if type(sign) not in COMPARISONS:
        raise ValueError(
            f'numbers are compared by <, <=, >, >=, == and !=, but it is {ast.unparse(node)!r}'
        )
    return _in_every_stage_of(COMPARISONS[type(sign)], left, right)


def _in_every_stage_of(compare: Callable[[Any, Any], Any], left: Numbers, right: Numbers) -> Truths:
    """Whether a comparison holds in every stage that a network has, and it has one of them."""
    missing = np.isnan(left) | np.isnan(right)
    every: Truths = (compare(left, right) | missing).all(axis=1) & ~missing.all(axis=1)
    return every


def _called(node: ast.Call) -> tuple[str, str]:
    """Return function and name of 'rising(width)'."""
    match node:
        case ast.Call(func=ast.Name(id=order), args=[ast.Name(id=name)], keywords=[]) if (
            order in _ORDERS
        ):
            return order, name
    raise ValueError(
        f'a function must be {", ".join(_ORDERS)} of one name, such as rising(width), but the '
        f'expression has {ast.unparse(node)!r}'
    )


def _stages(name: str, node: ast.expr, known: Known) -> Numbers:
    """Return what each stage has under a name, shape (n, S)."""
    if name in known.stages:
        return np.asarray(known.stages[name], dtype=np.float64)
    if name in (*known.numbers, *known.also):
        raise ValueError(
            f'stages have {", ".join(known.stages)}, but the expression has {ast.unparse(node)!r}'
        )
    raise ValueError(
        f'an expression has the names {", ".join(known.names)}, but {name!r} is none of them'
        + ''.join(f'; the nearest is {each}' for each in _nearest(name, known.names))
    )


def _nearest(name: str, names: Sequence[str]) -> list[str]:
    """Return what was meant by a name that is none: 'width[4]' for the 'w_4' of tables; or none."""
    symbol = re.fullmatch('([dwbg])(?:_([1-9]))?', name)
    if symbol and SYMBOLS[symbol[1]] in names:
        return [SYMBOLS[symbol[1]] + (f'[{symbol[2]}]' if symbol[2] else '')]
    return get_close_matches(name.lower(), names, 1, cutoff=0.5)
