"""The paper's blocks (figures 4 and 23, appendix D), and those of its predecessor and successor.

A block is built as ``Block(width_in, stage, stride=, se_ratio=, drop_path_rate=, layers=)``; a
block of one's own takes the same arguments and is registered in MMEngine's ``MODELS``. ``stage`` is
a `regnet_plugin.core.stage.Stage`; only the first block of a stage is given the stage's
stride. ``layers`` are the `regnet_plugin.models.layers.Layers` of its stage: their ``conv`` is
deformable where the backbone says so. A block that takes plugins lists its ``plugin_positions``.
One with a shortcut names its ``last_norm``, or the backbone's ``zero_init_residual`` passes it by;
one without has nothing for ``drop_path_rate`` to drop, and refuses it. Constructors here name what
they use and pass the rest on; ``se_ratio`` is of bottlenecks only.
"""

from mmcv.cnn.bricks import DropPath
from torch import Tensor, nn

from regnet_plugin.core.architecture import Stage
from regnet_plugin.core.group_width import squeeze_width
from regnet_plugin.models.layers import Layers
from regnet_plugin.registry import MODELS


class SqueezeExcitation(nn.Module):
    """Squeeze-and-excitation: average pool, 1x1 conv, activation, 1x1 conv, sigmoid, product."""

    def __init__(self, width: int, squeezed: int, activation: nn.Module) -> None:
        super().__init__()
        self.fc1 = nn.Conv2d(width, squeezed, 1)
        self.activation = activation
        self.fc2 = nn.Conv2d(squeezed, width, 1)

    def forward(self, x: Tensor) -> Tensor:
        """Scale the channels of maps, shape (N, width, H, W)."""
        pooled = x.mean((2, 3), keepdim=True)
        squeezed = self.activation(self.fc1(pooled))
        scale: Tensor = self.fc2(squeezed).sigmoid()
        return x * scale


class _Residual(nn.Module):
    """Activation of transform plus shortcut; a subclass says what the transform is."""

    normalized_projection = True

    def __init__(
        self,
        width_in: int,
        stage: Stage,
        *,
        stride: int,
        se_ratio: float,
        drop_path_rate: float,
        layers: Layers,
    ) -> None:
        super().__init__()
        self.downsample = layers.projection(
            width_in, stage.width, stride, self.normalized_projection
        )
        self.drop_path = DropPath(drop_path_rate) if drop_path_rate else None
        self.activation = layers.activation()

    def transform(self, x: Tensor) -> Tensor:
        """What the block computes beside its shortcut, before the last activation."""
        raise NotImplementedError

    @property
    def last_norm(self) -> nn.Module | None:
        """The normalization behind which the shortcut is added; None if a conv is last."""
        raise NotImplementedError

    def forward(self, x: Tensor) -> Tensor:
        """Compute maps of shape (N, width, H / stride, W / stride)."""
        out = self.transform(x)
        if self.drop_path is not None:
            out = self.drop_path(out)
        out += x if self.downsample is None else self.downsample(x)
        activated: Tensor = self.activation(out)
        return activated


class BottleneckBlock(_Residual):
    """Blocks X, Y, R: 1x1, 3x3 in groups (R: one group), [Y: SE], 1x1, plus shortcut.

    Plugins may stand after each conv.
    """

    plugin_positions = ('after_conv1', 'after_conv2', 'after_conv3')

    def __init__(
        self,
        width_in: int,
        stage: Stage,
        *,
        stride: int,
        se_ratio: float,
        layers: Layers,
        **rest: float,
    ) -> None:
        super().__init__(width_in, stage, stride=stride, se_ratio=se_ratio, layers=layers, **rest)
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
        squeezed = int(squeeze_width(width_in, se_ratio))
        self.se = SqueezeExcitation(width, squeezed, self.activation) if se_ratio else None
        self.conv3 = layers.conv(width, stage.width, 1)
        self.bn3 = layers.norm(stage.width)
        self.plugin_names = {
            position: layers.add_plugins(self, position, plugin_width)
            for position, plugin_width in zip(self.plugin_positions, (width, width, stage.width))
        }

    def transform(self, x: Tensor) -> Tensor:
        """1x1, 3x3, [SE], 1x1, each with its normalization and plugins."""
        x = self._plugins('after_conv1', self.activation(self.bn1(self.conv1(x))))
        x = self.activation(self.bn2(self.conv2(x)))
        if self.se is not None:
            x = self.se(x)
        x = self._plugins('after_conv2', x)
        return self._plugins('after_conv3', self.bn3(self.conv3(x)))

    def _plugins(self, position: str, x: Tensor) -> Tensor:
        """What the plugins of a position make of maps; the maps themselves where there are none."""
        for name in self.plugin_names[position]:
            x = getattr(self, name)(x)
        return x

    @property
    def last_norm(self) -> nn.Module | None:
        """The normalization behind which the shortcut is added."""
        return self.bn3


