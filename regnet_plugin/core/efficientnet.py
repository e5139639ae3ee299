"""EfficientNets: what *Fast and Accurate Model Scaling* compares RegNets with, and scales as well.

Symbols follow Tan and Le, 2019: a block MBConv expands its input by a 1x1 conv, convolves each
channel by itself, squeezes and excites, and projects to the stage's width by a 1x1 conv. Networks
and rounding are those of the authors of the paper on scaling.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from types import MappingProxyType

import numpy as np
from numpy.typing import NDArray

from regnet_plugin.core.block_costs import (
    FeatureMap,
    conv_cost,
    squeeze_excitation_cost,
)
from regnet_plugin.core.complexity import Complexity
from regnet_plugin.core.limits import check_network_size

_SE_RATIO = 0.25  # of the block's input, rounded down
_STRIDES = (1, 2, 2, 2, 1, 2, 1)
_EXPANSIONS = (1, 6, 6, 6, 6, 6, 6)
_KERNELS = (3, 3, 5, 3, 5, 5, 3)


@dataclass(frozen=True)
class EfficientNet:
    """The structure of an EfficientNet; strides, expansions and kernels are those of B0.

    Attributes:
        depths: blocks of each of the seven stages.
        widths: output channels of each stage.
        stem_width: channels of the 3x3 conv of stride 2 that comes first.
        head_width: channels of the 1x1 conv before pooling and classifier.

    Raises:
        ValueError: if there are not seven stages, or they are too large.
    """

    depths: tuple[int, ...]
    widths: tuple[int, ...]
    stem_width: int = 32
    head_width: int = 1280

    def __post_init__(self) -> None:
        if not len(self.depths) == len(self.widths) == len(_STRIDES):
            raise ValueError(
                f'an EfficientNet must have {len(_STRIDES)} stages, but depths={self.depths}, '
                f'widths={self.widths}'
            )
        check_network_size(self.depths, (*self.widths, self.stem_width, self.head_width))

    @property
    def output_widths(self) -> tuple[int, ...]:
        """Channels of what each stage puts out, of the last one those of the head's conv."""
        return (*self.widths[:-1], self.head_width)

    def complexity(self, resolution: int, num_classes: int) -> Complexity:
        """Count it, as `regnet_plugin.core.complexity.complexity` counts an architecture."""
        image = FeatureMap(resolution, resolution).strided(2)
        cost = conv_cost(3, 3, self.stem_width, image)
        width_in = self.stem_width
        stages = zip(self.depths, self.widths, _STRIDES, _EXPANSIONS, _KERNELS)
        for depth, width, first_stride, expansion, kernel in stages:
            for index in range(depth):
                image_in = image
                image = image_in.strided(first_stride if index == 0 else 1)
                cost = cost + _block_cost(width_in, width, expansion, kernel, image_in, image)
                width_in = width
        cost = cost + conv_cost(1, width_in, self.head_width, image)
        flops, parameters, activations = cost.tolist()
        classifier = self.head_width * num_classes + num_classes
        return Complexity(
            flops=flops + classifier,
            parameters=parameters + classifier,
            activations=activations,
            activations_with_classifier=activations + num_classes,
        )


def _block_cost(
    width_in: int, width: int, expansion: int, kernel: int, image_in: FeatureMap, image: FeatureMap
) -> NDArray[np.int64]:
    """Flops, parameters and activations of a block MBConv, of shape (3, )."""
    expanded = width_in * expansion
    cost = conv_cost(kernel, expanded, expanded, image, group_width=1)
    if expansion != 1:
        cost = cost + conv_cost(1, width_in, expanded, image_in)
    squeezed = int(width_in * _SE_RATIO)
    cost = cost + squeeze_excitation_cost(np.asarray(expanded), np.asarray(squeezed))
    return cost + conv_cost(1, expanded, width, image)


# Depths, widths, stem, head, and the side of the images; B1 to B5 are what its authors made of B0.
# fmt: off
_ROWS: dict[str, tuple[tuple[int, ...], tuple[int, ...], int, int, int]] = {
    'b0': ((1, 2, 2, 3, 3, 4, 1), (16, 24, 40, 80, 112, 192, 320), 32, 1280, 224),
    'b1': ((2, 3, 3, 4, 4, 5, 2), (16, 24, 40, 80, 112, 192, 320), 32, 1280, 240),
    'b2': ((2, 3, 3, 4, 4, 5, 2), (16, 24, 48, 88, 120, 208, 352), 32, 1408, 260),
    'b3': ((2, 3, 3, 5, 5, 6, 2), (24, 32, 48, 96, 136, 232, 384), 40, 1536, 300),
    'b4': ((2, 4, 4, 6, 6, 8, 2), (24, 32, 56, 112, 160, 272, 448), 48, 1792, 380),
    'b5': ((3, 5, 5, 7, 7, 9, 3), (24, 40, 64, 128, 176, 304, 512), 48, 2048, 456),
}
# fmt: on
EFFICIENTNETS: Mapping[str, EfficientNet] = MappingProxyType(
    {f'efficientnet_{name}': EfficientNet(*row[:4]) for name, row in _ROWS.items()}
)
# Sides of the images that they are meant for.
EFFICIENTNET_RESOLUTIONS: Mapping[str, int] = MappingProxyType(
    {f'efficientnet_{name}': row[4] for name, row in _ROWS.items()}
)
