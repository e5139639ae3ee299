"""Agreement of schedules: against laws, and a case counted by hand."""

import numpy as np
import pytest

from regnet_plugin.analysis import schedule_agreement


def test_a_case_counted_by_hand():
    """Of six pairs one is in another order: tau is (5 - 1) / 6; between the seeds it is 1."""
    found = schedule_agreement([1, 2, 4, 3], [10, 20, 30, 40], [11, 21, 31, 41], [1, 1, 2, 3])
    assert found.tau == pytest.approx(2 / 3) and found.tau_of_seeds == 1
    assert found.ratio == pytest.approx(2 / 3) and found.n == 4
    # the ranks change by 0, 0, -1, 1; depths less their mean are -0.75, -0.75, 0.25, 1.25
    assert found.depth_share == pytest.approx((-0.25 + 1.25) ** 2 / (2 * 2.75))


def test_depth_that_decides_the_change_explains_all_of_it():
    depths = np.arange(8)
    found = schedule_agreement(depths, -depths, -depths, depths)
    assert found.tau == pytest.approx(-1) and found.depth_share == pytest.approx(1)
    same = schedule_agreement(depths, depths, depths, depths[::-1])
    assert same.ratio == same.low == same.high == pytest.approx(1) and same.depth_share == 0


def test_the_interval_holds_the_ratio_of_many_networks():
    """Where all three trainings see one order through the same noise, the ratio is 1."""
    draw = np.random.default_rng(0)
    covered = []
    for _ in range(200):
        true = draw.normal(size=32)
        short, long, again = (true + 0.4 * draw.normal(size=32) for _ in range(3))
        found = schedule_agreement(short, long, again, draw.integers(4, 30, 32))
        covered.append(found.low <= 1 <= found.high)
    assert 0.9 <= np.mean(covered) <= 0.99


@pytest.mark.parametrize(
    'arguments, message',
    [
        (([1, 2, 3],) * 4, 'four networks at least'),
        (([1, 2, 3, np.nan],) * 4, 'all with errors and depths'),
        (([1, 2, 3, 4], [1, 2, 3, 4], [4, 3, 2, 1], [1, 1, 1, 1]), "Kendall's tau .* -1.00"),
        (([1, 2, 3, 4], [1, 2, 3], [1, 2, 3], [1, 2, 3]), 'equally long'),
    ],
)
def test_bad_input(arguments, message):
    with pytest.raises(ValueError, match=message):
        schedule_agreement(*arguments)
