"""Errors of the person at the keyboard, as opposed to bugs: one line, no traceback."""

import argparse
import os
import sys
import traceback
from contextlib import contextmanager
from importlib.util import find_spec

OPS_MISSING = (
    "mmcv is installed without its compiled ops, which mmdet's models need. In a clone of "
    'regnet_plugin build '
    'them with: make ops (10 to 16 minutes on two cores); elsewhere install an mmcv that has them'
)

# Known traps of an OpenMMLab environment: what the error says, and what is really wrong.
_TRAPS = {
    'mmcv._ext': OPS_MISSING,
    'torchvision::nms does not '
    'exist': 'torch and torchvision are of different builds; install a pair of one build, such '
    'as torch==2.10.0 torchvision==0.25.0',
    'NoneType takes no '
    'arguments': "transformers 5 breaks mmpretrain's models: pip install 'transformers<5'",
    'is not one of the '
    'arch_settings': "type='RegNet' is the library's own network, which does not know this arch; "
    'that of '
    "this package is type='regnet_plugin.RegNet'",
    'No module named '
    "'pkg_resources'": 'setuptools 82 removed what stock MMEngine needs: pip install '
    "'setuptools<82'",
}


GOES_ON = 'interrupted: the same command goes on'


class UserError(Exception):
    """What a tool was given does not work; the message says the rule and the values."""


def printable(text):
    """A text as a terminal may show it: control characters, which names and messages of other
    people's files may hold to change what is seen, are written as Python writes them, ``\\x1b``;
    lines stay lines.
    """
    return ''.join(
        one if one.isprintable() or one == '\n' else one.encode('unicode_escape').decode()
        for one in str(text)
    )


def say(text, file=None):
    """Print a text: whatever a tool says passes here."""
    print(printable(text), file=file or sys.stdout, flush=True)


class Parser(argparse.ArgumentParser):
    """Parses the command line of a tool; what it says of errors is printable, too."""

    def exit(self, status=0, message=None):
        super().exit(status, message and printable(message))


def check_ops(config):
    """Stop where a config is mmdet's and mmcv has no compiled ops, before anything else is said of
    it.
    """
    if config.get('default_scope') == 'mmdet' and find_spec('mmcv._ext') is None:
        raise UserError(OPS_MISSING)


def folder(text):
    """The path of a folder, as a type of command-line arguments; '' would be a default or the
    working directory.
    """
    if not text:
        raise argparse.ArgumentTypeError('must name a folder, but it is empty')
    return text


def network(text):
    """The name of a network, as a type of command-line arguments: 7 is 000007."""
    return text.zfill(6) if text.isdecimal() else text


def counted(number, noun):
    """Say how many there are: '1 run', '2 runs'."""
    return f'{number:,} {noun}' if number == 1 else f'{number:,} {noun}s'


def is_out_of_memory(error):
    """Whether an error says that memory is not enough: Python's, PyTorch's of a CPU or of a GPU, or
    that of the system.
    """
    signs = ("can't allocate memory", 'Cannot allocate memory', 'out of memory', 'std::bad_alloc')
    return isinstance(error, MemoryError) or any(sign in str(error) for sign in signs)


def in_one_line(error):
    """What an error says; one that says nothing, like a bare assertion, is described by the line
    that raised it.
    """
    text = str(error.args[0]) if isinstance(error, KeyError) and error.args else str(error)
    if not text and error.__traceback__:
        text = traceback.extract_tb(error.__traceback__)[-1].line or ''
    return ' '.join(text.split())


def _message(culprit, error):
    text = in_one_line(error)
    for symptom, cause in _TRAPS.items():
        if symptom in text:
            return cause
    if isinstance(error, (ValueError, OSError)) and text:
        return f'{culprit}: {text}'
    return f'{culprit}: {type(error).__name__}: {text}'


@contextmanager
def blame(culprit, unless=lambda: False):
    """Turn any error into a `UserError` that names the culprit.

    Args:
        culprit (str): what was being read or built, such as the config's path.
        unless (Callable[[], bool]): asked when an error came; if true, it is left as it is.
            Default: never.
    """
    try:
        yield
    except UserError:
        raise
    except Exception as error:  # a config is a program, and may raise anything
        if unless():
            raise
        raise UserError(_message(culprit, error)) from error


@contextmanager
def not_ended():
    """Turn the end of the program, which a config may call for as it is read, into a ValueError."""
    try:
        yield
    except SystemExit as end:
        raise ValueError(
            f'a config must not end the program that reads it, but it calls sys.exit({end.code!r})'
        ) from end


@contextmanager
def refused(*kinds):
    """Turn errors of these kinds, whose messages say all there is to say, into a `UserError`;
    others are bugs.
    """
    try:
        yield
    except kinds as error:
        raise UserError(in_one_line(error)) from error


def exit_on_user_error(main, interrupted='interrupted'):
    """Run a tool's main function; a `UserError` is printed in one line and the exit code is 2.

    With ``log_level=DEBUG`` on the command line the traceback is shown instead.

    Args:
        main (Callable[[], None]): of the tool.
        interrupted (str): what is said after Ctrl-C; the exit code is 130.
    """
    try:
        main()
    except KeyboardInterrupt:
        say(interrupted, sys.stderr)
        sys.exit(130)
    except BrokenPipeError:  # who read the output has seen enough, such as head
        # so that nothing is written at exit
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        sys.exit(1)
    except (
        UserError,
        OSError,
    ) as error:  # the latter says, too, what the machine does not give now
        if 'log_level=DEBUG' in sys.argv:
            raise
        say(f'error: {error if isinstance(error, UserError) else in_one_line(error)}', sys.stderr)
        sys.exit(2)
