"""A backbone from pretrained weights: all of it, or an error. MMEngine warns of what is missing,
and goes on.
"""

import re

from mmengine.model import PretrainedInit, update_init_info

from regnet_plugin.weights.addresses import read_checkpoint
from regnet_plugin.weights.library_layouts import advice_on_names

# classifier, neck and heads, which a backbone leaves alone
_OTHERS = re.compile(r'(fc|head|neck|\w+_head)\.')
# need not be there; offsets start at 0
_BESIDE = re.compile(r'.*(num_batches_tracked|\.conv_offset\.(weight|bias))')


class Pretrained(PretrainedInit):
    """MMEngine's initialization ``dict(type='Pretrained', checkpoint=, prefix=None)`` of a backbone
    of ours.
    """

    def __call__(self, module):
        """Load the weights.

        Raises:
            ValueError: in one line, if they cannot be loaded or are not of this network.
        """
        try:
            weights = own_weights(module, read_checkpoint(self.checkpoint), self.prefix)
        except ValueError as error:
            named = str(self.checkpoint) in str(error)
            raise ValueError(str(error) if named else f'{self.checkpoint}: {error}') from None
        module.load_state_dict(weights, strict=False)
        if hasattr(module, '_params_init_info'):
            update_init_info(module, init_info=f'load from {self.checkpoint}')


def whole(init_cfg):
    """An ``init_cfg`` with `Pretrained` in the place of MMEngine's, and behind what fills the
    network otherwise.

    MMEngine initializes in this order, too, but knows its own class only.
    """
    if isinstance(init_cfg, (list, tuple)):
        return sorted(map(whole, init_cfg), key=_is_pretrained)
    return dict(init_cfg, type=Pretrained) if _is_pretrained(init_cfg) else init_cfg


def _is_pretrained(init_cfg):
    kind = init_cfg.get('type') if isinstance(init_cfg, dict) else None
    name = kind.rpartition('.')[2] if isinstance(kind, str) else kind  # with or without a scope
    return name in ('Pretrained', 'PretrainedInit', PretrainedInit, Pretrained)


def own_weights(backbone, weights, prefix=None):
    """The backbone's part of a state dict, under its own names.

    Returns:
        dict[str, torch.Tensor]

    Raises:
        ValueError: if something is missing, of another shape, or surplus.
    """
    if prefix is None and not any(name in weights for name in backbone.state_dict()):
        prefix = 'backbone.'
    if prefix:
        prefix = prefix.rstrip('.') + '.'
        own = {
            name[len(prefix) :]: value for name, value in weights.items() if name.startswith(prefix)
        }
    else:
        own = {name: value for name, value in weights.items() if not _OTHERS.match(name)}
    try:
        check_weights(backbone, own)
    except ValueError as error:
        raise ValueError(f'{error}{advice_on_names(weights)}') from None
    return own


def check_weights(network, weights, prefix=''):
    """Compare names and shapes of weights with those of a backbone.

    Args:
        network (AnyNet): plugins, offsets of deformable convs, and counters of batches need not be
            among the weights.
        weights (dict[str, torch.Tensor]): of nothing else, below the prefix.
        prefix (str): of the network's names among the weights. Default: ''.

    Raises:
        ValueError: how many are missing, of another shape or surplus, and the first of each.
    """
    expected = network.state_dict()
    given = {
        name[len(prefix) :]: value for name, value in weights.items() if name.startswith(prefix)
    }
    plugins = _plugins(network)
    missing = [
        name
        for name in expected
        if name not in given and not _BESIDE.fullmatch(name) and not name.startswith(plugins)
    ]
    shapes = [
        f'{name} is {_shape(given[name])}, not {_shape(value)}'
        for name, value in expected.items()
        if name in given and given[name].shape != value.shape
    ]
    whole_numbers = [
        name
        for name, value in expected.items()
        if name in given and value.is_floating_point() and not given[name].is_floating_point()
    ]
    surplus = [name for name in given if name not in expected and not _BESIDE.fullmatch(name)]
    wrong = {
        'missing': missing,
        'of another shape': shapes,
        'of another kind of number': whole_numbers,
        'surplus': surplus,
    }
    said = [
        f'{len(names)} {"is" if len(names) == 1 else "are"} {what}, first {prefix}{names[0]}'
        for what, names in wrong.items()
        if names
    ]
    if said:
        raise ValueError(
            f'weights must be those of the network, {len(expected)} tensors, but {"; ".join(said)}'
        )


def _plugins(network):
    """What the names of plugins begin with."""
    return tuple(
        f'{name}.{plugin}.'
        for name, module in network.named_modules()
        for plugins in getattr(module, 'plugin_names', {}).values()
        for plugin in plugins
    )


def _shape(value):
    return 'x'.join(map(str, value.shape)) or 'one number'
