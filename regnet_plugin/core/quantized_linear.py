"""The quantized linear function of RegNet (section 3.3, equations 2 to 4): parameters to stages.

All arithmetic is float64 and all rounding half to even, as in the authors' code; three published
networks have ties that only this rule resolves as published.
"""

import math
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, TypedDict

import numpy as np
from numpy.typing import ArrayLike, NDArray

from regnet_plugin.core.architecture import Architecture
from regnet_plugin.core.group_width import as_fraction, fit_group_widths
from regnet_plugin.core.limits import MAX_DEPTH, MAX_STAGES, MAX_WIDTH
from regnet_plugin.core.number_checks import is_count, is_real
from regnet_plugin.core.vocabulary import BLOCKS, DEFAULT_BLOCK

# Widths are multiples of 8; not in the text of the paper, but in every published network.
WIDTH_STEP = 8
# How far the level of a last block may be from one half, and be taken for a tie: far more than
# float64 rounds two logarithms, far less than what a step of w_a or w_m changes.
_TIE = 1e-9


@dataclass(frozen=True)
class QuantizedLinear:
    """Block widths that the function gives for n parameter sets.

    Attributes:
        levels: round(s_j) of equation 3, int32 of shape (n, max depth); -1 beyond a set's depth.
        level_widths: the width of each level, equation 4 rounded to a multiple of 8, float64 of
            shape (n, max level + 1).
    """

    levels: NDArray[np.int32]
    level_widths: NDArray[np.float64]

    @property
    def widths(self) -> NDArray[np.int64]:
        """w_j of every block, int64 of shape (n, max depth); 0 beyond a set's depth."""
        known_levels = np.maximum(self.levels, 0).astype(np.int64)
        widths = np.take_along_axis(self.level_widths, known_levels, axis=1)
        return np.where(self.levels < 0, 0, widths).astype(np.int64)

    def stages(
        self, num_stages: int
    ) -> tuple[NDArray[np.bool_], NDArray[np.int64], NDArray[np.int64]]:
        """Collect blocks of equal width into stages.

        Args:
            num_stages: number of stages S asked for.

        Returns:
            Which sets have S stages, bool of shape (n, ): as many distinct widths as levels, none
            skipped, none merged, and S of them. Then widths and depths, int64 of shape (n, S), of
            use only there.
        """
        blocks_of_levels = [
            np.count_nonzero(self.levels == level, axis=1) for level in range(num_stages)
        ]
        depths = np.stack(blocks_of_levels, axis=1)
        widths = np.zeros(depths.shape)
        widths[:, : self.level_widths.shape[1]] = self.level_widths[:, :num_stages]
        no_more_levels = np.all(self.levels < num_stages, axis=1)
        none_skipped = np.all(depths > 0, axis=1)
        none_merged = np.all(np.diff(widths, axis=1) > 0, axis=1)
        valid = no_more_levels & none_skipped & none_merged
        return valid, widths.astype(np.int64), depths


def quantized_linear(
    depth: ArrayLike, w_0: ArrayLike, w_a: ArrayLike, w_m: ArrayLike
) -> QuantizedLinear:
    """Evaluate equations 2 to 4 for n parameter sets at once.

    Args:
        depth: d >= 1, ints of shape (n, ) or one for all.
        w_0: initial width > 0, a multiple of 8.
        w_a: slope >= 0, channels per block.
        w_m: width multiplier > 1.

    Returns:
        Levels and widths of every block.
    """
    depths, initial_widths, slopes, multipliers = (
        np.atleast_1d(np.asarray(value, dtype=float)) for value in (depth, w_0, w_a, w_m)
    )
    block = np.arange(int(depths.max()))
    u = initial_widths[:, None] + slopes[:, None] * block  # equation 2
    s = np.log(u / initial_widths[:, None]) / np.log(multipliers)[:, None]  # equation 3
    inside = block < depths[:, None]
    levels = np.where(inside, np.rint(s), -1).astype(np.int32)
    # A set's powers are computed up to the highest level of all sets, where its own may overflow.
    with np.errstate(over='ignore'):
        powers = multipliers[:, None] ** np.arange(float(levels.max()) + 1)
    widths = initial_widths[:, None] * powers  # equation 4
    return QuantizedLinear(levels, WIDTH_STEP * np.rint(widths / WIDTH_STEP))


