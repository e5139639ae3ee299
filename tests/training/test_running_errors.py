"""Errors of which only the running network tells, in one line."""

import os
import signal

import pytest
from torch.utils.data import DataLoader, Dataset

from regnet_plugin.cli.errors import UserError
from regnet_plugin.training.running_errors import running_errors_told


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


def test_other_errors_are_left_alone():
    with pytest.raises(RuntimeError, match='^something else$'), running_errors_told('small.py'):
        raise RuntimeError('something else')
