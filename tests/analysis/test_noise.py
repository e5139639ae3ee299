"""Noise between seeds: the published example of the intraclass correlation, and simulations."""

import numpy as np
import pytest

from regnet_plugin.analysis import seed_noise

# Shrout and Fleiss, Psychological Bulletin 86, 1979, table 2: six targets, four judges; ICC(1,1) =
# .17
JUDGED = np.array(
    [[9, 2, 5, 8], [6, 1, 3, 2], [8, 4, 6, 8], [7, 1, 2, 6], [10, 5, 6, 9], [6, 2, 4, 7]],
    dtype=float,
)


def noise_of(errors, **options):
    return seed_noise(errors.mean(axis=1), errors.std(axis=1, ddof=1), errors.shape[1], **options)


def test_the_published_example():
    found = noise_of(JUDGED)
    assert round(found.share, 2) == 0.17 and (found.n, found.seeds) == (6, 4)
    assert found.within**2 == pytest.approx(6.26, abs=0.005)  # within mean square, table 3


def test_deviations_are_recovered_and_the_interval_holds():
    chance = np.random.default_rng(0)
    held = 0
    for _ in range(200):
        errors = 30 + 4 * chance.normal(size=(40, 1)) + 2 * chance.normal(size=(40, 3))
        found = noise_of(errors)
        held += found.low <= 0.8 <= found.high
    assert found.between == pytest.approx(4, rel=0.3) and found.within == pytest.approx(2, rel=0.2)
    assert 180 <= held <= 198


def test_networks_that_do_not_differ_have_no_share():
    chance = np.random.default_rng(1)
    found = noise_of(chance.normal(size=(400, 3)))
    assert abs(found.share) < 0.1 and found.between < 0.35


@pytest.mark.parametrize(
    'means, deviations, seeds',
    [([1], [1], 3), ([1, 2], [1, 1], 1), ([1, np.nan], [1, 1], 2), ([1, 2], [0, 0], 2)],
)
def test_what_cannot_tell_is_refused(means, deviations, seeds):
    with pytest.raises(ValueError, match='seed noise needs'):
        seed_noise(means, deviations, seeds)
