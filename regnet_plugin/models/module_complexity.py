"""The complexity of any built module, counted on the meta device.

It is for blocks of one's own and other people's networks. The conventions are those of
`regnet_plugin.core.complexity`, from which this is independent: it watches the layers run.
"""

import copy
from collections.abc import Callable, Mapping, Sequence
from typing import Any

import torch
from torch import Tensor, nn
from torch.nn.modules.conv import _ConvNd
from torch.overrides import TorchFunctionMode

from regnet_plugin.core.complexity import Complexity

# What gives weights their first values: a third of the time in which a network is built, and for
# nothing where there is no memory.
_FIRST_VALUES = (nn.init.uniform_, nn.init.normal_, nn.init.kaiming_uniform_)


class OnMeta(TorchFunctionMode):
    """Within it, layers are made without memory: a network of any size is built, to be counted.

    ``torch.device('meta')`` is not enough for mmpretrain's ResNet and EfficientNet: they read their
    rates of stochastic depth from a tensor, which then has no values. So only ``torch.empty``, of
    which weights are made, goes to that device. There they get no first values, either.
    """

    def __torch_function__(
        self,
        function: Callable[..., Any],
        types: Sequence[type],
        args: Sequence[Any] = (),
        kwargs: Mapping[str, Any] | None = None,
    ) -> Any:
        """Call a function of torch, and let ``torch.empty`` make nothing."""
        given = dict(kwargs or {})
        if function in _FIRST_VALUES and given['tensor'].is_meta:
            return given['tensor']
        if function is torch.empty:
            given['device'] = 'meta'
        return function(*args, **given)


def count(
    module: nn.Module, resolution: int | tuple[int, int] = 224, in_channels: int = 3
) -> Complexity:
    """Count flops, parameters and activations of one image's way through a module.

    Args:
        module: a network that takes a batch of images; it is copied, not changed.
        resolution: side of the image, or (height, width).
        in_channels: channels of the image.

    Returns:
        Counts in which convs and linear layers count, and their biases; max-pooling and linear
        layers add to ``activations_with_classifier`` only.
    """
    module = copy.deepcopy(module).to('meta')
    module.eval()  # its return value is None in mmdet's and mmpretrain's backbones
    height, width = (resolution, resolution) if isinstance(resolution, int) else resolution
    flops = conv_outputs = other_outputs = 0

    def watch(layer: nn.Module, inputs: Any, output: Tensor) -> None:
        """Add what a layer did for the one image to the counts."""
        nonlocal flops, conv_outputs, other_outputs
        outputs = output[0].numel()
        if isinstance(layer, (_ConvNd, nn.Linear)):
            flops += outputs * layer.weight[0].numel()
            flops += 0 if layer.bias is None else outputs
        if isinstance(layer, _ConvNd):
            conv_outputs += outputs
        else:
            other_outputs += outputs

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
    return Complexity(
        flops=flops,
        parameters=sum(parameter.numel() for parameter in module.parameters()),
        activations=conv_outputs,
        activations_with_classifier=conv_outputs + other_outputs,
    )
