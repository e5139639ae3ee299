"""The layers of n networks at once, one after the other: what counts and memory are made of.

A network is walked through in blocks; blocks of the same shape stand there once, with their number.
"""

from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike, NDArray

from regnet_plugin.core.block_costs import FeatureMap, Integers, bottlenecks
from regnet_plugin.core.complexity import image_of
from regnet_plugin.core.group_width import squeeze_width
from regnet_plugin.core.vocabulary import (
    BLOCKS,
    DEFAULT_BLOCK,
    DEFAULT_NUM_CLASSES,
    DEFAULT_RESOLUTION,
    DEFAULT_STEM,
    DEFAULT_STEM_WIDTH,
    POOLING_STRIDE,
    STEMS,
    BlockKind,
    check_stem,
)

# Those of the paper: a block of its follow-ups has no projection, or is normalized first.
KNOWN_BLOCKS = tuple(
    name for name, kind in BLOCKS.items() if kind.projection and not kind.pre_activation
)
IMAGE_CHANNELS = 3


def are_layers_known(block: str, head_width: int = 0) -> bool:
    """Return whether the layers of networks of a block, and of a conv in their head, are known."""
    return block in KNOWN_BLOCKS and not head_width


@dataclass(frozen=True)
class BlockShape:
    """Blocks that n networks have at the same place, one after the other, all of one shape.

    Attributes:
        kind: what they are made of.
        number: of such blocks; 0 in a network that has none of them here.
        width_in, width: channels of input and output.
        bottleneck: channels of the 3x3 conv.
        group_width: channels per group of that conv.
        squeezed: channels between the convs of squeeze-and-excitation; 0 where there is none.
        image_in, image: maps of input and output.
        projected: whether the shortcut is a 1x1 conv; False where there is no shortcut.
    """

    kind: BlockKind
    number: NDArray[np.int64]
    width_in: NDArray[np.int64]
    width: NDArray[np.int64]
    bottleneck: NDArray[np.int64]
    group_width: NDArray[np.int64]
    squeezed: NDArray[np.int64]
    image_in: FeatureMap
    image: FeatureMap
    projected: NDArray[np.bool_]


@dataclass(frozen=True)
class ConvShape:
    """Convs that n networks have at the same place; numbers for all of them, or arrays (n, ).

    Attributes:
        number: of such convs; 0 in a network that has none of them here.
        kernel: side of the kernel.
        width_in, width: channels of input and output.
        group_width: channels per group; ``width_in`` where there is one group.
        image_in, image: maps of input and output.
        is_squeeze: whether it is one of the two convs of squeeze-and-excitation, which have biases
            and no normalization.
    """

    number: Integers
    kernel: int
    width_in: Integers
    width: Integers
    group_width: Integers
    image_in: FeatureMap
    image: FeatureMap
    is_squeeze: bool = False

    @property
    def outputs(self) -> Integers:
        """Elements of the output of one of them, for one image."""
        return self.width * self.image.area

    @property
    def inputs(self) -> Integers:
        """Elements of the input of one of them, for one image."""
        return self.width_in * self.image_in.area

    @property
    def weights(self) -> Integers:
        """Weights of one of them, without biases and normalization."""
        return self.kernel**2 * self.group_width * self.width


@dataclass(frozen=True)
class NetworkShapes:
    """n networks of one kind of block and stem, as shapes.

    Attributes:
        image: that the network is given.
        stem: its conv.
        pooled: the map behind the max-pooling of the stem; None where it has none.
        blocks: in the order in which they compute.
        width: channels of the last block, shape (n, ).
        num_classes: outputs of the classifier, 0 where there is none.
    """

    image: FeatureMap
    stem: ConvShape
    pooled: FeatureMap | None
    blocks: tuple[BlockShape, ...]
    width: NDArray[np.int64]
    num_classes: int

    def narrowest_groups(self) -> NDArray[np.int64]:
        """Return the channels of the narrowest groups of each network's 3x3 convs, shape (n, )."""
        narrowest: NDArray[np.int64] = np.min([block.group_width for block in self.blocks], axis=0)
        return narrowest

    def convs(self) -> Iterator[ConvShape]:
        """Iterate over the convs, those of a block in the order in which they compute."""
        yield self.stem
        for block in self.blocks:
            yield from convs_of(block)


