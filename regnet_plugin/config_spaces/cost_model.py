"""A guess of what a network costs by its parameters, to tell which ones are worth counting.

The logarithm of each count is a polynomial of the logarithms of the parameters, fitted to networks
that were counted. It proposes candidates; whether one is accepted is its own count's say.
"""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from itertools import product
from typing import Any

import numpy as np
from numpy.typing import NDArray

# What is tried: degrees of the polynomial, ridges, and how much less a product of features counts.
_DEGREES, _RIDGES, _SCALES = (2, 3, 4), (1e-8, 1e-6, 1e-4, 1e-2), (1, 3)
_SAFETY = 1.5  # times the largest error that was met in a network which the fit had not seen

Floats = NDArray[np.float64]


@dataclass(frozen=True)
class CostModel:
    """A fit of one count: kernel ridge regression with a polynomial kernel.

    Attributes:
        encoding: how parameters become numbers.
        degree, scale: of the kernel.
        known: features of the networks that it was fitted to, shape (n, features).
        weights: of these, shape (n, ).
        mean: of their logarithms.
        margin: of the logarithm, within which a count is of its guess.
    """

    encoding: 'Encoding'
    degree: int
    scale: float
    known: Floats
    weights: Floats
    mean: float
    margin: float

    @classmethod
    def fitted(
        cls, encoding: 'Encoding', columns: Mapping[str, Any], counts: NDArray[Any]
    ) -> 'CostModel':
        """Fit the counts of n networks; each one's error is that of a fit without it."""
        features = encoding.features(columns)
        logarithms = np.log(np.maximum(counts, 1).astype(np.float64))  # some have no activations
        mean = float(logarithms.mean())
        tried = []
        for degree, ridge, scale in product(_DEGREES, _RIDGES, _SCALES):
            kernel = _kernel(features, features, degree, scale)
            inverse = np.linalg.inv(kernel + ridge * np.eye(len(kernel)))
            weights = inverse @ (logarithms - mean)
            left_out = weights / np.diag(inverse)
            tried.append((float(np.square(left_out).mean()), degree, scale, weights, left_out))
        _, degree, scale, weights, left_out = min(tried, key=lambda one: one[0])
        margin = _SAFETY * float(np.abs(left_out).max())
        return cls(encoding, degree, scale, features, weights, mean, margin)

    def within(self, columns: Mapping[str, Any], low: float, high: float) -> NDArray[np.bool_]:
        """Return which of n networks may have a count in an interval, shape (n, ).

        Those may that have a name which no network of the fit had.
        """
        features = self.encoding.features(columns)
        kernel = _kernel(features, self.known, self.degree, self.scale)
        guess = kernel @ self.weights + self.mean
        least, most = np.exp(guess - self.margin), np.exp(guess + self.margin)
        possible: NDArray[np.bool_] = (most >= low) & (least <= high)
        return possible | ~self.encoding.knows(columns)


def _kernel(first: Floats, second: Floats, degree: int, scale: float) -> Floats:
    size = max(1, first.shape[1])
    kernel: Floats = (1 + first @ second.T / (scale * size)) ** degree
    return kernel


class Encoding:
    """Parameters as numbers: logarithms where all are positive, a 1 or 0 for each other value.

    Args:
        columns: parameters of networks, by name; None where one has none.
    """

    def __init__(self, columns: Mapping[str, NDArray[Any]]) -> None:
        self.names: dict[str, tuple[Any, ...]] = {}  # values that are told apart
        self.logarithmic: dict[str, bool] = {}
        for name, values in columns.items():
            numbers, others = _split(values)
            self.names[name] = tuple(sorted(set(others), key=repr)) if others else ()
            self.logarithmic[name] = len(numbers) > 0 and min(numbers) > 0
        raw = self._raw(columns)
        self.center, self.scale = raw.mean(axis=0), raw.std(axis=0)
        self.used = self.scale > 0

    def features(self, columns: Mapping[str, NDArray[Any]]) -> Floats:
        """Return what n networks have, standardized, shape (n, features)."""
        raw = self._raw(columns)[:, self.used]
        scaled: Floats = (raw - self.center[self.used]) / self.scale[self.used]
        return scaled

    def knows(self, columns: Mapping[str, NDArray[Any]]) -> NDArray[np.bool_]:
        """Return which of n networks have no name that it has not seen, shape (n, )."""
        known = np.ones(len(next(iter(columns.values()))), dtype=bool)
        for name, names in self.names.items():
            known &= [_is_number(value) or value in names for value in columns[name].tolist()]
        return known

    def _raw(self, columns: Mapping[str, NDArray[Any]]) -> Floats:
        features = [feature for name in self.names for feature in self._of(name, columns[name])]
        return np.array(features, dtype=np.float64).T.reshape(len(next(iter(columns.values()))), -1)

    def _of(self, name: str, values: NDArray[Any]) -> Iterator[Sequence[float]]:
        """The features of a parameter, each with n numbers."""
        for known in self.names[name]:
            yield [float(value == known) for value in values.tolist()]
        logarithmic = self.logarithmic[name]
        numbers = [value if _is_number(value) else float(logarithmic) for value in values.tolist()]
        yield np.log(numbers).tolist() if logarithmic else numbers


def _split(values: NDArray[Any]) -> tuple[list[float], list[Any]]:
    """The numbers, and what is none."""
    every = values.tolist()
    return [one for one in every if _is_number(one)], [one for one in every if not _is_number(one)]


def _is_number(value: object) -> bool:
    return isinstance(value, (int, float)) and not isinstance(value, bool)
