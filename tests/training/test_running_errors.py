"""Errors of which only the running network tells, in one line."""

import os
import signal
from types import SimpleNamespace

import pytest
import torch
from torch.utils.data import DataLoader, Dataset

from regnet_plugin.cli.errors import UserError
from regnet_plugin.models import AnyNet
from regnet_plugin.training.checks.last_batch import LastBatchHook
from regnet_plugin.training.running_errors import running_errors_told
from regnet_plugin.training.tester import metrics_text


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


def runner_of(images, batch, side, **options):
    backbone = AnyNet(depths=[1, 1], widths=[8, 16], block='V', **options)
    return SimpleNamespace(
        model=SimpleNamespace(backbone=backbone),
        train_dataloader=DataLoader(torch.zeros(images, 3, side, side), batch, drop_last=False),
    )


@pytest.mark.parametrize(
    'images, batch, side, options, refused',
    [
        (9, 4, 8, {}, True),
        (9, 4, 9, {}, False),
        (8, 4, 8, {}, False),
        (10, 4, 8, {}, False),
        (3, 1, 8, {}, True),
        (9, 4, 8, dict(norm_eval=True), False),
        (9, 4, 4, dict(stem='cifar'), True),
        (9, 4, 8, dict(stem='cifar'), False),
        (9, 4, 8, dict(norm_cfg=dict(type='GN', num_groups=4)), False),
    ],
)
def test_a_last_batch_that_cannot_be_normalized_is_told_with_the_first(
    images, batch, side, options, refused
):
    """PyTorch's own error is the truth: it comes where the hook says so, and only there."""
    runner = runner_of(images, batch, side, **options)
    batches = list(runner.train_dataloader)
    network = runner.model.backbone.train()
    if refused:
        with pytest.raises(
            UserError, match=f'with batch_size={batch} the last of an epoch has one'
        ):
            LastBatchHook().before_train_iter(runner, 0, dict(inputs=batches[0]))
        with (
            pytest.raises(
                UserError,
                match='small.py: batch normalization needs more than one value per channel',
            ),
            running_errors_told('small.py'),
        ):
            network(batches[-1])
    else:
        LastBatchHook().before_train_iter(runner, 0, dict(inputs=batches[0]))
        network(batches[-1])


def test_metrics_that_are_no_numbers_are_printed_as_they_are():
    metrics = dict(
        top1=98.61111,
        loss=torch.tensor(0.25),
        per_class=torch.tensor([50.0, 33.33333]),
        worst='class 3',
        matrix=[[1, 0], [2, 3]],
        nothing=None,
        sure=True,
    )
    assert metrics_text(metrics).splitlines() == [
        'top1: 98.61',
        'loss: 0.25',
        'per_class: [50, 33.33]',
        'worst: class 3',
        'matrix: [[1, 0], [2, 3]]',
        'nothing: None',
        'sure: True',
    ]
