"""Networks scaled in depth, width and resolution at once (Dollar, Singh and Girshick, CVPR 2021).

*Fast and Accurate Model Scaling*: a factor s of flops is split among depth, width and resolution,
d * w^2 * r^2 = s. Group widths have a factor g of their own, which flops do not pay for. All
rounding is half to even, as in the authors' code.
"""

import re
from collections.abc import Callable
from dataclasses import dataclass
from functools import partial
from typing import Any

from regnet_plugin.core.architecture import Architecture
from regnet_plugin.core.complexity import Complexity, complexity
from regnet_plugin.core.efficientnet import EfficientNet
from regnet_plugin.core.group_width import fit_group_widths
from regnet_plugin.core.number_checks import is_real
from regnet_plugin.core.quantized_linear import WIDTH_STEP

Network = Architecture | EfficientNet

SIDE_STEP = 4  # sides of images are multiples of it
_LETTERS = 'dwgr'
# The paper's names, dWr of which is its fast compound scaling.
_NAMES = {'dWr': 'd1_w8_g8_r1'}
_TERM = re.compile(rf'([{_LETTERS}])(\d+\.?\d*)')
# Factors that are tried for a flop target: 1% of an octave apart, half an octave to either side.
_OCTAVE, _TRIES = 100, 50
_DIGITS = 5  # of such a factor, so that a person can say it again
_TOLERANCE = 0.1  # relative, of flops; depths and widths are whole, so that not all can be met


@dataclass(frozen=True)
class Factors:
    """What depths, widths, group widths and sides of images are multiplied by."""

    depth: float
    width: float
    group_width: float
    resolution: float


@dataclass(frozen=True)
class ScalingType:
    """How a factor of flops is split.

    Attributes:
        depth: weight of d, and so ``width`` of w, ``group_width`` of g and ``resolution`` of r.
    """

    depth: float = 0.0
    width: float = 0.0
    group_width: float = 0.0
    resolution: float = 0.0

    @classmethod
    def from_text(cls, text: object) -> 'ScalingType':
        """Read letters of d, w, g and r, such as 'dwr', or weights such as 'd1_w8_g8_r1'.

        'dWr' is the paper's fast compound scaling, 'd1_w8_g8_r1'.

        Raises:
            ValueError: if it is something else, or has no weight.
        """
        weights = _weights(text)
        if weights is None or not any(weights.values()):
            raise ValueError(
                'a type of scaling must be letters of d, w, g and r (d, w, r, dw, dr, wr, dwr, '
                f'…), weights such as d1_w8_g8_r1, or dWr, which is {_NAMES["dWr"]}, but it is '
                f'{text!r}'
            )
        d, w, g, r = (weights[letter] for letter in _LETTERS)
        return cls(depth=d, width=w, group_width=g, resolution=r)

    def factors(self, factor: float) -> Factors:
        """Split a factor of flops, so that d * w^2 * r^2 is the factor; g follows its own weight.

        Where nothing but g has a weight, it is multiplied by the factor itself.

        Raises:
            ValueError: if the factor is not positive.
        """
        if not is_real(factor) or factor <= 0:
            raise ValueError(f'a factor must be a positive number, but factor={factor!r}')
        total = self.depth + self.width + self.resolution or self.group_width / 2
        return Factors(
            depth=factor ** (self.depth / total),
            width=factor ** (self.width / total / 2),
            group_width=factor ** (self.group_width / total / 2),
            resolution=factor ** (self.resolution / total / 2),
        )


def _weights(text: object) -> dict[str, float] | None:
    """Weights by letter, 0 where there is none; None where the text says none."""
    if not isinstance(text, str):
        return None
    text = _NAMES.get(text, text)
    weights = dict.fromkeys(_LETTERS, 0.0)
    if set(text) <= set(_LETTERS) and len(set(text)) == len(text):
        return {**weights, **dict.fromkeys(text, 1.0)}
    terms = [_TERM.fullmatch(term) for term in text.split('_')]
    said = {term[1]: float(term[2]) for term in terms if term}
    return {**weights, **said} if len(said) == len(terms) else None


@dataclass(frozen=True)
class ScaledNetwork:
    """A network that was scaled, with the side of its images.

    Attributes:
        network: of the kind that it was made of.
        resolution: side of the images that it is trained with.
        factor: of flops, that it was scaled by.
        complexity: at that side.
    """

    network: Network
    resolution: int
    factor: float
    complexity: Complexity


def scaled_side(side: int, kind: ScalingType, factor: float) -> int:
    """Scale the side of an image, also of one that a network is tested with.

    Raises:
        ValueError: if nothing is left of it.
    """
    scaled = SIDE_STEP * round(side * kind.factors(factor).resolution / SIDE_STEP)
    if scaled < SIDE_STEP:
        raise ValueError(
            f'an image must have a side of at least {SIDE_STEP}, but factor={factor!r} leaves '
            f'{scaled} of {side}'
        )
    return scaled