class LinearBottleneckBlock(BottleneckBlock):
    """Block Z: as block Y, without an activation at its end and without projection.

    The shortcut is there where width and resolution stay.
    """

    def __init__(
        self, width_in: int, stage: Stage, *, stride: int, layers: Layers, **rest: float
    ) -> None:
        super().__init__(width_in, stage, stride=stride, layers=layers, **rest)
        self.has_shortcut = self.downsample is None
        self.downsample = None

    def forward(self, x: Tensor) -> Tensor:
        """Compute maps of shape (N, width, H / stride, W / stride)."""
        out = self.transform(x)
        if not self.has_shortcut:
            return out
        if self.drop_path is not None:
            out = self.drop_path(out)
        return out + x


class PreActivationBlock(BottleneckBlock):
    """Block PreY: as block Y, with normalization and activation before each conv.

    The first of them is before the shortcut, too, whose conv has none.
    """

    normalized_projection = False

    def __init__(
        self, width_in: int, stage: Stage, *, stride: int, layers: Layers, **rest: float
    ) -> None:
        super().__init__(width_in, stage, stride=stride, layers=layers, **rest)
        self.bn1 = layers.norm(width_in)
        self.bn3 = layers.norm(stage.bottleneck_width)
        self._order_children()

    def _order_children(self) -> None:
        """Let the second norm alone stand behind a conv, the first one, to which it is applied.

        mmcv's ``fuse_conv_bn`` folds a norm into the conv that stands before it among the children.
        """
        first = ['bn1', 'bn3', 'conv1', 'bn2', 'conv2']
        if self.plugin_names['after_conv1']:  # a plugin is between the two
            first = ['bn1', 'bn2', 'bn3', 'conv1', 'conv2']
        for name in [*first, *(name for name in self._modules if name not in first)]:
            self._modules[name] = self._modules.pop(name)

    def forward(self, x: Tensor) -> Tensor:
        """Compute maps of shape (N, width, H / stride, W / stride)."""
        x = self.activation(self.bn1(x))
        out = self._plugins('after_conv1', self.conv1(x))
        out = self.conv2(self.activation(self.bn2(out)))
        if self.se is not None:
            out = self.se(out)
        out = self._plugins('after_conv2', out)
        out = self._plugins('after_conv3', self.conv3(self.activation(self.bn3(out))))
        if self.drop_path is not None:
            out = self.drop_path(out)
        return out + (x if self.downsample is None else self.downsample(x))

    @property
    def last_norm(self) -> None:
        """None: the last conv of the block has no normalization behind it."""
        return None


class VanillaResidualBlock(_Residual):
    """Block VR: one 3x3, plus shortcut."""

    def __init__(
        self, width_in: int, stage: Stage, *, stride: int, layers: Layers, **rest: float
    ) -> None:
        super().__init__(width_in, stage, stride=stride, layers=layers, **rest)
        self.conv1 = layers.conv(width_in, stage.width, 3, stride=stride, dilation=stage.dilation)
        self.bn1 = layers.norm(stage.width)

    def transform(self, x: Tensor) -> Tensor:
        """3x3, with its normalization."""
        out: Tensor = self.bn1(self.conv1(x))
        return out

    @property
    def last_norm(self) -> nn.Module:
        """The normalization behind which the shortcut is added."""
        return self.bn1


