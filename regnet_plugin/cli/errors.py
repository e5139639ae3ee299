"""Errors of the person at the keyboard, as opposed to bugs: one line, no traceback."""

import os
import sys
import traceback
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

from regnet_plugin.cli.printing import make_messages_printable, say
from regnet_plugin.cli.traps import known_cause

# How Python, PyTorch (on a CPU and on a GPU), the system and C++ say that memory is not enough.
_SIGNS_OF_FULL_MEMORY = (
    "can't allocate memory",
    'Cannot allocate memory',
    'out of memory',
    'std::bad_alloc',
)


class UserError(Exception):
    """What a tool was given does not work; the message says the rule and the values."""


def is_out_of_memory(error: BaseException) -> bool:
    """Return whether an error says that memory is not enough, that of a CPU or of a GPU."""
    if isinstance(error, MemoryError):
        return True
    message = str(error)
    return any(sign in message for sign in _SIGNS_OF_FULL_MEMORY)


def in_one_line(error: BaseException) -> str:
    """Return what an error says, without line breaks.

    An error that says nothing, such as a bare assertion, is described by the line of code that
    raised it.
    """
    text = str(error)
    if isinstance(error, KeyError) and error.args:
        text = str(error.args[0])  # as text a KeyError is the `repr` of its message
    if not text and error.__traceback__:
        text = traceback.extract_tb(error.__traceback__)[-1].line or ''
    return ' '.join(text.split())


@contextmanager
def blame(culprit: str | Path, unless: Callable[[], bool] = lambda: False) -> Iterator[None]:
    """Turn any error into a `UserError` that names the culprit.

    Args:
        culprit: what was being read or built, such as the config's path.
        unless: asked when an error came; if true, the error is left as it is. Default: never.

    Raises:
        UserError: in place of the error; its cause where it is a known trap.
    """
    try:
        yield
    except UserError:
        raise
    except Exception as error:  # a config is a program, and may raise anything
        if unless():
            raise
        raise UserError(_message(culprit, error)) from error


def _message(culprit: str | Path, error: Exception) -> str:
    text = in_one_line(error)
    cause = known_cause(text)
    if cause is not None:
        return cause
    if isinstance(error, (ValueError, OSError)) and text:
        return f'{culprit}: {text}'
    return f'{culprit}: {type(error).__name__}: {text}'


@contextmanager
def not_ended() -> Iterator[None]:
    """Turn the end of the program, which a config may call for as it is read, into a ValueError."""
    try:
        yield
    except SystemExit as end:
        raise ValueError(
            f'a config must not end the program that reads it, but it calls sys.exit({end.code!r})'
        ) from end


@contextmanager
def refused(*kinds: type[Exception]) -> Iterator[None]:
    """Turn errors of these kinds into a `UserError` with the same message; others are bugs.

    It is for errors whose messages say all there is to say, without a culprit.
    """
    try:
        yield
    except BrokenPipeError:
        raise  # who read the output has seen enough, which `exit_on_user_error` knows
    except kinds as error:
        raise UserError(in_one_line(error)) from error


def exit_on_user_error(main: Callable[[], None], interrupted: str = 'interrupted') -> None:
    """Run a tool's main function; a `UserError` is printed in one line and the exit code is 2.

    An OSError is printed, too: it says what the machine does not give now. With
    ``log_level=DEBUG`` on the command line the traceback is shown instead. Nothing that libraries
    say meanwhile changes what a terminal shows.

    Args:
        main: of the tool.
        interrupted: what is said after Ctrl-C; the exit code is 130.
    """
    make_messages_printable()
    try:
        main()
    except KeyboardInterrupt:
        say(interrupted, sys.stderr)
        sys.exit(130)  # what shells say of a program that SIGINT ended: 128 + 2
    except BrokenPipeError:
        # Who read the output, such as `head`, has seen enough. What is still buffered goes nowhere,
        # or Python would try to write it at exit and fail again.
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        sys.exit(1)
    except (UserError, OSError) as error:
        if 'log_level=DEBUG' in sys.argv:
            raise
        message = str(error) if isinstance(error, UserError) else in_one_line(error)
        say(f'error: {message}', sys.stderr)
        sys.exit(2)
