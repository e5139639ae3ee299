"""What a network is: a stem and stages of one kind of block.

Symbols follow *Designing Network Design Spaces* (Radosavovic et al., CVPR 2020): a stage has d
blocks of width w, bottleneck ratio b and group width g; the bottleneck width is w / b.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from functools import cached_property
from typing import Any

import numpy as np
from numpy.typing import NDArray

from regnet_plugin.core.group_width import StageError, squeeze_width
from regnet_plugin.core.limits import MAX_WIDTH, check_network_size, check_number_of_stages
from regnet_plugin.core.number_checks import is_count, is_real
from regnet_plugin.core.stage import Stage as Stage
from regnet_plugin.core.vocabulary import (
    BLOCKS,
    DEFAULT_BLOCK,
    DEFAULT_STEM,
    DEFAULT_STEM_WIDTH,
    BlockKind,
    check_stem,
)

# Parameters of an architecture with one entry per stage, and the field of `Stage` that each fills.
_FIELDS_OF_LISTS = dict(
    depths='depth',
    widths='width',
    bottleneck_ratios='bottleneck_ratio',
    group_widths='group_width',
    strides='stride',
    dilations='dilation',
)
# Parameters of the whole network.
_OF_THE_NETWORK = ('block', 'stem', 'stem_width', 'se_ratio', 'head_width')


@dataclass(frozen=True)
class Architecture:
    """The structure of one network: a stem, then stages of one kind of block.

    The head is pooling and a classifier, in RegNetZ behind one more conv.

    Attributes:
        stages: at least one.
        block: 'X', 'Y' (X with squeeze-and-excitation), 'R' (X without groups), 'V' (one 3x3
            conv), 'VR' (V with residual), 'V2' and 'VR2' (the same with two), 'Z' (Y with neither
            projection nor last activation), 'PreY' (Y with normalization and activation before
            each conv), or the registered name of a block of one's own. X with an SE ratio and Y
            are one block and are both stored as 'Y'.
        stem: 'simple' (3x3, stride 2), 'cifar' (3x3, stride 1) or 'resnet' (7x7, stride 2,
            max-pool, stride 2).
        stem_width: channels of the stem; 32 in every network of the paper.
        se_ratio: squeeze width / width of the block's input, from 0 (no SE) to 1; 'Y', 'Z' and
            'PreY' given without a ratio have the paper's 1/4.
        head_width: channels of the 1x1 conv between the last stage and pooling; 0 for none.

    Raises:
        ValueError: the rule that is broken, then the values that break it.
    """

    stages: tuple[Stage, ...]
    block: str = DEFAULT_BLOCK
    stem: str = DEFAULT_STEM
    stem_width: int = DEFAULT_STEM_WIDTH
    se_ratio: float = 0.0
    head_width: int = 0

    def __post_init__(self) -> None:
        self._check_stages()
        self._check_block_and_stem()
        self._check_head()
        self._check_se()
        if self.kind is not None:
            self._check_parameters_of(self.kind)

    def _check_stages(self) -> None:
        """Check that there are stages, and not too many; store them as a tuple."""
        given: object = self.stages
        stages = given if isinstance(given, (list, tuple)) else ()
        if not stages or not all(isinstance(stage, Stage) for stage in stages):
            raise ValueError(f'stages must be at least one Stage, but stages={given!r}')
        check_network_size([stage.depth for stage in stages])
        object.__setattr__(self, 'stages', tuple(stages))

    def _check_block_and_stem(self) -> None:
        block: object = self.block
        if not isinstance(block, str) or not block:
            raise ValueError(
                f'block must be the name of a block, but block={block!r}; the blocks of the paper '
                f'are {", ".join(BLOCKS)}'
            )
        check_stem(self.stem)
        if not is_count(self.stem_width):
            raise ValueError(
                f'stem_width must be a positive whole number, but stem_width={self.stem_width!r}'
            )
        if self.stem_width > MAX_WIDTH:
            raise ValueError(
                f'stem_width must be at most {MAX_WIDTH}, but stem_width={self.stem_width!r}'
            )
        object.__setattr__(self, 'stem_width', int(self.stem_width))

    def _check_head(self) -> None:
        if self.head_width == 0 and not isinstance(self.head_width, bool):
            object.__setattr__(self, 'head_width', 0)
            return
        if not is_count(self.head_width) or self.head_width > MAX_WIDTH:
            raise ValueError(
                f'head_width must be a whole number from 0 (no conv) to {MAX_WIDTH}, but '
                f'head_width={self.head_width!r}'
            )
        object.__setattr__(self, 'head_width', int(self.head_width))

    def _check_se(self) -> None:
        """Check squeeze-and-excitation, and let block and ratio say the same of it."""
        if not is_real(self.se_ratio) or not 0 <= self.se_ratio <= 1:
            raise ValueError(f'se_ratio must be from 0 (none) to 1, but se_ratio={self.se_ratio!r}')
        object.__setattr__(self, 'se_ratio', float(self.se_ratio))
        if self.kind is not None and not self.se_ratio:
            object.__setattr__(self, 'se_ratio', self.kind.se_ratio)
        if self.block == 'X' and self.se_ratio:
            object.__setattr__(self, 'block', 'Y')
        if not self.se_ratio:
            return
        if self.kind is not None and not self.kind.bottleneck:
            raise ValueError(
                'squeeze-and-excitation follows the 3x3 conv of blocks X and R, but '
                f'block={self.block!r} and se_ratio={self.se_ratio}'
            )
        narrowest = min(self.stem_width, *self.widths)
        if squeeze_width(narrowest, self.se_ratio) < 1:
            raise ValueError(
                'se_ratio must leave at least one squeeze channel, but the narrowest block input '
                f'is {narrowest} and se_ratio={self.se_ratio}'
            )

    def _check_parameters_of(self, kind: BlockKind) -> None:
        """Check that each stage has the parameters that the block takes, and no others."""
        for number, stage in enumerate(self.stages, 1):
            self._check_parameter(number, 'bottleneck_ratio', stage, needed=kind.bottleneck)
            self._check_parameter(number, 'group_width', stage, needed=kind.grouped)

    def _check_parameter(self, number: int, name: str, stage: Stage, *, needed: bool) -> None:
        value = getattr(stage, name)
        if (value is not None) == needed:
            return
        rule = f'block {self.block} {"needs a" if needed else "has no"} {name}'
        raise ValueError(f'{rule}, but stage {number} has {name}={value!r}')

    @property
    def kind(self) -> BlockKind | None:
        """What a block of the paper is made of; None for a block of one's own."""
        return BLOCKS.get(self.block)

    @classmethod
    def from_lists(
        cls,
        *,
        depths: Sequence[int] | NDArray[Any],
        widths: Sequence[int] | NDArray[Any],
        bottleneck_ratios: Sequence[float] | NDArray[Any] | None = None,
        group_widths: Sequence[int] | NDArray[Any] | None = None,
        strides: Sequence[int] | NDArray[Any] | None = None,
        dilations: Sequence[int] | NDArray[Any] | None = None,
        **network: Any,
    ) -> 'Architecture':
        """Build from one list per parameter, an entry per stage.

        Args:
            depths: d_i, blocks.
            widths: w_i, output channels.
            bottleneck_ratios: b_i; None for blocks without bottleneck.
            group_widths: g_i; None for blocks without groups.
            strides: of each stage's first block; None for 2 in every stage.
            dilations: of each stage's 3x3 convs; None for 1 in every stage.
            **network: ``block``, ``stem``, ``stem_width``, ``se_ratio`` and ``head_width`` of
                `Architecture`.

        Raises:
            ValueError: if the lists differ in length, or as `Stage` and `Architecture` do.
        """
        # In this order the lists are checked, and named where their lengths differ.
        lists = dict(
            depths=_checked_list('depths', depths),
            widths=_checked_list('widths', widths),
        )
        optional = dict(
            strides=strides,
            bottleneck_ratios=bottleneck_ratios,
            group_widths=group_widths,
            dilations=dilations,
        )
        for name, values in optional.items():
            if values is not None:
                lists[name] = _checked_list(name, values)
        lengths = {name: len(values) for name, values in lists.items()}
        if len(set(lengths.values())) != 1:
            raise ValueError(
                'there must be one entry per stage in each list, but the lengths are '
                + ', '.join(f'{name}: {length}' for name, length in lengths.items())
            )
        check_number_of_stages(lengths['depths'])
        stages = tuple(_stage(lists, index) for index in range(lengths['depths']))
        return cls(stages=stages, **network)

    @cached_property
    def depths(self) -> tuple[int, ...]:
        """d_i, blocks per stage."""
        return tuple(stage.depth for stage in self.stages)

    @cached_property
    def widths(self) -> tuple[int, ...]:
        """w_i, output channels per stage."""
        return tuple(stage.width for stage in self.stages)

    @property
    def output_widths(self) -> tuple[int, ...]:
        """Channels of what each stage puts out: w_i, of the last one those of the head's conv."""
        return (*self.widths[:-1], self.head_width or self.widths[-1])

    @cached_property
    def strides(self) -> tuple[int, ...]:
        """Stride of each stage's first block."""
        return tuple(stage.stride for stage in self.stages)

    @cached_property
    def dilations(self) -> tuple[int, ...]:
        """Dilation of each stage's 3x3 convs."""
        return tuple(stage.dilation for stage in self.stages)

    @cached_property
    def bottleneck_ratios(self) -> tuple[float, ...] | None:
        """b_i, or None for a block without bottleneck."""
        ratios = [stage.bottleneck_ratio for stage in self.stages]
        known = tuple(ratio for ratio in ratios if ratio is not None)
        return known if len(known) == len(ratios) else None

    @cached_property
    def group_widths(self) -> tuple[int, ...] | None:
        """g_i, or None for a block without groups."""
        groups = [stage.group_width for stage in self.stages]
        known = tuple(group for group in groups if group is not None)
        return known if len(known) == len(groups) else None

    @property
    def depth(self) -> int:
        """Blocks in the network, d = sum of d_i."""
        return sum(self.depths)

    def truncated(self, num_stages: int) -> 'Architecture':
        """The network of the first so many stages; the conv of the head goes with the last one."""
        if num_stages == len(self.stages):
            return self
        return replace(self, stages=self.stages[:num_stages], head_width=0)

    def to_dict(self) -> dict[str, Any]:
        """Return plain lists and numbers, fit for JSON; `from_dict` inverts it.

        A network without a conv in its head is described as before there were any.
        """
        values: dict[str, Any] = {}
        for name in _FIELDS_OF_LISTS:
            entries = getattr(self, name)
            values[name] = None if entries is None else list(entries)
        for name in _OF_THE_NETWORK:
            values[name] = getattr(self, name)
        if not self.head_width:
            del values['head_width']
        return values

    @classmethod
    def from_dict(cls, values: Mapping[str, Any]) -> 'Architecture':
        """Build from what `to_dict` gave.

        Raises:
            ValueError: if a name is unknown or missing, or as `from_lists` does.
        """
        known = (*_FIELDS_OF_LISTS, *_OF_THE_NETWORK)
        given: object = values
        if not isinstance(given, Mapping):
            raise ValueError(
                f'an architecture must be a dict with the entries {", ".join(known)}, but it is '
                f'{given!r}'
            )
        unknown = sorted(set(given) - set(known), key=str)
        missing = sorted({'depths', 'widths'} - set(given))
        if unknown or missing:
            raise ValueError(
                f'an architecture has the entries {", ".join(known)}, but unknown: {unknown}, '
                f'missing: {missing}'
            )
        return cls.from_lists(**values)


def _checked_list(name: str, values: object) -> Sequence[Any]:
    """Return the entries of a list, tuple or array; refuse anything else."""
    entries = values.tolist() if isinstance(values, np.ndarray) else values
    if not isinstance(entries, (list, tuple)):
        raise ValueError(f'{name} must be a list with one entry per stage, but {name}={entries!r}')
    return entries


def _stage(lists: Mapping[str, Sequence[Any]], index: int) -> Stage:
    """Build one stage, counted from 0, of the lists that are given; say which one is wrong."""
    fields = {_FIELDS_OF_LISTS[name]: values[index] for name, values in lists.items()}
    try:
        return Stage(**fields)
    except StageError as error:
        error.stage = f'stage {index + 1}'
        raise
