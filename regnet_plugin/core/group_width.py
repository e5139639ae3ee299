"""The rule that fits group widths (appendix D), and the widths inside a block that follow from it.

Symbols follow *Designing Network Design Spaces* (Radosavovic et al., CVPR 2020): a block of width w
with bottleneck ratio b has a bottleneck of width w / b, whose 3x3 conv has groups of g channels.
"""

from collections.abc import Mapping
from fractions import Fraction
from functools import lru_cache

import numpy as np
from numpy.typing import ArrayLike, NDArray

from regnet_plugin.core.number_checks import is_real

# The largest numerator and denominator of a bottleneck ratio: far beyond the paper's 1, 2, 4 and
# their inverses, and small enough that a float such as 0.3333333333 is near one such ratio only.
_LARGEST = 64
_ROUNDING = 1e-9  # how far a float may be from the ratio that it is meant to be


class StageError(ValueError):
    """A broken rule of one stage; whoever knows which stage it is sets ``stage``.

    Args:
        rule: what must be.
        values: what is, by name.
        remedy: what would be right, as an end of the sentence; empty where nobody knows.
    """

    def __init__(self, rule: str, values: Mapping[str, object], remedy: str = '') -> None:
        self.rule = rule
        self.values = values
        self.remedy = remedy
        self.stage = 'the stage'
        super().__init__(rule, values)

    def __str__(self) -> str:
        values = ', '.join(f'{name}={value!r}' for name, value in self.values.items())
        return f'{self.rule}, but {self.stage} has {values}{self.remedy}'


def as_fraction(bottleneck_ratio: object) -> Fraction:
    """Return the bottleneck ratio b as an exact fraction, so that 1/3 is a third.

    Args:
        bottleneck_ratio: b > 0, a ratio of whole numbers from 1 to 64.

    Raises:
        ValueError: if b is not such a ratio.
    """
    fraction = _nearest_fraction(float(bottleneck_ratio)) if is_real(bottleneck_ratio) else None
    if fraction is None:
        raise StageError(
            f'bottleneck_ratio must be a ratio of whole numbers from 1 to {_LARGEST} (1, 2, 0.25, '
            '…)',
            dict(bottleneck_ratio=bottleneck_ratio),
        )
    return fraction


@lru_cache(maxsize=1024)  # a population has few ratios, and many stages
def _nearest_fraction(ratio: float) -> Fraction | None:
    """The ratio of whole numbers from 1 to 64 that a float is meant to be, or None."""
    if not 1 / _LARGEST <= ratio <= _LARGEST:
        return None
    fraction = Fraction(ratio).limit_denominator(_LARGEST)
    if fraction.numerator > _LARGEST or abs(fraction - ratio) > _ROUNDING:
        return None
    return fraction


def fit_group_widths(
    widths: ArrayLike, bottleneck_ratios: ArrayLike | None, group_widths: ArrayLike | None
) -> tuple[NDArray[np.int64], NDArray[np.int64] | None]:
    """Apply the group-width rule (appendix D), element by element.

    A group is never wider than the bottleneck. Then the bottleneck width goes to the nearest
    multiple of the group width, half to even as in the authors' code, and of the denominator of b,
    so that the width is whole as well.

    Args:
        widths: stage widths w >= 1, ints of any shape.
        bottleneck_ratios: b, broadcast against ``widths``; None where the block has no bottleneck,
            so that there is nothing to fit.
        group_widths: nominal g >= 1, broadcast against ``widths``; None where the block has one
            group: only b has to divide the width then.

    Returns:
        Fitted widths, and group widths or None where none were given. For b = 1 a width changes by
        at most a third.

    Raises:
        ValueError: if a ratio is not a positive ratio of whole numbers.
    """
    if bottleneck_ratios is None:
        nominal = np.asarray(widths, dtype=np.int64)
        if group_widths is None:
            return nominal, None
        return nominal, np.broadcast_to(np.asarray(group_widths, dtype=np.int64), nominal.shape)
    if group_widths is None:
        # A block of one group fits whatever fits groups of a single channel.
        return _fitted(widths, bottleneck_ratios, 1)[0], None
    return _fitted(widths, bottleneck_ratios, group_widths)


def _fitted(
    widths: ArrayLike, bottleneck_ratios: ArrayLike, group_widths: ArrayLike
) -> tuple[NDArray[np.int64], NDArray[np.int64]]:
    """`fit_group_widths` where a block has both a bottleneck and groups."""
    nominal_widths, ratios, nominal_groups = np.broadcast_arrays(
        widths, np.asarray(bottleneck_ratios, dtype=float), group_widths
    )
    numerators, denominators = _as_fractions(ratios)
    bottlenecks = bottleneck_widths(nominal_widths, ratios)
    groups = np.minimum(nominal_groups, bottlenecks).astype(np.int64)
    steps = np.lcm(groups, denominators)
    multiples = np.rint(bottlenecks / steps).astype(np.int64)
    bottlenecks = np.maximum(steps, steps * multiples)
    return bottlenecks * numerators // denominators, groups


def bottleneck_widths(widths: ArrayLike, bottleneck_ratios: ArrayLike) -> NDArray[np.int64]:
    """Return w / b, rounded down where it is not whole, and at least 1.

    Args:
        widths: w >= 1, ints of any shape.
        bottleneck_ratios: b, broadcast against ``widths``.

    Raises:
        ValueError: if a ratio is not a positive ratio of whole numbers.
    """
    numerators, denominators = _as_fractions(np.asarray(bottleneck_ratios, dtype=float))
    widths_in_parts = np.asarray(widths, dtype=np.int64) * denominators
    bottlenecks: NDArray[np.int64] = np.maximum(1, widths_in_parts // numerators)
    return bottlenecks


def _as_fractions(ratios: NDArray[np.float64]) -> tuple[NDArray[np.int64], NDArray[np.int64]]:
    """Numerators and denominators of many bottleneck ratios, in their shape."""
    different = np.unique(ratios)
    fractions = [as_fraction(ratio) for ratio in different.tolist()]
    position = np.searchsorted(different, ratios)
    numerators = np.array([fraction.numerator for fraction in fractions], dtype=np.int64)
    denominators = np.array([fraction.denominator for fraction in fractions], dtype=np.int64)
    return numerators[position], denominators[position]


def squeeze_width(width_in: ArrayLike, se_ratio: float) -> NDArray[np.int64]:
    """Return the channels between the two convs of squeeze-and-excitation.

    It is the SE ratio of the width that enters the block, rounded half to even: the rule behind
    all published RegNetY.

    Args:
        width_in: channels of the block's input, ints of any shape.
        se_ratio: from 0 to 1.
    """
    squeezed: NDArray[np.int64] = np.rint(np.asarray(width_in) * se_ratio).astype(np.int64)
    return squeezed
