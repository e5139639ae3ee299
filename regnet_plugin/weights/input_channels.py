"""Weights that were trained on three channels, in a network for another number of them."""

from collections.abc import Callable, Mapping
from types import MappingProxyType
from typing import Any

import torch
from torch import Tensor, nn

_RGB = 3
STEM = 'conv1.weight'  # of a backbone of ours


def _repeated(weight: Tensor, channels: int) -> Tensor:
    """Of one channel the sum; of others the kernels again and again, scaled by 3 / channels.

    So the outputs keep their size, and a grey image gives what it would give three times over.
    """
    if channels == 1:
        return weight.sum(1, keepdim=True)
    repeats = -(-channels // _RGB)
    return weight.repeat(1, repeats, 1, 1)[:, :channels] * (_RGB / channels)


def _with_means(weight: Tensor, channels: int) -> Tensor:
    """The kernels as they are, and their mean for each further channel.

    With fewer than three channels each has the mean, scaled by 3 / channels.
    """
    mean = weight.mean(1, keepdim=True)
    if channels < _RGB:
        return mean.repeat(1, channels, 1, 1) * (_RGB / channels)
    return torch.cat([weight, mean.repeat(1, channels - _RGB, 1, 1)], 1)


def _with_zeros(weight: Tensor, channels: int) -> Tensor:
    """The kernels as they are, and 0 for each further channel: outputs begin as those of RGB.

    Raises:
        ValueError: for fewer than three channels, of which none could be 0.
    """
    if channels < _RGB:
        raise ValueError(
            f"rgb_weights='zero' is for more than {_RGB} channels, but in_channels={channels}"
        )
    zeros = weight.new_zeros(len(weight), channels - _RGB, *weight.shape[2:])
    return torch.cat([weight, zeros], 1)


# By what a backbone's ``rgb_weights`` says; 'repeat' is timm's rule.
RGB_WEIGHTS: Mapping[str, Callable[[Tensor, int], Tensor]] = MappingProxyType(
    {'repeat': _repeated, 'mean': _with_means, 'zero': _with_zeros}
)


def check_rgb_weights(rgb_weights: object, in_channels: int) -> None:
    """Refuse what is no way to make weights for other channels.

    Raises:
        ValueError: listing the ways.
    """
    if not isinstance(rgb_weights, str) or rgb_weights not in RGB_WEIGHTS:
        raise ValueError(
            f'rgb_weights must be one of {", ".join(RGB_WEIGHTS)}, but rgb_weights={rgb_weights!r}'
        )
    if in_channels < _RGB and rgb_weights == 'zero':
        _with_zeros(torch.empty(1, _RGB, 1, 1), in_channels)


def for_channels_of(
    backbone: nn.Module, weights: Mapping[str, Tensor], prefix: str = ''
) -> dict[str, Tensor]:
    """Give weights the input channels of a backbone, as its ``rgb_weights`` says.

    Args:
        backbone: of ours; others are given their weights as they are.
        weights: of it, or of a model that has it; other tensors are returned as they are.
        prefix: of the backbone's names among them.

    Returns:
        A new dict; the same tensors where the stem has three channels in both, or another number
        of channels in the weights.
    """
    name, rgb_weights = f'{prefix}{STEM}', getattr(backbone, 'rgb_weights', None)
    given = weights.get(name)
    converted = dict(weights)
    if given is None or given.ndim != 4 or given.shape[1] != _RGB or rgb_weights is None:
        return converted
    stem: Any = backbone.get_submodule('conv1')
    channels = int(stem.weight.shape[1])
    if channels != _RGB:
        converted[name] = RGB_WEIGHTS[rgb_weights](given, channels)
    return converted
