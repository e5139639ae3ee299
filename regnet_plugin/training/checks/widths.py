"""Do neck and head take what the backbone gives? Their widths are typed by hand in configs."""

import re
import traceback
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

from torch import nn

from regnet_plugin.cli.errors import UserError
from regnet_plugin.models.anynet import AnyNet

DEEPEST_FIRST = ('YOLOV3Neck',)  # necks whose in_channels begin with the last map
# Networks within a model, and their keys in the config: of semi-supervised and tracking ones, and
# of test-time augmentation.
_KEYS = {'student': 'model.detector', 'detector': 'model.detector', 'module': 'model'}
_MISFIT = re.compile(r'to have (\d+) channels, but got (\d+) channels')  # PyTorch of a conv's input


def check_widths(model: nn.Module, name: str) -> None:
    """Compare the widths of our backbone's outputs with what follows it.

    Args:
        model: with ``backbone`` and perhaps ``neck`` and ``head``, or with such a model in it;
            other backbones than ours are not checked.
        name: what the message calls the config.

    Raises:
        UserError: which entry of the config must be what.
    """
    _check(model, name, 'model')
    for part, key in _KEYS.items():
        _check(getattr(model, part, None), name, key)


def _check(model: nn.Module | None, name: str, key: str) -> None:
    widths = getattr(getattr(model, 'backbone', None), 'out_channels', None)
    if not isinstance(widths, tuple):
        return
    neck = _first(getattr(model, 'neck', None))
    expected = list(widths)
    if type(neck).__name__ in DEEPEST_FIRST:
        expected.reverse()
    taken = _widths_taken(neck)
    if isinstance(taken, (list, tuple)) and list(taken) != expected:
        raise UserError(
            f"{name}: {key}.neck.in_channels must be the widths of the backbone's outputs, "
            f'{expected}, but it is {list(taken)}'
        )
    keeps_width = neck is None or type(neck).__name__ == 'GlobalAveragePooling'
    taken = getattr(getattr(model, 'head', None), 'in_channels', None)
    if keeps_width and isinstance(taken, int) and taken != widths[-1]:
        raise UserError(
            f"{name}: {key}.head.in_channels must be the width of the backbone's last output, "
            f'{widths[-1]}, but it is {taken}'
        )


def _first(neck: Any) -> Any:
    """The neck that follows the backbone, where a config gives a list of them."""
    return neck[0] if isinstance(neck, nn.Sequential) else neck


def _widths_taken(neck: Any) -> Any:
    """What a neck says of the widths that it takes; None where it says nothing."""
    if type(neck).__name__ == 'ChannelMapper':  # keeps its convs alone
        return [conv.in_channels for conv in neck.convs]
    return getattr(neck, 'in_channels', None)


@contextmanager
def channels_explained(model: nn.Module, name: str) -> Iterator[None]:
    """Say which layer is given other channels than it takes, where only the first batch tells.

    Args:
        model: that is run.
        name: what the message calls the config.

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
        widths = _widths_of_outputs(model)
        said = ''
        if int(given) in widths:
            said = f"; the widths of the backbone's outputs are {widths}"
        raise UserError(
            f'{name}: {_running_layer(model, error)} takes {taken} channels, but it is given '
            f'{given}{said}'
        ) from error


def _running_layer(model: nn.Module, error: Exception) -> str:
    """The key of the innermost layer that was running, which begins as those of a config do."""
    keys = {id(module): f'model.{path}' for path, module in model.named_modules()}
    running = 'a layer'
    for frame, _ in traceback.walk_tb(error.__traceback__):
        running = keys.get(id(frame.f_locals.get('self'))) or running
    return running.replace('model.module.', 'model.')


def _widths_of_outputs(model: nn.Module) -> list[int]:
    """The widths of the outputs of all our backbones in a model."""
    widths: list[int] = []
    for module in model.modules():
        if isinstance(module, AnyNet):
            widths += module.out_channels
    return widths
