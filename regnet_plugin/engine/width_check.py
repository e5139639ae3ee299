"""Do neck and head take what the backbone gives? Their widths are typed by hand in configs."""
from torch import nn

from regnet_plugin.engine.errors import UserError

DEEPEST_FIRST = ('YOLOV3Neck', )  # necks whose in_channels begin with the last map


def check_widths(model, name):
    """Compare the widths of our backbone's outputs with what follows it.

    Args:
        model (nn.Module): with ``backbone`` and perhaps ``neck`` and ``head``; other backbones than ours are not checked.
        name (str): what the message calls the config.

    Raises:
        UserError: which entry of the config must be what.
    """
    widths = getattr(getattr(model, 'backbone', None), 'out_channels', None)
    if not isinstance(widths, tuple):
        return
    neck, head = _first(getattr(model, 'neck', None)), getattr(model, 'head', None)
    taken, expected = _taken(neck), list(widths)
    if type(neck).__name__ in DEEPEST_FIRST:
        expected.reverse()
    if isinstance(taken, (list, tuple)) and list(taken) != expected:
        raise UserError(f"{name}: model.neck.in_channels must be the widths of the backbone's outputs, {expected}, "
                        f'but it is {list(taken)}')
    pools = neck is None or type(neck).__name__ == 'GlobalAveragePooling'
    taken = getattr(head, 'in_channels', None)
    if pools and isinstance(taken, int) and taken != widths[-1]:
        raise UserError(f"{name}: model.head.in_channels must be the width of the backbone's last output, {widths[-1]}, "
                        f'but it is {taken}')


def _first(neck):
    """The neck that follows the backbone, where a config gives a list of them."""
    return neck[0] if isinstance(neck, nn.Sequential) else neck


def _taken(neck):
    if type(neck).__name__ == 'ChannelMapper':  # keeps its convs alone
        return [conv.in_channels for conv in neck.convs]
    return getattr(neck, 'in_channels', None)
