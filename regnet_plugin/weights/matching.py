"""Are weights those of a network, by their names and shapes? MMEngine only warns where not."""

import re
from collections.abc import Mapping

import torch
from torch import nn

from regnet_plugin.cli.guides import guide
from regnet_plugin.weights.input_channels import for_channels_of
from regnet_plugin.weights.name_advice import advice_on_names
from regnet_plugin.weights.state_dicts import plain_name

Weights = Mapping[str, torch.Tensor]

# Classifier, neck and heads, which a backbone leaves alone; RegNetZ's conv before pooling is of the
# head, and a detector's backbone is without it.
_OTHER_PARTS = re.compile(r'(fc|head|neck|\w+_head)\.')
_CONV_OF_HEAD = re.compile(r'final_(conv|bn)\.')
# What frameworks put before the names of the one network in a file: Lightning, and the algorithms
# of mmpretrain and mmrazor.
ALGORITHMS = ('model.', 'net.', 'network.', 'architecture.', 'student.')
_BACKBONE = ('backbone.', '')
# Need not be among weights: counters of batches, and offsets of deformable convs, which start at 0.
_OPTIONAL = re.compile(r'.*(num_batches_tracked|\.conv_offset\.(weight|bias))')


def own_weights(
    backbone: nn.Module, weights: Weights, prefix: str | None = None
) -> dict[str, torch.Tensor]:
    """Return the backbone's part of a state dict, under its own names.

    Args:
        backbone: a network of ours.
        weights: of it, or of a model that has it.
        prefix: of the backbone's names among the weights. Default: none where a name of the
            backbone is among them, else ``backbone.``, perhaps behind one of `ALGORITHMS`.

    Raises:
        ValueError: if something is missing, of another shape, or surplus.
    """
    own = of_backbone(backbone, weights, prefix)
    try:
        check_weights(backbone, own)
    except ValueError as error:
        raise ValueError(f'{error}{advice_on_names(weights, prefix)}') from None
    return own


def of_backbone(
    backbone: nn.Module, weights: Weights, prefix: str | None = None
) -> dict[str, torch.Tensor]:
    """Return what a state dict has for a backbone, whole or not, as `own_weights` takes it."""
    if prefix is not None:
        prefix = plain_name(prefix.rstrip('.') + '.').rstrip('.')
        prefix = f'{prefix}.' if prefix else None
    if prefix is None:
        prefix = _prefix_in(backbone, weights)
    if prefix:
        own = below(weights, prefix)
    else:
        own = {name: value for name, value in weights.items() if not _OTHER_PARTS.match(name)}
    if not hasattr(backbone, 'final_conv'):
        own = {name: value for name, value in own.items() if not _CONV_OF_HEAD.match(name)}
    return made_for(backbone, own)


def made_for(backbone: nn.Module, weights: Weights, prefix: str = '') -> dict[str, torch.Tensor]:
    """Give weights the input channels of a backbone, and leave out stages that it leaves out.

    Args:
        backbone: of ours; others are given their weights as they are.
        weights: of it, or of a model that has it.
        prefix: of the backbone's names among them.

    Returns:
        A new dict.
    """
    left_out = tuple(f'{prefix}{stage}.' for stage in getattr(backbone, 'left_out', ()))
    converted = for_channels_of(backbone, weights, prefix)
    return {name: value for name, value in converted.items() if not name.startswith(left_out)}


def _prefix_in(backbone: nn.Module, weights: Weights) -> str:
    """What stands before the names of a backbone, where that is nothing unusual."""
    names = backbone.state_dict().keys()
    for prefix in ('', *(f'{outer}{inner}' for outer in ('', *ALGORITHMS) for inner in _BACKBONE)):
        if any(f'{prefix}{name}' in weights for name in names):
            return prefix
    return _BACKBONE[0]


def below(weights: Weights, prefix: str) -> dict[str, torch.Tensor]:
    """The tensors whose names begin with a prefix, without it."""
    return {
        name[len(prefix) :]: value for name, value in weights.items() if name.startswith(prefix)
    }


def check_weights(network: nn.Module, weights: Weights, prefix: str = '') -> None:
    """Compare names and shapes of weights with those of a network.

    Args:
        network: a backbone or model; its plugins, offsets of deformable convs, and counters of
            batches need not be among the weights.
        weights: of nothing else, below the prefix.
        prefix: of the network's names among the weights.

    Raises:
        ValueError: how many are missing, of another shape or surplus, and the first of each.
    """
    expected = network.state_dict()
    faults = _faults(expected, below(weights, prefix), _plugin_prefixes(network))
    said = [
        f'{len(names)} {"is" if len(names) == 1 else "are"} {what}, first {prefix}{names[0]}'
        for what, names in faults.items()
        if names
    ]
    if said:
        raise ValueError(
            f'weights must be those of the network, {len(expected)} tensors, but {"; ".join(said)} '
            f'(guide: {guide("weights")})'
        )


def _faults(expected: Weights, given: Weights, plugins: tuple[str, ...]) -> dict[str, list[str]]:
    """Names of tensors, by what is wrong with them; those of another shape with both shapes.

    Args:
        expected: of the network.
        given: that it is to get.
        plugins: what names begin with that need not be given.
    """
    wrong: dict[str, list[str]] = {
        'missing': [],
        'of another shape': [],
        'of another kind of number': [],
        'surplus': [],
    }
    for name, value in expected.items():
        if name not in given:
            if not _OPTIONAL.fullmatch(name) and not name.startswith(plugins):
                wrong['missing'].append(name)
            continue
        if given[name].shape != value.shape:
            shapes = f'{name} is {_shape(given[name])}, not {_shape(value)}'
            wrong['of another shape'].append(shapes)
        if value.is_floating_point() and not given[name].is_floating_point():
            wrong['of another kind of number'].append(name)
    for name in given:
        if name not in expected and not _OPTIONAL.fullmatch(name):
            wrong['surplus'].append(name)
    return wrong


def _plugin_prefixes(network: nn.Module) -> tuple[str, ...]:
    """What the names of plugins, such as mmdet's attention layers, begin with."""
    return tuple(
        f'{name}.{plugin}.'
        for name, module in network.named_modules()
        for plugins in getattr(module, 'plugin_names', {}).values()
        for plugin in plugins
    )


def _shape(value: torch.Tensor) -> str:
    """A shape in a message, such as '64x3x3x3'."""
    return 'x'.join(map(str, value.shape)) or 'one number'
