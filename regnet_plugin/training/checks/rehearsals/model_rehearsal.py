"""A config's model is run once without memory: do backbone, neck and head fit together?"""

from collections.abc import Sequence
from contextlib import suppress
from math import ceil
from typing import Any

import torch
from mmengine.config import Config
from torch import Tensor, nn

from regnet_plugin.cli.errors import in_one_line
from regnet_plugin.core.vocabulary import DEFAULT_RESOLUTION
from regnet_plugin.training.built_models import is_a
from regnet_plugin.training.checks.rehearsals.optimizer_rehearsal import rehearse_optimizer
from regnet_plugin.training.checks.rehearsals.small_model import (
    CannotRunHere,
    build_small,
    ends_without_values,
)
from regnet_plugin.training.config.entries import preprocessor_of
from regnet_plugin.training.config.image_size import stated_side

_DENSE_HEADS = ('bbox_head', 'rpn_head')


def rehearse(config: Config) -> None:
    """Build the model of a config on the meta device and send an image through it.

    It goes through backbone, neck and first heads: a classifier's head and a detector's dense head
    are run, and the maps' strides compared with those of its anchors or points. What needs values
    ends the rehearsal, and nothing is said of what follows: compiled ops of mmcv, heads that take
    annotations. Of each stage two blocks are made, since all others are as the second. Optimizer
    and schedules are built for the model, where the config has them.

    Args:
        config: with an `AnyNet` as ``model.backbone``; it is not changed.

    Raises:
        ValueError: which part does not take what it is given.
        Exception: whatever parts of the model raise when they are built.
    """
    model = build_small(config)
    if model is None:
        return
    with suppress(CannotRunHere):
        rehearse_optimizer(model, config)
        height, width = _padded_size(config)
        channels = config.model.backbone.get('in_channels', 3)
        _run(model, torch.empty(1, channels, height, width, device='meta'))


def _padded_size(config: Config) -> tuple[int, int]:
    """Height and width of a batch, which the data preprocessor pads."""
    side = stated_side(config) or DEFAULT_RESOLUTION
    width, height = (side, side) if isinstance(side, int) else side
    divisor = preprocessor_of(config).get('pad_size_divisor', 1)
    return ceil(height / divisor) * divisor, ceil(width / divisor) * divisor


def _run(model: nn.Module, images: Tensor) -> None:
    """Send a batch through backbone, neck and first heads, and look what comes out."""
    maps = _outputs('backbone', model.backbone, images)
    if getattr(model, 'neck', None) is not None:
        maps = _outputs('neck', model.neck, maps)
    head: Any = getattr(model, 'head', None)
    if hasattr(head, 'num_classes'):
        scores = _outputs('head', head, maps)
        if isinstance(scores, Tensor) and scores.shape != (1, head.num_classes):
            raise ValueError(
                f'model.head must give a score per class, {head.num_classes}, but {_kind(head)} '
                f'gives {_shapes(scores)} for {_shapes(maps)}'
            )
    for name in _DENSE_HEADS:
        head = getattr(model, name, None)
        if is_a(head, 'BaseDenseHead'):
            _check_strides(name, head, maps, images.shape[-1])
            _outputs(name, head, maps)


def _outputs(name: str, part: Any, given: Any) -> Any:
    """What a part of the model makes of what it is given.

    ``forward`` itself is called, which is never compiled, unlike the module on the fast path.

    Raises:
        ValueError: if it does not take it.
        CannotRunHere: if it needs values.
    """
    try:
        with ends_without_values():
            return part.forward(given)
    except CannotRunHere:
        raise
    except Exception as error:  # whatever a part says of what it cannot take
        raise ValueError(
            f'model.{name} must take what it is given, but {_kind(part)} cannot take '
            f'{_shapes(given)}: {type(error).__name__}: {in_one_line(error)}'
        ) from error


def _check_strides(name: str, head: Any, maps: Sequence[Tensor], width: int) -> None:
    """Compare the maps that a dense head is given with the strides of its anchors or points.

    Args:
        name: of the head.
        head: of a detector.
        maps: that it is given, from the largest to the smallest.
        width: of the image, in pixels.

    Raises:
        ValueError: if a map is not as wide as the image by the stride, but for rounding.
    """
    pairs = getattr(getattr(head, 'prior_generator', None), 'strides', ())
    strides = [horizontal for horizontal, _ in pairs]
    if not strides:
        return
    widths = [level.shape[-1] for level in maps]
    fits = len(strides) == len(widths) and all(
        abs(own * stride - width) < stride for own, stride in zip(widths, strides)
    )
    if not fits:
        raise ValueError(
            f'model.{name} must be given maps of its strides, {strides}, but the sides of the maps '
            f'for {width} pixels are {widths}'
        )


def _kind(part: Any) -> str:
    """The name of a part's class, or those of the parts of a sequence."""
    parts = part if isinstance(part, nn.Sequential) else [part]
    return ' and '.join(type(one).__name__ for one in parts)


def _shapes(given: Any) -> str:
    """Channels and sides of one or several batches, such as '440x7x7'."""
    several = given if isinstance(given, (list, tuple)) else [given]
    return ', '.join(_shape(one) for one in several)


def _shape(given: Any) -> str:
    if isinstance(given, Tensor):
        return 'x'.join(map(str, given.shape[1:]))
    return type(given).__name__
