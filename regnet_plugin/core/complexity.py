"""What a network costs, in closed form: flops, parameters, activations.

Section 3.2, table 2 ff. and the appendix of figure 12. One flop is one multiply-add. Convolutions
and the classifier count, their biases one each; normalization, ReLU, sigmoid, additions, products
and pooling are free. Parameters are weights, biases and two per normalized channel; running
statistics are not parameters. Activations are the elements of the outputs of all conv layers, the
two of squeeze-and-excitation included. Everything is for one image.
"""

from collections.abc import Callable
from dataclasses import dataclass, fields
from functools import cached_property
from typing import Any, Generic, TypedDict, TypeVar

import numpy as np
from numpy.typing import ArrayLike, NDArray

from regnet_plugin.core.architecture import Architecture
from regnet_plugin.core.group_width import squeeze_width
from regnet_plugin.core.limits import MAX_DEPTH, MAX_STRIDE, MAX_WIDTH
from regnet_plugin.core.number_checks import is_count
from regnet_plugin.core.vocabulary import BLOCKS, POOLING_STRIDE, STEMS, BlockKind, check_stem

# The counts that the paper draws and bounds, fields of `Complexity`; tables have a column of each.
COUNTS = ('flops', 'parameters', 'activations')

Count = TypeVar('Count', int, NDArray[np.int64])
Integers = int | NDArray[np.int64]  # one for all of n networks, or one for each


@dataclass(frozen=True)
class _Counts(Generic[Count]):
    """The one list of what is counted; for `Complexity` and `Complexities`."""

    flops: Count
    parameters: Count
    activations: Count
    activations_with_classifier: Count

    def to_dict(self) -> dict[str, Count]:
        """Return the counts by name."""
        return {name: getattr(self, name) for name in COMPLEXITY_FIELDS}


COMPLEXITY_FIELDS = tuple(field.name for field in fields(_Counts))


class Complexity(_Counts[int]):
    """Counts of one architecture, for one image.

    Attributes:
        flops: multiply-adds.
        parameters: learnable scalars.
        activations: elements of the outputs of all conv layers (the paper's definition).
        activations_with_classifier: the count of the authors' code (pycls): as before, plus the
            classifier's outputs and, with ResNet's stem, those of its max-pooling.
    """


class Complexities(_Counts[NDArray[np.int64]]):
    """Counts of n architectures, for one image: as in `Complexity`, int64 arrays of shape (n, )."""

    def __getitem__(self, rows: NDArray[np.int64] | NDArray[np.bool_]) -> 'Complexities':
        """Some of the architectures, by their places or by a mask."""
        return Complexities(**{name: counts[rows] for name, counts in self.to_dict().items()})


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
) -> NDArray[np.int64]:
    """Count a conv without bias and the normalization behind it.

    Args:
        kernel: side of the kernel.
        width_in: channels of the input.
        width_out: channels of the output.
        image: the output map, with its ``area``.
        group_width: channels per group; None for one group.

    Returns:
        Flops, parameters, activations, of shape (3, n).
    """
    weights = kernel**2 * (width_in if group_width is None else group_width) * width_out
    flops = weights * image.area
    parameters = weights + 2 * width_out  # scale and shift of each normalized channel
    activations = width_out * image.area
    return _stacked(flops, parameters, activations)


def _stacked(*counts: ArrayLike) -> NDArray[np.int64]:
    """Flops, parameters and activations as one array, of shape (3, n) or (3, )."""
    return np.stack(np.broadcast_arrays(*counts))


