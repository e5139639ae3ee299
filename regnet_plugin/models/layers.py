"""The layers that blocks are made of, and what mmdet's users put among them: deformable convs and
plugins.
"""

import inspect
from dataclasses import dataclass, replace
from typing import Optional, Tuple

from mmcv.cnn import build_activation_layer, build_conv_layer, build_norm_layer, build_plugin_layer
from torch import nn

from regnet_plugin.core.number_checks import is_count
from regnet_plugin.registry import MODELS

_DEFORMABLE = ('DCN', 'DCNv2')


@dataclass(frozen=True)
class Plugin:
    """A layer that keeps the shape of its input, after one of a block's convs in some stages."""

    cfg: dict
    position: str
    stages: Tuple[bool, ...]

    @classmethod
    def from_config(cls, entry, positions, num_stages):
        """Read ``dict(cfg=dict(type=, …), position=, stages=None)``, as mmdet's ResNet takes it.

        Raises:
            ValueError: if it is something else, or if the block has no such position.
        """
        if (
            not isinstance(entry, dict)
            or not {'cfg', 'position'} <= set(entry) <= {'cfg', 'position', 'stages'}
            or not isinstance(entry['cfg'], dict)
            or not _is_registered(entry['cfg'].get('type'))
        ):
            raise ValueError(
                'plugins must be a list of dict(cfg=, position=, stages=None) with a cfg whose '
                'type is '
                f'registered in MODELS, but one is {entry!r}'
            )
        if entry['position'] not in positions:
            raise ValueError(
                f"a plugin's position must be one of {', '.join(positions)}, but "
                f'position={entry["position"]!r}'
            )
        stages = entry.get('stages')
        return cls(
            entry['cfg'],
            entry['position'],
            (True,) * num_stages
            if stages is None
            else _checked_switches('stages', stages, num_stages),
        )


@dataclass(frozen=True)
class Layers:
    """Builds conv, normalization, activation and plugin layers from the configs of a backbone.

    ``dcn`` takes the place of ``conv_cfg`` in the 3x3 convs. Each stage has its own, see
    `layers_of_stages`.
    """

    conv_cfg: Optional[dict]
    norm_cfg: dict
    act_cfg: dict
    dcn: Optional[dict] = None
    plugins: Tuple[Plugin, ...] = ()

    def __post_init__(self):
        for name in ('conv_cfg', 'norm_cfg', 'act_cfg'):
            cfg = getattr(self, name)
            is_dict = isinstance(cfg, dict) and _is_registered(cfg.get('type'))
            if not is_dict and (name != 'conv_cfg' or cfg is not None):
                raise ValueError(
                    f'{name} must be a dict of a type registered in MODELS, but {name}={cfg!r}'
                )

    def conv(self, width_in, width, kernel, *, stride=1, groups=1, dilation=1):
        """Conv without bias that keeps the side of its map at stride 1; with ``dcn`` deformable,
        unless 1x1.

        Raises:
            ValueError: if the deformable groups do not divide the input; mmcv says so late (DCN) or
                never (DCNv2).
        """
        deformable = self.dcn is not None and kernel > 1
        deform_groups = self.dcn.get('deform_groups', 1) if deformable else 1
        if not is_count(deform_groups) or width_in % deform_groups:
            raise ValueError(
                "dcn's deform_groups must divide the width of each 3x3 conv's input, but "
                f'deform_groups={deform_groups!r}, width={width_in}'
            )
        return build_conv_layer(
            self.dcn if deformable else self.conv_cfg,
            width_in,
            width,
            kernel,
            stride=stride,
            groups=groups,
            dilation=dilation,
            padding=dilation * (kernel - 1) // 2,
            bias=False,
        )

    def norm(self, width):
        return build_norm_layer(self.norm_cfg, width)[1]

    def activation(self):
        return build_activation_layer(self.act_cfg)

    def projection(self, width_in, width, stride):
        """The shortcut's 1x1 conv and normalization; None where the identity fits."""
        if width_in == width and stride == 1:
            return None
        return nn.Sequential(self.conv(width_in, width, 1, stride=stride), self.norm(width))

    def add_plugins(self, block, position, width):
        """Make the plugins of one position children of a block, under mmcv's names for them.

        Returns:
            tuple[str]: their names, in the order in which they compute.

        Raises:
            ValueError: if the block has a child of that name.
        """
        names = []
        for plugin in self.plugins:
            if plugin.position != position:
                continue
            cfg = dict(plugin.cfg)
            name, layer = build_plugin_layer(cfg, cfg.pop('postfix', ''), in_channels=width)
            if hasattr(block, name):
                raise ValueError(
                    'plugins of one type in one block must differ in the postfix of their cfg, '
                    f'but {name} '
                    f'is there twice: {plugin.cfg!r}'
                )
            block.add_module(name, layer)
            names.append(name)
        return tuple(names)


