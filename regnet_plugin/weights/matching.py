"""Are weights those of a network, by their names and shapes? MMEngine only warns where not."""

import re
from collections.abc import Mapping

import torch
from torch import nn

from regnet_plugin.weights.name_advice import advice_on_names

Weights = Mapping[str, torch.Tensor]

# Classifier, neck and heads, which a backbone leaves alone.
_OTHER_PARTS = re.compile(r'(fc|head|neck|\w+_head)\.')
# Need not be among weights: counters of batches, and offsets of deformable convs, which start at 0.
_OPTIONAL = re.compile(r'.*(num_batches_tracked|\.conv_offset\.(weight|bias))')
# The convs that tell the size of a network: of the stem and of the blocks in its stages.
_SIZED = re.compile(r'(conv1|(layer\d+)\.\d+\.(conv\d|se\.fc\d))\.weight')


def own_weights(
    backbone: nn.Module, weights: Weights, prefix: str | None = None
) -> dict[str, torch.Tensor]:
    """Return the backbone's part of a state dict, under its own names.

    Args:
        backbone: a network of ours.
        weights: of it, or of a model that has it.
        prefix: of the backbone's names among the weights. Default: none where a name of the
            backbone is among them, else ``backbone.``.

    Raises:
        ValueError: if something is missing, of another shape, or surplus.
    """
    if prefix is None and not any(name in weights for name in backbone.state_dict()):
        prefix = 'backbone.'
    if prefix:
        own = _below(weights, prefix.rstrip('.') + '.')
    else:
        own = {name: value for name, value in weights.items() if not _OTHER_PARTS.match(name)}
    try:
        check_weights(backbone, own)
    except ValueError as error:
        raise ValueError(f'{error}{advice_on_names(weights)}') from None
    return own


def _below(weights: Weights, prefix: str) -> dict[str, torch.Tensor]:
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
    faults = _faults(expected, _below(weights, prefix), _plugin_prefixes(network))
    said = [
        f'{len(names)} {"is" if len(names) == 1 else "are"} {what}, first {prefix}{names[0]}'
        for what, names in faults.items()
        if names
    ]
    if said:
        raise ValueError(
            f'weights must be those of the network, {len(expected)} tensors, but {"; ".join(said)}'
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


def check_size(network: nn.Module, state_dict: Weights, prefix: str = '') -> None:
    """Refuse weights of a network of another size, which MMEngine would start without.

    The shapes of the convs are compared, and so which blocks there are. Weights without any of
    these convs are left alone. So are stages that the network has not, scales, statistics, plugins,
    and offsets of deformable convs.

    Args:
        network: with OpenMMLab's names of tensors, see `regnet_plugin.models.anynet.AnyNet`.
        state_dict: to be loaded.
        prefix: what the network's names begin with there.

    Raises:
        ValueError: the rule, then the shapes of the first conv that differs.
    """
    own = _conv_shapes(network, network.state_dict())
    given = _conv_shapes(network, _below(state_dict, prefix))
    if not own.keys() & given.keys():
        return
    for name in [*own, *given]:
        if own.get(name) != given.get(name):
            raise ValueError(
                f'weights must be of a network of the same size, but their {name} is '
                f"{given.get(name, 'missing')}, the network's is {own.get(name, 'missing')}"
            )


def _conv_shapes(network: nn.Module, weights: Weights) -> dict[str, tuple[int, ...]]:
    """Shapes of the convs in the stem and in those stages that the network has."""
    shapes = {}
    for name, tensor in weights.items():
        match = _SIZED.fullmatch(name)
        if match and (match[2] is None or hasattr(network, match[2])):
            shapes[name] = tuple(tensor.shape)
    return shapes