def scaled(
    network: Network, kind: ScalingType, factor: float, resolution: int, num_classes: int = 1000
) -> ScaledNetwork:
    """Scale a network by a factor of its flops, up to rounding.

    Depths are rounded, widths go to multiples of 8, and group widths to 1, 2, 4 or multiples of 8;
    then the group-width rule is applied. Stem, SE ratio, bottleneck ratios, strides and the width
    of the head stay; of an EfficientNet stem and head are scaled as widths.

    Args:
        network: as it is, a RegNet with its stages.
        kind: of scaling.
        factor: of flops; 1 leaves all but its roundings.
        resolution: side of the image that the network is meant for.
        num_classes: of the classifier that is counted.

    Raises:
        ValueError: if the factor is not positive, or makes a network that is none.
    """
    factors = kind.factors(factor)
    if isinstance(network, EfficientNet):
        result: Network = _scaled_efficientnet(network, factors)
    else:
        result = _scaled_architecture(network, factors)
    side = scaled_side(resolution, kind, factor)
    return ScaledNetwork(result, side, factor, counted(result, side, num_classes))


def counted(network: Network, resolution: int, num_classes: int = 1000) -> Complexity:
    """Count a network of either kind."""
    if isinstance(network, EfficientNet):
        return network.complexity(resolution, num_classes)
    return complexity(network, resolution, num_classes)


def scaled_to_flops(
    network: Network, kind: ScalingType, flops: float, resolution: int, num_classes: int = 1000
) -> ScaledNetwork:
    """Scale a network so that its flops come nearest to those wanted.

    Tried are factors around the quotient of both, 1% of an octave apart, up to half an octave.

    Args:
        network, kind, resolution, num_classes: as `scaled`.
        flops: that are wanted, of one image of the scaled side.

    Returns:
        Of equally near ones that whose factor is nearest to the quotient.

    Raises:
        ValueError: if flops are not positive, or the nearest is more than 10% away from them.
    """
    if not is_real(flops) or flops <= 0:
        raise ValueError(f'flops must be positive, but flops={flops!r}')
    quotient = flops / counted(network, resolution, num_classes).flops
    steps = sorted(range(-_TRIES, _TRIES + 1), key=abs)
    factors = [float(f'{quotient * 2 ** (step / _OCTAVE):.{_DIGITS}g}') for step in steps]
    nearest = min(
        (scaled(network, kind, factor, resolution, num_classes) for factor in factors),
        key=lambda one: abs(one.complexity.flops / flops - 1),
    )
    if abs(nearest.complexity.flops / flops - 1) > _TOLERANCE:
        raise ValueError(
            f'scaling must reach the flops wanted up to {_TOLERANCE:.0%}, but of {flops:,.0f} the '
            f'nearest is {nearest.complexity.flops:,}, by the factor {nearest.factor:g}'
        )
    return nearest


def _rounded(value: float) -> int:
    """The nearest whole number, half to even, at least 1."""
    return max(1, round(value))


def _scaled_width(width: int, factor: float) -> int:
    return WIDTH_STEP * _rounded(width * factor / WIDTH_STEP)


def _scaled_group_width(group_width: int, factor: float) -> int:
    """1, 2, 4 or a multiple of 8."""
    rounded = _rounded(group_width * factor)
    if rounded <= 2:
        return rounded
    return 4 if rounded <= 5 else 8 * round(rounded / 8)


def _scaled_architecture(architecture: Architecture, factors: Factors) -> Architecture:
    """A network of stages, scaled and then fitted by the group-width rule."""
    scale_width: Callable[[int], int] = partial(_scaled_width, factor=factors.width)
    groups = architecture.group_widths
    if groups is not None:
        groups = tuple(_scaled_group_width(group, factors.group_width) for group in groups)
    widths, fitted_groups = fit_group_widths(
        [scale_width(width) for width in architecture.widths],
        architecture.bottleneck_ratios,
        groups,
    )
    changed: dict[str, Any] = dict(
        depths=[_rounded(depth * factors.depth) for depth in architecture.depths],
        widths=widths.tolist(),
        group_widths=None if fitted_groups is None else fitted_groups.tolist(),
    )
    return Architecture.from_dict({**architecture.to_dict(), **changed})


def _scaled_efficientnet(network: EfficientNet, factors: Factors) -> EfficientNet:
    return EfficientNet(
        depths=tuple(_rounded(depth * factors.depth) for depth in network.depths),
        widths=tuple(_scaled_width(width, factors.width) for width in network.widths),
        stem_width=_scaled_width(network.stem_width, factors.width),
        head_width=_scaled_width(network.head_width, factors.width),
    )
