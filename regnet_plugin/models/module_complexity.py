"""The complexity of any built module, counted on the meta device: for blocks of one's own and other
people's networks.

The conventions are those of `regnet_plugin.core.complexity`, from which this is independent: it
watches the layers run.
"""

import copy

import torch
from torch import nn
from torch.nn.modules.conv import _ConvNd
from torch.overrides import TorchFunctionMode

from regnet_plugin.core.complexity import Complexity


class OnMeta(TorchFunctionMode):
    """Within it, layers are made without memory: a network of any size is built at once, to be
    counted.

    ``torch.device('meta')`` is not enough for mmpretrain's ResNet and EfficientNet: they read their
    rates of stochastic depth from a tensor, which then has no values. So only ``torch.empty``, of
    which weights are made, goes to that device.
    """

    def __torch_function__(self, function, types, args=(), kwargs=None):
        kwargs = kwargs or {}
        if function is torch.empty:
            kwargs = dict(kwargs, device='meta')
        return function(*args, **kwargs)


def count(module, resolution=224, in_channels=3):
    """Count flops, parameters and activations of one image's way through a module.

    Args:
        module (nn.Module): a network that takes a batch of images; it is copied, not changed.
        resolution (int | tuple[int, int]): side of the image, or (height, width). Default: 224.
        in_channels (int): Default: 3.

    Returns:
        Complexity: convs and linear layers count, and their biases; max-pooling and linear layers
        add to ``activations_with_classifier`` only.
    """
    module = copy.deepcopy(module).to('meta')
    module.eval()  # its return value is None in mmdet's and mmpretrain's backbones
    height, width = (resolution, resolution) if isinstance(resolution, int) else resolution
    counts = dict(flops=0, activations=0, others=0)

    def watch(layer, inputs, output):
        if isinstance(layer, (_ConvNd, nn.Linear)):
            counts['flops'] += output[0].numel() * layer.weight[0].numel()
            counts['flops'] += 0 if layer.bias is None else output[0].numel()
        counts['activations' if isinstance(layer, _ConvNd) else 'others'] += output[0].numel()

    hooks = [
        layer.register_forward_hook(watch)
        for layer in module.modules()
        if isinstance(layer, (_ConvNd, nn.Linear, nn.MaxPool2d))
    ]
    try:
        with torch.no_grad():
            module(torch.empty(1, in_channels, height, width, device='meta'))
    finally:
        for hook in hooks:
            hook.remove()
    parameters = sum(parameter.numel() for parameter in module.parameters())
    return Complexity(
        counts['flops'], parameters, counts['activations'], counts['activations'] + counts['others']
    )
