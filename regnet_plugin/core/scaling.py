"""A network made smaller or larger by one factor on all its widths, until it costs what another one
costs.
"""

import numpy as np

from regnet_plugin.core.architecture import Architecture, fit_group_widths
from regnet_plugin.core.complexity import complexities

_STEP = 8  # of the widths, as everywhere in the paper
_FACTORS = 2.0 ** np.arange(-6, 6, 1 / 64)  # 1% apart, from 1/64 to 64
_KEPT = ('block', 'stem', 'stem_width', 'se_ratio')
_TOLERANCE = 0.1  # relative; widths are whole multiples of 8, so that not every cost can be met


def scaled_to(architecture, flops, resolution, num_classes):
    """Scale the widths of a network by one factor, so that its flops come as near as they can to
    those wanted.

    Each width goes to the nearest multiple of 8, at least 8; then the group-width rule (appendix D)
    is applied, with the network's own bottleneck ratios and, as upper bounds, its group widths.
    Depths, strides and stem stay.

    Args:
        architecture (Architecture): what is scaled.
        flops (float): that are wanted, multiply-adds of one image.
        resolution, num_classes (int): that flops are counted at.

    Returns:
        Architecture: of several equally near ones, that of the least factor.

    Raises:
        ValueError: if flops are not positive, or the nearest is more than 10% away from them.
    """
    if not flops > 0:
        raise ValueError(f'flops must be positive, but flops={flops!r}')
    values = architecture.to_dict()
    stages = _stages(values)
    counts = complexities(
        **stages,
        resolution=resolution,
        num_classes=num_classes,
        **{name: values[name] for name in _KEPT if name in values},
    ).flops
    nearest = int(np.argmin(np.abs(np.log(counts / flops))))
    found = {name: rows[nearest].tolist() for name, rows in stages.items() if rows is not None}
    if abs(counts[nearest] / flops - 1) > _TOLERANCE:
        raise ValueError(
            f'a factor on the widths must reach the flops wanted up to {_TOLERANCE:.0%}, but of '
            f'{flops:,.0f} '
            f'the nearest is {counts[nearest]:,}, with the widths {found["widths"]}'
        )
    return Architecture.from_dict({**values, **found})


def _stages(values):
    """The stages of a network for each factor, a row each."""
    widths = np.maximum(
        _STEP, _STEP * np.rint(np.outer(_FACTORS, values['widths']) / _STEP).astype(np.int64)
    )
    ratios, groups = (
        values[name] and np.broadcast_to(values[name], widths.shape)
        for name in ('bottleneck_ratios', 'group_widths')
    )
    if ratios is not None:
        widths, fitted = fit_group_widths(widths, ratios, 1 if groups is None else groups)
        groups = None if groups is None else fitted
    depths, strides = (
        np.broadcast_to(values[name], widths.shape) for name in ('depths', 'strides')
    )
    return dict(
        depths=depths, widths=widths, bottleneck_ratios=ratios, group_widths=groups, strides=strides
    )
