"""Heads, datasets and metrics that are asked whether they speak of the same classes."""

import pytest
import torch
from mmpretrain.models import (
    LinearClsHead,
)

from regnet_plugin.training.checks.classes.agreement import check_classes


def check(head, train=None, val=None, metrics=(), described=None, **parts):
    """Check a model of this head, with these datasets and metrics."""
    model = torch.nn.ModuleDict(dict(head=head, **parts))
    datasets = {
        f'{name}_dataloader': dataset
        for name, dataset in (('train', train), ('val', val))
        if dataset is not None
    }
    check_classes(model, dict(head=described or {}), datasets, dict(val_evaluator=list(metrics)))


def refused(message, *args, **kwargs):
    with pytest.raises(ValueError) as error:
        check(*args, **kwargs)
    assert str(error.value) == message


def linear(number, **arguments):
    return LinearClsHead(num_classes=number, in_channels=8, **arguments)
