"""What a network costs, in closed form: flops, parameters, activations.

Section 3.2, table 2 ff. and the appendix of figure 12. One flop is one multiply-add. Convolutions
and the classifier count, their biases one each; normalization, ReLU, sigmoid, additions, products
and pooling are free. Parameters are weights, biases and two per normalized channel; running
statistics are not parameters. Activations are the elements of the outputs of all conv layers, the
two of squeeze-and-excitation included. Everything is for one image.
"""

from collections.abc import Sequence
from dataclasses import dataclass, fields
from typing import Any, Generic, TypeVar

import numpy as np
from numpy.typing import ArrayLike, NDArray

from regnet_plugin.core.architecture import Architecture
from regnet_plugin.core.block_costs import (
    FeatureMap,
    Integers,
    StageArrays,
    bottlenecks,
    closed_form,
    stage_cost,
)
from regnet_plugin.core.block_costs import conv_cost as conv_cost  # for costs of one's own
from regnet_plugin.core.block_costs import register_cost as register_cost
from regnet_plugin.core.limits import MAX_DEPTH, MAX_STRIDE, MAX_WIDTH
from regnet_plugin.core.number_checks import is_count
from regnet_plugin.core.vocabulary import (
    DEFAULT_BLOCK,
    DEFAULT_STEM,
    DEFAULT_STEM_WIDTH,
    POOLING_STRIDE,
    STEMS,
    check_stem,
)

# The counts that the paper draws and bounds, fields of `Complexity`; tables have a column of each.
COUNTS = ('flops', 'parameters', 'activations')

Count = TypeVar('Count', int, NDArray[np.int64])


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


def _stem_cost(
    name: str, stem_width: int, image: FeatureMap, normalized: bool
) -> tuple[NDArray[np.int64], FeatureMap, Integers]:
    """Cost of the stem, its output map, and the elements that its max-pooling puts out."""
    stem = STEMS[name]
    image = image.strided(stem.conv_stride)
    # an image has three channels
    cost = conv_cost(stem.kernel, 3, stem_width, image, normalized=normalized)
    if not stem.pooled:
        return cost, image, 0
    image = image.strided(POOLING_STRIDE)
    return cost, image, stem_width * image.area


def image_of(resolution: object) -> FeatureMap:
    """Return the image of a resolution: a side, or a pair (height, width).

    Raises:
        ValueError: if it is neither.
    """
    sides = tuple(resolution) if isinstance(resolution, (list, tuple)) else (resolution, resolution)
    if len(sides) != 2 or not all(is_count(side) for side in sides):
        raise ValueError(
            'resolution must be a positive whole number or a pair (height, width) of them, but '
            f'resolution={resolution!r}'
        )
    height, width = sides
    return FeatureMap(int(height), int(width))


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


def _stages(
    widths: NDArray[np.int64],
    depths: ArrayLike,
    bottleneck_ratios: ArrayLike | None,
    group_widths: ArrayLike | None,
    strides: ArrayLike,
    se_ratio: float,
) -> list[StageArrays]:
    """The stages of n architectures, with all numbers in the shape of the widths."""
    shape = widths.shape
    all_depths = np.broadcast_to(np.asarray(depths), shape)
    all_strides = np.broadcast_to(np.asarray(strides), shape)
    ratios = np.broadcast_to(1 if bottleneck_ratios is None else bottleneck_ratios, shape)
    one_group = bottlenecks(widths, ratios)
    groups = np.broadcast_to(one_group if group_widths is None else group_widths, shape)
    return [
        StageArrays(
            depth=all_depths[:, index],
            width=widths[:, index],
            stride=all_strides[:, index],
            bottleneck_ratio=ratios[:, index],
            group_width=groups[:, index],
            se_ratio=se_ratio,
        )
        for index in range(shape[1])
    ]


def _check_64_bits(
    stages: Sequence[StageArrays], least_width: int, image: FeatureMap, num_classes: int
) -> None:
    """Check that no count can exceed 64 bits, by a bound that is easy to compute.

    No count exceeds that of a network in which every block has the cost of the widest conv, two
    of 3x3 without groups, on the whole image.
    """
    width = int(least_width)
    for stage in stages:
        bottleneck = bottlenecks(stage['width'], stage['bottleneck_ratio'])
        width = max(width, *(int(one.max(initial=1)) for one in (stage['width'], bottleneck)))
    depth = int(np.max(sum(stage['depth'] for stage in stages), initial=1))
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
    block: str = DEFAULT_BLOCK,
    stem: str = DEFAULT_STEM,
    stem_width: int = DEFAULT_STEM_WIDTH,
    se_ratio: float = 0.0,
    head_width: int = 0,
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
        block: as in `Architecture`, and so are ``stem``, ``stem_width``, ``se_ratio`` and
            ``head_width``. The arrays are not checked against its rules.
        resolution: side of the image, or (height, width).
        num_classes: outputs of the classifier; 0 for the backbone alone.

    Returns:
        Counts as int64 arrays of shape (n, ).

    Raises:
        ValueError: if the block has no closed form, or stem, resolution or num_classes are not what
            they should be.
    """
    form = closed_form(block)
    check_stem(stem)
    _check_num_classes(num_classes)
    _check_largest('depths', depths, MAX_DEPTH)
    _check_largest('widths', widths, MAX_WIDTH)
    _check_largest('stem_width', stem_width, MAX_WIDTH)
    _check_largest('head_width', head_width, MAX_WIDTH)
    _check_largest('strides', strides, MAX_STRIDE)
    _check_largest('se_ratio', se_ratio, 1)
    if group_widths is not None:
        _check_largest('group_widths', group_widths, MAX_WIDTH)

    all_widths = np.asarray(widths, dtype=np.int64)
    stages = _stages(all_widths, depths, bottleneck_ratios, group_widths, strides, se_ratio)
    image = image_of(resolution)
    _check_64_bits(stages, max(stem_width, head_width), image, num_classes)
    cost, image, pooled = _stem_cost(stem, stem_width, image, form.normalized)
    cost = cost.reshape(3, -1)
    width_in: NDArray[np.int64] = np.full(len(all_widths), stem_width)
    for stage in stages:
        added, image = stage_cost(form, stage, width_in, image)
        cost = cost + added
        width_in = stage['width']
    if head_width:
        cost = cost + conv_cost(1, width_in, head_width, image)
        width_in = np.full_like(width_in, head_width)
    flops, parameters, activations = cost
    classifier = width_in * num_classes + num_classes  # weights and biases, each used once
    return Complexities(
        flops=flops + classifier,
        parameters=parameters + classifier,
        activations=activations,
        activations_with_classifier=activations + pooled + num_classes,
    )


def structure_of(architecture: Architecture) -> dict[str, Any]:
    """Return an architecture as the keywords of `complexities`, for n = 1."""
    ratios, groups = architecture.bottleneck_ratios, architecture.group_widths
    return dict(
        depths=[architecture.depths],
        widths=[architecture.widths],
        bottleneck_ratios=None if ratios is None else [ratios],
        group_widths=None if groups is None else [groups],
        strides=[architecture.strides],
        block=architecture.block,
        stem=architecture.stem,
        stem_width=architecture.stem_width,
        se_ratio=architecture.se_ratio,
        head_width=architecture.head_width,
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
    counts = complexities(
        **structure_of(architecture), resolution=resolution, num_classes=num_classes
    )
    return Complexity(**{name: int(values[0]) for name, values in counts.to_dict().items()})
