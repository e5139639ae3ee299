"""A stage of a network: a row of identical blocks, with what must fit within it."""

from dataclasses import dataclass
from math import lcm
from typing import NoReturn

from regnet_plugin.core.group_width import StageError, as_fraction
from regnet_plugin.core.limits import MAX_DEPTH, MAX_STRIDE, MAX_WIDTH
from regnet_plugin.core.number_checks import is_count

_LARGEST = dict(
    depth=MAX_DEPTH,
    width=MAX_WIDTH,
    stride=MAX_STRIDE,
    dilation=MAX_STRIDE,
    group_width=MAX_WIDTH,
)


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