def stages_of(
    depth: NDArray[Any],
    w_0: NDArray[Any],
    w_a: NDArray[Any],
    w_m: NDArray[Any],
    num_stages: int,
) -> tuple[NDArray[np.int64], NDArray[np.int64], NDArray[np.int64]]:
    """Find those of many parameter sets that give S stages.

    The result is that of `QuantizedLinear.stages` in less time: most sets of a design space give
    another number of stages, which their last block tells, and of the others it is computed where
    each level begins, not the level of each block.

    Args:
        depth: d, ints of shape (n, ).
        w_0: initial widths, and ``w_a`` and ``w_m`` as `quantized_linear` takes them, of shape
            (n, ); slopes above 0.
        num_stages: S.

    Returns:
        Which sets they are, int64 of shape (m, ); their widths and depths, int64 of shape (m, S).
    """
    last_level = np.log((w_0 + w_a * (depth - 1)) / w_0) / np.log(w_m)
    # Ties are left to the function itself.
    is_near = np.abs(last_level - (num_stages - 1)) <= 0.5 + _TIE
    index = np.flatnonzero(is_near)
    if not len(index):
        nothing = np.zeros((0, num_stages), dtype=np.int64)
        return index, nothing, nothing
    parameters = depth[index], w_0[index], w_a[index], w_m[index]
    begins, is_tied = _beginnings(*parameters, num_stages)
    depths = np.diff(begins, axis=1)
    levels = np.arange(float(num_stages))
    nominal = w_0[index][:, None] * w_m[index][:, None] ** levels  # equation 4
    widths = WIDTH_STEP * np.rint(nominal / WIDTH_STEP)
    valid = np.all(depths > 0, axis=1) & np.all(np.diff(widths, axis=1) > 0, axis=1)
    if is_tied.any():
        function = quantized_linear(*(values[is_tied] for values in parameters))
        valid[is_tied], widths[is_tied], depths[is_tied] = function.stages(num_stages)
    return index[valid], widths[valid].astype(np.int64), depths[valid]


def _beginnings(
    depth: NDArray[Any],
    w_0: NDArray[Any],
    w_a: NDArray[Any],
    w_m: NDArray[Any],
    num_stages: int,
) -> tuple[NDArray[np.int64], NDArray[np.bool_]]:
    """Find the first block of each of the first S levels, and the depth behind them.

    Returns:
        Blocks, of shape (n, S + 1); and of which sets a block is so near to the edge of a level
        that only equation 3 itself says whether it belongs to it, of shape (n, ).
    """
    # Equation 3 solved for j, where s_j is half a level below: from there on it is rounded to it.
    halves = w_m[:, None] ** (np.arange(1, num_stages) - 0.5)
    initial = (w_0 / w_a)[:, None]
    edges = initial * (halves - 1)
    is_tied = np.any(np.abs(edges - np.rint(edges)) <= _TIE * initial * halves, axis=1)
    first = np.minimum(np.ceil(edges), depth[:, None])
    begins = np.concatenate([np.zeros((len(depth), 1)), first, depth[:, None]], axis=1)
    # The last block, too, may be at an edge: that of the level above the last one.
    last = np.log((w_0 + w_a * (depth - 1)) / w_0) / np.log(w_m)
    is_tied |= np.abs(last - (num_stages - 0.5)) <= _TIE
    return begins.astype(np.int64), is_tied


def _broken_rule(depth: object, w_0: object, w_a: object, w_m: object) -> str | None:
    """The first rule that parameters break, None if they keep all; each relies on those before."""
    if not is_count(depth):
        return 'depth must be a positive whole number'
    if depth > MAX_DEPTH:
        return f'depth must be at most {MAX_DEPTH}'
    if not is_real(w_0) or not is_real(w_a) or not is_real(w_m):
        return 'w_0, w_a and w_m must be numbers'
    if w_0 <= 0 or w_0 % WIDTH_STEP != 0:
        return f'w_0 must be a positive multiple of {WIDTH_STEP}'
    if w_a < 0:
        return 'w_a must not be negative'
    if w_m <= 1:
        return 'w_m must be greater than 1'
    if w_m * (w_0 + w_a * depth) > MAX_WIDTH:
        return f'widths must be at most {MAX_WIDTH}'
    last_level = math.log1p(w_a * (depth - 1) / w_0) / math.log(w_m)  # s_j of equation 3
    if last_level >= MAX_STAGES:
        return f'there must be at most {MAX_STAGES} stages'
    return None


class RegNetLists(TypedDict):
    """What the parameters of a RegNet decide, keywords of `Architecture.from_lists`."""

    depths: list[int]
    widths: list[int]
    bottleneck_ratios: list[float] | None
    group_widths: list[int] | None
    block: str
    se_ratio: float


