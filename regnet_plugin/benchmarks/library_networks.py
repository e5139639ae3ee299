"""The same network from other libraries, with the same weights: what benchmarks are measured
against.
"""

import torch
from torch import nn

from regnet_plugin.models.fast_path import FastPath
from regnet_plugin.models.regnet import RegNet
from regnet_plugin.weights.conversion import convert
from regnet_plugin.weights.library_layouts import LIBRARY_LAYOUTS

NUM_CLASSES = 1000


class Classifier(nn.Module):
    """Backbone, global average pooling, linear layer: the paper's network."""

    def __init__(self, backbone, width, num_classes=NUM_CLASSES):
        super().__init__()
        self.backbone = backbone
        self.fc = nn.Linear(width, num_classes)

    def forward(self, x):
        return self.fc(self.backbone(x)[-1].mean((2, 3)))


def timm_name(name):
    """Such as regnetx_032 for regnetx_3.2gf and regnety_008 for regnety_800mf: tenths of a GF."""
    family, size = name.split('_')
    tenths = float(size[:-2]) * 10 if size.endswith('gf') else float(size[:-2]) / 100
    return f'{family}_{round(tenths):03d}'


def torchvision_name(name):
    """Such as regnet_x_3_2gf for regnetx_3.2gf and regnet_y_8gf for regnety_8.0gf."""
    family, size = name.split('_')
    return f'{family[:-1]}_{family[-1]}_{size.replace(".0", "").replace(".", "_")}'


class _Fast(nn.Module):
    """Somebody's network on the fast path that our backbones have inside."""

    def __init__(self, network, fast_path):
        super().__init__()
        self.network, self.fast_path = network, fast_path
        fast_path.prepare(network)

    def forward(self, x):
        with self.fast_path.precision(x):
            return self.network(x).float()


def _ours(name, fast_path=False):
    backbone = RegNet(name, out_indices=(3,), fast_path=fast_path)
    return Classifier(backbone, backbone.out_channels[-1])


def _timm(name):
    import timm

    return timm.create_model(timm_name(name))


def _torchvision(name):
    import torchvision

    return torchvision.models.get_model(torchvision_name(name), weights=None)


def _mmpretrain(name):
    from mmengine.registry import MODELS

    return Classifier(
        MODELS.build(dict(type='mmpretrain.RegNet', arch=name)),
        _ours(name).backbone.out_channels[-1],
    )


_BUILDERS = {'ours': _ours, 'timm': _timm, 'torchvision': _torchvision, 'mmpretrain': _mmpretrain}


def contestants(name, libraries=tuple(_BUILDERS), fast_path=False):
    """Build one published network from several libraries with the weights and statistics of ours.

    Args:
        name (str): such as 'regnetx_400mf'.
        libraries (Sequence[str]): of 'ours', 'timm', 'torchvision', 'mmpretrain'; one that has not
            this network (Y in mmpretrain, other widths in torchvision) is left out.
        fast_path (bool | dict): as `AnyNet` takes it; what ours has inside is put around the
            others.

    Returns:
        dict[str, nn.Module]: classifiers of 1000 classes.
    """
    ours = _ours(name)
    with torch.no_grad():
        ours(torch.randn(8, 3, 64, 64))  # statistics other than 0 and 1
    networks = {}
    for library in libraries:
        try:
            network = _ours(name, fast_path) if library == 'ours' else _BUILDERS[library](name)
            _copy(ours, network, library)
        except (RuntimeError, ValueError, AssertionError):
            continue
        networks[library] = (
            network if library == 'ours' else _Fast(network, FastPath.from_config(fast_path))
        )
    return networks


def _copy(ours, network, library):
    classifier = network.fc if hasattr(network, 'fc') else network.head.fc
    classifier.load_state_dict(ours.fc.state_dict())
    backbone = network.backbone if hasattr(network, 'backbone') else network
    weights = ours.backbone.state_dict()
    if library in LIBRARY_LAYOUTS and library != 'ours':
        weights = convert(weights, 'ours', library)
    missing, unexpected = backbone.load_state_dict(weights, strict=False)
    if unexpected or any('fc.' not in key for key in missing):
        raise ValueError(f'these weights do not fit: missing {missing}, unexpected {unexpected}')
