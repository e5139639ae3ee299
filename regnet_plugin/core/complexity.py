"""What a network costs, in closed form: flops, parameters, activations (section 3.2, table 2 ff.;
appendix of figure 12).

One flop is one multiply-add. Convolutions and the classifier count, their biases one each;
normalization, ReLU, sigmoid, additions, products and pooling are free. Parameters are weights,
biases and two per normalized channel; running statistics are not parameters. Activations are the
elements of the outputs of all conv layers, the two of squeeze-and-excitation included. Everything
is for one image.
"""

from dataclasses import dataclass
from typing import Union

import numpy as np

from regnet_plugin.core.architecture import MAX_DEPTH, MAX_STRIDE, MAX_WIDTH, STEMS, is_count

Count = Union[int, np.ndarray]


@dataclass(frozen=True)
class Complexity:
    """Counts for one image: ints for one architecture, int64 arrays of shape (n, ) for n.

    Attributes:
        flops: multiply-adds.
        parameters: learnable scalars.
        activations: elements of the outputs of all conv layers (the paper's definition).
        activations_with_classifier: the count of the authors' code (pycls): as before, plus the
            classifier's outputs and, with ResNet's stem, those of its max-pooling.
    """

    flops: Count
    parameters: Count
    activations: Count
    activations_with_classifier: Count


