"""RegNetZ and RegNetV: counts that are published, and outputs of timm's networks."""

import copy

import pytest
import timm
import torch
from mmcv.cnn import fuse_conv_bn
from parity import randomize

from regnet_plugin.core.arch_argument import architecture_of
from regnet_plugin.core.complexity import complexity
from regnet_plugin.models import AnyNet, RegNet
from regnet_plugin.models.module_complexity import count
from regnet_plugin.weights.conversion import convert

# timm's networks (1.0.31, Apache-2.0), counted layer by layer: side, flops, parameters, activations
# without the classifier's outputs; of regnetz_005 and regnetz_040_h pycls counts the same.
COUNTS = [
    ('regnetz_500mf', {}, 224, 507217126, 7122742, 5859358),
    ('regnetz_500mf', {}, 256, 661853926, 7122742, 7649278),
    ('regnetz_4.0gf', dict(head_width=0), 224, 3075543744, 27116800, 18528376),
    ('regnetz_4.0gf', dict(head_width=0), 320, 6271130304, 27116800, 37781080),
    ('regnetz_4.0gf', {}, 224, 3116291136, 28938880, 18603640),
    ('regnetz_4.0gf', {}, 256, 4068334656, 28938880, 24289240),
    ('regnetz_4.0gf', {}, 320, 6353239104, 28938880, 37934680),
    ('regnetv_4.0gf', {}, 224, 3973301344, 20640640, 12286200),
    ('regnetv_4.0gf', {}, 288, 6565774432, 20640640, 20302072),
    ('regnetv_6.4gf', {}, 224, 6355221876, 30576052, 16406188),
    ('regnetv_6.4gf', {}, 288, 10502274420, 30576052, 27110060),
    ('regnety_16gf', {}, 384, 46734920924, 83590140, 67665908),
    ('regnety_32gf', {}, 384, 94826488962, 145046770, 88871770),
    ('regnety_64gf', {}, 224, 64070002034, 281378786, 42503250),
    ('regnety_64gf', {}, 384, 188220987634, 281378786, 124827210),
    ('regnety_128gf', {}, 224, 127517896350, 644812894, 71577334),
    ('regnety_128gf', {}, 384, 374570087070, 644812894, 210195254),
    ('regnety_256gf', {}, 224, 254384928298, 1282601138, 100964364),
    ('regnety_256gf', {}, 384, 747236487738, 1282601138, 296493364),
]
# timm's name, ours, and what ours has besides
PEERS = [
    ('regnetz_005', 'regnetz_500mf', {}),
    ('regnetz_040_h', 'regnetz_4.0gf', {}),
    ('regnetz_040', 'regnetz_4.0gf', dict(head_width=0, final_activation=True)),
    ('regnetv_040', 'regnetv_4.0gf', {}),
    ('regnetv_064', 'regnetv_6.4gf', {}),
]


@pytest.mark.parametrize('name, changed, side, flops, parameters, activations', COUNTS)
def test_published_integers(name, changed, side, flops, parameters, activations):
    counts = complexity(architecture_of(name, **changed), side)
    assert (counts.flops, counts.parameters, counts.activations) == (flops, parameters, activations)


@pytest.mark.parametrize('timm_name, name, options', PEERS)
def test_the_layers_that_are_built_are_those_that_are_counted(timm_name, name, options):
    with torch.device('meta'):
        backbone = RegNet(name, out_indices=(3,), **options)
    head_width = {key: value for key, value in options.items() if key == 'head_width'}
    assert count(backbone, 224) == complexity(architecture_of(name, **head_width), 224, 0)


@pytest.mark.parametrize('side', [64, 97])
@pytest.mark.parametrize('timm_name, name, options', PEERS)
def test_outputs_are_those_of_timm(timm_name, name, options, side):
    with torch.device('meta'):
        peer = timm.create_model(timm_name)
    peer = randomize(peer, torch.float64).eval()
    backbone = RegNet(name, out_indices=(0, 1, 2, 3), **options).double().eval()
    weights = convert(peer.state_dict(), 'timm', 'ours')
    own = {key[9:]: value for key, value in weights.items() if key.startswith('backbone.')}
    backbone.load_state_dict(own, strict=True)
    x = torch.randn(2, 3, side, side, dtype=torch.float64)
    expected = peer.forward_features(x)
    found = backbone(x)[-1]
    assert (found - expected).abs().max() <= 1e-5 * expected.abs().max()


@pytest.mark.parametrize('block', ['Z', 'PreY'])
def test_the_blocks_have_ratio_and_activation_of_their_own(block):
    network = AnyNet(
        depths=[1], widths=[16], bottleneck_ratios=[0.25], group_widths=[4], block=block
    )
    assert network.architecture.se_ratio == 0.25
    assert type(network.activation).__name__ == 'SiLU'


@pytest.mark.parametrize('name', ['regnetz_500mf', 'regnetv_4.0gf'])
def test_they_train_are_frozen_and_know_their_layers(name):
    network = RegNet(name, frozen_stages=1, drop_path_rate=0.1).train()
    assert network(torch.randn(2, 3, 64, 64))[-1].shape[1] == network.out_channels[-1]
    trained = [key for key, value in network.named_parameters() if value.requires_grad]
    assert not [key for key in trained if key.startswith(('conv1', 'bn1', 'layer1'))]
    depth = network.architecture.depth
    assert network.get_layer_depth('conv1.weight') == (0, depth + 2)
    assert network.get_layer_depth('final_conv.weight') == (depth + 1, depth + 2)


def test_a_detector_has_all_stages_without_the_conv_of_the_head():
    network = RegNet('regnetz_500mf', head_width=0)
    assert network.out_channels == (16, 40, 104, 256)
    assert not [key for key in network.state_dict() if key.startswith('final')]


@pytest.mark.parametrize('head_width', [-1, 1.5, True, 2**30])
def test_a_head_of_no_width_is_refused(head_width):
    with pytest.raises(ValueError, match='head_width must be a whole number from 0'):
        architecture_of('regnetx_200mf', head_width=head_width)


@pytest.mark.parametrize('plugged', [False, True])
def test_norms_before_convs_are_not_folded_into_others(plugged):
    """By mmcv's function, which test.py, export.py and mmdet's tools call."""
    context = dict(cfg=dict(type='ContextBlock', ratio=0.25), position='after_conv1')
    network = AnyNet(
        depths=[2, 2],
        widths=[32, 32],
        group_widths=[8, 8],
        bottleneck_ratios=[1, 1],
        block='PreY',
        plugins=[context] if plugged else None,
    )
    network = randomize(network, torch.float64).eval()
    images = torch.randn(2, 3, 64, 64, dtype=torch.float64)
    expected = network(images)
    folded = fuse_conv_bn(copy.deepcopy(network))
    assert isinstance(folded.layer1[1].bn2, torch.nn.Identity) != plugged
    assert all(map(torch.allclose, folded(images), expected))
