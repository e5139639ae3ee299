"""A backbone loads as any module does: strictly all or nothing, else what fits, with a word."""

import logging

import pytest
import torch
from mmengine.runner import load_checkpoint

from regnet_plugin.models import AnyNet

NETWORK = dict(depths=[1, 2], widths=[16, 32], group_widths=[8, 8], bottleneck_ratios=[1, 1])


def network(**changes):
    return AnyNet(**{**NETWORK, **changes})


def saved(tmp_path, source):
    path = tmp_path / 'weights.pth'
    torch.save(dict(state_dict=source.state_dict()), path)
    return str(path)


@pytest.mark.parametrize(
    'changes, message',
    [
        (dict(widths=[16, 40]), 'size mismatch for layer2.0.conv1.weight'),
        (dict(group_widths=[8, 16]), 'size mismatch for layer2.0.conv2.weight'),
        (dict(depths=[1, 3]), 'layer2.2.conv1.weight'),
        (dict(depths=[1, 1]), 'layer2.1.conv1.weight'),
        (dict(stem_width=24), 'size mismatch for conv1.weight'),
        (dict(in_channels=4), 'size mismatch for conv1.weight'),
        (dict(block='Y', se_ratio=0.25), 'layer1.0.se.fc1.weight'),
    ],
)
def test_strictly_weights_of_another_network_are_refused(tmp_path, changes, message):
    other = network(**changes)
    with pytest.raises(RuntimeError, match=message):
        load_checkpoint(network(), saved(tmp_path, other), strict=True)
    with pytest.raises(RuntimeError, match=message):
        network().load_state_dict(other.state_dict())


def test_whoever_does_not_load_strictly_gets_what_fits(tmp_path, caplog):
    deeper, own = network(depths=[1, 3]), network()
    load_checkpoint(own, saved(tmp_path, deeper), strict=False, logger=logging.getLogger())
    assert 'unexpected key in source state_dict: layer2.2.conv1.weight' in caplog.text
    assert torch.equal(own.layer2[1].conv2.weight, deeper.layer2[1].conv2.weight)
    again = network()
    found = again.load_state_dict(deeper.state_dict(), strict=False)
    assert 'layer2.2.conv1.weight' in found.unexpected_keys and not found.missing_keys
    assert torch.equal(again.layer2[1].conv2.weight, deeper.layer2[1].conv2.weight)
