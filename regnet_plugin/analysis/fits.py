"""Complexity of the best networks against flops f (figure 12), by least squares.

Activations are a sqrt(f), parameters a f + c, latencies a f + c sqrt(f): the paper names these
forms and prints no coefficients. "Parameters linear in f" is read with an intercept, as in the
limit 3 + 5.5 f of the authors' code: the classifier's part does not vanish with f.
"""

from collections.abc import Callable
from dataclasses import dataclass
from typing import overload

import numpy as np
from numpy.typing import ArrayLike, NDArray

from regnet_plugin.analysis.inputs import known_rows

GIGA = 1e9
# what each term of a formula makes of f in GF; '' is the intercept
_TERMS: dict[str, Callable[[NDArray[np.float64]], NDArray[np.float64]]] = {
    'f': lambda f: f,
    'sqrt(f)': np.sqrt,
    '': np.ones_like,
}


@dataclass(frozen=True)
class Fit:
    """A quantity as a function of flops; call it with flops (a number or an array, not in GF).

    Attributes:
        quantity: name of what is fitted.
        unit: of the coefficients, for f in GF: 'M' (10^6) or 'ms'.
        scale: size of that unit: 10^6, or 10^-3 seconds.
        terms: k of 'f', 'sqrt(f)' and '' (the intercept).
        coefficients: one per term; NaN where the networks do not determine them.
        r_squared: 1 - sum of squared residuals / that around the mean; negative where the mean is
            closer, NaN where all values are equal.
        n: networks that are fitted.
    """

    quantity: str
    unit: str
    scale: float
    terms: tuple[str, ...]
    coefficients: tuple[float, ...]
    r_squared: float
    n: int

    @overload
    def __call__(self, flops: float) -> float: ...

    @overload
    def __call__(self, flops: ArrayLike) -> float | NDArray[np.float64]: ...

    def __call__(self, flops: ArrayLike) -> float | NDArray[np.float64]:
        """Return the fitted quantity, in counts or seconds, with the shape of flops."""
        matrix = _matrix(self.terms, np.asarray(flops, dtype=np.float64))
        fitted: float | NDArray[np.float64] = self.scale * (matrix @ np.array(self.coefficients))
        return fitted

    @property
    def text(self) -> str:
        """The formula with units, R^2 and n, without a full stop."""
        if np.isnan(self.coefficients).any():
            return f'{self.quantity}: not determined by n = {self.n}'
        summands = [
            f'{_rounded(value)} {term}'.strip()
            for value, term in zip(self.coefficients, self.terms)
        ]
        formula = ' + '.join(summands).replace('+ -', '- ')
        r_squared = '' if np.isnan(self.r_squared) else f'R^2 = {self.r_squared:.3f}, '
        return f'{self.quantity} in {self.unit} = {formula} with f in GF ({r_squared}n = {self.n})'


def _rounded(value: float) -> str:
    """Write three digits, and no power of ten for thousands: '0.0848', '364', '1010'."""
    if 100 <= abs(value) < 1e6:
        three_digits = float(f'{value:.3g}')
        return f'{three_digits:.0f}'
    return f'{value:.3g}'


def fit_activations(flops: ArrayLike, activations: ArrayLike) -> Fit:
    """Fit activations = a sqrt(f) (figure 12); the authors' code bounds them by 6.5 sqrt(f) M.

    Args:
        flops, activations: n numbers each; networks with a NaN are left out.

    Returns:
        The fit of the term 'sqrt(f)'.

    Raises:
        ValueError: if lengths differ, flops are not positive or a number is infinite.
    """
    return _fit('activations', 'M', 1e6, ('sqrt(f)',), flops, activations)


def fit_parameters(flops: ArrayLike, parameters: ArrayLike) -> Fit:
    """Fit parameters = a f + c (figure 12); the authors' code bounds them by 5.5 f + 3 M.

    Args:
        flops, parameters: n numbers each; networks with a NaN are left out.

    Returns:
        The fit of the terms 'f' and ''.

    Raises:
        ValueError: as `fit_activations` does.
    """
    return _fit('parameters', 'M', 1e6, ('f', ''), flops, parameters)


def fit_latency(flops: ArrayLike, latency: ArrayLike) -> Fit:
    """Fit latency = a f + c sqrt(f) (figure 12).

    Args:
        flops: n numbers.
        latency: n numbers of seconds; networks with a NaN in either are left out.

    Returns:
        The fit of the terms 'f' and 'sqrt(f)', with coefficients in milliseconds.

    Raises:
        ValueError: as `fit_activations` does.
    """
    return _fit('latency', 'ms', 1e-3, ('f', 'sqrt(f)'), flops, latency)


def _fit(
    quantity: str,
    unit: str,
    scale: float,
    terms: tuple[str, ...],
    flops: ArrayLike,
    values: ArrayLike,
) -> Fit:
    """Fit values, in units of the scale, by terms of flops in GF; see `Fit`."""
    flops, values = known_rows(**{'flops': flops, quantity: values})
    if (flops <= 0).any():
        raise ValueError(f'flops must be positive, but one is {flops.min()}')
    values = values / scale
    matrix = _matrix(terms, flops)
    coefficients, _, rank, _ = np.linalg.lstsq(matrix, values, rcond=None)
    if rank < len(terms):
        coefficients = np.full(len(terms), np.nan)
    return Fit(
        quantity=quantity,
        unit=unit,
        scale=scale,
        terms=terms,
        coefficients=tuple(coefficients.tolist()),
        r_squared=_r_squared(values - matrix @ coefficients, values),
        n=len(values),
    )


def _matrix(terms: tuple[str, ...], flops: NDArray[np.float64]) -> NDArray[np.float64]:
    """Compute the k terms at flops of any shape; they are along a last axis of their own."""
    return np.stack([_TERMS[term](flops / GIGA) for term in terms], axis=-1)


def _r_squared(residuals: NDArray[np.float64], values: NDArray[np.float64]) -> float:
    """The share of the values' spread that is not left in the residuals; NaN without a spread."""
    if len(values) == 0 or values.min() == values.max():
        return float('nan')
    return float(1 - residuals @ residuals / np.sum((values - values.mean()) ** 2))