class VanillaBlock(nn.Module):
    """Block V: one 3x3."""

    def __init__(
        self,
        width_in: int,
        stage: Stage,
        *,
        stride: int,
        se_ratio: float,
        drop_path_rate: float,
        layers: Layers,
    ) -> None:
        super().__init__()
        if drop_path_rate:
            raise ValueError(
                f'blocks V and V2 have no residual to drop, but drop_path_rate={drop_path_rate}'
            )
        self.conv1 = layers.conv(width_in, stage.width, 3, stride=stride, dilation=stage.dilation)
        self.bn1 = layers.norm(stage.width)
        self.activation = layers.activation()

    def forward(self, x: Tensor) -> Tensor:
        """Compute maps of shape (N, width, H / stride, W / stride)."""
        out: Tensor = self.activation(self.bn1(self.conv1(x)))
        return out


def _add_two_convs(
    block: nn.Module, width_in: int, stage: Stage, stride: int, layers: Layers
) -> None:
    """Give a block two 3x3 convs of the stage's width; the first one has the stride."""
    block.conv1 = layers.conv(width_in, stage.width, 3, stride=stride, dilation=stage.dilation)
    block.bn1 = layers.norm(stage.width)
    block.conv2 = layers.conv(stage.width, stage.width, 3, dilation=stage.dilation)
    block.bn2 = layers.norm(stage.width)


class VanillaResidualBlock2(_Residual):
    """Block VR2: 3x3, 3x3, plus shortcut (ResNet-56 and its space in the 2019 paper)."""

    conv1: nn.Module
    bn1: nn.Module
    conv2: nn.Module
    bn2: nn.Module

    def __init__(
        self, width_in: int, stage: Stage, *, stride: int, layers: Layers, **rest: float
    ) -> None:
        super().__init__(width_in, stage, stride=stride, layers=layers, **rest)
        _add_two_convs(self, width_in, stage, stride, layers)

    def transform(self, x: Tensor) -> Tensor:
        """3x3, 3x3, each with its normalization."""
        x = self.activation(self.bn1(self.conv1(x)))
        out: Tensor = self.bn2(self.conv2(x))
        return out

    @property
    def last_norm(self) -> nn.Module:
        """The normalization behind which the shortcut is added."""
        return self.bn2


class VanillaBlock2(VanillaBlock):
    """Block V2: 3x3, 3x3 (Vanilla of the 2019 paper)."""

    conv2: nn.Module
    bn2: nn.Module

    def __init__(
        self, width_in: int, stage: Stage, *, stride: int, layers: Layers, **rest: float
    ) -> None:
        super().__init__(width_in, stage, stride=stride, layers=layers, **rest)
        # The first of them is made once more; without that a seed would give other weights.
        _add_two_convs(self, width_in, stage, stride, layers)

    def forward(self, x: Tensor) -> Tensor:
        """Compute maps of shape (N, width, H / stride, W / stride)."""
        x = super().forward(x)
        out: Tensor = self.activation(self.bn2(self.conv2(x)))
        return out


# The names are those of `regnet_plugin.core.vocabulary.BLOCKS`. The classes do not follow from its
# rows, as costs do: that both agree shows that the rows are right.
_BLOCKS: dict[str, type[nn.Module]] = {
    'X': BottleneckBlock,
    'Y': BottleneckBlock,
    'R': BottleneckBlock,
    'V': VanillaBlock,
    'VR': VanillaResidualBlock,
    'V2': VanillaBlock2,
    'VR2': VanillaResidualBlock2,
    'Z': LinearBottleneckBlock,
    'PreY': PreActivationBlock,
}


def block_class(name: str) -> type[nn.Module]:
    """Return the class of a block of the paper, or of a registered block of one's own.

    Raises:
        ValueError: if there is neither.
    """
    if name in _BLOCKS:
        return _BLOCKS[name]
    try:
        block: type[nn.Module] | None = MODELS.get(name)
    # MMEngine takes a name with a dot for a path, and may stumble over it.
    except (RuntimeError, TypeError):
        block = None
    if block is None:
        raise ValueError(
            f'block must be one of {", ".join(_BLOCKS)} or a name registered in MODELS, but '
            f'block={name!r}'
        )
    return block
