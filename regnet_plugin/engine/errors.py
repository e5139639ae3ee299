"""Errors of the person at the keyboard, as opposed to bugs: one line, no traceback."""
import sys
from contextlib import contextmanager

OPS_MISSING = ("mmcv is installed without its compiled ops, which mmdet's models need. In a clone of regnet_plugin build "
               'them with: make ops (10 to 15 minutes on two cores); elsewhere install an mmcv that has them')
_MISTAKES = (AssertionError, AttributeError, ImportError, KeyError, NameError, OSError, SyntaxError, TypeError, ValueError)


class UserError(Exception):
    """What a tool was given does not work; the message says the rule and the values."""


def _in_one_line(error):
    text = str(error.args[0]) if isinstance(error, KeyError) and error.args else str(error)
    return ' '.join(text.split()) or type(error).__name__


@contextmanager
def blame(culprit, unless=lambda: False):
    """Turn the mistakes that a config can make into a `UserError` that names the culprit.

    Args:
        culprit (str): what was being read or built, such as the config's path.
        unless (Callable[[], bool]): asked when an error came; if true, it is left as it is. Default: never.
    """
    try:
        yield
    except _MISTAKES as error:
        if unless():
            raise
        if isinstance(error, ModuleNotFoundError) and error.name == 'mmcv._ext':
            raise UserError(OPS_MISSING) from error
        kind = '' if isinstance(error, (ValueError, OSError)) else f'{type(error).__name__}: '
        raise UserError(f'{culprit}: {kind}{_in_one_line(error)}') from error


def exit_on_user_error(main):
    """Run a tool's main function; a `UserError` is printed in one line and the exit code is 2.

    With ``log_level=DEBUG`` on the command line the traceback is shown instead.
    """
    try:
        main()
    except UserError as error:
        if 'log_level=DEBUG' in sys.argv:
            raise
        print(f'error: {error}', file=sys.stderr)
        sys.exit(2)
