"""What a network is: a stem and stages of one kind of block.

Symbols follow *Designing Network Design Spaces* (Radosavovic et al., CVPR 2020): a stage has d
blocks of width w, bottleneck ratio b and group width g; the bottleneck width is w / b.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property
from math import lcm
from typing import Any, NoReturn

import numpy as np
from numpy.typing import NDArray

from regnet_plugin.core.group_width import StageError, as_fraction, squeeze_width
from regnet_plugin.core.limits import (
    MAX_DEPTH,
    MAX_STRIDE,
    MAX_WIDTH,
    check_network_size,
    check_number_of_stages,
)
from regnet_plugin.core.number_checks import is_count, is_real
from regnet_plugin.core.vocabulary import (
    BLOCKS,
    DEFAULT_BLOCK,
    DEFAULT_SE_RATIO,
    DEFAULT_STEM,
    DEFAULT_STEM_WIDTH,
    BlockKind,
    check_stem,
)

_LARGEST = dict(
    depth=MAX_DEPTH,
    width=MAX_WIDTH,
    stride=MAX_STRIDE,
    dilation=MAX_STRIDE,
    group_width=MAX_WIDTH,
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
_OF_THE_NETWORK = ('block', 'stem', 'stem_width', 'se_ratio')


@dataclass(frozen=True)
class Stage:
    """A row of identical blocks; the first one has the stride.

    Attributes:
        depth: number of blocks d >= 1.
        width: output channels w >= 1 of every block.
        stride: of the first block's 3x3 conv.
        bottleneck_ratio: b = width / bottleneck width; below 1 the bottleneck is inverted. None
            for a block without bottleneck.
        group_width: channels per group g of the 3x3 conv; must divide the bottleneck width. None
            where the conv has one group.
        dilation: of the 3x3 convs.

    Raises:
        ValueError: if a value is out of range or does not fit the others. Nothing is repaired.
    """

    depth: int
    width: int
    stride: int = 2
    bottleneck_ratio: float | None = None
    group_width: int | None = None
    dilation: int = 1

    def __post_init__(self) -> None:
        for name in ('depth', 'width', 'stride', 'dilation'):
            self._check_count(name)
        if self.bottleneck_ratio is not None:
            self._check_bottleneck()
        if self.group_width is not None:
            self._check_count('group_width')
            self._check_group_width(self.group_width)

    def _check_count(self, name: str) -> None:
        """Check that a field is a whole number within its limit, and store it as an int."""
        value, largest = getattr(self, name), _LARGEST[name]
        # Nearly always so; the checks below take longer, and a population has many stages.
        if type(value) is int and 1 <= value <= largest:
            return
        if not is_count(value):
            raise StageError(f'{name} must be a positive whole number', {name: value})
        if value > largest:
            raise StageError(f'{name} must be at most {largest}', {name: value})
        object.__setattr__(self, name, int(value))

    def _check_bottleneck(self) -> None:
        """Check that the bottleneck width is whole, and store a whole ratio as an int."""
        ratio = as_fraction(self.bottleneck_ratio)
        if self.width % ratio.numerator:
            self._refuse_width(
                'width / bottleneck_ratio must be a whole number', step=ratio.numerator
            )
        if self.width > MAX_WIDTH * ratio:
            raise StageError(
                f'width / bottleneck_ratio must be at most {MAX_WIDTH}', self._said_of_widths()
            )
        plain = ratio.numerator if ratio.denominator == 1 else float(ratio)
        object.__setattr__(self, 'bottleneck_ratio', plain)

    def _check_group_width(self, group_width: int) -> None:
        if self.bottleneck_width % group_width:
            ratio = as_fraction(self.bottleneck_ratio or 1)
            self._refuse_width(
                'group_width must divide the bottleneck width',
                step=int(lcm(group_width, ratio.denominator) * ratio),
            )

    def _refuse_width(self, rule: str, step: int) -> NoReturn:
        """Say which width would keep a rule: the nearest multiple of the step."""
        nearest = max(1, round(self.width / step)) * step
        raise StageError(
            rule, self._said_of_widths(), f'; the nearest width that fits is {nearest}'
        )

    def _said_of_widths(self) -> dict[str, float]:
        """The widths and ratios that a message names, by field; those that the stage has."""
        values = dict(
            width=self.width,
            bottleneck_ratio=self.bottleneck_ratio,
            group_width=self.group_width,
        )
        return {name: value for name, value in values.items() if value is not None}

    @property
    def bottleneck_width(self) -> int:
        """Width of the 3x3 conv: w / b, or w where there is no bottleneck."""
        ratio = as_fraction(self.bottleneck_ratio or 1)
        return self.width * ratio.denominator // ratio.numerator


@dataclass(frozen=True)
class Architecture:
    """The structure of one network: a stem, then stages of one kind of block.

    The head is always pooling and a classifier.

    Attributes:
        stages: at least one.
        block: 'X', 'Y' (X with squeeze-and-excitation), 'R' (X without groups), 'V' (one 3x3
            conv), 'VR' (V with residual), 'V2' and 'VR2' (the same with two), or the registered
            name of a block of one's own. X with an SE ratio and Y are one block and are both
            stored as 'Y'.
        stem: 'simple' (3x3, stride 2), 'cifar' (3x3, stride 1) or 'resnet' (7x7, stride 2,
            max-pool, stride 2).
        stem_width: channels of the stem; 32 in every network of the paper.
        se_ratio: squeeze width / width of the block's input, from 0 (no SE) to 1; 'Y' given
            without a ratio has the paper's 1/4.

    Raises:
        ValueError: the rule that is broken, then the values that break it.
    """

    stages: tuple[Stage, ...]
    block: str = DEFAULT_BLOCK
    stem: str = DEFAULT_STEM
    stem_width: int = DEFAULT_STEM_WIDTH
    se_ratio: float = 0.0

    def __post_init__(self) -> None:
        self._check_stages()
        self._check_block_and_stem()
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

    def _check_se(self) -> None:
        """Check squeeze-and-excitation, and let block and ratio say the same of it."""
        if not is_real(self.se_ratio) or not 0 <= self.se_ratio <= 1:
            raise ValueError(f'se_ratio must be from 0 (none) to 1, but se_ratio={self.se_ratio!r}')
        object.__setattr__(self, 'se_ratio', float(self.se_ratio))
        if self.block == 'Y' and not self.se_ratio:
            object.__setattr__(self, 'se_ratio', DEFAULT_SE_RATIO)
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
            **network: ``block``, ``stem``, ``stem_width`` and ``se_ratio`` of `Architecture`.

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

    def to_dict(self) -> dict[str, Any]:
        """Return plain lists and numbers, fit for JSON; `from_dict` inverts it."""
        values: dict[str, Any] = {}
        for name in _FIELDS_OF_LISTS:
            entries = getattr(self, name)
            values[name] = None if entries is None else list(entries)
        for name in _OF_THE_NETWORK:
            values[name] = getattr(self, name)
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
