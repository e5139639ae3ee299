"""Initialization of networks as the paper's authors do it."""

from collections.abc import Iterator
from typing import Any

import torch
from torch import nn
from torch.nn.modules.batchnorm import _BatchNorm
from torch.nn.modules.conv import _ConvNd


def initialize(network: nn.Module, zero_init_residual: bool) -> None:
    """Start a network as the authors do: convs normal, scales 1, shifts 0.

    The variance of a conv is 2 / (k * k * width), whose width is not divided by the groups. Biases
    (of squeeze-and-excitation) keep PyTorch's default. Offsets of deformable convs start at 0;
    plugins initialize themselves.

    Args:
        network: of the layers of `regnet_plugin.models.blocks`.
        zero_init_residual: whether the scale of each block's last normalization starts at 0.
    """
    for module in _without_plugins(network):
        if isinstance(module, _ConvNd) or hasattr(module, 'conv_offset'):
            _initialize_conv(module)
        elif isinstance(module, (_BatchNorm, nn.GroupNorm)):
            module.reset_parameters()
    if zero_init_residual:
        for module in network.modules():
            last_norm = getattr(module, 'last_norm', None)
            if last_norm is not None:
                nn.init.zeros_(last_norm.weight)


def _initialize_conv(conv: Any) -> None:
    """Initialize a conv, or a deformable one, whose offsets start at 0.

    Args:
        conv: torch's, or one of mmcv's with a ``conv_offset``.
    """
    if getattr(conv, 'bias', None) is not None:
        conv.reset_parameters()
    # In the order of contiguous memory, so that a seed gives the same weights in any memory format.
    fresh = torch.empty_like(conv.weight, memory_format=torch.contiguous_format)
    nn.init.kaiming_normal_(fresh, mode='fan_out', nonlinearity='relu')
    with torch.no_grad():
        conv.weight.copy_(fresh)
    if hasattr(conv, 'conv_offset'):
        nn.init.zeros_(conv.conv_offset.weight)
        nn.init.zeros_(conv.conv_offset.bias)


def _without_plugins(module: nn.Module) -> Iterator[nn.Module]:
    """All modules but plugins and the convs that compute the offsets of deformable ones."""
    yield module
    names_of_plugins = set()
    for names in getattr(module, 'plugin_names', {}).values():
        names_of_plugins.update(names)
    for name, child in module.named_children():
        if name != 'conv_offset' and name not in names_of_plugins:
            yield from _without_plugins(child)
