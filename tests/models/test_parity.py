"""Our networks against timm's, torchvision's and mmpretrain's own modules with the same weights."""
import re

import pytest
import timm
import torch
import torchvision
from mmengine.registry import MODELS
from torch import nn

from regnet_plugin.arch import architecture_of
from regnet_plugin.models import RegNet
from regnet_plugin.models.peers import timm_name, torchvision_name
from regnet_plugin.models.weights import timm_key, torchvision_key
from regnet_plugin.published import PUBLISHED

TORCHVISION_SIZES = ('400mf', '800mf', '1.6gf', '3.2gf', '8.0gf', '16gf', '32gf', '128gf')
OTHER_WIDTHS = ('regnetx_400mf', 'regnety_800mf', 'regnety_8.0gf')  # torchvision rounds these three differently
MMPRETRAIN_SIZES = ('400mf', '800mf', '1.6gf', '3.2gf', '4.0gf', '6.4gf', '8.0gf', '12gf')


IN_TIMM = {name: timm_name(name) for name in PUBLISHED}
IN_TORCHVISION = {name: torchvision_name(name) for name in PUBLISHED
                  if name.split('_')[1] in TORCHVISION_SIZES and name not in OTHER_WIDTHS}
IN_TORCHVISION.pop('regnetx_128gf', None)


def randomize(module, dtype):
    """Fill a module, on the meta device or not, with weights and statistics of sizes that keep the signal alive."""
    module = module.to(dtype).to_empty(device='cpu')
    generator = torch.Generator().manual_seed(0)
    for name, tensor in module.state_dict().items():
        if not tensor.is_floating_point():
            tensor.zero_()
        elif tensor.ndim > 1:
            tensor.normal_(0, (2 / tensor[0].numel())**0.5, generator=generator)
        elif name.endswith(('weight', 'var')):
            tensor.uniform_(0.5, 1.5, generator=generator)
        else:
            tensor.uniform_(-0.2, 0.2, generator=generator)
    return module


def ours_with_weights_of(name, peer, key_of, dtype):
    """Build our network around the very tensors of the peer; every tensor of the peer but the classifier's is used."""
    with torch.device('meta'):
        model = RegNet(name).to(dtype)
    theirs = peer.state_dict()
    used = {key: key_of(key) for key in model.state_dict()}
    assert set(theirs) - set(used.values()) == {key for key in theirs if re.match(r'(head\.)?fc\.', key)}
    model.load_state_dict({key: theirs[other].clone() for key, other in used.items()}, assign=True)
    return model


def build_peer(library, name, dtype):
    if library == 'torchvision':  # computes its widths with tensors: not on the meta device
        return randomize(torchvision.models.get_model(IN_TORCHVISION[name], weights=None), dtype)
    with torch.device('meta'):
        peer = timm.create_model(IN_TIMM[name])
    return randomize(peer, dtype)


def logits(model, peer, images):
    """Our features through the peer's classifier."""
    classifier = next(module for name, module in peer.named_modules() if re.fullmatch(r'(head\.)?fc', name))
    return classifier(model(images)[-1].mean((2, 3)))


def images(batch, dtype):
    return torch.randn(batch, 3, 64, 64, generator=torch.Generator().manual_seed(1), dtype=dtype)


PEERS = [('timm', name) for name in IN_TIMM] + [('torchvision', name) for name in IN_TORCHVISION]
KEYS = dict(timm=timm_key, torchvision=torchvision_key)


def test_the_peers_have_the_sizes_that_are_compared():
    assert set(IN_TIMM.values()) <= set(timm.list_models()) and len(IN_TIMM) == 26
    assert set(IN_TORCHVISION.values()) <= set(torchvision.models.list_models()) and len(IN_TORCHVISION) == 12


@pytest.mark.parametrize('library, name', PEERS)
def test_outputs_equal_the_peers(library, name):
    peer = build_peer(library, name, torch.float32).eval()
    model = ours_with_weights_of(name, peer, KEYS[library], torch.float32).eval()
    with torch.inference_mode():
        theirs = peer(images(2, torch.float32))
        difference = (logits(model, peer, images(2, torch.float32)) - theirs).abs().max()
    assert theirs.abs().max() > 1e-3
    assert difference <= 1e-5 * theirs.abs().max()


TRAINED = [(library, name) for library, name in PEERS if PUBLISHED[name]['w_0'] <= 96]


@pytest.mark.parametrize('library, name', TRAINED)
def test_a_training_step_equals_the_peers(library, name):
    peer = build_peer(library, name, torch.float64).train()
    model = ours_with_weights_of(name, peer, KEYS[library], torch.float64).train()
    batch = images(4, torch.float64)
    nn.functional.cross_entropy(logits(model, peer, batch), torch.arange(4)).backward()
    peer.zero_grad()
    nn.functional.cross_entropy(peer(batch), torch.arange(4)).backward()
    theirs, gradients = peer.state_dict(), {key: value.grad for key, value in peer.named_parameters()}
    for key, parameter in model.named_parameters():
        expected = gradients[KEYS[library](key)]
        assert (parameter.grad - expected).abs().max() <= 1e-9 * expected.abs().max(), key
    for key, value in model.state_dict().items():
        if 'running' in key:
            expected = theirs[KEYS[library](key)]
            assert (value - expected).abs().max() <= 1e-9 * expected.abs().max(), key


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


@pytest.mark.parametrize('arch', [
    # mmdet's RegNet computes the bottleneck width in floats: 49 groups of 8 become 343 channels
    dict(depth=6, w0=392, wa=40, wm=2.0, group_w=8, bot_mul=1.0),
    # both of OpenMMLab's ignore bot_mul where there is one group
    dict(depth=8, w0=32, wa=16, wm=2.0, group_w=64, bot_mul=0.5),
])
def test_sampled_networks_that_break_openmmlabs_regnet(arch):
    from regnet_plugin.complexity import complexity
    from regnet_plugin.counting import count
    model = RegNet(arch)
    network = architecture_of(arch)
    for number, stage in enumerate(network.stages, 1):
        convs = [getattr(model, f'layer{number}')[0].conv2, getattr(model, f'layer{number}')[0].conv1]
        assert {conv.out_channels for conv in convs} == {stage.bottleneck_width}
        assert stage.bottleneck_width == stage.width * arch['bot_mul']
        assert convs[0].groups == stage.bottleneck_width // stage.group_width
    assert count(model, 64) == complexity(network, 64, num_classes=0)
    model(torch.randn(2, 3, 64, 64))[-1].mean().backward()
