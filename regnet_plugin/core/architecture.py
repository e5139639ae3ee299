"""What a network is: stages, their widths, and the rule that fits group widths.

Symbols follow *Designing Network Design Spaces* (Radosavovic et al., CVPR 2020): a stage has d
blocks of width w, bottleneck ratio b and group width g; the bottleneck width is w / b.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from fractions import Fraction
from functools import cached_property, lru_cache
from math import isfinite, lcm
from numbers import Integral, Real
from typing import Optional, Sequence, Tuple

import numpy as np

STEMS = ('simple', 'cifar', 'resnet')
DEFAULT_SE_RATIO = 0.25  # section 3.2 of the paper: RegNetY has ratio 1/4

# Limits far beyond any network, for a network's time and memory, and what is drawn of it, grow with
# its blocks and widths: a row of a table, or a typing error, must not fill the memory. Dilations
# have that of strides.
MAX_STAGES, MAX_DEPTH, MAX_WIDTH, MAX_STRIDE = 64, 10_000, 2**24, 1024
_MOST = dict(depth=MAX_DEPTH, width=MAX_WIDTH, stride=MAX_STRIDE, dilation=MAX_STRIDE)


@dataclass(frozen=True)
class BlockKind:
    """Which parameters a block has (figures 4 and 23; V2 and VR2 are those of the authors' paper of
    2019).
    """

    bottleneck: bool
    grouped: bool


BLOCKS = {
    'X': BlockKind(bottleneck=True, grouped=True),
    'Y': BlockKind(bottleneck=True, grouped=True),
    'R': BlockKind(bottleneck=True, grouped=False),
    'V': BlockKind(bottleneck=False, grouped=False),
    'VR': BlockKind(bottleneck=False, grouped=False),
    'V2': BlockKind(bottleneck=False, grouped=False),
    'VR2': BlockKind(bottleneck=False, grouped=False),
}


class _StageError(ValueError):
    """A broken rule of one stage; `Architecture` fills in which stage it is."""

    def __init__(self, rule, values, remedy=''):
        self.rule, self.values, self.remedy = rule, values, remedy
        self.stage = 'the stage'
        super().__init__(rule, values)

    def __str__(self):
        values = ', '.join(f'{name}={value!r}' for name, value in self.values.items())
        return f'{self.rule}, but {self.stage} has {values}{self.remedy}'


def is_count(value):
    """Whether a value is a whole number from 1, and not a bool."""
    return isinstance(value, Integral) and not isinstance(value, bool) and value >= 1


def is_real(value):
    """Whether a value is a number that a float can hold, neither infinite nor a bool."""
    # to ask an abstract class takes longer than everything else here
    if type(value) not in (int, float):
        if not isinstance(value, Real) or isinstance(value, (bool, np.bool_)):
            return False
    try:
        return isfinite(value)
    except OverflowError:  # whole numbers of more than 308 digits
        return False


def as_fraction(bottleneck_ratio):
    """Return the bottleneck ratio b as an exact fraction, so that 1/3 is a third.

    Args:
        bottleneck_ratio (int | float): b > 0, a ratio of whole numbers from 1 to 64.

    Raises:
        ValueError: if b is not such a ratio.
    """
    fraction = _nearest_fraction(float(bottleneck_ratio)) if is_real(bottleneck_ratio) else None
    if fraction is None:
        raise _StageError(
            'bottleneck_ratio must be a ratio of whole numbers from 1 to 64 (1, 2, 0.25, …)',
            dict(bottleneck_ratio=bottleneck_ratio),
        )
    return fraction


@lru_cache(maxsize=1024)  # a population has few ratios, and many stages
def _nearest_fraction(ratio):
    """The ratio of whole numbers from 1 to 64 that a float is meant to be, None if there is none."""
    if not 1 / 64 <= ratio <= 64:
        return None
    fraction = Fraction(ratio).limit_denominator(64)
    return fraction if fraction.numerator <= 64 and abs(fraction - ratio) <= 1e-9 else None


def fit_group_widths(widths, bottleneck_ratios, group_widths):
    """Apply the group-width rule (appendix D), element by element.

    A group is never wider than the bottleneck; then the bottleneck width goes to the nearest
    multiple of the group width, half to even as in the authors' code, and of the denominator of b,
    so that the width is whole as well.

    Args:
        widths (array of int): stage widths w >= 1, of any shape.
        bottleneck_ratios (array of float): b, broadcast against ``widths``.
        group_widths (array of int): nominal g >= 1, broadcast against ``widths``.

    Returns:
        tuple[np.ndarray, np.ndarray]: fitted widths and group widths, int64. For b = 1 a width
            changes by at most a third.

    Raises:
        ValueError: if a ratio is not a positive ratio of whole numbers.
    """
    widths, ratios, groups = np.broadcast_arrays(
        widths, np.asarray(bottleneck_ratios, dtype=float), group_widths
    )
    values = np.unique(ratios)
    fractions = [as_fraction(value) for value in values.tolist()]
    position = np.searchsorted(values, ratios)
    numerators = np.array([b.numerator for b in fractions], dtype=np.int64)[position]
    denominators = np.array([b.denominator for b in fractions], dtype=np.int64)[position]

    bottlenecks = np.maximum(1, widths.astype(np.int64) * denominators // numerators)
    groups = np.minimum(groups, bottlenecks).astype(np.int64)
    multiples = np.lcm(groups, denominators)
    bottlenecks = np.maximum(
        multiples, multiples * np.rint(bottlenecks / multiples).astype(np.int64)
    )
    return bottlenecks * numerators // denominators, groups


def _check_number(stages):
    if len(stages) > MAX_STAGES:
        raise ValueError(
            f'a network must have at most {MAX_STAGES} stages, but it has {len(stages)}'
        )


def check_size(depths: Sequence, widths: Sequence = ()) -> None:
    """Check numbers of stages, blocks and channels of a network of any origin against the limits.

    Args:
        depths, widths (Sequence[int | float]): of its stages.

    Raises:
        ValueError: which limit is exceeded, and by what.
    """
    _check_number(depths)
    if sum(depths) > MAX_DEPTH:
        raise ValueError(
            f'a network must have at most {MAX_DEPTH} blocks, but depths={list(depths)!r}'
        )
    if max(widths, default=0) > MAX_WIDTH:
        raise ValueError(f'widths must be at most {MAX_WIDTH}, but widths={list(widths)!r}')


@dataclass(frozen=True)
class Stage:
    """A row of identical blocks; the first one has the stride.

    Args:
        depth (int): number of blocks d >= 1.
        width (int): output channels w >= 1 of every block.
        stride (int): of the first block's 3x3 conv. Default: 2.
        bottleneck_ratio (int | float, optional): b = width / bottleneck width; below 1 the
            bottleneck is inverted. None for a block without bottleneck. Default: None.
        group_width (int, optional): channels per group g of the 3x3 conv; must divide the
            bottleneck width. None where the conv has one group. Default: None.
        dilation (int): of the 3x3 convs. Default: 1.

    Raises:
        ValueError: if a value is out of range or does not fit the others. Nothing is repaired.
    """

    depth: int
    width: int
    stride: int = 2
    bottleneck_ratio: Optional[float] = None
    group_width: Optional[int] = None
    dilation: int = 1

    def __post_init__(self):
        for name in ('depth', 'width', 'stride', 'dilation'):
            self._check_count(name)
        if self.bottleneck_ratio is not None:
            self._check_bottleneck()
        if self.group_width is not None:
            self._check_count('group_width')
            self._check_group_width()

    def _check_count(self, name):
        value, most = getattr(self, name), _MOST.get(name, MAX_WIDTH)
        if type(value) is int and 1 <= value <= most:  # nearly always, and a population has many
            return
        if not is_count(value):
            raise _StageError(f'{name} must be a positive whole number', {name: value})
        if value > most:
            raise _StageError(f'{name} must be at most {most}', {name: value})
        object.__setattr__(self, name, int(value))

    def _check_bottleneck(self):
        ratio = as_fraction(self.bottleneck_ratio)
        if self.width % ratio.numerator:
            raise _StageError(
                'width / bottleneck_ratio must be a whole number',
                self._values(),
                self._nearest(step=ratio.numerator),
            )
        if self.width > MAX_WIDTH * ratio:
            raise _StageError(
                f'width / bottleneck_ratio must be at most {MAX_WIDTH}', self._values()
            )
        object.__setattr__(
            self, 'bottleneck_ratio', ratio.numerator if ratio.denominator == 1 else float(ratio)
        )

    def _check_group_width(self):
        if self.bottleneck_width % self.group_width:
            ratio = as_fraction(self.bottleneck_ratio or 1)
            step = lcm(self.group_width, ratio.denominator) * ratio
            raise _StageError(
                'group_width must divide the bottleneck width',
                self._values(),
                self._nearest(int(step)),
            )

    def _values(self):
        names = ('width', 'bottleneck_ratio', 'group_width')
        return {name: getattr(self, name) for name in names if getattr(self, name) is not None}

    def _nearest(self, step):
        return f'; the nearest width that fits is {max(1, round(self.width / step)) * step}'

    @property
    def bottleneck_width(self):
        """Width of the 3x3 conv: w / b, or w where there is no bottleneck."""
        ratio = as_fraction(self.bottleneck_ratio or 1)
        return self.width * ratio.denominator // ratio.numerator


@dataclass(frozen=True)
class Architecture:
    """The structure of one network: stem, stages of one kind of block; the head is always pooling
    and a classifier.

    Args:
        stages (tuple[Stage]): at least one.
        block (str): 'X', 'Y' (X with squeeze-and-excitation), 'R' (X without groups), 'V' (one 3x3
            conv), 'VR' (V with residual), 'V2' and 'VR2' (the same with two), or the registered
            name of a block of one's own. X with an SE ratio and Y are one block and are both stored
            as 'Y'. Default: 'X'.
        stem (str): 'simple' (3x3, stride 2), 'cifar' (3x3, stride 1) or 'resnet' (7x7, stride 2,
            max-pool, stride 2). Default: 'simple'.
        stem_width (int): Default: 32, as in every network of the paper.
        se_ratio (float): squeeze width / width of the block's input, from 0 (no SE) to 1; 'Y' given
            without a ratio has the paper's 1/4. Default: 0.

    Raises:
        ValueError: the rule that is broken, then the values that break it.
    """

    stages: Tuple[Stage, ...]
    block: str = 'X'
    stem: str = 'simple'
    stem_width: int = 32
    se_ratio: float = 0.0

    def __post_init__(self):
        stages = self.stages if isinstance(self.stages, (list, tuple)) else ()
        if not stages or not all(isinstance(stage, Stage) for stage in stages):
            raise ValueError(f'stages must be at least one Stage, but stages={self.stages!r}')
        check_size([stage.depth for stage in stages])
        object.__setattr__(self, 'stages', tuple(stages))
        if not isinstance(self.block, str) or not self.block:
            raise ValueError(
                f'block must be the name of a block, but block={self.block!r}; the blocks of the '
                'paper are '
                f'{", ".join(BLOCKS)}'
            )
        if self.stem not in STEMS:
            raise ValueError(f'stem must be one of {", ".join(STEMS)}, but stem={self.stem!r}')
        if not is_count(self.stem_width):
            raise ValueError(
                f'stem_width must be a positive whole number, but stem_width={self.stem_width!r}'
            )
        if self.stem_width > MAX_WIDTH:
            raise ValueError(
                f'stem_width must be at most {MAX_WIDTH}, but stem_width={self.stem_width!r}'
            )
        object.__setattr__(self, 'stem_width', int(self.stem_width))
        self._check_se()
        if self.kind is not None:
            self._check_block(self.kind)

    def _check_se(self):
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
                f'block={self.block!r} '
                f'and se_ratio={self.se_ratio}'
            )
        narrowest = min((self.stem_width, *self.widths))
        if round(narrowest * self.se_ratio) < 1:
            raise ValueError(
                'se_ratio must leave at least one squeeze channel, but the narrowest block input '
                'is '
                f'{narrowest} and se_ratio={self.se_ratio}'
            )

    def _check_block(self, kind):
        for number, stage in enumerate(self.stages, 1):
            for name, has in (('bottleneck_ratio', kind.bottleneck), ('group_width', kind.grouped)):
                value = getattr(stage, name)
                if (value is not None) != has:
                    rule = f'block {self.block} {"needs a" if has else "has no"} {name}'
                    raise ValueError(f'{rule}, but stage {number} has {name}={value!r}')

    @property
    def kind(self):
        """`BlockKind` of a block of the paper; None for a block of one's own."""
        return BLOCKS.get(self.block)

    @classmethod
    def from_lists(
        cls,
        *,
        depths,
        widths,
        bottleneck_ratios=None,
        group_widths=None,
        strides=None,
        dilations=None,
        **network,
    ):
        """Build from one list per parameter, an entry per stage.

        Args:
            depths, widths (Sequence[int]): d_i and w_i.
            bottleneck_ratios (Sequence[float], optional): b_i; None for blocks without bottleneck.
            group_widths (Sequence[int], optional): g_i; None for blocks without groups.
            strides (Sequence[int], optional): Default: 2 in every stage.
            dilations (Sequence[int], optional): Default: 1 in every stage.
            **network: ``block``, ``stem``, ``stem_width`` and ``se_ratio`` of `Architecture`.

        Raises:
            ValueError: if the lists differ in length, or as `Stage` and `Architecture` do.
        """
        lists = dict(
            depth=('depths', depths),
            width=('widths', widths),
            stride=('strides', strides),
            bottleneck_ratio=('bottleneck_ratios', bottleneck_ratios),
            group_width=('group_widths', group_widths),
            dilation=('dilations', dilations),
        )
        given = {}
        for field, (name, values) in lists.items():
            if values is None and field not in ('depth', 'width'):
                continue
            values = values.tolist() if isinstance(values, np.ndarray) else values
            if not isinstance(values, (list, tuple)):
                raise ValueError(
                    f'{name} must be a list with one entry per stage, but {name}={values!r}'
                )
            given[field] = values
        lengths = {lists[field][0]: len(values) for field, values in given.items()}
        if len(set(lengths.values())) != 1:
            raise ValueError(
                'there must be one entry per stage in each list, but the lengths are '
                + ', '.join(f'{name}: {length}' for name, length in lengths.items())
            )
        _check_number(given['depth'])
        stages = []
        for number, values in enumerate(zip(*given.values()), 1):
            try:
                stages.append(Stage(**dict(zip(given, values))))
            except _StageError as error:
                error.stage = f'stage {number}'
                raise
        return cls(stages=tuple(stages), **network)

    @cached_property
    def depths(self):
        """d_i, blocks per stage."""
        return tuple(stage.depth for stage in self.stages)

    @cached_property
    def widths(self):
        """w_i, output channels per stage."""
        return tuple(stage.width for stage in self.stages)

    @cached_property
    def strides(self):
        """Stride of each stage's first block."""
        return tuple(stage.stride for stage in self.stages)

    @cached_property
    def dilations(self):
        """Dilation of each stage's 3x3 convs."""
        return tuple(stage.dilation for stage in self.stages)

    @cached_property
    def bottleneck_ratios(self):
        """b_i, or None for a block without bottleneck."""
        return self._all_or_none('bottleneck_ratio')

    @cached_property
    def group_widths(self):
        """g_i, or None for a block without groups."""
        return self._all_or_none('group_width')

    def _all_or_none(self, name):
        values = tuple(getattr(stage, name) for stage in self.stages)
        return None if None in values else values

    @property
    def depth(self):
        """Blocks in the network, d = sum of d_i."""
        return sum(self.depths)

    def to_dict(self):
        """Return plain lists and numbers, fit for JSON; `from_dict` inverts it."""
        lists = {
            name: getattr(self, name)
            for name in (
                'depths',
                'widths',
                'bottleneck_ratios',
                'group_widths',
                'strides',
                'dilations',
            )
        }
        lists = {name: values and list(values) for name, values in lists.items()}
        return dict(
            lists,
            block=self.block,
            stem=self.stem,
            stem_width=self.stem_width,
            se_ratio=self.se_ratio,
        )

    @classmethod
    def from_dict(cls, values):
        """Build from what `to_dict` gave.

        Raises:
            ValueError: if a name is unknown or missing, or as `from_lists` does.
        """
        known = (
            'depths',
            'widths',
            'bottleneck_ratios',
            'group_widths',
            'strides',
            'dilations',
            'block',
            'stem',
            'stem_width',
            'se_ratio',
        )
        if not isinstance(values, Mapping):
            raise ValueError(
                f'an architecture must be a dict with the entries {", ".join(known)}, but it is '
                f'{values!r}'
            )
        unknown = sorted(set(values) - set(known), key=str)
        missing = sorted({'depths', 'widths'} - set(values))
        if unknown or missing:
            raise ValueError(
                f'an architecture has the entries {", ".join(known)}, but unknown: {unknown}, '
                f'missing: {missing}'
            )
        return cls.from_lists(**values)
