"""Command lines of the tools: the parser, and types of arguments that several tools share."""

import argparse
from typing import NoReturn

from regnet_plugin.cli.printing import printable


class Parser(argparse.ArgumentParser):
    """Parses the command line of a tool; what it says of errors is printable, too."""

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
