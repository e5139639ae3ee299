"""A network made smaller or larger by one factor on all widths, until it costs what is wanted."""

from typing import Any

import numpy as np
from numpy.typing import NDArray

from regnet_plugin.core.architecture import Architecture
from regnet_plugin.core.complexity import complexities
from regnet_plugin.core.group_width import fit_group_widths
from regnet_plugin.core.quantized_linear import WIDTH_STEP

_FACTORS = 2.0 ** np.arange(-6, 6, 1 / 64)  # 1% apart, from 1/64 to 64
_TOLERANCE = 0.1  # relative; widths are whole multiples of 8, so that not every cost can be met


def scaled_to(
    architecture: Architecture,
    flops: float,
    resolution: int | tuple[int, int],
    num_classes: int,
) -> Architecture:
    """Scale all widths of a network by one factor, so that its flops come nearest to those wanted.

    The factor is from 1/64 to 64. Each width goes to the nearest multiple of 8, at least 8; then
    the group-width rule (appendix D) is applied, with the network's own bottleneck ratios and, as
    upper bounds, its group widths. Depths, strides and stem stay.

    Args:
        architecture: what is scaled.
        flops: that are wanted, multiply-adds of one image.
        resolution: side of the image, or (height, width), that flops are counted at.
        num_classes: of the classifier that flops are counted with.

    Returns:
        Of several equally near networks, that of the least factor.

    Raises:
        ValueError: if flops are not positive, or the nearest is more than 10% away from them.
    """
    if not flops > 0:
        raise ValueError(f'flops must be positive, but flops={flops!r}')
    widths, group_widths = _scaled_widths(architecture)
    counts = complexities(
        depths=architecture.depths,
        widths=widths,
        bottleneck_ratios=architecture.bottleneck_ratios,
        group_widths=group_widths,
        strides=architecture.strides,
        block=architecture.block,
        stem=architecture.stem,
        stem_width=architecture.stem_width,
        se_ratio=architecture.se_ratio,
        head_width=architecture.head_width,
        resolution=resolution,
        num_classes=num_classes,
    ).flops
    nearest = int(np.argmin(np.abs(np.log(counts / flops))))
    if abs(counts[nearest] / flops - 1) > _TOLERANCE:
        raise ValueError(
            f'a factor on the widths must reach the flops wanted up to {_TOLERANCE:.0%}, but of '
            f'{flops:,.0f} the nearest is {counts[nearest]:,}, with the widths '
            f'{widths[nearest].tolist()}'
        )
    changed: dict[str, Any] = dict(widths=widths[nearest].tolist())
    if group_widths is not None:
        changed['group_widths'] = group_widths[nearest].tolist()
    return Architecture.from_dict({**architecture.to_dict(), **changed})


def _scaled_widths(
    architecture: Architecture,
) -> tuple[NDArray[np.int64], NDArray[np.int64] | None]:
    """Widths and group widths of a network for each factor, of shape (factors, stages)."""
    steps = np.rint(np.outer(_FACTORS, architecture.widths) / WIDTH_STEP).astype(np.int64)
    return fit_group_widths(
        np.maximum(WIDTH_STEP, WIDTH_STEP * steps),
        architecture.bottleneck_ratios,
        architecture.group_widths,
    )
