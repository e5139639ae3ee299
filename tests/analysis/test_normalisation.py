"""The complexity-normalised EDF of the 2019 paper."""

import numpy as np
import pytest

from regnet_plugin.analysis import Bins, common_bins, complexity_weights, edf

pytestmark = pytest.mark.filterwarnings('error')


def test_by_hand():
    """There are two bins, 0 to 1 and 1 to 2.

    A network at an end of the range or of unknown complexity does not count.
    """
    weights = complexity_weights(
        [0, 0.2, 0.5, 0.9, 1, 1.9, 2, 3, float('nan')], low=0, high=2, bins=2
    )
    assert weights == pytest.approx([0, 1 / 6, 1 / 6, 1 / 6, 1 / 4, 1 / 4, 0, 0, 0])


def test_complexity_is_spread_evenly():
    complexity = np.random.default_rng(0).gamma(2, 1, 2000)
    f = edf(complexity, complexity_weights(complexity, 0.5, 4.5, 8))
    assert f(0.5 + np.arange(9) / 2) == pytest.approx(np.arange(9) / 8)


def test_what_is_only_size_vanishes():
    """Error depends on size alone: spaces that favour different sizes agree at equal size."""
    generator = np.random.default_rng(0)
    sizes = [generator.random(3000) ** power for power in (0.5, 2)]
    plain = [edf(30 - 10 * size).mean for size in sizes]
    normal = [edf(30 - 10 * size, complexity_weights(size, 0, 1, 20)).mean for size in sizes]
    assert abs(plain[0] - plain[1]) > 3
    assert abs(normal[0] - normal[1]) < 0.05
    assert normal == pytest.approx([25, 25], abs=0.05)


def test_empty_bins_are_named():
    with pytest.raises(ValueError, match='of 4 bins these have none: 1 to 2, 3 to 4$'):
        complexity_weights([0.5, 2.5, 2.6], 0, 4, 4)
    with pytest.raises(ValueError, match='low=2, high=1, bins=3'):
        complexity_weights([1], 2, 1, 3)
    with pytest.raises(ValueError, match='bins=0'):
        complexity_weights([1], 0, 1, 0)


def test_the_chosen_bins_are_filled_and_no_finer_ones_are():
    generator = np.random.default_rng(0)
    populations = [
        generator.gamma(shape, 1, size) for shape, size in ((2, 300), (4, 200), (3, 250))
    ]
    populations[2][7] = np.nan
    chosen = common_bins(populations)
    assert 5 < chosen.bins < 40
    for population in populations:
        assert complexity_weights(
            population, chosen.low, chosen.high, chosen.bins
        ).sum() == pytest.approx(1)
        known = population[~np.isnan(population)]
        assert np.quantile(known, 0.025) <= chosen.low < chosen.high <= np.quantile(known, 0.975)
    for bins in range(chosen.bins + 1, 41):
        with pytest.raises(ValueError, match='these have none'):
            [
                complexity_weights(population, chosen.low, chosen.high, bins)
                for population in populations
            ]


def test_many_networks_fill_as_many_as_there_may_be():
    populations = [np.linspace(360e6, 400e6, 500), np.linspace(350e6, 398e6, 500)]
    assert common_bins(populations) == Bins(pytest.approx(361e6), pytest.approx(396.8e6), 40)
    assert common_bins(populations, most=8).bins == 8


@pytest.mark.parametrize(
    'populations',
    [
        [],
        [[]],
        [[1, 2, 3], []],
        [[1, 2, 3], [4, 5, 6]],
        [[1], [1]],
        [[1, 1, 1]],
        [[float('nan')] * 3],
        [[1, 2, 3], [1, 2, 3]],
    ],
)
def test_nothing_sensible(populations):
    assert common_bins(populations) is None