def layers_of_stages(layers, num_stages, *, dcn, stage_with_dcn, plugins, positions):
    """Give each stage its deformable convs and plugins.

    Args:
        layers (Layers): what all stages have in common.
        num_stages (int): number of stages.
        dcn (dict, optional): as `AnyNet` takes it; so are ``stage_with_dcn`` and ``plugins``.
        positions (Sequence[str]): after what a block of this network takes plugins; none for most.

    Returns:
        list[Layers]: one per stage.

    Raises:
        ValueError: the rule that is broken, then the values.
    """
    deformed = _checked_dcn(dcn, stage_with_dcn, num_stages, layers.conv_cfg)
    if plugins and not positions:
        raise ValueError(
            f'only blocks of three convs (X, Y, R) take plugins, but plugins={plugins!r}'
        )
    if not isinstance(plugins, (list, tuple, type(None))):
        raise ValueError(f'plugins must be a list, but plugins={plugins!r}')
    plugins = [Plugin.from_config(entry, positions, num_stages) for entry in plugins or ()]
    return [
        replace(
            layers,
            dcn=deformed[stage],
            plugins=tuple(plugin for plugin in plugins if plugin.stages[stage]),
        )
        for stage in range(num_stages)
    ]


def _checked_dcn(dcn, stage_with_dcn, num_stages, conv_cfg):
    """Return each stage's config of deformable convs, or None."""
    if dcn is None and stage_with_dcn is None:
        return [None] * num_stages
    switches = _checked_switches('stage_with_dcn', stage_with_dcn, num_stages)
    if dcn is None and not any(switches):
        return [None] * num_stages
    if not isinstance(dcn, dict) or dcn.get('type') not in _DEFORMABLE:
        raise ValueError(
            f'dcn must be a dict of type {" or ".join(_DEFORMABLE)}, but dcn={dcn!r}, '
            f'stage_with_dcn={stage_with_dcn!r}'
        )
    if dcn.get('fallback_on_stride', False):
        # mmdet's ResNeXt and RegNet lose it between two constructors, and its ResNet heeds it in a
        # single block
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


def _register_deformable(dcn):
    try:
        import mmcv.ops  # noqa: F401  registers them; mmcv.cnn alone does not
    except ImportError as error:
        raise ValueError(
            "dcn needs mmcv's compiled operators (mmcv, not mmcv-lite, built for this torch), but "
            f'dcn={dcn!r} and mmcv.ops says: {error}'
        ) from error


def _checked_switches(name, switches, num_stages):
    is_list = isinstance(switches, (list, tuple)) and all(
        isinstance(switch, bool) for switch in switches
    )
    if not is_list or len(switches) != num_stages:
        raise ValueError(
            f'{name} must be True or False for each of {num_stages} stages, but {name}={switches!r}'
        )
    return tuple(switches)


def _is_registered(kind):
    if not isinstance(kind, str):
        return inspect.isclass(kind)
    try:
        with MODELS.switch_scope_and_registry(None) as registry:  # where mmcv looks
            return registry.get(kind) is not None
    except (
        RuntimeError,
        TypeError,
    ):  # MMEngine takes a name with a dot for a path, and may stumble over it
        return False
