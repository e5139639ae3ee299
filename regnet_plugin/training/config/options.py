"""Settings of a config on the command line: --cfg-options KEY=VALUE."""

import argparse
import ast
import re
from collections.abc import Sequence
from typing import Any

from mmengine.config import DictAction

# What is read as Python: dict(…), also within a list, and braces around a quoted key. Other braces
# belong to texts, such as epoch_{}.pth.
_HOLDS_DICT = re.compile(r'\bdict\s*\(|^[\s\[(]*\{\s*["\'}]')


class Options(DictAction):
    """Make a dict of words KEY=VALUE; values are MMEngine's, or dicts as configs write them.

    Raises:
        ValueError: if a word is not of that form. MMEngine's own action accepts a missing key, does
            not name a word without '=', and takes a dict for a text or never comes to its end.
    """

    def __call__(
        self,
        parser: argparse.ArgumentParser,
        namespace: argparse.Namespace,
        words: str | Sequence[Any] | None,
        option_string: str | None = None,
    ) -> None:
        """Add the words to what the option gave before."""
        settings = dict(getattr(namespace, self.dest, None) or {})
        for word in words or ():
            key, equals, text = word.partition('=')
            if not equals or not all(key.split('.')):
                raise ValueError(
                    'a setting is KEY=VALUE, with a key such as randomness.seed, but this one is '
                    f'{word!r}'
                )
            settings[key] = _parsed(text)
        setattr(namespace, self.dest, settings)


def _parsed(text: str) -> Any:
    """The value of a text of the command line.

    Raises:
        ValueError: which kinds of values there are.
    """
    try:
        if _HOLDS_DICT.search(text):
            return _value_of(ast.parse(text.strip(), mode='eval').body)
        return DictAction._parse_iterable(text)
    except (RecursionError, SyntaxError, ValueError, AssertionError):
        raise ValueError(
            'a value is a number, True, False, None, a text, a list [a,b], a tuple (a,b) or a '
            f'dict, dict(a=1) or {{"a": 1}}, but this one is {text!r}'
        ) from None


def _value_of(node: ast.AST | None) -> Any:
    """The value of an expression of lists, tuples, dicts, literals and bare words.

    A bare word is a text, as everywhere on the command line.
    """
    match node:
        case ast.Call() if _makes_dict(node):
            return {str(keyword.arg): _value_of(keyword.value) for keyword in node.keywords}
        case ast.Dict():
            return {_value_of(key): _value_of(value) for key, value in zip(node.keys, node.values)}
        case ast.List():
            return [_value_of(entry) for entry in node.elts]
        case ast.Tuple():
            return tuple(_value_of(entry) for entry in node.elts)
        case ast.Name() | ast.Attribute():
            return DictAction._parse_int_float_bool(ast.unparse(node))
        case ast.expr():
            return ast.literal_eval(node)
    raise ValueError('nothing stands where a value is expected')


def _makes_dict(call: ast.Call) -> bool:
    """Whether a call is dict(name=value, …): without positions and without ``**``."""
    named = all(keyword.arg for keyword in call.keywords)
    return getattr(call.func, 'id', '') == 'dict' and not call.args and named
