"""Are weights of a network of this size? MMEngine only warns of those that are not, and trains from
random ones.
"""

import re

_SIZED = re.compile(r'(conv1|(layer\d+)\.\d+\.(conv\d|se\.fc\d))\.weight')


def check_size(network, state_dict, prefix=''):
    """Compare the shapes of the convs, and so which blocks there are; weights without any of them
    are left alone.

    So are stages that the network has not, scales, statistics, plugins, and offsets of deformable
    convs.

    Args:
        network (nn.Module): with OpenMMLab's names of tensors, see
            `regnet_plugin.models.anynet.AnyNet`.
        state_dict (dict[str, torch.Tensor]): to be loaded.
        prefix (str): what the network's names begin with there. Default: ''.

    Raises:
        ValueError: the rule, then the shapes of the first conv that differs.
    """
    own = _shapes(network, network.state_dict())
    given = _shapes(network, state_dict, prefix)
    if not own.keys() & given.keys():
        return
    for name in [*own, *given]:
        if own.get(name) != given.get(name):
            raise ValueError(
                'weights must be of a network of the same size, but their '
                f"{name} is {given.get(name, 'missing')}, the network's is "
                f'{own.get(name, "missing")}'
            )


def _shapes(network, tensors, prefix=''):
    """Shapes of the convs in the stem and in stages of the network."""
    shapes = {}
    for name, tensor in tensors.items():
        match = _SIZED.fullmatch(name[len(prefix) :]) if name.startswith(prefix) else None
        if match and (match[2] is None or hasattr(network, match[2])):
            shapes[match[0]] = tuple(tensor.shape)
    return shapes
