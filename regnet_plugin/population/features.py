"""What is known of networks before they are trained, as numbers that a regression takes."""

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
    known = {
        name: values
        for name, values in records.columns.items()
        if values.min() < values.max()  # false where one is NaN
    }
    of_stages = [name for name in known if OF_STAGES.fullmatch(name)]
    drawn = (*DRAWN, *(records.space.get('uniforms') or ()))
    names = (*COUNTS, *SETTINGS, 'depth', *(of_stages or drawn))
    features = [_logarithm(known[name]) for name in dict.fromkeys(names) if name in known]
    return np.array(features).T.reshape(len(records.networks), len(features))


def _logarithm(values: NDArray[np.float64]) -> NDArray[np.float64]:
    """The logarithms of values; the values themselves where one is not positive."""
    return np.log(values) if values.min() > 0 else values
