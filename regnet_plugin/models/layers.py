"""The layers that blocks are made of, and what mmdet's users put among them.

That is deformable convs and plugins.
"""

import inspect
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any

from mmcv.cnn import build_activation_layer, build_conv_layer, build_norm_layer, build_plugin_layer
from torch import nn

from regnet_plugin.core.number_checks import is_count
from regnet_plugin.registry import MODELS

_DEFORMABLE = ('DCN', 'DCNv2')  # mmcv's names of deformable convs that take a conv's arguments


@dataclass(frozen=True)
class Plugin:
    """A layer that keeps the shape of its input, after one of a block's convs in some stages.

    Attributes:
        cfg: of the layer, with its type.
        position: after which conv, such as 'after_conv2'.
        stages: whether each stage has it.
    """

    cfg: dict[str, Any]
    position: str
    stages: tuple[bool, ...]

    @classmethod
    def from_config(cls, entry: object, positions: Sequence[str], num_stages: int) -> 'Plugin':
        """Read ``dict(cfg=dict(type=, …), position=, stages=None)``, as mmdet's ResNet takes it.

        Args:
            entry: what the config says.
            positions: those that the block has.
            num_stages: of the network.

        Raises:
            ValueError: if it is something else, or if the block has no such position.
        """
        if not isinstance(entry, dict) or not _is_plugin(entry):
            raise ValueError(
                'plugins must be a list of dict(cfg=, position=, stages=None) with a cfg whose '
                f'type is registered in MODELS, but one is {entry!r}'
            )
        if entry['position'] not in positions:
            raise ValueError(
                f"a plugin's position must be one of {', '.join(positions)}, but "
                f'position={entry["position"]!r}'
            )
        given = entry.get('stages')
        everywhere = (True,) * num_stages
        stages = everywhere if given is None else _checked_switches('stages', given, num_stages)
        return cls(entry['cfg'], entry['position'], stages)


def _is_plugin(entry: Mapping[str, Any]) -> bool:
    """Whether a config has the entries of a plugin, and a type that is registered."""
    if not {'cfg', 'position'} <= set(entry) <= {'cfg', 'position', 'stages'}:
        return False
    return isinstance(entry['cfg'], dict) and _is_registered(entry['cfg'].get('type'))


@dataclass(frozen=True)
class Layers:
    """Builds conv, normalization, activation and plugin layers from the configs of a backbone.

    Each stage has its own, see `layers_of_stages`.

    Attributes:
        conv_cfg: of all convs; None for ``Conv2d``.
        norm_cfg: of all normalizations.
        act_cfg: of all activations.
        dcn: of the 3x3 convs, in place of ``conv_cfg``; None where they are not deformable.
        plugins: of the blocks.
        avg_down: whether projections pool in the place of their stride.
    """

    conv_cfg: dict[str, Any] | None
    norm_cfg: dict[str, Any]
    act_cfg: dict[str, Any]
    dcn: dict[str, Any] | None = None
    plugins: tuple[Plugin, ...] = ()
    avg_down: bool = False

    def __post_init__(self) -> None:
        if self.conv_cfg is not None:
            _check_config('conv_cfg', self.conv_cfg)
        _check_config('norm_cfg', self.norm_cfg)
        _check_config('act_cfg', self.act_cfg)

    def conv(
        self,
        width_in: int,
        width: int,
        kernel: int,
        *,
        stride: int = 1,
        groups: int = 1,
        dilation: int = 1,
    ) -> nn.Module:
        """Build a conv without bias that keeps the side of its map at stride 1.

        With ``dcn`` it is deformable, unless 1x1.

        Args:
            width_in: channels of the input.
            width: channels of the output.
            kernel: side of the kernel, odd.
            stride: of the conv.
            groups: number of groups.
            dilation: of the kernel.

        Raises:
            ValueError: if the deformable groups do not divide the input; mmcv says so late (DCN) or
                never (DCNv2).
        """
        cfg = self.conv_cfg
        if self.dcn is not None and kernel > 1:
            cfg = self.dcn
            _check_deform_groups(cfg.get('deform_groups', 1), width_in)
        conv: nn.Module = build_conv_layer(
            cfg,
            width_in,
            width,
            kernel,
            stride=stride,
            groups=groups,
            dilation=dilation,
            padding=dilation * (kernel - 1) // 2,
            bias=False,
        )
        return conv

    def norm(self, width: int) -> nn.Module:
        """Build the normalization of so many channels."""
        _, norm = build_norm_layer(self.norm_cfg, width)  # with mmcv's name for it
        layer: nn.Module = norm
        return layer

    def activation(self) -> nn.Module:
        """Build an activation."""
        activation: nn.Module = build_activation_layer(self.act_cfg)
        return activation

    def projection(
        self, width_in: int, width: int, stride: int, normalized: bool = True
    ) -> nn.Sequential | None:
        """Build the shortcut's 1x1 conv and normalization; None where the identity fits."""
        if width_in == width and stride == 1:
            return None
        layers: list[nn.Module] = []
        if self.avg_down:
            pooling = nn.AvgPool2d(stride, stride, ceil_mode=True, count_include_pad=False)
            layers.append(nn.Identity() if stride == 1 else pooling)
            stride = 1
        layers.append(self.conv(width_in, width, 1, stride=stride))
        if normalized:
            layers.append(self.norm(width))
        return nn.Sequential(*layers)

    def add_plugins(self, block: nn.Module, position: str, width: int) -> tuple[str, ...]:
        """Make the plugins of one position children of a block, under mmcv's names for them.

        Args:
            block: is changed.
            position: after which conv.
            width: channels there.

        Returns:
            Their names, in the order in which they compute.

        Raises:
            ValueError: if the block has a child of that name.
        """
        names = []
        for plugin in self.plugins:
            if plugin.position != position:
                continue
            cfg = dict(plugin.cfg)
            postfix = cfg.pop('postfix', '')
            name, layer = build_plugin_layer(cfg, postfix, in_channels=width)
            if hasattr(block, name):
                raise ValueError(
                    'plugins of one type in one block must differ in the postfix of their cfg, but '
                    f'{name} is there twice: {plugin.cfg!r}'
                )
            block.add_module(name, layer)
            names.append(name)
        return tuple(names)