class _Image:
    """Height and width of a feature map on its way through the network."""

    def __init__(self, height, width):
        self.height, self.width = height, width
        self.area = height * width

    def strided(self, stride):
        """Side after a conv or pooling of odd kernel k, padding (k - 1) / 2 (times the dilation)
        and this stride.
        """
        return _Image((self.height - 1) // stride + 1, (self.width - 1) // stride + 1)


def conv_cost(kernel, width_in, width_out, image, group_width=None):
    """Count a conv without bias and the normalization behind it.

    Args:
        kernel (int): side of the kernel.
        width_in, width_out (int | np.ndarray): channels.
        image: the output map, with its ``area``.
        group_width (int | np.ndarray, optional): channels per group. Default: None, one group.

    Returns:
        np.ndarray: flops, parameters, activations, of shape (3, n).
    """
    weights = kernel**2 * (width_in if group_width is None else group_width) * width_out
    return np.stack(
        np.broadcast_arrays(weights * image.area, weights + 2 * width_out, width_out * image.area)
    )


def _squeeze_excitation(width, squeeze_width):
    """Two 1x1 convs with bias on a 1x1 map."""
    weights = 2 * width * squeeze_width + squeeze_width + width
    return np.stack(np.broadcast_arrays(weights, weights, squeeze_width + width))


def _bottleneck(stage, width_in, image_in, image):
    bottleneck = np.rint(stage['width'] / stage['bottleneck_ratio']).astype(np.int64)
    cost = (
        conv_cost(1, width_in, bottleneck, image_in)
        + conv_cost(3, bottleneck, bottleneck, image, stage['group_width'])
        + conv_cost(1, bottleneck, stage['width'], image)
    )
    if stage['se_ratio']:
        cost += _squeeze_excitation(
            bottleneck, np.rint(width_in * stage['se_ratio']).astype(np.int64)
        )
    return cost


def _vanilla(stage, width_in, image_in, image):
    return conv_cost(3, width_in, stage['width'], image)


def _two_convs(stage, width_in, image_in, image):
    return conv_cost(3, width_in, stage['width'], image) + conv_cost(
        3, stage['width'], stage['width'], image
    )


def _projection(stage, width_in, image):
    """The shortcut's 1x1 conv, where width or resolution changes."""
    changes = (width_in != stage['width']) | (stage['stride'] != 1)
    return np.where(changes, conv_cost(1, width_in, stage['width'], image), 0)


_TRANSFORMS = {
    'X': _bottleneck,
    'Y': _bottleneck,
    'R': _bottleneck,
    'V': _vanilla,
    'VR': _vanilla,
    'V2': _two_convs,
    'VR2': _two_convs,
}
_WITHOUT_SHORTCUT = {'V', 'V2'}


def register_cost(block, cost, shortcut=True):
    """Give the closed form of a block of one's own, so that its networks are counted and sampled
    like the paper's.

    Args:
        block (str): its name in ``MODELS``.
        cost (Callable): takes ``stage``, a dict of width, stride, bottleneck_ratio and group_width,
            arrays of shape (n, ), and se_ratio; ``width_in``, an array; and the maps before and
            after the block's stride, with ``area``. Gives flops, parameters and activations without
            the shortcut, of shape (3, n), such as `conv_cost` does.
        shortcut (bool): whether there is one, with a 1x1 conv where width or resolution changes.
            Default: True.
    """
    _TRANSFORMS[block] = cost
    (_WITHOUT_SHORTCUT.discard if shortcut else _WITHOUT_SHORTCUT.add)(block)


def _stage(block, stage, width_in, image_in):
    """Cost of a stage and its output map; the first block has the stride, the others see their own
    width.
    """
    image = image_in.strided(stage['stride'])
    transform = _TRANSFORMS[block]
    cost = transform(stage, width_in, image_in, image)
    if block not in _WITHOUT_SHORTCUT:
        cost = cost + _projection(stage, width_in, image)
    return cost + (stage['depth'] - 1) * transform(stage, stage['width'], image, image), image


def _stem(stem, stem_width, image):
    """Cost of the stem, its output map, and the elements that its max-pooling puts out."""
    kernel, stride = {'simple': (3, 2), 'cifar': (3, 1), 'resnet': (7, 2)}[stem]
    image = image.strided(stride)
    cost = conv_cost(kernel, 3, stem_width, image)
    if stem != 'resnet':
        return cost, image, 0
    image = image.strided(2)
    return cost, image, stem_width * image.area


def _image(resolution):
    sides = tuple(resolution) if isinstance(resolution, (list, tuple)) else (resolution, resolution)
    if len(sides) != 2 or not all(map(is_count, sides)):
        raise ValueError(
            'resolution must be a positive whole number or a pair (height, width) of them, but '
            f'resolution={resolution!r}'
        )
    return _Image(*map(int, sides))


def _check_limits(**values):
    for name, (numbers, most) in values.items():
        largest = np.max(numbers, initial=1)
        if largest > most:
            raise ValueError(f'{name} must be at most {most}, but the largest is {largest}')


def _check_64_bits(depths, widths, stem_width, image, num_classes):
    """No count exceeds every block's cost at the widest conv, two of 3x3 without groups, on the
    whole image.
    """
    width = max(int(widths.max(initial=1)), int(stem_width))
    bound = 20 * width**2 * image.area * int(depths.sum(axis=1).max(initial=1)) + 2 * width * int(
        num_classes
    )
    if bound >= 2**63:
        raise ValueError(
            'counts must fit 64 bits, but the widest layer has '
            f'{width} channels, on {image.height}x{image.width} pixels, with '
            f'num_classes={num_classes}'
        )


def complexities(
    *,
    depths,
    widths,
    bottleneck_ratios=None,
    group_widths=None,
    strides=2,
    block='X',
    stem='simple',
    stem_width=32,
    se_ratio=0.0,
    resolution=224,
    num_classes=1000,
):
    """Count n architectures of one block and stem at once.

    Args:
        depths, widths (array of int): of shape (n, stages).
        bottleneck_ratios (array of float, optional): of that shape, or broadcast to it; 1 if None.
        group_widths (array of int, optional): likewise; one group if None.
        strides (array of int): likewise. Default: 2.
        block, stem, stem_width, se_ratio: as in `Architecture`. The arrays are not checked against
            its rules.
        resolution (int | tuple[int, int]): side of the image, or (height, width). Default: 224.
        num_classes (int): outputs of the classifier; 0 for the backbone alone. Default: 1000.

    Returns:
        Complexity: int64 arrays of shape (n, ).

    Raises:
        ValueError: if the block has no closed form, or stem, resolution or num_classes are not what
            they should be.
    """
    if block not in _TRANSFORMS:
        raise ValueError(
            f'the closed form covers the blocks {", ".join(_TRANSFORMS)}, but block={block!r}; '
            'give that of '
            'your own to regnet_plugin.core.complexity.register_cost, or count the built module: '
            'regnet_plugin.models.module_complexity.count'
        )
    if stem not in STEMS:
        raise ValueError(f'stem must be one of {", ".join(STEMS)}, but stem={stem!r}')
    if (
        isinstance(num_classes, bool)
        or not isinstance(num_classes, (int, np.integer))
        or num_classes < 0
    ):
        raise ValueError(
            f'num_classes must be a whole number from 0, but num_classes={num_classes!r}'
        )
    _check_limits(
        depths=(depths, MAX_DEPTH),
        widths=(widths, MAX_WIDTH),
        stem_width=(stem_width, MAX_WIDTH),
        strides=(strides, MAX_STRIDE),
        se_ratio=(se_ratio, 1),
        **({} if group_widths is None else dict(group_widths=(group_widths, MAX_WIDTH))),
    )
    widths = np.asarray(widths, dtype=np.int64)
    ratios = np.broadcast_to(1 if bottleneck_ratios is None else bottleneck_ratios, widths.shape)
    bottlenecks = np.rint(widths / ratios).astype(np.int64)
    groups = np.broadcast_to(bottlenecks if group_widths is None else group_widths, widths.shape)
    depths, strides = np.broadcast_to(depths, widths.shape), np.broadcast_to(strides, widths.shape)
    image = _image(resolution)
    _check_64_bits(depths, np.maximum(widths, bottlenecks), stem_width, image, num_classes)

    cost, image, pooled = _stem(stem, stem_width, image)
    width_in = np.full(len(widths), stem_width)
    for i in range(widths.shape[1]):
        stage = dict(
            depth=depths[:, i],
            width=widths[:, i],
            stride=strides[:, i],
            bottleneck_ratio=ratios[:, i],
            group_width=groups[:, i],
            se_ratio=se_ratio,
        )
        stage_cost, image = _stage(block, stage, width_in, image)
        cost = cost.reshape(3, -1) + stage_cost
        width_in = stage['width']
    flops, parameters, activations = cost
    classifier = width_in * num_classes + num_classes
    return Complexity(
        flops + classifier, parameters + classifier, activations, activations + pooled + num_classes
    )


def complexity(architecture, resolution=224, num_classes=1000):
    """Count one architecture.

    Args:
        architecture (Architecture): of a block of the paper.
        resolution (int | tuple[int, int]): side of the image, or (height, width). Default: 224.
        num_classes (int): outputs of the classifier; 0 for the backbone alone. Default: 1000.

    Returns:
        Complexity: ints.

    Raises:
        ValueError: as `complexities`.
    """
    lists = {
        name: None if values is None else np.asarray([values])
        for name, values in (
            (name, getattr(architecture, name))
            for name in ('depths', 'widths', 'bottleneck_ratios', 'group_widths', 'strides')
        )
    }
    counts = complexities(
        **lists,
        block=architecture.block,
        stem=architecture.stem,
        stem_width=architecture.stem_width,
        se_ratio=architecture.se_ratio,
        resolution=resolution,
        num_classes=num_classes,
    )
    return Complexity(
        *(
            int(count[0])
            for count in (
                counts.flops,
                counts.parameters,
                counts.activations,
                counts.activations_with_classifier,
            )
        )
    )
