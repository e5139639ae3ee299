"""Why a training ended, told from what it raised."""

import errno
import resource

import pytest

from regnet_plugin.cli.errors import UserError
from regnet_plugin.training.workers.trainee import Trainee
from regnet_plugin.training.workers.trainee_reply import kind_of_error


@pytest.fixture
def no_memory_left():
    """Let the address space grow no more."""
    limits = resource.getrlimit(resource.RLIMIT_AS)
    with open('/proc/self/statm') as file:
        held = int(file.read().split()[0]) * resource.getpagesize()
    resource.setrlimit(resource.RLIMIT_AS, (held + 2**20, limits[1]))
    yield
    resource.setrlimit(resource.RLIMIT_AS, limits)


def test_whatever_is_raised_without_memory_is_out_of_memory(no_memory_left, tmp_path):
    assert kind_of_error(RuntimeError('could not create a primitive'), tmp_path) == 'out of memory'


@pytest.mark.parametrize(
    'error',
    [
        MemoryError(),
        RuntimeError("DefaultCPUAllocator: can't allocate memory"),
        RuntimeError('CUDA out of memory. Tried to allocate 2.00 GiB'),
    ],
)
def test_memory_errors_are_out_of_memory(error, tmp_path):
    assert kind_of_error(error, tmp_path) == 'out of memory'
    wrapped = ValueError('a transform')
    wrapped.__cause__ = error
    assert kind_of_error(wrapped, tmp_path) == 'out of memory'


@pytest.mark.parametrize(
    'said',
    [
        'DataLoader worker (pid 5) is killed by signal: Killed. ',
        'DataLoader worker (pid(s) 5, 6) exited unexpectedly',
    ],
)
def test_a_killed_process_of_a_loader_is_no_error_of_the_network(said, tmp_path):
    told = UserError('a loader process was killed')
    told.__cause__ = RuntimeError(said)
    assert kind_of_error(told, tmp_path) == kind_of_error(RuntimeError(said), tmp_path) == 'killed'
    assert (
        kind_of_error(RuntimeError('Caught KeyError in DataLoader worker process 0.'), tmp_path)
        == 'error'
    )


def test_another_error_is_an_error(tmp_path):
    assert kind_of_error(RuntimeError('could not create a primitive'), tmp_path) == 'error'


@pytest.mark.parametrize(
    'name, error, outcome',
    [
        ('last_checkpoint', errno.EACCES, 'unreadable'),
        ('epoch_1.pth', errno.ESTALE, 'unreadable'),
        ('../elsewhere/1.jpg', errno.EMFILE, 'unreadable'),
        ('../elsewhere/1.jpg', errno.EACCES, 'error'),
    ],
)
def test_a_file_of_the_run_that_cannot_be_read_now_is_no_error_of_the_network(
    tmp_path, monkeypatch, name, error, outcome
):
    def refuse(*_):
        try:
            raise OSError(error, 'it is so now', str(tmp_path / 'run' / name))
        except OSError as fault:
            raise UserError('config.py') from fault

    (tmp_path / 'run').mkdir()
    trainee = Trainee('none')
    monkeypatch.setattr(trainee, '_train', refuse)
    said = trainee.train(tmp_path / 'run')
    assert said['outcome'] == outcome and (outcome == 'error' or name in said['message'])
