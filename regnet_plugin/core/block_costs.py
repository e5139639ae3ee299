"""What blocks cost, in closed form, and stages of them: flops, parameters and activations.

What counts, and what is free, `regnet_plugin.core.complexity` says. The cost of n networks is an
array of shape (3, n).
"""

from collections.abc import Callable
from dataclasses import dataclass
from functools import cached_property
from typing import Any, TypedDict

import numpy as np
from numpy.typing import ArrayLike, NDArray

from regnet_plugin.core.group_width import squeeze_width
from regnet_plugin.core.vocabulary import BLOCKS, BlockKind

Integers = int | NDArray[np.int64]  # one for all of n networks, or one for each


@dataclass(frozen=True)
class FeatureMap:
    """Height and width of a feature map on its way through the network."""

    height: Integers
    width: Integers

    @cached_property
    def area(self) -> Integers:
        """Number of its places."""
        return self.height * self.width

    def strided(self, stride: Integers) -> 'FeatureMap':
        """Return the output map of a conv or pooling of this stride.

        Its kernel k is odd and its padding (k - 1) / 2, times the dilation, so that neither of
        them changes the side.
        """
        return FeatureMap((self.height - 1) // stride + 1, (self.width - 1) // stride + 1)


class StageArrays(TypedDict):
    """One stage of n networks: arrays of shape (n, ), and the SE ratio that all of them share."""

    depth: NDArray[np.int64]
    width: NDArray[np.int64]
    stride: NDArray[np.int64]
    bottleneck_ratio: NDArray[Any]
    group_width: NDArray[np.int64]
    se_ratio: float


# Takes stage, the width that enters the block, and the maps before and after its stride.
BlockCost = Callable[[StageArrays, NDArray[np.int64], FeatureMap, FeatureMap], NDArray[np.int64]]


def conv_cost(
    kernel: int,
    width_in: Integers,
    width_out: Integers,
    image: FeatureMap,
    group_width: Integers | None = None,
    *,
    normalized: bool = True,
) -> NDArray[np.int64]:
    """Count a conv without bias and the normalization behind it.

    Args:
        kernel: side of the kernel.
        width_in: channels of the input.
        width_out: channels of the output.
        image: the output map, with its ``area``.
        group_width: channels per group; None for one group.
        normalized: whether there is a normalization.

    Returns:
        Flops, parameters, activations, of shape (3, n).
    """
    weights = kernel**2 * (width_in if group_width is None else group_width) * width_out
    flops = weights * image.area
    # scale and shift of each normalized channel
    parameters = weights + 2 * width_out if normalized else weights
    activations = width_out * image.area
    return _stacked(flops, parameters, activations)


def _stacked(*counts: ArrayLike) -> NDArray[np.int64]:
    """Flops, parameters and activations as one array, of shape (3, n) or (3, )."""
    return np.stack(np.broadcast_arrays(*counts))


def bottlenecks(widths: NDArray[np.int64], ratios: NDArray[Any]) -> NDArray[np.int64]:
    """Return bottleneck widths w / b of any shape, rounded where they are not whole."""
    rounded: NDArray[np.int64] = np.rint(widths / ratios).astype(np.int64)
    return rounded


def squeeze_excitation_cost(
    width: NDArray[np.int64], squeezed: NDArray[np.int64]
) -> NDArray[np.int64]:
    """Two 1x1 convs with bias on a 1x1 map: each weight and each bias is used once."""
    weights = width * squeezed + squeezed * width
    biases = squeezed + width
    return _stacked(weights + biases, weights + biases, squeezed + width)


def _bottleneck_cost(
    stage: StageArrays, width_in: NDArray[np.int64], image_in: FeatureMap, image: FeatureMap
) -> NDArray[np.int64]:
    """1x1, 3x3 in groups with the block's stride, [SE], 1x1."""
    bottleneck = bottlenecks(stage['width'], stage['bottleneck_ratio'])
    cost = conv_cost(1, width_in, bottleneck, image_in)
    cost = cost + conv_cost(3, bottleneck, bottleneck, image, stage['group_width'])
    cost = cost + conv_cost(1, bottleneck, stage['width'], image)
    if stage['se_ratio']:
        squeezed = squeeze_width(width_in, stage['se_ratio'])
        cost = cost + squeeze_excitation_cost(bottleneck, squeezed)
    return cost


def _pre_activation_cost(
    stage: StageArrays, width_in: NDArray[np.int64], image_in: FeatureMap, image: FeatureMap
) -> NDArray[np.int64]:
    """The convs of a bottleneck, with the normalizations before them: of the input, not output."""
    extra = 2 * (width_in - stage['width'])  # parameters of the one that is elsewhere
    nothing = np.zeros_like(extra)
    return _bottleneck_cost(stage, width_in, image_in, image) + _stacked(nothing, extra, nothing)


def _one_conv_cost(
    stage: StageArrays, width_in: NDArray[np.int64], image_in: FeatureMap, image: FeatureMap
) -> NDArray[np.int64]:
    """3x3 with the block's stride."""
    return conv_cost(3, width_in, stage['width'], image)


def _two_convs_cost(
    stage: StageArrays, width_in: NDArray[np.int64], image_in: FeatureMap, image: FeatureMap
) -> NDArray[np.int64]:
    """3x3 with the block's stride, 3x3."""
    first = conv_cost(3, width_in, stage['width'], image)
    second = conv_cost(3, stage['width'], stage['width'], image)
    return first + second


@dataclass(frozen=True)
class ClosedForm:
    """How a block is counted.

    Attributes:
        cost: of its transform.
        projection: whether there is a shortcut beside it, with a 1x1 conv where width or resolution
            changes.
        normalized: whether normalizations stand behind the stem and behind that 1x1 conv.
    """

    cost: BlockCost
    projection: bool
    normalized: bool = True


def _closed_form_of(kind: BlockKind) -> ClosedForm:
    """The closed form of a block of the table."""
    projection = kind.shortcut and kind.projection
    if kind.pre_activation:
        return ClosedForm(_pre_activation_cost, projection, normalized=False)
    if kind.bottleneck:
        return ClosedForm(_bottleneck_cost, projection)
    costs = {1: _one_conv_cost, 2: _two_convs_cost}
    return ClosedForm(costs[kind.convs], projection)


# By name of the block; `register_cost` adds to them.
_CLOSED_FORMS = {name: _closed_form_of(kind) for name, kind in BLOCKS.items()}


def register_cost(block: str, cost: BlockCost, shortcut: bool = True) -> None:
    """Give the closed form of a block of one's own: its networks are counted like the paper's.

    They can be sampled then, too.

    Args:
        block: its name in ``MODELS``.
        cost: takes ``stage``, a dict of width, stride, bottleneck_ratio and group_width, arrays of
            shape (n, ), and se_ratio; ``width_in``, an array; and the maps before and after the
            block's stride, with ``area``. Gives flops, parameters and activations without the
            shortcut, of shape (3, n), such as `conv_cost` does.
        shortcut: whether there is one, with a 1x1 conv where width or resolution changes.
    """
    _CLOSED_FORMS[block] = ClosedForm(cost, shortcut)


def closed_form(block: str) -> ClosedForm:
    """Return the closed form of a block.

    Args:
        block: its name, of the paper or registered.

    Raises:
        ValueError: if it has none.
    """
    if block not in _CLOSED_FORMS:
        raise ValueError(
            f'the closed form covers the blocks {", ".join(_CLOSED_FORMS)}, but block={block!r}; '
            'give that of your own to regnet_plugin.core.complexity.register_cost, or count the '
            'built module: regnet_plugin.models.module_complexity.count'
        )
    return _CLOSED_FORMS[block]


def _projection_cost(
    stage: StageArrays, width_in: NDArray[np.int64], image: FeatureMap, normalized: bool
) -> NDArray[np.int64]:
    """The shortcut's 1x1 conv, where width or resolution changes."""
    changes = (width_in != stage['width']) | (stage['stride'] != 1)
    cost = conv_cost(1, width_in, stage['width'], image, normalized=normalized)
    return np.where(changes, cost, 0)


def stage_cost(
    form: ClosedForm, stage: StageArrays, width_in: NDArray[np.int64], image_in: FeatureMap
) -> tuple[NDArray[np.int64], FeatureMap]:
    """Cost of a stage, of shape (3, n), and its output map.

    The first block has the stride; the others see their own width and no stride.
    """
    image = image_in.strided(stage['stride'])
    first = form.cost(stage, width_in, image_in, image)
    if form.projection:
        first = first + _projection_cost(stage, width_in, image, form.normalized)
    other = form.cost(stage, stage['width'], image, image)
    return first + (stage['depth'] - 1) * other, image
