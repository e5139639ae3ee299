"""What is known of networks before they are trained, as numbers that a regression takes."""

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

from regnet_plugin.population.columns import COUNTS, DRAWN, OF_STAGES, SETTINGS
from regnet_plugin.population.records import Records


def features_of(records: Records) -> NDArray[np.float64]:
    """Give what is known of all networks and in which they differ, trained or not.

    They are flops, parameters and activations, the depth, what each stage has, or else what the
    space draws, and settings that it draws; as logarithms where all are positive, since networks
    differ in them by factors. Times that were measured, and numbers of a file of one's own, are no
    features: nobody says that they are known before a training.

    Args:
        records: of a population.

    Returns:
        Array of shape (networks, features); without features where nothing is known.
    """
    (features,) = shared_features([records])
    return features


def shared_features(populations: Sequence[Records]) -> list[NDArray[np.float64]]:
    """Give what is known of all networks of some populations, and in which they differ.

    Args:
        populations: at least one.

    Returns:
        Arrays as `features_of` gives them, with the same features in the same order.
    """
    first, *others = (records.columns for records in populations)
    joined = {
        name: np.concatenate([values, *(other[name] for other in others)])
        for name, values in first.items()
        if all(name in other for other in others)
    }
    known = {
        name: values
        for name, values in joined.items()
        if values.min() < values.max()  # false where one is NaN
    }
    of_stages = [name for name in known if OF_STAGES.fullmatch(name)]
    uniforms = [name for one in populations for name in one.space.get('uniforms') or ()]
    drawn = (*DRAWN, *uniforms)
    names = (*COUNTS, *SETTINGS, 'depth', *(of_stages or drawn))
    features = [_logarithm(known[name]) for name in dict.fromkeys(names) if name in known]
    sizes = [len(records.networks) for records in populations]
    rows = np.array(features).T.reshape(sum(sizes), len(features))
    return np.split(rows, np.cumsum(sizes)[:-1])


def _logarithm(values: NDArray[np.float64]) -> NDArray[np.float64]:
    """The logarithms of values; the values themselves where one is not positive."""
    return np.log(values) if values.min() > 0 else values
