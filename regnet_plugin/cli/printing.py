"""What tools print: nothing in it can change what a terminal shows."""

import logging
import sys
import traceback
import warnings
from io import TextIOWrapper
from types import TracebackType
from typing import Any, TextIO


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


def make_messages_printable() -> None:
    """Make `printable` what libraries log and warn of, and tracebacks, from now on.

    Their messages quote the files that they read: MMEngine's logs hold names of tensors and of
    classes. Colours, which their formatters add afterwards, stay. What the encoding of the standard
    output does not have is written so, too, as Python does it for that of errors.
    """
    if isinstance(sys.stdout, TextIOWrapper):
        sys.stdout.reconfigure(errors='backslashreplace')
    logging.setLogRecordFactory(_PrintableRecord)
    warnings.formatwarning = _printable_warning
    sys.excepthook = _say_traceback


class _PrintableRecord(logging.LogRecord):
    """What is logged, with a message that is `printable`."""

    def getMessage(self) -> str:
        return printable(super().getMessage())


_formatwarning = warnings.formatwarning


def _printable_warning(*args: Any, **kwargs: Any) -> str:
    return printable(_formatwarning(*args, **kwargs))


def _say_traceback(
    kind: type[BaseException], error: BaseException, trace: TracebackType | None
) -> None:
    say(''.join(traceback.format_exception(kind, error, trace)).rstrip('\n'), sys.stderr)