def _squeeze_excitation_cost(
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
    bottleneck = np.rint(stage['width'] / stage['bottleneck_ratio']).astype(np.int64)
    cost = conv_cost(1, width_in, bottleneck, image_in)
    cost = cost + conv_cost(3, bottleneck, bottleneck, image, stage['group_width'])
    cost = cost + conv_cost(1, bottleneck, stage['width'], image)
    if stage['se_ratio']:
        squeezed = squeeze_width(width_in, stage['se_ratio'])
        cost = cost + _squeeze_excitation_cost(bottleneck, squeezed)
    return cost


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
class _ClosedForm:
    """How a block is counted: its transform, and whether there is a shortcut beside it."""

    cost: BlockCost
    shortcut: bool


def _closed_form(kind: BlockKind) -> _ClosedForm:
    """The closed form of a block of the paper."""
    if kind.bottleneck:
        return _ClosedForm(_bottleneck_cost, kind.shortcut)
    costs = {1: _one_conv_cost, 2: _two_convs_cost}
    return _ClosedForm(costs[kind.convs], kind.shortcut)


# By name of the block; `register_cost` adds to them.
_CLOSED_FORMS = {name: _closed_form(kind) for name, kind in BLOCKS.items()}


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
    _CLOSED_FORMS[block] = _ClosedForm(cost, shortcut)


def _projection_cost(
    stage: StageArrays, width_in: NDArray[np.int64], image: FeatureMap
) -> NDArray[np.int64]:
    """The shortcut's 1x1 conv, where width or resolution changes."""
    changes = (width_in != stage['width']) | (stage['stride'] != 1)
    return np.where(changes, conv_cost(1, width_in, stage['width'], image), 0)


def _stage_cost(
    form: _ClosedForm, stage: StageArrays, width_in: NDArray[np.int64], image_in: FeatureMap
) -> tuple[NDArray[np.int64], FeatureMap]:
    """Cost of a stage, of shape (3, n), and its output map.

    The first block has the stride; the others see their own width and no stride.
    """
    image = image_in.strided(stage['stride'])
    first = form.cost(stage, width_in, image_in, image)
    if form.shortcut:
        first = first + _projection_cost(stage, width_in, image)
    other = form.cost(stage, stage['width'], image, image)
    return first + (stage['depth'] - 1) * other, image


def _stem_cost(
    name: str, stem_width: int, image: FeatureMap
) -> tuple[NDArray[np.int64], FeatureMap, Integers]:
    """Cost of the stem, its output map, and the elements that its max-pooling puts out."""
    stem = STEMS[name]
    image = image.strided(stem.conv_stride)
    cost = conv_cost(stem.kernel, 3, stem_width, image)  # an image has three channels
    if not stem.pooled:
        return cost, image, 0
    image = image.strided(POOLING_STRIDE)
    return cost, image, stem_width * image.area


def _image(resolution: object) -> FeatureMap:
    """The image of a resolution: a side, or a pair (height, width)."""
    sides = tuple(resolution) if isinstance(resolution, (list, tuple)) else (resolution, resolution)
    if len(sides) != 2 or not all(is_count(side) for side in sides):
        raise ValueError(
            'resolution must be a positive whole number or a pair (height, width) of them, but '
            f'resolution={resolution!r}'
        )
    height, width = sides
    return FeatureMap(int(height), int(width))


def _check_form(block: str) -> None:
    if block not in _CLOSED_FORMS:
        raise ValueError(
            f'the closed form covers the blocks {", ".join(_CLOSED_FORMS)}, but block={block!r}; '
            'give that of your own to regnet_plugin.core.complexity.register_cost, or count the '
            'built module: regnet_plugin.models.module_complexity.count'
        )


def _check_num_classes(num_classes: object) -> None:
    is_bool = isinstance(num_classes, bool)
    if is_bool or not isinstance(num_classes, (int, np.integer)) or num_classes < 0:
        raise ValueError(
            f'num_classes must be a whole number from 0, but num_classes={num_classes!r}'
        )


def _check_largest(name: str, numbers: ArrayLike, limit: float) -> None:
    largest = np.max(np.asarray(numbers), initial=1)
    if largest > limit:
        raise ValueError(f'{name} must be at most {limit}, but the largest is {largest}')


def _check_64_bits(
    depths: NDArray[np.int64],
    widths: NDArray[np.int64],
    stem_width: int,
    image: FeatureMap,
    num_classes: int,
) -> None:
    """Check that no count can exceed 64 bits, by a bound that is easy to compute.

    No count exceeds that of a network in which every block has the cost of the widest conv, two
    of 3x3 without groups, on the whole image.
    """
    width = max(int(widths.max(initial=1)), int(stem_width))
    depth = int(depths.sum(axis=1).max(initial=1))
    block = 20 * width**2 * int(image.area)  # 2 * 3 * 3 weights a channel, and the normalization
    bound = block * depth + 2 * width * int(num_classes)
    if bound >= 2**63:
        raise ValueError(
            f'counts must fit 64 bits, but the widest layer has {width} channels, on '
            f'{image.height}x{image.width} pixels, with num_classes={num_classes}'
        )


def complexities(
    *,
    depths: ArrayLike,
    widths: ArrayLike,
    bottleneck_ratios: ArrayLike | None = None,
    group_widths: ArrayLike | None = None,
    strides: ArrayLike = 2,
    block: str = 'X',
    stem: str = 'simple',
    stem_width: int = 32,
    se_ratio: float = 0.0,
    resolution: int | tuple[int, int] = 224,
    num_classes: int = 1000,
) -> Complexities:
    """Count n architectures of one block and stem at once.

    Args:
        depths: ints of shape (n, stages), or broadcast to the shape of ``widths``.
        widths: ints of shape (n, stages).
        bottleneck_ratios: of that shape, or broadcast to it; 1 if None.
        group_widths: likewise; one group if None.
        strides: likewise.
        block: as in `Architecture`, and so are ``stem``, ``stem_width`` and ``se_ratio``. The
            arrays are not checked against its rules.
        resolution: side of the image, or (height, width).
        num_classes: outputs of the classifier; 0 for the backbone alone.

    Returns:
        Counts as int64 arrays of shape (n, ).

    Raises:
        ValueError: if the block has no closed form, or stem, resolution or num_classes are not what
            they should be.
    """
    _check_form(block)
    check_stem(stem)
    _check_num_classes(num_classes)
    _check_largest('depths', depths, MAX_DEPTH)
    _check_largest('widths', widths, MAX_WIDTH)
    _check_largest('stem_width', stem_width, MAX_WIDTH)
    _check_largest('strides', strides, MAX_STRIDE)
    _check_largest('se_ratio', se_ratio, 1)
    if group_widths is not None:
        _check_largest('group_widths', group_widths, MAX_WIDTH)

    all_widths = np.asarray(widths, dtype=np.int64)
    shape = all_widths.shape
    all_depths = np.broadcast_to(np.asarray(depths), shape)
    all_strides = np.broadcast_to(np.asarray(strides), shape)
    ratios = np.broadcast_to(1 if bottleneck_ratios is None else bottleneck_ratios, shape)
    bottlenecks = np.rint(all_widths / ratios).astype(np.int64)
    groups = np.broadcast_to(bottlenecks if group_widths is None else group_widths, shape)
    image = _image(resolution)
    _check_64_bits(all_depths, np.maximum(all_widths, bottlenecks), stem_width, image, num_classes)

    form = _CLOSED_FORMS[block]
    cost, image, pooled = _stem_cost(stem, stem_width, image)
    cost = cost.reshape(3, -1)
    width_in: NDArray[np.int64] = np.full(len(all_widths), stem_width)
    for index in range(shape[1]):
        stage = StageArrays(
            depth=all_depths[:, index],
            width=all_widths[:, index],
            stride=all_strides[:, index],
            bottleneck_ratio=ratios[:, index],
            group_width=groups[:, index],
            se_ratio=se_ratio,
        )
        stage_cost, image = _stage_cost(form, stage, width_in, image)
        cost = cost + stage_cost
        width_in = stage['width']
    flops, parameters, activations = cost
    classifier = width_in * num_classes + num_classes  # weights and biases, each used once
    return Complexities(
        flops=flops + classifier,
        parameters=parameters + classifier,
        activations=activations,
        activations_with_classifier=activations + pooled + num_classes,
    )


def complexity(
    architecture: Architecture, resolution: int | tuple[int, int] = 224, num_classes: int = 1000
) -> Complexity:
    """Count one architecture.

    Args:
        architecture: of a block of the paper, or of one with a registered cost.
        resolution: side of the image, or (height, width).
        num_classes: outputs of the classifier; 0 for the backbone alone.

    Returns:
        Counts as ints.

    Raises:
        ValueError: as `complexities`.
    """
    ratios, groups = architecture.bottleneck_ratios, architecture.group_widths
    counts = complexities(
        depths=[architecture.depths],
        widths=[architecture.widths],
        bottleneck_ratios=None if ratios is None else [ratios],
        group_widths=None if groups is None else [groups],
        strides=[architecture.strides],
        block=architecture.block,
        stem=architecture.stem,
        stem_width=architecture.stem_width,
        se_ratio=architecture.se_ratio,
        resolution=resolution,
        num_classes=num_classes,
    )
    return Complexity(**{name: int(values[0]) for name, values in counts.to_dict().items()})