def network_shapes(
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
    resolution: int | tuple[int, int] = DEFAULT_RESOLUTION,
    num_classes: int = DEFAULT_NUM_CLASSES,
) -> NetworkShapes:
    """Return the layers of n networks.

    Args:
        depths, widths, bottleneck_ratios, group_widths, strides, block, stem, stem_width, se_ratio,
            head_width, resolution, num_classes: as `regnet_plugin.core.complexity.complexities` has
            them.

    Raises:
        ValueError: if the block is none of the paper's, whose layers are known, a head has a conv,
            or stem or resolution are not what they should be.
    """
    if block not in KNOWN_BLOCKS or head_width:
        raise ValueError(
            f'layers are known of the blocks {", ".join(KNOWN_BLOCKS)} without a conv in the head, '
            f'but block={block!r} and head_width={head_width}'
        )
    check_stem(stem)
    kind, stem_kind = BLOCKS[block], STEMS[stem]
    all_widths = np.asarray(widths, dtype=np.int64)
    count, stages = all_widths.shape
    shape = all_widths.shape
    all_depths = np.broadcast_to(np.asarray(depths), shape)
    all_strides = np.broadcast_to(np.asarray(strides), shape)
    ratios = np.broadcast_to(1 if bottleneck_ratios is None else bottleneck_ratios, shape)
    all_bottlenecks = bottlenecks(all_widths, ratios)
    groups = np.broadcast_to(all_bottlenecks if group_widths is None else group_widths, shape)

    image = image_of(resolution)
    map_of_stem = image.strided(stem_kind.conv_stride)
    conv = ConvShape(
        1, stem_kind.kernel, IMAGE_CHANNELS, stem_width, IMAGE_CHANNELS, image, map_of_stem
    )
    pooled = map_of_stem.strided(POOLING_STRIDE) if stem_kind.pooled else None
    current = pooled or map_of_stem
    width_in: NDArray[np.int64] = np.full(count, stem_width)
    blocks = []
    for index in range(stages):
        width, stride = all_widths[:, index], all_strides[:, index]
        after = current.strided(stride)
        changes = (width_in != width) | (stride != 1)
        rows = (
            (np.ones(count, dtype=np.int64), width_in, current, changes),
            (all_depths[:, index] - 1, width, after, np.zeros(count, dtype=bool)),
        )
        for number, entering, image_in, projected in rows:
            blocks.append(
                BlockShape(
                    kind=kind,
                    number=number,
                    width_in=entering,
                    width=width,
                    bottleneck=all_bottlenecks[:, index],
                    group_width=groups[:, index],
                    squeezed=squeeze_width(entering, se_ratio),
                    image_in=image_in,
                    image=after,
                    projected=projected & kind.shortcut,
                )
            )
        current, width_in = after, width
    return NetworkShapes(image, conv, pooled, tuple(blocks), width_in, num_classes)


def convs_of(block: BlockShape) -> Iterator[ConvShape]:
    """Iterate over the convs of a block, the projection first."""
    if block.kind.shortcut:
        number = block.number * block.projected
        yield ConvShape(
            number, 1, block.width_in, block.width, block.width_in, block.image_in, block.image
        )
    if block.kind.bottleneck:
        yield from _bottleneck_convs(block)
        return
    entering, image_in = block.width_in, block.image_in
    for _ in range(block.kind.convs):
        yield ConvShape(block.number, 3, entering, block.width, entering, image_in, block.image)
        entering, image_in = block.width, block.image


def _bottleneck_convs(block: BlockShape) -> Iterator[ConvShape]:
    number, inner = block.number, block.bottleneck
    before, after = block.image_in, block.image
    yield ConvShape(number, 1, block.width_in, inner, block.width_in, before, before)
    yield ConvShape(number, 3, inner, inner, block.group_width, before, after)
    if np.any(block.squeezed):
        point = FeatureMap(1, 1)
        yield ConvShape(number, 1, inner, block.squeezed, inner, point, point, True)
        yield ConvShape(number, 1, block.squeezed, inner, block.squeezed, point, point, True)
    yield ConvShape(number, 1, inner, block.width, inner, after, after)
