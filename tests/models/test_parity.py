"""Our networks against timm's, torchvision's and mmpretrain's own modules with the same weights."""

import pytest
import timm
import torch
import torchvision
from mmengine.registry import MODELS
from parity import (
    IN_TIMM,
    IN_TORCHVISION,
    LARGEST,
    PEERS,
    build_peer,
    check_training_step,
    images,
    ours_with_weights_of,
    randomize,
)
from timm.models.regnet import model_cfgs

from regnet_plugin.core.arch_argument import architecture_of
from regnet_plugin.core.published import parameters
from regnet_plugin.models import RegNet

MMPRETRAIN_SIZES = ('400mf', '800mf', '1.6gf', '3.2gf', '4.0gf', '6.4gf', '8.0gf', '12gf')


def test_the_peers_have_the_sizes_that_are_compared():
    assert set(IN_TIMM.values()) <= set(timm.list_models()) and len(IN_TIMM) == 26
    assert (
        set(IN_TORCHVISION.values()) <= set(torchvision.models.list_models())
        and len(IN_TORCHVISION) == 12
    )


@pytest.mark.parametrize('name', IN_TIMM)
def test_published_parameters_are_those_that_timm_gives(name):
    """Several parameters make the same network, so that its widths do not tell a slip of them."""
    theirs, ours = model_cfgs[IN_TIMM[name]], parameters(name)
    assert (ours['depth'], ours['w_0'], ours['w_a'], ours['w_m'], ours['group_width']) == (
        theirs.depth,
        theirs.w0,
        theirs.wa,
        theirs.wm,
        theirs.group_size,
    )
    assert (ours['bottleneck_ratio'], ours['se_ratio']) == (theirs.bottle_ratio, theirs.se_ratio)


def rarely(peers, sizes):
    """Leave networks of some sizes to `make acceptance`."""
    return [
        pytest.param(*peer, marks=[pytest.mark.acceptance] * peer[1].endswith(sizes))
        for peer in peers
    ]


@pytest.mark.parametrize('library, name', rarely(PEERS, ('_64gf', '_128gf')))
def test_outputs_equal_the_peers(library, name):
    peer = build_peer(library, name, torch.float32).eval()
    model = ours_with_weights_of(name, library, peer).eval()
    with torch.inference_mode():
        theirs = peer(images(2, torch.float32))
        difference = (model(images(2, torch.float32)) - theirs).abs().max()
    assert theirs.abs().max() > 1e-3
    assert difference <= 1e-5 * theirs.abs().max()


@pytest.mark.parametrize(
    'library, name', rarely((peer for peer in PEERS if peer[1] not in LARGEST), ('_16gf', '_32gf'))
)
def test_a_training_step_equals_the_peers(library, name):
    check_training_step(library, name, torch.float64, tolerance=1e-9)


@pytest.mark.parametrize('size', MMPRETRAIN_SIZES)
def test_outputs_and_training_step_equal_mmpretrains(size):
    name = f'regnetx_{size}'
    with torch.device('meta'):
        peer = MODELS.build(dict(type='mmpretrain.RegNet', arch=name, out_indices=(0, 1, 2, 3)))
    peer = randomize(peer, torch.float64)
    model = RegNet(name).double()
    model.load_state_dict(peer.state_dict())
    batch = images(2, torch.float64)
    for module in (model, peer):
        module.train()
        sum(output.square().mean() for output in module(batch)).backward()
        module.eval()
    with torch.inference_mode():
        for ours, theirs in zip(model(batch), peer(batch)):
            assert (ours - theirs).abs().max() <= 1e-9 * theirs.abs().max()
    for (key, parameter), (_, expected) in zip(model.named_parameters(), sorted_like(model, peer)):
        assert (parameter.grad - expected.grad).abs().max() <= 1e-9 * expected.grad.abs().max(), key


def sorted_like(model, peer):
    theirs = dict(peer.named_parameters())
    return [(key, theirs[key]) for key, _ in model.named_parameters()]


@pytest.mark.parametrize(
    'arch',
    [
        # mmdet's RegNet computes the bottleneck width in floats: 49 groups of 8 become 343 channels
        dict(depth=6, w0=392, wa=40, wm=2.0, group_w=8, bot_mul=1.0),
        # both of OpenMMLab's ignore bot_mul where there is one group
        dict(depth=8, w0=32, wa=16, wm=2.0, group_w=64, bot_mul=0.5),
    ],
)
def test_sampled_networks_that_break_openmmlabs_regnet(arch):
    from regnet_plugin.core.complexity import complexity
    from regnet_plugin.models.module_complexity import count

    model = RegNet(arch)
    network = architecture_of(arch)
    for number, stage in enumerate(network.stages, 1):
        convs = [
            getattr(model, f'layer{number}')[0].conv2,
            getattr(model, f'layer{number}')[0].conv1,
        ]
        assert {conv.out_channels for conv in convs} == {stage.bottleneck_width}
        assert stage.bottleneck_width == stage.width * arch['bot_mul']
        assert convs[0].groups == stage.bottleneck_width // stage.group_width
    assert count(model, 64) == complexity(network, 64, num_classes=0)
    model(torch.randn(2, 3, 64, 64))[-1].mean().backward()
