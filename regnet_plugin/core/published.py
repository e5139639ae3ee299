"""The published RegNets as parameters, and what they are compared with as stages.

24 RegNets are those of the paper (figures 15 and 16), which prints these values; those of 64 and
128 GF came later, with torchvision's and timm's releases. They are compared with ResNets and
ResNeXts (table 3). What followed: RegNetZ (ClassyVision's parameters, head widths of timm's),
timm's RegNetV, and SEER's RegNetY-256GF.
"""

from collections.abc import Mapping
from types import MappingProxyType
from typing import Any

from regnet_plugin.core.vocabulary import DEFAULT_SE_RATIO

_Row = tuple[int, int, float, float, int]

_COLUMNS = ('depth', 'w_0', 'w_a', 'w_m', 'group_width')

_REGNETX = {
    '200mf': (13, 24, 36.44, 2.49, 8),
    '400mf': (22, 24, 24.48, 2.54, 16),
    '600mf': (16, 48, 36.97, 2.24, 24),
    '800mf': (16, 56, 35.73, 2.28, 16),
    '1.6gf': (18, 80, 34.01, 2.25, 24),
    '3.2gf': (25, 88, 26.31, 2.25, 48),
    '4.0gf': (23, 96, 38.65, 2.43, 40),
    '6.4gf': (17, 184, 60.83, 2.07, 56),
    '8.0gf': (23, 80, 49.56, 2.88, 120),
    '12gf': (19, 168, 73.36, 2.37, 112),
    '16gf': (22, 216, 55.59, 2.1, 128),
    '32gf': (23, 320, 69.86, 2.0, 168),
}

_REGNETY = {
    '200mf': (13, 24, 36.44, 2.49, 8),
    '400mf': (16, 48, 27.89, 2.09, 8),
    '600mf': (15, 48, 32.54, 2.32, 16),
    '800mf': (14, 56, 38.84, 2.4, 16),
    '1.6gf': (27, 48, 20.71, 2.65, 24),
    '3.2gf': (21, 80, 42.63, 2.66, 24),
    '4.0gf': (22, 96, 31.41, 2.24, 64),
    '6.4gf': (25, 112, 33.22, 2.27, 72),
    '8.0gf': (17, 192, 76.82, 2.19, 56),
    '12gf': (19, 168, 73.36, 2.37, 112),
    '16gf': (18, 200, 106.23, 2.48, 112),
    '32gf': (20, 232, 115.89, 2.53, 232),
    '64gf': (20, 352, 147.48, 2.4, 328),
    '128gf': (27, 456, 160.83, 2.52, 264),
}


def _named(prefix: str, table: Mapping[str, _Row], se_ratio: float) -> dict[str, Mapping[str, Any]]:
    """The rows of a table under the names of their networks; bottleneck ratios are 1 in all."""
    networks: dict[str, Mapping[str, Any]] = {}
    for size, row in table.items():
        values = dict(zip(_COLUMNS, row), bottleneck_ratio=1, se_ratio=se_ratio)
        networks[prefix + size] = MappingProxyType(values)
    return networks


PUBLISHED: Mapping[str, Mapping[str, Any]] = MappingProxyType(
    {
        **_named('regnetx_', _REGNETX, se_ratio=0.0),
        **_named('regnety_', _REGNETY, se_ratio=DEFAULT_SE_RATIO),
    }
)


# As `_REGNETY`, of images of 224 pixels and then of 256.
_REGNETZ = {
    '500mf': (21, 16, 10.7, 2.51, 4),
    '4.0gf': (28, 48, 14.5, 2.226, 8),
}
_HEAD_WIDTHS = {'regnetz_500mf': 1024, 'regnetz_4.0gf': 1536}


def _follow_ups() -> dict[str, Mapping[str, Any]]:
    """The networks that came after the paper's, by name, as `FOLLOW_UPS`."""
    sizes_of_v = {size: _REGNETY[size] for size in ('4.0gf', '6.4gf')}
    largest = {'256gf': (27, 640, 230.83, 2.53, 373)}
    networks = {**_named('regnety_', largest, DEFAULT_SE_RATIO)}
    for name, values in _named('regnetz_', _REGNETZ, DEFAULT_SE_RATIO).items():
        added = dict(bottleneck_ratio=0.25, block='Z', head_width=_HEAD_WIDTHS[name])
        networks[name] = MappingProxyType({**values, **added})
    for name, values in _named('regnetv_', sizes_of_v, DEFAULT_SE_RATIO).items():
        networks[name] = MappingProxyType({**values, 'block': 'PreY'})
    return networks


FOLLOW_UPS: Mapping[str, Mapping[str, Any]] = MappingProxyType(_follow_ups())

# Sides of the images that these networks are meant for, where it is not 224.
RESOLUTIONS = MappingProxyType({'regnetz_4.0gf': 256})

# What a backbone of these names has beside its architecture, arguments of
# `regnet_plugin.models.anynet.AnyNet`.
OF_BACKBONES: Mapping[str, Mapping[str, Any]] = MappingProxyType(
    {'regnetv_6.4gf': MappingProxyType(dict(avg_down=True))}
)


_DEPTHS = {'50': [3, 4, 6, 3], '101': [3, 4, 23, 3], '152': [3, 8, 36, 3]}
_WIDTHS = [256, 512, 1024, 2048]


def _bodies() -> dict[str, Mapping[str, Any]]:
    """ResNets and ResNeXts by name, as `BODIES`."""
    bodies: dict[str, Mapping[str, Any]] = {}
    for size, depths in _DEPTHS.items():
        bodies[f'resnet{size}'] = dict(
            block='R', depths=depths, widths=_WIDTHS, bottleneck_ratios=[4] * 4
        )
    for size, depths in _DEPTHS.items():
        bodies[f'resnext{size}'] = dict(
            block='X',
            depths=depths,
            widths=_WIDTHS,
            bottleneck_ratios=[2] * 4,
            group_widths=[4, 8, 16, 32],
        )
    return bodies


# The bodies of He et al., 2016, and Xie et al., 2017 (32x4d: 32 groups in a block); keywords of
# `Architecture.from_lists`.
BODIES = MappingProxyType(_bodies())


def parameters(name: str) -> dict[str, Any]:
    """Return the parameters of a published network.

    Args:
        name: such as 'regnetx_3.2gf'.

    Returns:
        A new dict, keywords of `regnet_plugin.core.quantized_linear.regnet`.

    Raises:
        ValueError: if there is no such network; the message lists those that there are.
    """
    networks = {**PUBLISHED, **FOLLOW_UPS}
    if name not in networks:
        raise ValueError(
            f'there is no published RegNet called {name!r}; the published ones are '
            f'{", ".join(networks)}'
        )
    return dict(networks[name])


def timm_name(name: str) -> str:
    """Return timm's name of a published network, with tenths of a GF.

    Such as regnetx_032 for regnetx_3.2gf and regnety_008 for regnety_800mf.
    """
    family, size = name.split('_')
    number, unit = float(size[:-2]), size[-2:]
    tenths = number * 10 if unit == 'gf' else number / 100
    return f'{family}_{round(tenths):03d}'