def _check_config(name: str, cfg: object) -> None:
    if not isinstance(cfg, dict) or not _is_registered(cfg.get('type')):
        raise ValueError(
            f'{name} must be a dict of a type registered in MODELS, but {name}={cfg!r}'
        )


def _check_deform_groups(deform_groups: object, width_in: int) -> None:
    if not is_count(deform_groups) or width_in % deform_groups:
        raise ValueError(
            "dcn's deform_groups must divide the width of each 3x3 conv's input, but "
            f'deform_groups={deform_groups!r}, width={width_in}'
        )


def layers_of_stages(
    layers: Layers,
    num_stages: int,
    *,
    dcn: dict[str, Any] | None,
    stage_with_dcn: Sequence[bool] | None,
    plugins: Sequence[dict[str, Any]] | None,
    positions: Sequence[str],
) -> list[Layers]:
    """Give each stage its deformable convs and plugins.

    Args:
        layers: what all stages have in common.
        num_stages: number of stages.
        dcn: as `AnyNet` takes it; so are ``stage_with_dcn`` and ``plugins``.
        positions: after what a block of this network takes plugins; none for most.

    Returns:
        Layers of each stage.

    Raises:
        ValueError: the rule that is broken, then the values.
    """
    deformed = _checked_dcn(dcn, stage_with_dcn, num_stages, layers.conv_cfg)
    if plugins and not positions:
        raise ValueError(
            f'only blocks of three convs (X, Y, R) take plugins, but plugins={plugins!r}'
        )
    given: object = plugins
    if not isinstance(given, (list, tuple, type(None))):
        raise ValueError(f'plugins must be a list, but plugins={given!r}')
    known = [Plugin.from_config(entry, positions, num_stages) for entry in given or ()]
    of_stages = []
    for stage in range(num_stages):
        its_plugins = tuple(plugin for plugin in known if plugin.stages[stage])
        of_stages.append(replace(layers, dcn=deformed[stage], plugins=its_plugins))
    return of_stages


def _checked_dcn(
    dcn: object, stage_with_dcn: object, num_stages: int, conv_cfg: object
) -> list[dict[str, Any] | None]:
    """Return each stage's config of deformable convs, or None."""
    nowhere: list[dict[str, Any] | None] = [None] * num_stages
    if dcn is None and stage_with_dcn is None:
        return nowhere
    switches = _checked_switches('stage_with_dcn', stage_with_dcn, num_stages)
    if dcn is None and not any(switches):
        return nowhere
    if not isinstance(dcn, dict) or dcn.get('type') not in _DEFORMABLE:
        raise ValueError(
            f'dcn must be a dict of type {" or ".join(_DEFORMABLE)}, but dcn={dcn!r}, '
            f'stage_with_dcn={stage_with_dcn!r}'
        )
    if dcn.get('fallback_on_stride', False):
        # mmdet's ResNeXt and RegNet lose it between two constructors, and its ResNet heeds it in a
        # single block.
        raise ValueError(
            'fallback_on_stride=True means something else in each network of mmdet, but '
            f'dcn={dcn!r}'
        )
    if conv_cfg is not None:
        raise ValueError(
            f'dcn and conv_cfg exclude each other, but dcn={dcn!r}, conv_cfg={conv_cfg!r}'
        )
    _register_deformable(dcn)
    cfg = {name: value for name, value in dcn.items() if name != 'fallback_on_stride'}
    return [cfg if switch else None for switch in switches]


def _register_deformable(dcn: Mapping[str, Any]) -> None:
    """Let mmcv register its deformable convs.

    Raises:
        ValueError: if mmcv has no compiled operators.
    """
    try:
        import mmcv.ops  # noqa: F401  registers them; mmcv.cnn alone does not
    except ImportError as error:
        raise ValueError(
            "dcn needs mmcv's compiled operators (mmcv, not mmcv-lite, built for this torch), but "
            f'dcn={dcn!r} and mmcv.ops says: {error}'
        ) from error


def _checked_switches(name: str, switches: object, num_stages: int) -> tuple[bool, ...]:
    """Return a config's list of True or False for each stage; refuse anything else."""
    if isinstance(switches, (list, tuple)) and len(switches) == num_stages:
        if all(isinstance(switch, bool) for switch in switches):
            return tuple(switches)
    raise ValueError(
        f'{name} must be True or False for each of {num_stages} stages, but {name}={switches!r}'
    )


def _is_registered(kind: object) -> bool:
    """Whether a config's type is a class, or the name of one that mmcv can build."""
    if not isinstance(kind, str):
        return inspect.isclass(kind)
    try:
        with MODELS.switch_scope_and_registry(None) as registry:  # where mmcv looks
            return registry.get(kind) is not None
    # MMEngine takes a name with a dot for a path, and may stumble over it.
    except (RuntimeError, TypeError):
        return False
