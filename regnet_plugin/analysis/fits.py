"""Complexity of the best networks against flops f (figure 12), by least squares.

Activations are a sqrt(f), parameters a f + c, latencies a f + c sqrt(f): the paper names these
forms and prints no coefficients. "Parameters linear in f" is read with an intercept, as in the
limit 3 + 5.5 f of the authors' code: the classifier's part does not vanish with f.
"""

from dataclasses import dataclass
from typing import Tuple

import numpy as np
from numpy.typing import ArrayLike

from regnet_plugin.analysis.inputs import known_rows

GIGA = 1e9
_TERMS = {'f': lambda f: f, 'sqrt(f)': np.sqrt, '': np.ones_like}


@dataclass(frozen=True)
class Fit:
    """A quantity as a function of flops; call it with flops (a number or an array, not in GF).

    Attributes:
        quantity (str): name of what is fitted.
        unit (str): of the coefficients, for f in GF: 'M' (10^6) or 'ms'.
        scale (float): size of that unit: 10^6, or 10^-3 seconds.
        terms (tuple[str]): 'f', 'sqrt(f)' or '' (the intercept).
        coefficients (tuple[float]): one per term; NaN where the networks do not determine them.
        r_squared (float): 1 - sum of squared residuals / that around the mean; negative where the
            mean is closer, NaN where all values are equal.
        n (int): networks that are fitted.
    """

    quantity: str
    unit: str
    scale: float
    terms: Tuple[str, ...]
    coefficients: Tuple[float, ...]
    r_squared: float
    n: int

    def __call__(self, flops):
        """Return the fitted quantity, in counts or seconds."""
        return self.scale * (
            _matrix(self.terms, np.asarray(flops, dtype=float)) @ np.array(self.coefficients)
        )

    @property
    def text(self):
        """The formula with units, R^2 and n."""
        if np.isnan(self.coefficients).any():
            return f'{self.quantity}: not determined by n = {self.n}'
        formula = ' + '.join(
            f'{_rounded(value)} {term}'.strip()
            for value, term in zip(self.coefficients, self.terms)
        )
        r_squared = '' if np.isnan(self.r_squared) else f'R^2 = {self.r_squared:.3f}, '
        return (
            f'{self.quantity} in {self.unit} = {formula.replace("+ -", "- ")} with f in GF '
            f'({r_squared}n = {self.n})'
        )


def _rounded(value):
    """Three digits, and no power of ten for thousands: '0.0848', '364', '1010'."""
    return f'{float(f"{value:.3g}"):.0f}' if 100 <= abs(value) < 1e6 else f'{value:.3g}'


def fit_activations(flops: ArrayLike, activations: ArrayLike) -> Fit:
    """Fit activations = a sqrt(f) (figure 12); the authors' code bounds them by 6.5 sqrt(f) M.

    Args:
        flops, activations (array_like): n numbers each; networks with a NaN are left out.

    Returns:
        Fit: of the terms ('sqrt(f)',).

    Raises:
        ValueError: if lengths differ, flops are not positive or a number is infinite.
    """
    return _fit('activations', 'M', 1e6, ('sqrt(f)',), flops, activations)


def fit_parameters(flops: ArrayLike, parameters: ArrayLike) -> Fit:
    """Fit parameters = a f + c (figure 12); the authors' code bounds them by 5.5 f + 3 M. See
    `fit_activations`.
    """
    return _fit('parameters', 'M', 1e6, ('f', ''), flops, parameters)


def fit_latency(flops: ArrayLike, latency: ArrayLike) -> Fit:
    """Fit latency = a f + c sqrt(f) (figure 12), with the latency in seconds. See
    `fit_activations`.
    """
    return _fit('latency', 'ms', 1e-3, ('f', 'sqrt(f)'), flops, latency)


def _fit(quantity, unit, scale, terms, flops, values):
    flops, values = known_rows(flops=flops, **{quantity: values})
    if (flops <= 0).any():
        raise ValueError(f'flops must be positive, but one is {flops.min()}')
    values = values / scale
    coefficients, _, rank, _ = np.linalg.lstsq(_matrix(terms, flops), values, rcond=None)
    if rank < len(terms):
        coefficients = np.full(len(terms), np.nan)
    residuals = values - _matrix(terms, flops) @ coefficients
    return Fit(
        quantity,
        unit,
        scale,
        terms,
        tuple(coefficients.tolist()),
        _r_squared(residuals, values),
        len(values),
    )


def _matrix(terms, flops):
    return np.stack([_TERMS[term](flops / GIGA) for term in terms], axis=-1)


def _r_squared(residuals, values):
    if len(values) == 0 or values.min() == values.max():
        return float('nan')
    return float(1 - residuals @ residuals / np.sum((values - values.mean()) ** 2))
