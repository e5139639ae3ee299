"""A regression of labels on what is known of networks, in which none is told its own label.

Kernel ridge regression with a Gaussian kernel and an intercept that is not penalised. What the
n - 1 others predict of a network is known in closed form, and so is the mean of what all these n
models predict of a network without a label: one matrix is decomposed, and nothing is fitted twice.
"""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from scipy.linalg import eigh
from scipy.spatial.distance import cdist

# Width of the kernel, in mean squared distances of two networks.
_WIDTH = 5.0
# Penalties that are tried; the kernel of a network and itself is 1.
_PENALTIES = np.geomspace(1e-4, 10, 11)


@dataclass(frozen=True, eq=False)
class CrossFit:
    """Predictions for n networks with labels and m without; they are linear in the labels.

    Attributes:
        dual: what makes coefficients of labels, of shape (n, n); symmetric, its rows sum to 0.
        contrasts: what makes predictions of coefficients, of shape (m, n): kernel between one of
            the m and one of the n, less its mean over the n.
    """

    dual: NDArray[np.float64]
    contrasts: NDArray[np.float64]

    def own(self, labels: NDArray[np.float64]) -> NDArray[np.float64]:
        """Predict each labelled network by the model of the n - 1 others.

        Args:
            labels: of shape (n, k).

        Returns:
            Predictions of shape (n, k).
        """
        return labels - self._left_over(labels)

    def others(
        self, labels: NDArray[np.float64], left_out: NDArray[np.bool_] | None = None
    ) -> NDArray[np.float64]:
        """Predict the networks without labels by the mean of models that each leave one out.

        A model that leaves a network out is the model of all with its prediction in the place of
        the label (Craven and Wahba 1979). So the mean of k such models is the model of labels that
        are each, where it is left out by one of them, drawn the k-th part of the way towards their
        predictions.

        Args:
            labels: of shape (n, k).
            left_out: n booleans, the networks that models leave out. Default: all.

        Returns:
            Predictions of shape (m, k).
        """
        shares = np.ones(len(labels)) if left_out is None else left_out.astype(np.float64)
        drawn = labels - self._left_over(labels) * (shares / shares.sum())[:, np.newaxis]
        predicted: NDArray[np.float64] = drawn.mean(axis=0) + self.contrasts @ (self.dual @ drawn)
        return predicted

    def _left_over(self, labels: NDArray[np.float64]) -> NDArray[np.float64]:
        """Labels less their predictions by the others."""
        left_over: NDArray[np.float64] = self.dual @ labels / self.dual.diagonal()[:, np.newaxis]
        return left_over


def cross_fit(
    features: NDArray[np.float64], labelled: NDArray[np.bool_], labels: NDArray[np.float64]
) -> CrossFit:
    """Fit labels of some networks by what is known of all.

    The penalty is the one whose models predict the networks that they leave out best. It is the
    only thing that all labels together decide.

    Args:
        features: finite, of shape (n + m, features); those that do not vary are passed by.
        labelled: n + m booleans, of which n are true, at least two.
        labels: of the n, of shape (n, k).
    """
    kernel = _kernel(_standardised(features), labelled)
    own = kernel[labelled]
    middle = own.mean(axis=0)
    eigenvalues, vectors = eigh(own - middle - middle[:, np.newaxis] + middle.mean())
    # rounding makes some of them negative
    penalised = np.maximum(eigenvalues, 0) + _PENALTIES[:, np.newaxis]
    # the constant vector is an eigenvector of value 0, and the intercept takes its part away
    diagonals = (1 / penalised) @ (vectors**2).T - 1 / (len(own) * _PENALTIES[:, np.newaxis])
    rotated = vectors.T @ (labels - labels.mean(axis=0))
    errors = []
    for values, diagonal in zip(penalised, diagonals):
        left_over = vectors @ (rotated / values[:, np.newaxis]) / diagonal[:, np.newaxis]
        errors.append(np.square(left_over).sum())
    best = int(np.argmin(errors))
    dual = (vectors / penalised[best]) @ vectors.T - 1 / (len(own) * _PENALTIES[best])
    return CrossFit(dual, kernel[~labelled] - middle)


def _standardised(features: NDArray[np.float64]) -> NDArray[np.float64]:
    """Features that vary, with mean 0 and variance 1."""
    features = features[:, features.min(axis=0) < features.max(axis=0)]
    standardised: NDArray[np.float64] = (features - features.mean(axis=0)) / features.std(axis=0)
    return standardised


def _kernel(features: NDArray[np.float64], labelled: NDArray[np.bool_]) -> NDArray[np.float64]:
    """Kernel between all networks and the n with labels, of shape (n + m, n)."""
    mean_squared_distance = 2 * features.shape[1]  # of standardised features
    squared_distances = cdist(features, features[labelled], 'sqeuclidean')
    kernel: NDArray[np.float64] = np.exp(-squared_distances / (_WIDTH * mean_squared_distance))
    return kernel
