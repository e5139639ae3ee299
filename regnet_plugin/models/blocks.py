"""The paper's blocks (figures 4 and 23, appendix D) and those of its predecessor.

A block is built as ``Block(width_in, stage, stride=, se_ratio=, drop_path_rate=, layers=)``; a
block of one's own takes the same arguments and is registered in MMEngine's ``MODELS``. ``stage`` is
a `regnet_plugin.core.architecture.Stage`; only the first block of a stage is given the stage's
stride. ``layers`` are the `regnet_plugin.models.layers.Layers` of its stage: their ``conv`` is
deformable where the backbone says so. A block that takes plugins lists its ``plugin_positions``.
"""

from mmcv.cnn.bricks import DropPath
from torch import nn

from regnet_plugin.registry import MODELS


class SqueezeExcitation(nn.Module):
    """Squeeze-and-excitation: average pool, 1x1 conv, activation, 1x1 conv, sigmoid, product."""

    def __init__(self, width, squeeze_width, activation):
        super().__init__()
        self.fc1 = nn.Conv2d(width, squeeze_width, 1)
        self.activation = activation
        self.fc2 = nn.Conv2d(squeeze_width, width, 1)

    def forward(self, x):
        scale = self.activation(self.fc1(x.mean((2, 3), keepdim=True)))
        return x * self.fc2(scale).sigmoid()


class _Residual(nn.Module):
    """Activation of transform plus shortcut; a subclass says what the transform is."""

    def __init__(self, width_in, stage, *, stride, drop_path_rate, layers):
        super().__init__()
        self.downsample = layers.projection(width_in, stage.width, stride)
        self.drop_path = DropPath(drop_path_rate) if drop_path_rate else None
        self.activation = layers.activation()

    def forward(self, x):
        out = self.transform(x)
        if self.drop_path is not None:
            out = self.drop_path(out)
        out += x if self.downsample is None else self.downsample(x)
        return self.activation(out)


class BottleneckBlock(_Residual):
    """Blocks X, Y, R: 1x1, 3x3 in groups (R: one group), [Y: SE], 1x1, plus shortcut; plugins after
    each conv.
    """

    plugin_positions = ('after_conv1', 'after_conv2', 'after_conv3')

    def __init__(self, width_in, stage, *, stride, se_ratio, drop_path_rate, layers):
        super().__init__(
            width_in, stage, stride=stride, drop_path_rate=drop_path_rate, layers=layers
        )
        width = stage.bottleneck_width
        self.conv1 = layers.conv(width_in, width, 1)
        self.bn1 = layers.norm(width)
        self.conv2 = layers.conv(
            width,
            width,
            3,
            stride=stride,
            dilation=stage.dilation,
            groups=width // (stage.group_width or width),
        )
        self.bn2 = layers.norm(width)
        # Half to even, of the width that enters the block: the rule behind all published RegNetY.
        self.se = (
            SqueezeExcitation(width, round(width_in * se_ratio), self.activation)
            if se_ratio
            else None
        )
        self.conv3 = layers.conv(width, stage.width, 1)
        self.bn3 = layers.norm(stage.width)
        self.plugin_names = {
            position: layers.add_plugins(self, position, plugin_width)
            for position, plugin_width in zip(self.plugin_positions, (width, width, stage.width))
        }

    def transform(self, x):
        x = self._plugins('after_conv1', self.activation(self.bn1(self.conv1(x))))
        x = self.activation(self.bn2(self.conv2(x)))
        if self.se is not None:
            x = self.se(x)
        x = self._plugins('after_conv2', x)
        return self._plugins('after_conv3', self.bn3(self.conv3(x)))

    def _plugins(self, position, x):
        for name in self.plugin_names[position]:
            x = getattr(self, name)(x)
        return x

    @property
    def last_norm(self):
        return self.bn3


class VanillaResidualBlock(_Residual):
    """Block VR: one 3x3, plus shortcut."""

    def __init__(self, width_in, stage, *, stride, se_ratio, drop_path_rate, layers):
        super().__init__(
            width_in, stage, stride=stride, drop_path_rate=drop_path_rate, layers=layers
        )
        self.conv1 = layers.conv(width_in, stage.width, 3, stride=stride, dilation=stage.dilation)
        self.bn1 = layers.norm(stage.width)

    def transform(self, x):
        return self.bn1(self.conv1(x))

    @property
    def last_norm(self):
        return self.bn1


class VanillaBlock(nn.Module):
    """Block V: one 3x3."""

    def __init__(self, width_in, stage, *, stride, se_ratio, drop_path_rate, layers):
        super().__init__()
        if drop_path_rate:
            raise ValueError(
                f'blocks V and V2 have no residual to drop, but drop_path_rate={drop_path_rate}'
            )
        self.conv1 = layers.conv(width_in, stage.width, 3, stride=stride, dilation=stage.dilation)
        self.bn1 = layers.norm(stage.width)
        self.activation = layers.activation()

    def forward(self, x):
        return self.activation(self.bn1(self.conv1(x)))


def _two_convs(block, width_in, stage, stride, layers):
    """Give a block two 3x3 convs of the stage's width; the first one has the stride."""
    block.conv1 = layers.conv(width_in, stage.width, 3, stride=stride, dilation=stage.dilation)
    block.bn1 = layers.norm(stage.width)
    block.conv2 = layers.conv(stage.width, stage.width, 3, dilation=stage.dilation)
    block.bn2 = layers.norm(stage.width)


class VanillaResidualBlock2(_Residual):
    """Block VR2: 3x3, 3x3, plus shortcut (ResNet-56 and its space in the 2019 paper)."""

    def __init__(self, width_in, stage, *, stride, se_ratio, drop_path_rate, layers):
        super().__init__(
            width_in, stage, stride=stride, drop_path_rate=drop_path_rate, layers=layers
        )
        _two_convs(self, width_in, stage, stride, layers)

    def transform(self, x):
        return self.bn2(self.conv2(self.activation(self.bn1(self.conv1(x)))))

    @property
    def last_norm(self):
        return self.bn2


class VanillaBlock2(VanillaBlock):
    """Block V2: 3x3, 3x3 (Vanilla of the 2019 paper)."""

    def __init__(self, width_in, stage, *, stride, se_ratio, drop_path_rate, layers):
        super().__init__(
            width_in,
            stage,
            stride=stride,
            se_ratio=se_ratio,
            drop_path_rate=drop_path_rate,
            layers=layers,
        )
        _two_convs(self, width_in, stage, stride, layers)

    def forward(self, x):
        return self.activation(self.bn2(self.conv2(super().forward(x))))


_BLOCKS = {
    'X': BottleneckBlock,
    'Y': BottleneckBlock,
    'R': BottleneckBlock,
    'V': VanillaBlock,
    'VR': VanillaResidualBlock,
    'V2': VanillaBlock2,
    'VR2': VanillaResidualBlock2,
}


def block_class(name):
    """Return the class of a block of the paper, or of a registered block of one's own.

    Raises:
        ValueError: if there is neither.
    """
    try:
        block = _BLOCKS.get(name) or MODELS.get(name)
    except (
        RuntimeError,
        TypeError,
    ):  # MMEngine takes a name with a dot for a path, and may stumble over it
        block = None
    if block is None:
        raise ValueError(
            f'block must be one of {", ".join(_BLOCKS)} or a name registered in MODELS, but '
            f'block={name!r}'
        )
    return block
