"""The quantized linear function that fits a network best (section 3.3, figure 8), and how well.

A network is tried with fewer and fewer of all sequences of levels there are, see `level_sequences`.
`rankings` are the steps 1 to 4, `last_search` is the last one:

1. They are ranked by the squared error of the best line through the blocks' levels and ln widths,
   which is one matrix product for many networks.
2. They are ranked by the absolute error of a line with the same slope. The few sequences of one or
   two levels come so far without a rank.
3. They are ranked by the error of the best line for absolute error, which goes through two blocks.
4. They are ranked by e_fit itself, with w_0 a multiple of 8, mostly for values of w_m that give a
   block its width.
5. Around the best of these, every w_m is tried that rounds a width differently.

Nothing proves that the best sequence survives. Of 3000 networks of AnyNetX_A to E and RegNetX at
400MF, 12 are fitted better where ten times as many are kept, by 0.07 at most and 0.0001 in the mean
of all.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Protocol

import numpy as np
from numpy.typing import ArrayLike

from regnet_plugin.core.linear_fit.arrays import Floats
from regnet_plugin.core.linear_fit.last_search import search_near
from regnet_plugin.core.linear_fit.level_sequences import sequences_of
from regnet_plugin.core.linear_fit.rankings import find_starts
from regnet_plugin.core.quantized_linear import WIDTH_STEP, quantized_linear

DEEPEST = 256  # blocks; time and memory grow with their sequences
_TOGETHER = 32  # networks: more share the cost of each call, fewer the processor's cache


@dataclass(frozen=True)
class BestFit:
    """Parameters of the best fit, and the mean of ``|ln(predicted width / width)|`` over blocks."""

    w_0: int
    w_a: float
    w_m: float
    e_fit: float


def e_fit(predicted: ArrayLike, observed: ArrayLike) -> Floats:
    """Return the distance of two networks' block widths: mean ``|ln(predicted / observed)|``.

    The paper says "mean log-ratio"; absolute values are our reading, since signed ones would
    cancel.

    Args:
        predicted: widths > 0, of shape (…, d).
        observed: widths > 0, of a shape that is broadcast with the other.

    Returns:
        The mean over the last axis, of shape (…).
    """
    distances = np.abs(np.log(np.asarray(predicted) / np.asarray(observed)))
    means: Floats = distances.mean(axis=-1)
    return means


class Stages(Protocol):
    """What a network is fitted by; an `Architecture` has it."""

    @property
    def depths(self) -> Sequence[int]:
        """Blocks of each stage."""

    @property
    def widths(self) -> Sequence[int]:
        """Width of each stage."""


def fit(architecture: Stages) -> BestFit:
    """Fit the quantized linear function to a network's widths, before the group-width rule.

    Args:
        architecture: of any widths and depths; the fit may have another number of stages.

    Returns:
        w_0 a multiple of 8, w_a >= 0, w_m from 1.08 to 8.05.

    Raises:
        ValueError: if the network has more than 256 blocks.
    """
    return fit_all([architecture])[0]


def fit_all(architectures: Iterable[Stages]) -> list[BestFit]:
    """Fit many networks, each as `fit` does, in less time: those of one depth share most of it.

    Args:
        architectures: of any widths and depths.

    Returns:
        Fits in the order of the networks.

    Raises:
        ValueError: if a network has more than 256 blocks.
    """
    architectures = list(architectures)
    places: dict[tuple[int, int], list[int]] = {}  # by depth and number of stages
    for place, architecture in enumerate(architectures):
        depths = architecture.depths
        depth = sum(depths)
        if depth > DEEPEST:
            raise ValueError(
                f'a network must have at most {DEEPEST} blocks to be fitted, but it has {depth}'
            )
        places.setdefault((depth, len(depths)), []).append(place)
    fits: dict[int, BestFit] = {}
    for shape in sorted(places):
        for first in range(0, len(places[shape]), _TOGETHER):
            part = places[shape][first : first + _TOGETHER]
            found = _fits_of_one_shape([architectures[place] for place in part])
            fits.update(zip(part, found))
    return [fits[place] for place in range(len(architectures))]


def _fits_of_one_shape(architectures: Sequence[Stages]) -> list[BestFit]:
    """Fit n networks of one depth and one number of stages."""
    depths = np.array([architecture.depths for architecture in architectures])
    stage_widths = np.array([architecture.widths for architecture in architectures])
    widths = np.repeat(stage_widths.ravel(), depths.ravel()).reshape(len(depths), -1)
    depth = widths.shape[1]
    sequences = sequences_of(depth)
    observed = np.log(widths / WIDTH_STEP)
    starts = find_starts(observed.astype(np.float32), depths, sequences)
    best = search_near(observed, sequences, starts)
    w_a = best.ratio * best.w_0
    predicted = quantized_linear(np.full(len(w_a), depth), best.w_0, w_a, best.w_m).widths
    errors = e_fit(predicted, widths)
    return [
        BestFit(
            w_0=int(best.w_0[i]), w_a=float(w_a[i]), w_m=float(best.w_m[i]), e_fit=float(errors[i])
        )
        for i in range(len(architectures))
    ]
