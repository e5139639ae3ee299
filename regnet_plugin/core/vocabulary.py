"""The one table of blocks, stems and activations: their names, and what follows from a name.

What a block or stem costs is computed in `regnet_plugin.core.complexity`, and what it computes in
`regnet_plugin.models`, independently of each other; both take names, kernels and strides from here.
"""

from dataclasses import dataclass
from types import MappingProxyType
from typing import Any


@dataclass(frozen=True)
class BlockKind:
    """What a block of the paper is made of, and so which parameters it takes.

    Attributes:
        bottleneck: whether it has 1x1 convs around its 3x3 conv, so that it takes a bottleneck
            ratio; squeeze-and-excitation is possible only there.
        grouped: whether its 3x3 conv has groups, so that it takes a group width.
        convs: number of its 3x3 convs.
        shortcut: whether its input is added to its output.
        projection: whether the shortcut has a 1x1 conv where width or resolution changes; if not,
            there is no shortcut there.
        pre_activation: whether normalization and activation stand before each conv. A network of
            such blocks has none behind its stem, and an activation behind its last block.
        se_ratio: the SE ratio of a network that does not say one.
        activation: of a network that does not say one, its name in MMEngine's registry.
    """

    bottleneck: bool
    grouped: bool
    convs: int
    shortcut: bool
    projection: bool = True
    pre_activation: bool = False
    se_ratio: float = 0.0
    activation: str = 'ReLU'


# Of the networks that the paper ends with.
DEFAULT_BLOCK = 'X'
DEFAULT_STEM = 'simple'
DEFAULT_STEM_WIDTH = 32
DEFAULT_SE_RATIO = 0.25  # section 3.2 of the paper: RegNetY has ratio 1/4

# Figures 4 and 23 of the paper; V2 and VR2 are those of its authors' paper of 2019. Z is that of
# RegNetZ in its authors' paper of 2021, Fast and Accurate Model Scaling; PreY that of timm's
# RegNetV.
BLOCKS = MappingProxyType(
    {
        'X': BlockKind(bottleneck=True, grouped=True, convs=1, shortcut=True),
        'Y': BlockKind(
            bottleneck=True, grouped=True, convs=1, shortcut=True, se_ratio=DEFAULT_SE_RATIO
        ),
        'R': BlockKind(bottleneck=True, grouped=False, convs=1, shortcut=True),
        'V': BlockKind(bottleneck=False, grouped=False, convs=1, shortcut=False),
        'VR': BlockKind(bottleneck=False, grouped=False, convs=1, shortcut=True),
        'V2': BlockKind(bottleneck=False, grouped=False, convs=2, shortcut=False),
        'VR2': BlockKind(bottleneck=False, grouped=False, convs=2, shortcut=True),
        'Z': BlockKind(
            bottleneck=True,
            grouped=True,
            convs=1,
            shortcut=True,
            projection=False,
            se_ratio=DEFAULT_SE_RATIO,
            activation='SiLU',
        ),
        'PreY': BlockKind(
            bottleneck=True,
            grouped=True,
            convs=1,
            shortcut=True,
            pre_activation=True,
            se_ratio=DEFAULT_SE_RATIO,
            activation='SiLU',
        ),
    }
)


@dataclass(frozen=True)
class Stem:
    """The first layers of a network: a conv and, in ResNet's stem, max-pooling of stride 2.

    Attributes:
        kernel: side of the conv's kernel.
        conv_stride: stride of the conv.
        pooled: whether max-pooling follows.
    """

    kernel: int
    conv_stride: int
    pooled: bool = False

    @property
    def stride(self) -> int:
        """Stride of the whole stem: how many pixels of the image one of its outputs stands for."""
        return self.conv_stride * POOLING_STRIDE if self.pooled else self.conv_stride


POOLING_STRIDE = 2  # of the max-pooling in ResNet's stem
STEMS = MappingProxyType(
    {
        'simple': Stem(kernel=3, conv_stride=2),
        'cifar': Stem(kernel=3, conv_stride=1),
        'resnet': Stem(kernel=7, conv_stride=2, pooled=True),
    }
)


def check_stem(stem: object) -> None:
    """Raise a ValueError with the known names if this is not the name of a stem."""
    if stem not in tuple(STEMS):
        raise ValueError(f'stem must be one of {", ".join(STEMS)}, but stem={stem!r}')


DEFAULT_ACTIVATION = 'ReLU'  # of every network in the main text of the paper


def default_activation(block: str) -> str:
    """The activation of a block's networks that do not say one; ReLU in a block of one's own."""
    return BLOCKS[block].activation if block in BLOCKS else DEFAULT_ACTIVATION


# What networks are counted at where nobody says otherwise: images and classes of ImageNet.
DEFAULT_RESOLUTION = 224
DEFAULT_NUM_CLASSES = 1000


def activation_config(name: str) -> dict[str, Any]:
    """Return OpenMMLab's config of an activation, the ``act_cfg`` of a backbone.

    Args:
        name: of the activation in MMEngine's registry of models.

    Returns:
        A new dict. ReLU computes in place, as in OpenMMLab's networks; whether others can is for
        whoever writes their config by hand.
    """
    if name == DEFAULT_ACTIVATION:
        return dict(type=name, inplace=True)
    return dict(type=name)
