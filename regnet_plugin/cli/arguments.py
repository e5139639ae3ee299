"""Command lines of the tools: the parser, and types of arguments that several tools share."""

import argparse
import textwrap
from typing import NoReturn

from regnet_plugin.cli.guides import guide as page_of
from regnet_plugin.cli.printing import printable

_WIDTH = 100  # of a description, in characters


class Parser(argparse.ArgumentParser):
    """Parses the command line of a tool; what it says of errors is printable, too.

    The help of each tool is in one order: what it does, its options, what else there is to know,
    the page that tells more, and at the end examples as they can be typed in a clone.

    Args:
        description: what the tool does, in a sentence or two.
        examples: commands, a line each, with a comment behind some.
        guide: name of the page, see `regnet_plugin.cli.guides`. Default: there is none.
        notes: printed as they stand. Default: none.
    """

    def __init__(
        self, *, description: str, examples: str, guide: str | None = None, notes: str = ''
    ) -> None:
        page = f'guide: {page_of(guide)}' if guide else ''
        parts = [notes, page, f'examples:\n{examples}']
        super().__init__(
            description=textwrap.fill(description, _WIDTH),
            epilog='\n\n'.join(part for part in parts if part),
            formatter_class=argparse.RawDescriptionHelpFormatter,
        )

    def exit(self, status: int = 0, message: str | None = None) -> NoReturn:
        """End the tool, as argparse does; the message may quote what a terminal must not show."""
        super().exit(status, None if message is None else printable(message))


def folder(text: str) -> str:
    """The path of a folder, as a type of command-line arguments.

    Raises:
        argparse.ArgumentTypeError: if it is empty, which would be a default or the working
            directory.
    """
    if not text:
        raise argparse.ArgumentTypeError('must name a folder, but it is empty')
    return text


def network(text: str) -> str:
    """The name of a network, as a type of command-line arguments: 7 is 000007."""
    return text.zfill(6) if text.isdecimal() else text
