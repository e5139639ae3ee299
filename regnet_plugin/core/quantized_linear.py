"""The quantized linear function of RegNet (section 3.3, equations 2 to 4): parameters to stages.

All arithmetic is float64 and all rounding half to even, as in the authors' code; three published
networks have ties that only this rule resolves as published.
"""

import math
from dataclasses import dataclass

import numpy as np

from regnet_plugin.core.architecture import (
    BLOCKS,
    MAX_DEPTH,
    MAX_STAGES,
    MAX_WIDTH,
    Architecture,
    as_fraction,
    fit_group_widths,
    is_count,
    is_real,
)

# widths are multiples of 8; not in the text of the paper, but in every published network
WIDTH_STEP = 8


@dataclass(frozen=True)
class QuantizedLinear:
    """Block widths that the function gives for n parameter sets.

    Attributes:
        levels (np.ndarray): round(s_j) of equation 3, int32 of shape (n, max depth); -1 beyond a
            set's depth.
        level_widths (np.ndarray): the width of each level, equation 4 rounded to a multiple of 8,
            float64 of shape (n, max level + 1).
    """

    levels: np.ndarray
    level_widths: np.ndarray

    @property
    def widths(self):
        """w_j of every block, int64 of shape (n, max depth); 0 beyond a set's depth."""
        widths = np.take_along_axis(
            self.level_widths, np.maximum(self.levels, 0).astype(np.int64), axis=1
        )
        return np.where(self.levels < 0, 0, widths).astype(np.int64)

    def stages(self, num_stages):
        """Collect blocks of equal width into stages.

        Args:
            num_stages (int): number of stages S asked for.

        Returns:
            tuple[np.ndarray, np.ndarray, np.ndarray]: which sets have S stages, bool of shape (n,
            ): as many distinct widths as levels, none skipped, none merged, and S of them; widths
            and depths, int64 of shape (n, S), of use only there.
        """
        depths = np.stack(
            [np.count_nonzero(self.levels == level, axis=1) for level in range(num_stages)], axis=1
        )
        widths = np.zeros(depths.shape)
        widths[:, : self.level_widths.shape[1]] = self.level_widths[:, :num_stages]
        valid = (self.levels < num_stages).all(axis=1) & (depths > 0).all(axis=1)
        valid &= (np.diff(widths, axis=1) > 0).all(axis=1)
        return valid, widths.astype(np.int64), depths


def quantized_linear(depth, w_0, w_a, w_m):
    """Evaluate equations 2 to 4 for n parameter sets at once.

    Args:
        depth (array of int): d >= 1, shape (n, ).
        w_0 (array of float): initial width > 0, a multiple of 8.
        w_a (array of float): slope >= 0, channels per block.
        w_m (array of float): width multiplier > 1.

    Returns:
        QuantizedLinear: levels and widths of every block.
    """
    depth, w_0, w_a, w_m = (
        np.atleast_1d(np.asarray(value, dtype=float)) for value in (depth, w_0, w_a, w_m)
    )
    block = np.arange(int(depth.max()))
    u = w_0[:, None] + w_a[:, None] * block  # equation 2
    s = np.log(u / w_0[:, None]) / np.log(w_m)[:, None]  # equation 3
    inside = block < depth[:, None]
    levels = np.where(inside, np.rint(s), -1).astype(np.int32)
    with np.errstate(over='ignore'):  # levels that only other sets reach
        powers = w_m[:, None] ** np.arange(float(levels.max()) + 1)
    # equation 4
    return QuantizedLinear(levels, WIDTH_STEP * np.rint(w_0[:, None] * powers / WIDTH_STEP))


def stages_of(depth, w_0, w_a, w_m, num_stages):
    """Find those of many parameter sets that give S stages, with the same result as
    `QuantizedLinear.stages` in less time.

    Most sets of a design space give another number of stages, which their last block tells; only
    the others are evaluated.

    Args:
        depth, w_0, w_a, w_m (np.ndarray): as `quantized_linear` takes them, shape (n, ).
        num_stages (int): S.

    Returns:
        tuple[np.ndarray, np.ndarray, np.ndarray]: which sets they are, int64 of shape (m, ); their
        widths and depths, int64 of shape (m, S).
    """
    last = np.log((w_0 + w_a * (depth - 1)) / w_0) / np.log(w_m)
    # ties are left to the function itself
    index = np.flatnonzero(np.abs(last - (num_stages - 1)) <= 0.5 + 1e-9)
    if not len(index):
        return index, *np.zeros((2, 0, num_stages), dtype=np.int64)
    depth, w_0, w_a, w_m = (values[index] for values in (depth, w_0, w_a, w_m))
    valid, widths, depths = quantized_linear(depth, w_0, w_a, w_m).stages(num_stages)
    return index[valid], widths[valid], depths[valid]


