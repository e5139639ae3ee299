"""What tools print: nothing in it can change what a terminal shows."""

import sys
from typing import TextIO


def printable(text: object) -> str:
    r"""Return a text as a terminal may show it: control characters as Python writes them, ``\x1b``.

    Names and messages in other people's files may hold control characters to change what is seen.
    Line breaks stay line breaks.
    """
    return ''.join(
        character
        if character.isprintable() or character == '\n'
        else character.encode('unicode_escape').decode()
        for character in str(text)
    )


def say(text: object, file: TextIO | None = None) -> None:
    """Print a text that is made `printable`: whatever a tool says passes here.

    Args:
        text: what is said.
        file: where to. Default: the standard output, as it is at the time of the call.
    """
    print(printable(text), file=file or sys.stdout, flush=True)
