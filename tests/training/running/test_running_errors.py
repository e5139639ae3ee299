"""Errors of which only the running network tells, in one line."""

import os
import signal
import time

import pytest
import torch
from torch import multiprocessing
from torch.utils.data import DataLoader, Dataset

from regnet_plugin.cli.errors import UserError
from regnet_plugin.training.running.running_errors import running_errors_told


class Killing(Dataset):
    """Images, of which reading the third one kills the process."""

    def __len__(self):
        return 8

    def __getitem__(self, index):
        if index == 2:
            os.kill(os.getpid(), signal.SIGKILL)
        return index


def test_a_killed_loader_process_is_one_line():
    with (
        pytest.raises(UserError, match='^small.py: a loader process was killed; .*num_workers$'),
        running_errors_told('small.py'),
    ):
        list(DataLoader(Killing(), num_workers=2))


def send_and_stay(queue):
    """Send a tensor, whose memory the receiver asks this process for, and wait for the end."""
    queue.put(torch.zeros(3))
    signal.pause()


def test_a_loader_process_that_is_killed_while_it_sends_is_the_same_line():
    context = multiprocessing.get_context('fork')
    queue = context.Queue()
    process = context.Process(target=send_and_stay, args=(queue,))
    process.start()
    while queue.empty():
        time.sleep(0.01)
    process.kill()
    process.join()
    with (
        pytest.raises(UserError, match='^small.py: a loader process was killed; .*num_workers$'),
        running_errors_told('small.py'),
    ):
        queue.get()


@pytest.mark.parametrize('error', [ConnectionResetError, EOFError, FileNotFoundError])
def test_a_connection_that_is_not_a_loaders_is_left_alone(error):
    with pytest.raises(error), running_errors_told('small.py'):
        raise error('of a dataset on a network')


def test_other_errors_are_left_alone():
    with pytest.raises(RuntimeError, match='^something else$'), running_errors_told('small.py'):
        raise RuntimeError('something else')