def regnet_lists(
    *,
    depth: int,
    w_0: int,
    w_a: float,
    w_m: float,
    group_width: int | None = None,
    bottleneck_ratio: float = 1,
    se_ratio: float = 0.0,
    block: str = DEFAULT_BLOCK,
) -> RegNetLists:
    """Compute the stages of a RegNet: the quantized linear function, then the group-width rule.

    Args:
        depth: as `regnet` takes it, and so are all others.

    Returns:
        Lists with an entry per stage, and what is the same in all stages.

    Raises:
        ValueError: as `regnet` does.
    """
    widths, depths = _stages_of_one(depth, w_0, w_a, w_m)
    kind = BLOCKS.get(block)
    # A block of one's own has the parameters that it is given.
    grouped = group_width is not None if kind is None else kind.grouped
    has_bottleneck = kind is None or kind.bottleneck
    if grouped:
        _check_group_width(group_width)
    if has_bottleneck:
        as_fraction(bottleneck_ratio)  # raises where it is none
    fitted, groups = fit_group_widths(
        widths, bottleneck_ratio if has_bottleneck else None, group_width if grouped else None
    )
    return RegNetLists(
        depths=depths.tolist(),
        widths=fitted.tolist(),
        bottleneck_ratios=[bottleneck_ratio] * len(depths) if has_bottleneck else None,
        group_widths=None if groups is None else groups.tolist(),
        block=block,
        se_ratio=se_ratio,
    )


def _stages_of_one(
    depth: int, w_0: int, w_a: float, w_m: float
) -> tuple[NDArray[np.int64], NDArray[np.int64]]:
    """Widths and depths of the stages that the quantized linear function gives one network.

    Raises:
        ValueError: if a parameter is out of range, or a level has no blocks or no width of its own.
    """
    rule = _broken_rule(depth, w_0, w_a, w_m)
    if rule is not None:
        raise ValueError(f'{rule}, but depth={depth!r}, w_0={w_0!r}, w_a={w_a!r}, w_m={w_m!r}')
    function = quantized_linear(depth, w_0, w_a, w_m)
    num_stages = int(function.levels.max()) + 1
    valid, widths, depths = function.stages(num_stages)
    if not valid[0]:
        known = ', '.join(str(width) for width in np.unique(function.widths[0]))
        raise ValueError(
            f'every level from 0 to {num_stages - 1} must have blocks and a width of its own, but '
            f'depth={depth}, w_0={w_0}, w_a={w_a}, w_m={w_m} give the widths {known} only'
        )
    return widths[0], depths[0]


def _check_group_width(group_width: object) -> None:
    if not is_count(group_width):
        raise ValueError(
            f'group_width must be a positive whole number, but group_width={group_width!r}'
        )
    if group_width > MAX_WIDTH:
        raise ValueError(
            f'group_width must be at most {MAX_WIDTH}, but group_width={group_width!r}'
        )


def regnet(
    *,
    depth: int,
    w_0: int,
    w_a: float,
    w_m: float,
    group_width: int | None = None,
    bottleneck_ratio: float = 1,
    se_ratio: float = 0.0,
    block: str = DEFAULT_BLOCK,
    strides: Sequence[int] | None = None,
    dilations: Sequence[int] | None = None,
    **around: Any,
) -> Architecture:
    """Make a RegNet: widths and depths by the quantized linear function, then the group-width rule.

    Args:
        depth: number of blocks d >= 1 in the whole network.
        w_0: initial width, a positive multiple of 8.
        w_a: slope >= 0.
        w_m: width multiplier > 1.
        group_width: nominal g, narrowed where a bottleneck is narrower; needed by blocks with
            groups.
        bottleneck_ratio: b of every stage.
        se_ratio: 0 for no squeeze-and-excitation; RegNetY has 0.25.
        block: kind of block, see `Architecture`.
        strides: of each stage's first block; None for 2 in every stage.
        dilations: of each stage's 3x3 convs; None for 1 in every stage.
        **around: ``stem``, ``stem_width`` and ``head_width`` of `Architecture`.

    Returns:
        A network with as many stages as the parameters give.

    Raises:
        ValueError: if a parameter is out of range, or a width level is skipped or merged with its
            neighbour (the paper leaves such sets out).
    """
    lists = regnet_lists(
        depth=depth,
        w_0=w_0,
        w_a=w_a,
        w_m=w_m,
        group_width=group_width,
        bottleneck_ratio=bottleneck_ratio,
        se_ratio=se_ratio,
        block=block,
    )
    return Architecture.from_lists(**lists, strides=strides, dilations=dilations, **around)
