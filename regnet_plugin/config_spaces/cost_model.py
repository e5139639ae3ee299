"""A guess of what a network costs by its parameters, to tell which ones are worth counting.

The logarithm of each count is a quadratic function of the logarithms of the parameters, fitted to
networks that were counted. It proposes candidates; whether one is accepted is its own count's say.
"""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

_RIDGE = 1e-6  # of standardized features: enough to make the fit unique
_SAFETY = 1.5  # times the largest error that was met in a network which the fit had not seen

Floats = NDArray[np.float64]


@dataclass(frozen=True)
class CostModel:
    """A fit of one count.

    Attributes:
        encoding: how parameters become numbers.
        weights: of the quadratic features.
        margin: of the logarithm, within which a count is of its guess.
    """

    encoding: 'Encoding'
    weights: Floats
    margin: float

    @classmethod
    def fitted(
        cls, encoding: 'Encoding', columns: Mapping[str, Any], counts: Floats
    ) -> 'CostModel':
        """Fit the counts of n networks; each one's error is that of a fit without it."""
        features = encoding.quadratic(columns)
        target = np.log(counts)
        gram = features.T @ features + _RIDGE * len(counts) * np.eye(features.shape[1])
        inverse = np.linalg.inv(gram)
        weights = inverse @ features.T @ target
        leverage = np.einsum('ij,jk,ik->i', features, inverse, features)
        left_out = (target - features @ weights) / np.maximum(1 - leverage, 0.05)
        return cls(encoding, weights, _SAFETY * float(np.abs(left_out).max()))

    def within(self, columns: Mapping[str, Any], low: float, high: float) -> NDArray[np.bool_]:
        """Return which of n networks may have a count in an interval, shape (n, )."""
        guess = np.exp(self.encoding.quadratic(columns) @ self.weights)
        least, most = guess * np.exp(-self.margin), guess * np.exp(self.margin)
        possible: NDArray[np.bool_] = (most >= low) & (least <= high)
        return possible


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

    def quadratic(self, columns: Mapping[str, NDArray[Any]]) -> Floats:
        """Return 1, each feature, and each product of two, shape (n, features)."""
        raw = self._raw(columns)[:, self.used]
        scaled = (raw - self.center[self.used]) / self.scale[self.used]
        first, second = np.triu_indices(scaled.shape[1])
        one = np.ones((len(scaled), 1))
        return np.concatenate([one, scaled, scaled[:, first] * scaled[:, second]], axis=1)

    @property
    def size(self) -> int:
        """Number of the features."""
        used = int(self.used.sum())
        return 1 + used + used * (used + 1) // 2

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
