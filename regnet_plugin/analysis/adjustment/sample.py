"""A sample of a space of which a random part is trained: what estimates of it are made from."""

from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike, NDArray

from regnet_plugin.analysis.adjustment.cross_fitting import cross_fit
from regnet_plugin.analysis.inputs import error_array

# Trained networks from which on a mean is adjusted.
FEWEST = 20
# The regression is another one with other trained networks, which its residuals do not show: on the
# study's populations means stray 0.96 to 1.09 times as far as these say, 1.02 in the middle. With
# this 95% intervals hold in 92% to 96% of the cases.
OF_REGRESSION = 1.05


@dataclass(frozen=True, eq=False)
class Sample:
    """Sampled networks, of which some are trained.

    Attributes:
        errors: N numbers; what those have that do not count means nothing.
        features: of shape (N, features).
        counts: whether each network has an error that counts.
        has_failed: whether each failed and does not count.
    """

    errors: NDArray[np.float64]
    features: NDArray[np.float64]
    counts: NDArray[np.bool_]
    has_failed: NDArray[np.bool_]

    @classmethod
    def of(cls, errors: ArrayLike, features: ArrayLike, failed: ArrayLike | None) -> 'Sample':
        """Check what is given."""
        errors = np.asarray(errors, dtype=np.float64)
        features = np.asarray(features, dtype=np.float64)
        known = ~np.isnan(errors)
        error_array(errors[known])
        has_failed = np.zeros(errors.shape, bool) if failed is None else np.asarray(failed, bool)
        if features.ndim != 2 or not len(features) == len(errors) == len(has_failed):
            raise ValueError(
                'features must have a row for each network, and failed an entry, but the shapes '
                f'are errors {errors.shape}, features {features.shape} and failed '
                f'{has_failed.shape}'
            )
        if not np.isfinite(features).all():
            raise ValueError(
                'features must be finite, but '
                f'{np.count_nonzero(~np.isfinite(features))} of {features.size} are not'
            )
        return cls(errors, features, known & ~has_failed, has_failed)

    @property
    def n(self) -> int:
        """Number of networks that count."""
        return int(self.counts.sum())

    @property
    def ended(self) -> NDArray[np.bool_]:
        """Whether the training of each network has ended, with an error or without."""
        return self.counts | self.has_failed

    @property
    def waiting(self) -> int:
        """Number of networks whose training has not ended."""
        return len(self.errors) - int(self.ended.sum())

    @property
    def why_off(self) -> str | None:
        """Why nothing is adjusted; None where it can be."""
        if self.waiting < 2:
            return 'there are not two networks left to train'
        if not differ_in(self.features):
            return 'nothing is known of them in which they differ'
        if self.n < FEWEST:
            return f'{self.n} trained networks are too few, from {FEWEST} on a regression helps'
        return None

    def labels(
        self, values: NDArray[np.generic], means: NDArray[np.float64]
    ) -> NDArray[np.float64]:
        """Give those that ended labels, whose mean over the space is what means lack.

        The mean over those that do not fail is a ratio: of what they have together, and of their
        number. Its first-order part is the mean of value - mean over the share of those that count,
        0 for the others.

        Args:
            values: of shape (N, k), of each network.
            means: of the values over the networks that count, of shape (k,).

        Returns:
            Array of shape (ended, k); its means are 0.
        """
        counts = self.counts[self.ended]
        deviations = values[self.ended].astype(np.float64) - means
        labels: NDArray[np.float64] = np.where(counts[:, np.newaxis], deviations, 0) / counts.mean()
        return labels

    def predictions(
        self, labels: NDArray[np.float64]
    ) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
        """Predict labels of those that ended and of the others, none from its own."""
        fit = cross_fit(self.features, self.ended, labels)
        return fit.own(labels), fit.others(labels)


def differ_in(features: NDArray[np.float64]) -> bool:
    """Whether networks differ in one of their features."""
    return bool((features.min(axis=0) < features.max(axis=0)).any())
