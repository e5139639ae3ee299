"""Weights of another size are refused, wherever they come from; MMEngine itself would only warn."""

import pytest
import torch
from mmengine.runner import load_checkpoint

from regnet_plugin.models import AnyNet, RegNet

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
        (
            dict(widths=[16, 40]),
            "layer2.0.conv1.weight is (40, 16, 1, 1), the network's is (32, 16, 1, 1)",
        ),
        (
            dict(group_widths=[8, 16]),
            "layer2.0.conv2.weight is (32, 16, 3, 3), the network's is (32, 8, 3, 3)",
        ),
        (dict(depths=[1, 3]), "layer2.2.conv1.weight is (32, 32, 1, 1), the network's is missing"),
        (dict(depths=[1, 1]), "layer2.1.conv1.weight is missing, the network's is (32, 32, 1, 1)"),
        (dict(stem_width=24), "conv1.weight is (24, 3, 3, 3), the network's is (32, 3, 3, 3)"),
        (
            dict(block='Y', se_ratio=0.25),
            "layer1.0.se.fc1.weight is (8, 16, 1, 1), the network's is missing",
        ),
    ],
)
def test_weights_of_another_size(tmp_path, changes, message):
    with pytest.raises(ValueError) as error:
        load_checkpoint(network(), saved(tmp_path, network(**changes)))
    assert str(error.value) == f'weights must be of a network of the same size, but their {message}'


def test_a_detectors_checkpoint_of_another_size(tmp_path):
    checkpoint = saved(tmp_path, torch.nn.ModuleDict(dict(backbone=network(widths=[16, 40]))))
    with pytest.raises(ValueError, match='weights must be of a network of the same size'):
        load_checkpoint(torch.nn.ModuleDict(dict(backbone=network())), checkpoint)


def test_published_networks_that_differ_in_squeeze_and_excitation_alone():
    with torch.device('meta'):
        x, y = RegNet('regnetx_12gf'), RegNet('regnety_12gf')
    assert (
        x.architecture.widths == y.architecture.widths
        and x.architecture.depths == y.architecture.depths
    )
    for network, weights in ((x, y), (y, x)):
        with pytest.raises(ValueError, match=r'layer1\.0\.se\.fc1\.weight is'):
            network.load_state_dict(weights.state_dict(), strict=False, assign=True)


def test_what_is_no_matter_of_size(tmp_path):
    """Classifiers, other norms, plugins, fewer stages here, and weights of other parts alone."""
    load_checkpoint(
        network(), saved(tmp_path, torch.nn.ModuleDict(dict(head=torch.nn.Linear(2, 2))))
    )
    context = dict(cfg=dict(type='ContextBlock', ratio=0.5), position='after_conv3')
    load_checkpoint(network(plugins=[context]), saved(tmp_path, network()))
    load_checkpoint(network(norm_cfg=dict(type='GN', num_groups=4)), saved(tmp_path, network()))
    fewer = network(depths=[1], widths=[16], group_widths=[8], bottleneck_ratios=[1])
    whole = network()
    load_checkpoint(fewer, saved(tmp_path, whole))
    assert torch.equal(fewer.layer1[0].conv2.weight, whole.layer1[0].conv2.weight)