def _check_parameters(depth, w_0, w_a, w_m):
    """Raise a ValueError with the first rule that is broken; each may rely on those above it."""
    rules = {
        'depth must be a positive whole number': lambda: is_count(depth),
        f'depth must be at most {MAX_DEPTH}': lambda: depth <= MAX_DEPTH,
        'w_0, w_a and w_m must be numbers': lambda: all(map(is_real, (w_0, w_a, w_m))),
        'w_0 must be a positive multiple of 8': lambda: w_0 > 0 and w_0 % WIDTH_STEP == 0,
        'w_a must not be negative': lambda: w_a >= 0,
        'w_m must be greater than 1': lambda: w_m > 1,
        f'widths must be at most {MAX_WIDTH}': lambda: w_m * (w_0 + w_a * depth) <= MAX_WIDTH,
        f'there must be at most {MAX_STAGES} stages': lambda: (
            _last_level(depth, w_0, w_a, w_m) < MAX_STAGES
        ),
    }
    for rule, is_kept in rules.items():
        if not is_kept():
            raise ValueError(f'{rule}, but depth={depth!r}, w_0={w_0!r}, w_a={w_a!r}, w_m={w_m!r}')


def _last_level(depth, w_0, w_a, w_m):
    """s_j of the last block, equation 3."""
    return math.log1p(w_a * (depth - 1) / w_0) / math.log(w_m)


def regnet(
    *,
    depth,
    w_0,
    w_a,
    w_m,
    group_width=None,
    bottleneck_ratio=1,
    se_ratio=0.0,
    block='X',
    **network,
):
    """Make a RegNet: widths and depths by the quantized linear function, then the group-width rule.

    Args:
        depth (int): number of blocks d >= 1 in the whole network.
        w_0 (int): initial width, a positive multiple of 8.
        w_a (float): slope >= 0.
        w_m (float): width multiplier > 1.
        group_width (int, optional): nominal g, narrowed where a bottleneck is narrower; needed by
            blocks with groups.
        bottleneck_ratio (float): b of every stage. Default: 1.
        se_ratio (float): Default: 0, no squeeze-and-excitation; RegNetY has 0.25.
        block (str): kind of block, see `Architecture`. Default: 'X'.
        **network: ``strides``, ``dilations``, ``stem`` and ``stem_width`` of
            `Architecture.from_lists`.

    Returns:
        Architecture: with as many stages as the parameters give.

    Raises:
        ValueError: if a parameter is out of range, or a width level is skipped or merged with its
            neighbour (the paper leaves such sets out).
    """
    _check_parameters(depth, w_0, w_a, w_m)
    function = quantized_linear(depth, w_0, w_a, w_m)
    num_stages = int(function.levels.max()) + 1
    valid, widths, depths = function.stages(num_stages)
    if not valid[0]:
        blocks = ', '.join(map(str, np.unique(function.widths[0]).tolist()))
        raise ValueError(
            f'every level from 0 to {num_stages - 1} must have blocks and a width of its own, but '
            f'depth={depth}, w_0={w_0}, w_a={w_a}, w_m={w_m} give the widths {blocks} only'
        )
    kind = BLOCKS.get(block)
    grouped = group_width is not None if kind is None else kind.grouped
    if grouped and not is_count(group_width):
        raise ValueError(
            f'group_width must be a positive whole number, but group_width={group_width!r}'
        )
    if grouped and group_width > MAX_WIDTH:
        raise ValueError(
            f'group_width must be at most {MAX_WIDTH}, but group_width={group_width!r}'
        )
    lists = dict(depths=depths[0].tolist(), widths=widths[0].tolist())
    if kind is None or kind.bottleneck:
        as_fraction(bottleneck_ratio)
        fitted, groups = fit_group_widths(
            widths[0], bottleneck_ratio, group_width if grouped else 1
        )
        lists.update(widths=fitted.tolist(), bottleneck_ratios=[bottleneck_ratio] * num_stages)
        lists.update(group_widths=groups.tolist() if grouped else None)
    return Architecture.from_lists(**lists, block=block, se_ratio=se_ratio, **network)
