"""What README and docs tell a reader to type, as it stands on the pages.

These are commands, flags and paths.
"""

import argparse
import re
import shlex
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from killing import ROOT
from own_files import own_files
from pages import tools

PAGES = [*own_files('.', '*.md'), *own_files('docs', '**/*.md')]
PROGRAMS = {
    'mim',
    'ray',
    'apt-get',
    'python',
    'python3',
    '.',
    'export',
    'ssh',
    'cd',
    'git',
    'srun',
    'torchrun',
    'optuna-dashboard',
    'tensorboard',
    'cp',
    'rsync',
    'mkdir',
    'unzip',
    'ls',
    'kill',
}
_FENCED = re.compile(r'^ *```(?:sh|bash|shell|console)\n(.*?)^ *```', re.MULTILINE | re.DOTALL)
_ANY_FENCED = re.compile(r'^ *```.*?^ *```', re.MULTILINE | re.DOTALL)
_INLINE = re.compile(r'`([^`\n]+(?:\n[^`\n]+)?)`')


@dataclass(frozen=True)
class Command:
    """A command on a page.

    Attributes:
        page (Path): where it stands.
        text (str): as it stands, in one line, without its comment.
        comment (str): behind it; '' where there is none.
    """

    page: Path
    text: str
    comment: str = ''

    def __str__(self) -> str:
        return f'{self.page.relative_to(ROOT)}: {self.text}'

    @property
    def words(self) -> list[str]:
        """Program and arguments, without the variables before them."""
        words = shlex.split(self.text)
        while words and re.match(r'[A-Z_]+=', words[0]):
            del words[0]
        return words


def commands(page: Path) -> Iterator[Command]:
    """Those in blocks of a shell, and those in a sentence that begin with a program."""
    text = page.read_text()
    for block in _FENCED.findall(text):
        for line in re.sub(r'\s*\\\n\s*', ' ', block).splitlines():
            typed, _, comment = line.partition(' #')
            if typed.strip() and not typed.strip().startswith('#'):
                yield Command(page, typed.strip().removeprefix('$ '), comment.strip())
    for code in _INLINE.findall(_ANY_FENCED.sub('', text)):
        code = ' '.join(code.split())
        if re.match(r'(tools/\w+\.(py|sh)|make|pip|mim|ray)( |$)', code):
            yield Command(page, re.sub(r' ….*| \.\.\..*', '', code))


def flags(page: Path) -> Iterator[str]:
    """Flags that sentences, and comments behind commands, name."""
    text = page.read_text()
    for code in (
        *_INLINE.findall(_ANY_FENCED.sub('', text)),
        *(command.comment for command in commands(page)),
    ):
        yield from re.findall(r'(?<![\w-])--[a-z][\w-]*', code)


def paths(page: Path) -> Iterator[str]:
    """Files of the project that a page names, and those that it links to, as they stand."""
    text = page.read_text()
    yield from re.findall(
        r'(?<![\w/.:-])(?:tools|configs|environment|docs|tests)/[\w./*{},-]*\w\}?', text
    )
    for target in re.findall(r'\]\(([^)#\s]+)[^)]*\)', text):
        if not re.match(r'[a-z]+:', target):
            yield str((page.parent / target).resolve().relative_to(ROOT))


def alternatives(path: str) -> Iterator[str]:
    """'a{b,c}' is 'ab' and 'ac', as a shell has it."""
    found = re.search(r'\{([^{}]*)\}', path)
    if found is None:
        yield path
        return
    for one in found[1].split(','):
        yield from alternatives(path[: found.start()] + one.strip() + path[found.end() :])


def parser_of(tool: str, folder: Path = ROOT / 'tools') -> argparse.ArgumentParser:
    """The parser with which a tool reads its arguments."""
    return tools.parser_of(folder / tool)


_SCRIPTS = {
    'dist_train.sh': ('train.py', (0,), 2),
    'dist_test.sh': ('test.py', (0, 1), 3),
    'slurm_train.sh': ('train.py', (2,), 3),
    'slurm_test.sh': ('test.py', (2, 3), 4),
}


def arguments_of(words: list[str]) -> tuple[str, list[str]]:
    """The Python tool that a command ends in, and the arguments that it gets."""
    name, arguments = Path(words[0]).name, words[1:]
    if name.endswith('.py'):
        return name, arguments
    tool, first, own = _SCRIPTS[name]
    assert len(arguments) >= own, f'{name} needs {own} arguments'
    return tool, [*(arguments[place] for place in first), *arguments[own:]]
