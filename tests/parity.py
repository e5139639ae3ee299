"""Other libraries' networks, ours around the same random weights, and what must be equal."""

import timm
import torch
import torchvision
from mmengine.registry import MODELS, DefaultScope
from torch import nn

from regnet_plugin.benchmarks.library_networks import torchvision_name
from regnet_plugin.core.published import PUBLISHED, timm_name
from regnet_plugin.weights.conversion import convert

TORCHVISION_SIZES = ('400mf', '800mf', '1.6gf', '3.2gf', '8.0gf', '16gf', '32gf', '128gf')
# torchvision rounds these three differently
OTHER_WIDTHS = ('regnetx_400mf', 'regnety_800mf', 'regnety_8.0gf')


IN_TIMM = {name: timm_name(name) for name in PUBLISHED}
IN_TORCHVISION = {
    name: torchvision_name(name)
    for name in PUBLISHED
    if name.split('_')[1] in TORCHVISION_SIZES and name not in OTHER_WIDTHS
}
IN_TORCHVISION.pop('regnetx_128gf', None)
PEERS = [('timm', name) for name in IN_TIMM] + [('torchvision', name) for name in IN_TORCHVISION]
# training steps of these are in tests/acceptance, for their memory
LARGEST = ('regnety_64gf', 'regnety_128gf')


def randomize(module, dtype):
    """Fill a module with weights and statistics of sizes that keep the signal alive.

    It may be on the meta device.
    """
    module = module.to(dtype).to_empty(device='cpu')
    generator = torch.Generator().manual_seed(0)
    for name, tensor in module.state_dict().items():
        if not tensor.is_floating_point():
            tensor.zero_()
        elif tensor.ndim > 1:
            tensor.normal_(0, (2 / tensor[0].numel()) ** 0.5, generator=generator)
        elif name.endswith(('weight', 'var')):
            tensor.uniform_(0.5, 1.5, generator=generator)
        else:
            tensor.uniform_(-0.2, 0.2, generator=generator)
    return module


def build_peer(library, name, dtype):
    if library == 'torchvision':  # computes its widths with tensors: not on the meta device
        return randomize(torchvision.models.get_model(IN_TORCHVISION[name], weights=None), dtype)
    with torch.device('meta'):
        peer = timm.create_model(IN_TIMM[name])
    return randomize(peer, dtype)


def ours_with_weights_of(name, library, peer):
    """Our classifier, as the configs have it, with copies of all tensors of a peer."""
    with torch.device('meta'), DefaultScope.overwrite_default_scope('mmpretrain'):
        backbone = MODELS.build(dict(type='regnet_plugin.RegNet', arch=name, out_indices=(3,)))
        model = MODELS.build(
            dict(
                type='mmpretrain.ImageClassifier',
                backbone=backbone,
                neck=dict(type='mmpretrain.GlobalAveragePooling'),
                head=dict(
                    type='mmpretrain.LinearClsHead',
                    num_classes=1000,
                    in_channels=backbone.out_channels[-1],
                ),
            )
        )
    weights = convert(peer.state_dict(), library, 'ours')
    model.load_state_dict({key: value.clone() for key, value in weights.items()}, assign=True)
    return model


def images(batch, dtype):
    return torch.randn(batch, 3, 64, 64, generator=torch.Generator().manual_seed(1), dtype=dtype)


def check_training_step(library, name, dtype, tolerance):
    """Check gradients and running statistics of one step.

    Each is within the tolerance times the largest of its tensor.
    """
    peer = build_peer(library, name, dtype).train()
    model = ours_with_weights_of(name, library, peer).train()
    batch = images(4, dtype)
    for network in (model, peer):
        nn.functional.cross_entropy(network(batch), torch.arange(4)).backward()
    gradients = convert(
        {key: value.grad for key, value in peer.named_parameters()}, library, 'ours'
    )
    for key, parameter in model.named_parameters():
        assert (parameter.grad - gradients[key]).abs().max() <= tolerance * gradients[
            key
        ].abs().max(), key
    statistics = convert(peer.state_dict(), library, 'ours')
    for key, value in model.state_dict().items():
        if 'running' in key:
            assert (value - statistics[key]).abs().max() <= tolerance * statistics[
                key
            ].abs().max(), key
