"""Counts of layers from which times are predicted: more of them than the paper's three."""

from collections.abc import Callable
from types import MappingProxyType
from typing import Any

import numpy as np
from numpy.typing import NDArray

from regnet_plugin.core.layers.layer_shapes import ConvShape, NetworkShapes, network_shapes

# Widths of groups that libraries compute each in a way of its own. Other ones than these and the
# multiples of 16, 'uneven' ones, do not fit vectors and are slower than wider groups.
NARROW_GROUPS = (1, 2, 4, 8, 16)
_VECTOR = 16  # channels
# Sides of maps between which an output takes a time of its own, on a CPU the more the smaller they
# are: those of the last stage, of the one before, and of the one before that, with images of 224.
MAP_SIDES = (10, 20, 40)

Count = Callable[[ConvShape], Any]


def _is_grouped(conv: ConvShape) -> Any:
    """Where a conv has several groups."""
    return np.asarray(conv.group_width) < conv.width_in


def _narrow_outputs(group_width: int) -> Count:
    """Outputs of the convs whose groups are so wide."""

    def count(conv: ConvShape) -> Any:
        is_so_wide = np.asarray(conv.group_width) == group_width
        return np.where(_is_grouped(conv) & is_so_wide, conv.outputs, 0)

    return count


def _uneven_outputs(conv: ConvShape) -> Any:
    """Outputs of 3x3 convs whose groups are neither of the list nor whole vectors."""
    width = np.asarray(conv.group_width)
    is_even = np.isin(width, NARROW_GROUPS) | (width % _VECTOR == 0)
    return 0 if conv.kernel == 1 else np.where(is_even, 0, conv.outputs)


def _of_kernel(kernel: int, count: Count) -> Count:
    """A count of those convs only whose kernel is 1x1, or is larger."""
    return lambda conv: count(conv) if (conv.kernel == 1) == (kernel == 1) else 0


def _flops(conv: ConvShape) -> Any:
    return conv.weights * conv.image.area


def _outputs(conv: ConvShape) -> Any:
    return conv.outputs


def _outputs_on_maps(below: int) -> Count:
    """Outputs on maps whose side is below one of `MAP_SIDES`, and not below the one before."""
    least = max((side for side in MAP_SIDES if side < below), default=0)

    def count(conv: ConvShape) -> Any:
        area = np.asarray(conv.image.area)
        # the two convs of squeeze-and-excitation, on one place, have a count of their own
        is_there = (area >= least**2) & (area < below**2) & (area > 1)
        return np.where(is_there, conv.outputs, 0)

    return count


def _padded_flops(conv: ConvShape) -> Any:
    """Flops of a conv whose channels are filled up to whole vectors."""
    width_in, width = (
        -(-np.asarray(channels) // _VECTOR) * _VECTOR for channels in (conv.width_in, conv.width)
    )
    return conv.kernel**2 * width_in * width * conv.image.area


def _inputs(conv: ConvShape) -> Any:
    return conv.inputs


def _strided_inputs(conv: ConvShape) -> Any:
    """Inputs of the convs that make maps smaller; of a 1x1 conv most of them are passed over."""
    is_strided = np.asarray(conv.image_in.area) > conv.image.area
    return np.where(is_strided, conv.inputs, 0)


def _one(conv: ConvShape) -> Any:
    return 1


# Of each conv, by the name of the count that adds them up. Stems' convs are with those of 3x3.
_OF_CONVS: MappingProxyType[str, Count] = MappingProxyType(
    {
        'flops': _flops,
        'flops_1x1': _of_kernel(1, _flops),
        'flops_3x3': _of_kernel(3, _flops),
        'activations': _outputs,
        'outputs_1x1': _of_kernel(1, _outputs),
        'outputs_3x3': _of_kernel(3, _outputs),
        'inputs': _inputs,
        'padded_flops_1x1': _of_kernel(1, _padded_flops),
        **{f'outputs_below_{side}': _outputs_on_maps(side) for side in MAP_SIDES},
        'strided_inputs_1x1': _of_kernel(1, _strided_inputs),
        'strided_inputs_3x3': _of_kernel(3, _strided_inputs),
        'convs': _one,
        'squeezes': lambda conv: 0.5 * conv.is_squeeze,  # of two convs each
        'parameters': lambda conv: conv.weights,
        **{f'outputs_groups_{width}': _narrow_outputs(width) for width in NARROW_GROUPS},
        'outputs_groups_uneven': _uneven_outputs,
        'groups': lambda conv: np.where(_is_grouped(conv), conv.width_in // conv.group_width, 0),
    }
)
LAYER_COUNTS = tuple(_OF_CONVS)


def layer_counts(names: tuple[str, ...] = LAYER_COUNTS, **structure: Any) -> NDArray[np.float64]:
    """Count n networks.

    Flops and parameters are those of convs and the classifier, without biases and normalization;
    ``outputs_groups_8`` are the outputs of convs in groups of 8 channels.

    Args:
        names: of `LAYER_COUNTS`.
        **structure: as `core.layers.layer_shapes.network_shapes` takes it.

    Returns:
        Of shape (n, names), for one image.
    """
    shapes = network_shapes(**structure)
    counts = np.zeros((len(shapes.width), len(names)))
    for conv in shapes.convs():
        for column, name in enumerate(names):
            counts[:, column] += conv.number * _OF_CONVS[name](conv)
    return counts + _of_classifier(shapes, names)


def _of_classifier(shapes: NetworkShapes, names: tuple[str, ...]) -> NDArray[np.float64]:
    """What the classifier adds to the counts."""
    weights = shapes.width * shapes.num_classes
    return np.stack(
        [
            weights if name in ('flops', 'flops_1x1', 'parameters') else 0 * weights
            for name in names
        ],
        axis=1,
    )
