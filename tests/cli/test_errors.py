import subprocess
import sys

import pytest

from regnet_plugin.cli.arguments import network
from regnet_plugin.cli.errors import UserError, blame, refused
from regnet_plugin.cli.wording import counted


@pytest.mark.parametrize(
    'error, message',
    [
        (ValueError('width must\n  be'), 'c.py: width must be'),
        (
            KeyError('RagNet is not in the registry'),
            'c.py: KeyError: RagNet is not in the registry',
        ),
        (
            AssertionError(),
            'c.py: AssertionError: raise error',
        ),  # it says nothing, but its line does
        (
            ModuleNotFoundError("No module named 'mmcv._ext'"),
            'mmcv is installed without its compiled ops',
        ),
        (
            RuntimeError('operator torchvision::nms does not exist'),
            'torch and torchvision are of different builds',
        ),
        (TypeError('NoneType takes no arguments'), "pip install 'transformers<5'"),
        (
            AssertionError('"arch": "regnety_3.2gf" is not one of the arch_settings'),
            "type='regnet_plugin.RegNet'",
        ),
        (ModuleNotFoundError("No module named 'pkg_resources'"), "pip install 'setuptools<82'"),
    ],
)
def test_a_mistake_becomes_one_line(error, message):
    with pytest.raises(UserError) as caught, blame('c.py'):
        raise error
    assert str(caught.value).startswith(message) or message in str(caught.value)
    assert '\n' not in str(caught.value) and caught.value.__cause__ is error


def test_networks_may_be_named_by_their_number_alone():
    assert [network(text) for text in ('7', '000007', '1234567', 'regnetx_400mf')] == [
        '000007',
        '000007',
        '1234567',
        'regnetx_400mf',
    ]


def test_one_is_singular():
    assert [counted(number, 'run') for number in (0, 1, 1000)] == ['0 runs', '1 run', '1,000 runs']


def test_once_work_has_begun_errors_are_left_alone():
    with pytest.raises(ValueError, match='a bug'), blame('c.py', unless=lambda: True):
        raise ValueError('a bug')


def test_interrupts_are_not_mistakes():
    with pytest.raises(KeyboardInterrupt), blame('c.py'):
        raise KeyboardInterrupt


def test_a_tool_exits_with_2_and_bugs_keep_their_traceback():
    code = 'from regnet_plugin.cli.errors import *\ndef main(): raise {}\nexit_on_user_error(main)'
    user, bug = (
        subprocess.run([sys.executable, '-c', code.format(error)], capture_output=True, text=True)
        for error in ('UserError("no such thing")', 'ZeroDivisionError()')
    )
    assert (user.returncode, user.stderr) == (2, 'error: no such thing\n')
    assert bug.returncode == 1 and 'Traceback' in bug.stderr


@pytest.mark.parametrize(
    'raised', ['OSError(28, "No space left", "/data/x")', 'PermissionError(13, "no", "/data/x")']
)
def test_what_the_machine_does_not_give_is_one_line_too(raised):
    code = (
        f'from regnet_plugin.cli.errors import *\ndef main(): raise {raised}\n'
        'exit_on_user_error(main)'
    )
    done = subprocess.run([sys.executable, '-c', code], capture_output=True, text=True)
    assert (
        done.returncode == 2
        and done.stderr.startswith('error: [Errno ')
        and done.stderr.endswith("'/data/x'\n")
    )


def test_a_reader_that_has_seen_enough_is_no_refusal():
    with pytest.raises(BrokenPipeError), refused(ValueError, OSError):
        raise BrokenPipeError
