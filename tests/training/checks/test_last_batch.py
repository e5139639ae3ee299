"""A last batch that cannot be normalized is refused with the first one."""

from types import SimpleNamespace

import pytest
import torch
from torch.utils.data import DataLoader

from regnet_plugin.cli.errors import UserError
from regnet_plugin.models import AnyNet
from regnet_plugin.training.checks.last_batch import LastBatchHook
from regnet_plugin.training.running.running_errors import running_errors_told


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
