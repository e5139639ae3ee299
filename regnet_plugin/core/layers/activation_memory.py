"""Memory of activations in closed form: the peak of inference, and what training keeps.

Both are numbers of elements; `ELEMENT_BYTES` has the size of one. Memory formats, alignment and the
workspace of convs are the library's, and not counted.
"""

from collections.abc import Iterator
from types import MappingProxyType
from typing import Any

import numpy as np
from numpy.typing import NDArray

from regnet_plugin.core.architecture import Architecture
from regnet_plugin.core.complexity import structure_of
from regnet_plugin.core.layers.layer_shapes import BlockShape, NetworkShapes, network_shapes
from regnet_plugin.core.vocabulary import DEFAULT_NUM_CLASSES, DEFAULT_RESOLUTION

ELEMENT_BYTES = MappingProxyType(dict(int8=1, fp16=2, fp32=4))
_INDEX = 2  # elements that a place of a max-pooling's output takes in training: 64 bits

Elements = NDArray[np.int64]


def peak_activations(**structure: Any) -> Elements:
    """Return the most elements of activations that inference of one image has at a time.

    A tensor lives from when it is computed until the last layer that reads it has computed. A layer
    needs its inputs and its output at once; normalization and activation are part of the conv in
    front of them, the sum of a block and the scaling of squeeze-and-excitation are in place, image
    and stem count. Of all orders in which a block can compute, its shortcut before, between or
    behind the other layers, the one counts that needs least.

    Args:
        **structure: of n networks, as `core.layers.layer_shapes.network_shapes` takes it.

    Returns:
        Of shape (n, ).
    """
    shapes = network_shapes(**structure)
    peak = _peak_outside_blocks(shapes)
    for block in shapes.blocks:
        peak = np.maximum(peak, np.where(block.number > 0, _peak_of_block(block), 0))
    return peak


def peak_bytes(
    architecture: Architecture,
    element: str = 'int8',
    resolution: int | tuple[int, int] = DEFAULT_RESOLUTION,
    num_classes: int = DEFAULT_NUM_CLASSES,
) -> int:
    """Return the peak of inference of one network in bytes, see `peak_activations`.

    Args:
        architecture: of a block of the paper.
        element: of `ELEMENT_BYTES`.
        resolution: side of the image, or (height, width).
        num_classes: outputs of the classifier; 0 for the backbone alone.
    """
    elements = peak_activations(
        **structure_of(architecture), resolution=resolution, num_classes=num_classes
    )
    return int(elements[0]) * ELEMENT_BYTES[element]


def _peak_outside_blocks(shapes: NetworkShapes) -> Elements:
    """The peak of stem and classifier."""
    stem = shapes.stem
    peak = np.asarray(stem.inputs + stem.outputs)
    if shapes.pooled is not None:
        peak = np.maximum(peak, stem.outputs + stem.width * shapes.pooled.area)
    maps = shapes.width * shapes.blocks[-1].image.area
    if not shapes.num_classes:
        return np.broadcast_to(peak, maps.shape)
    head = np.maximum(maps + shapes.width, shapes.width + shapes.num_classes)
    whole: Elements = np.maximum(peak, head)
    return whole


def _chain(block: BlockShape) -> Iterator[tuple[Elements, Elements]]:
    """What the layers of a block's transform need: elements while one computes, and behind it.

    The block's input is not counted: `_peak_of_block` knows how long it lives.
    """
    if not block.kind.bottleneck:
        maps = block.width * block.image.area
        yield maps, maps
        for _ in range(block.kind.convs - 1):
            yield 2 * maps, maps
        return
    inner = block.bottleneck
    reduced, grouped = inner * block.image_in.area, inner * block.image.area
    yield reduced, reduced
    yield reduced + grouped, grouped
    if np.any(block.squeezed):
        yield grouped + inner, grouped + inner  # pooling
        yield grouped + inner + block.squeezed, grouped + block.squeezed
        yield grouped + block.squeezed + inner, grouped + inner
        yield grouped + inner, grouped  # scaled in place
    maps = block.width * block.image.area
    yield grouped + maps, maps


def _peak_of_block(block: BlockShape) -> Elements:
    """The peak of a block, in the order that needs least.

    Without a shortcut the input lives while the first layer computes; with one that is the input
    itself, to the sum; with a projection, to the later of the first layer and the projection.
    """
    entering = block.width_in * block.image_in.area
    chain = list(_chain(block))
    whole = entering + np.max([during for during, _ in chain], axis=0)
    if not block.kind.shortcut:
        first, *others = (during for during, _ in chain)
        plain: Elements = np.max([entering + first, *others], axis=0)
        return plain
    projection = block.width * block.image.area
    orders = []
    for place in range(len(chain) + 1):  # of the projection among the layers
        there = chain[place - 1][1] if place else 0
        steps = [entering + there + projection]
        for index, (during, _) in enumerate(chain):
            needed = during + (entering if index <= max(place - 1, 0) else 0)
            steps.append(needed + (projection if index >= place else 0))
        orders.append(np.max(np.broadcast_arrays(*steps), axis=0))
    peak: Elements = np.where(block.projected, np.min(orders, axis=0), whole)
    return peak


def kept_activations(**structure: Any) -> Elements:
    """Return the elements that training keeps of one image for the backward pass.

    Each conv keeps its input and each normalization its own, the output of the conv; activations
    compute in place, and what they give is the input of the next layer, kept once. Squeeze-and-
    excitation keeps its scaled maps, too. Weights, gradients and the optimizer are not activations.

    Args:
        **structure: of n networks, as `core.layers.layer_shapes.network_shapes` takes it.

    Returns:
        Of shape (n, ), in elements of float32; for a batch, times its images.
    """
    shapes = network_shapes(**structure)
    stem = shapes.stem
    kept = np.asarray(stem.inputs + 2 * stem.outputs)  # in front of and behind the normalization
    if shapes.pooled is not None:
        kept = kept + (1 + _INDEX) * stem.width * shapes.pooled.area
    for block in shapes.blocks:
        kept = kept + block.number * _kept_by_block(block)
    everything: Elements = kept + shapes.width  # the pooled maps
    return everything


def _kept_by_block(block: BlockShape) -> Elements:
    """What a block keeps beside its input, which the layer before has counted."""
    maps = block.width * block.image.area
    kept: Elements = np.where(
        block.projected, maps, 0
    )  # the projection's, in front of its normalization
    if not block.kind.bottleneck:
        return kept + 2 * block.kind.convs * maps
    inner = block.bottleneck
    grouped = inner * block.image.area
    kept = kept + 2 * inner * block.image_in.area + 2 * grouped + 2 * maps
    if np.any(block.squeezed):
        kept = kept + grouped + 2 * inner + block.squeezed
    return kept
