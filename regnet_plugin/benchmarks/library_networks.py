"""The same network from other libraries, with the same weights: what ours is measured against."""

from collections.abc import Callable, Sequence
from typing import Any

import torch
from torch import nn

from regnet_plugin.core.published import timm_name
from regnet_plugin.models.fast_path import FastPath
from regnet_plugin.models.regnet import RegNet
from regnet_plugin.weights.conversion import convert
from regnet_plugin.weights.library_layouts import LIBRARY_LAYOUTS

NUM_CLASSES = 1000  # of ImageNet, for which all libraries build their networks


class Classifier(nn.Module):
    """Backbone, global average pooling, linear layer: the paper's network.

    Args:
        backbone: gives a tuple of maps, of which the last is used.
        width: channels of that map.
        num_classes: outputs of the linear layer.
    """

    def __init__(self, backbone: nn.Module, width: int, num_classes: int = NUM_CLASSES) -> None:
        super().__init__()
        self.backbone = backbone
        self.fc = nn.Linear(width, num_classes)

    def forward(self, x: torch.Tensor) -> torch.Tensor:
        """Scores (N, num_classes) before softmax of images (N, 3, H, W)."""
        return self.fc(self.backbone(x)[-1].mean((2, 3)))


def torchvision_name(name: str) -> str:
    """Such as regnet_x_3_2gf for regnetx_3.2gf and regnet_y_8gf for regnety_8.0gf."""
    family, size = name.split('_')
    return f'{family[:-1]}_{family[-1]}_{size.replace(".0", "").replace(".", "_")}'


class _OnFastPath(nn.Module):
    """Somebody's network on the fast path that our backbones have inside."""

    def __init__(self, network: nn.Module, fast_path: FastPath) -> None:
        super().__init__()
        self.network = network
        self.fast_path = fast_path
        fast_path.prepare(network)

    def forward(self, x: torch.Tensor) -> torch.Tensor:
        with self.fast_path.precision(x):
            return self.network(x).float()


def _our_network(name: str, fast_path: bool | dict[str, bool] = False) -> Classifier:
    backbone = RegNet(name, out_indices=(3,), fast_path=fast_path)
    return Classifier(backbone, backbone.out_channels[-1])


def _timm_network(name: str) -> nn.Module:
    import timm  # none of the libraries has to be installed

    return timm.create_model(timm_name(name))


def _torchvision_network(name: str) -> nn.Module:
    import torchvision

    return torchvision.models.get_model(torchvision_name(name), weights=None)


def _mmpretrain_network(name: str) -> nn.Module:
    from mmengine.registry import MODELS

    backbone = MODELS.build(dict(type='mmpretrain.RegNet', arch=name))
    return Classifier(backbone, _our_network(name).fc.in_features)


_BUILDERS: dict[str, Callable[[str], nn.Module]] = {
    'timm': _timm_network,
    'torchvision': _torchvision_network,
    'mmpretrain': _mmpretrain_network,
}


def networks_of_libraries(
    name: str, libraries: Sequence[str], fast_path: bool | dict[str, bool] = False
) -> dict[str, nn.Module]:
    """Build one published network from several libraries with the weights and statistics of ours.

    Args:
        name: such as 'regnetx_400mf'.
        libraries: of 'ours', 'timm', 'torchvision', 'mmpretrain'; one that has not this network (Y
            in mmpretrain, other widths in torchvision) is left out.
        fast_path: as `AnyNet` takes it; what ours has inside is put around the others.

    Returns:
        Classifiers of 1000 classes by library.
    """
    source = _our_network(name)
    with torch.no_grad():
        source(torch.randn(8, 3, 64, 64))  # running statistics other than 0 and 1
    networks: dict[str, nn.Module] = {}
    for library in libraries:
        is_ours = library == 'ours'
        try:
            network = _our_network(name, fast_path) if is_ours else _BUILDERS[library](name)
            _copy_weights(source, network, library)
        except (RuntimeError, ValueError, AssertionError):
            continue
        if is_ours:
            networks[library] = network
        else:
            networks[library] = _OnFastPath(network, FastPath.from_config(fast_path))
    return networks


def _copy_weights(source: Classifier, network: Any, library: str) -> None:
    """Load the weights of ours into a library's network; a ValueError if they do not fit."""
    classifier = network.fc if hasattr(network, 'fc') else network.head.fc
    classifier.load_state_dict(source.fc.state_dict())
    backbone = network.backbone if hasattr(network, 'backbone') else network
    weights = source.backbone.state_dict()
    if library in LIBRARY_LAYOUTS and library != 'ours':
        weights = convert(weights, 'ours', library)
    missing, unexpected = backbone.load_state_dict(weights, strict=False)
    if unexpected or any('fc.' not in key for key in missing):
        raise ValueError(f'these weights do not fit: missing {missing}, unexpected {unexpected}')
