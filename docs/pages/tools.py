"""What the tools say of themselves, for docs/reference/tools.md: nothing is typed twice."""

import argparse
import re
import runpy
import sys
from collections.abc import Iterator
from functools import cache
from pathlib import Path
from unittest.mock import patch


class _Captured(BaseException):
    """Ends a tool where it would read its arguments."""


@cache
def parser_of(tool: Path) -> argparse.ArgumentParser:
    """The parser with which a tool reads its arguments; the tool itself does nothing."""

    def capture(parser: argparse.ArgumentParser, *args: object, **kwargs: object) -> None:
        raise _Captured(parser)

    with (
        patch.object(argparse.ArgumentParser, 'parse_args', capture),
        patch.object(sys, 'argv', [str(tool)]),
    ):
        try:
            runpy.run_path(str(tool), run_name='__main__')
        except _Captured as captured:
            parser: argparse.ArgumentParser = captured.args[0]
            return parser
    raise AssertionError(f'{tool.name} reads no arguments')


def help_of_all_tools(root: Path) -> str:
    """Markdown with a chapter for each tool of a tree, by their names."""
    chapters = [help_of(path) for path in sorted((root / 'tools').glob('*.py'))]
    chapters += [_comment_of(path) for path in sorted((root / 'tools').glob('*.sh'))]
    return '\n'.join(chapters)


def help_of(tool: Path) -> str:
    """Markdown of a tool: what it is for, how it is called, and a list of its arguments."""
    parser = parser_of(tool)
    usage = parser.format_usage().removeprefix('usage: ')
    parts = [f'## {tool.name}', _escaped(parser.description or ''), _block(usage)]
    for group in parser._action_groups:
        arguments = list(_arguments_of(parser, group))
        if arguments:
            parts += [f'**{_escaped(group.title or "")}**', _escaped(group.description or '')]
            parts += arguments
    if parser.epilog:
        parts.append(_block(parser.epilog.replace('%(prog)s', parser.prog)))
    return '\n\n'.join(part for part in parts if part) + '\n'


def _arguments_of(parser: argparse.ArgumentParser, group: argparse._ArgumentGroup) -> Iterator[str]:
    """Entries of a list of definitions; what argparse adds by itself is left out."""
    formatter = parser._get_formatter()
    for action in group._group_actions:
        if action.help != argparse.SUPPRESS and action.dest != 'help':
            named = formatter._format_action_invocation(action)
            told = _escaped(formatter._expand_help(action)) if action.help else 'as its name says.'
            yield f'`{named}`\n: {told}'


def _comment_of(script: Path) -> str:
    """Markdown of a shell script: the comment that it begins with."""
    lines = script.read_text().splitlines()[1:]
    end = next(number for number, line in enumerate(lines) if not line.startswith('#'))
    comment = '\n'.join(line.removeprefix('#').removeprefix(' ') for line in lines[:end])
    return f'## {script.name}\n\n{_block(comment)}\n'


def _block(text: str) -> str:
    """Text that stays as it is."""
    return f'```text\n{text.strip()}\n```'


def _escaped(text: str) -> str:
    """Text in which no sign means anything to Markdown, in one line a paragraph."""
    paragraphs = [' '.join(part.split()) for part in text.split('\n\n')]
    return '\n\n'.join(re.sub(r'([\\`*_<>\[\]#|])', r'\\\1', part) for part in paragraphs)
