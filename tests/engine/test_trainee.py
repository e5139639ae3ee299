"""Why a training ended, told from what it raised."""
import resource

import pytest

from regnet_plugin.engine.trainee import _kind


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
    assert _kind(RuntimeError('could not create a primitive'), tmp_path) == 'out of memory'


@pytest.mark.parametrize('error', [MemoryError(), RuntimeError("DefaultCPUAllocator: can't allocate memory"),
                                   RuntimeError('CUDA out of memory. Tried to allocate 2.00 GiB')])
def test_memory_errors_are_out_of_memory(error, tmp_path):
    assert _kind(error, tmp_path) == 'out of memory'
    wrapped = ValueError('a transform')
    wrapped.__cause__ = error
    assert _kind(wrapped, tmp_path) == 'out of memory'


def test_another_error_is_an_error(tmp_path):
    assert _kind(RuntimeError('could not create a primitive'), tmp_path) == 'error'
