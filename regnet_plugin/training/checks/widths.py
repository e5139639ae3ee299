"""Do neck and head take what the backbone gives? Their widths are typed by hand in configs."""

import re
import traceback
from contextlib import contextmanager

from torch import nn

from regnet_plugin.cli.errors import UserError
from regnet_plugin.models.anynet import AnyNet

DEEPEST_FIRST = ('YOLOV3Neck',)  # necks whose in_channels begin with the last map
# of networks within a model: semi-supervised and tracking ones, and test-time augmentation
_KEYS = {'student': 'model.detector', 'detector': 'model.detector', 'module': 'model'}
_MISFIT = re.compile(r'to have (\d+) channels, but got (\d+) channels')  # PyTorch of a conv's input


def check_widths(model, name):
    """Compare the widths of our backbone's outputs with what follows it.

    Args:
        model (nn.Module): with ``backbone`` and perhaps ``neck`` and ``head``, or with such a model
            in it; other backbones than ours are not checked.
        name (str): what the message calls the config.

    Raises:
        UserError: which entry of the config must be what.
    """
    _check(model, name, 'model')
    for part, key in _KEYS.items():
        _check(getattr(model, part, None), name, key)


def _check(model, name, key):
    widths = getattr(getattr(model, 'backbone', None), 'out_channels', None)
    if not isinstance(widths, tuple):
        return
    neck, head = _first(getattr(model, 'neck', None)), getattr(model, 'head', None)
    taken, expected = _taken(neck), list(widths)
    if type(neck).__name__ in DEEPEST_FIRST:
        expected.reverse()
    if isinstance(taken, (list, tuple)) and list(taken) != expected:
        raise UserError(
            f"{name}: {key}.neck.in_channels must be the widths of the backbone's outputs, "
            f'{expected}, '
            f'but it is {list(taken)}'
        )
    pools = neck is None or type(neck).__name__ == 'GlobalAveragePooling'
    taken = getattr(head, 'in_channels', None)
    if pools and isinstance(taken, int) and taken != widths[-1]:
        raise UserError(
            f"{name}: {key}.head.in_channels must be the width of the backbone's last output, "
            f'{widths[-1]}, '
            f'but it is {taken}'
        )


def _first(neck):
    """The neck that follows the backbone, where a config gives a list of them."""
    return neck[0] if isinstance(neck, nn.Sequential) else neck


def _taken(neck):
    if type(neck).__name__ == 'ChannelMapper':  # keeps its convs alone
        return [conv.in_channels for conv in neck.convs]
    return getattr(neck, 'in_channels', None)


@contextmanager
def channels_explained(model, name):
    """Say which layer is given other channels than it takes, where only the first batch tells.

    Args:
        model (nn.Module): that is run.
        name (str): what the message calls the config.

    Raises:
        UserError: in the place of PyTorch's RuntimeError.
    """
    try:
        yield
    except RuntimeError as error:
        misfit = _MISFIT.search(str(error))
        if misfit is None:
            raise
        taken, given = misfit.groups()
        widths = _widths(model)
        said = (
            f"; the widths of the backbone's outputs are {widths}" if int(given) in widths else ''
        )
        raise UserError(
            f'{name}: {_layer(model, error)} takes {taken} channels, but it is given {given}{said}'
        ) from error


def _layer(model, error):
    """The key of the layer that was running, which begins as those of a config do."""
    names = {id(module): f'model.{path}' for path, module in model.named_modules()}
    running = [
        names.get(id(frame.f_locals.get('self')))
        for frame, _ in traceback.walk_tb(error.__traceback__)
    ]
    return next((name for name in reversed(running) if name), 'a layer').replace(
        'model.module.', 'model.'
    )


def _widths(model):
    return [
        width
        for module in model.modules()
        if isinstance(module, AnyNet)
        for width in module.out_channels
    ]
