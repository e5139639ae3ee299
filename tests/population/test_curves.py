"""Which evaluation of a training is the last one, and which the best."""

import pytest

from regnet_plugin.population.curves import last_and_best


@pytest.mark.parametrize('lower_is_better, best', [(True, 2), (False, 4)])
def test_the_last_and_the_best_row_with_a_value(lower_is_better, best):
    values = [None, 20.0, 20.0, 40.0, 30.0]
    rows = [dict(epoch=epoch, error=value) for epoch, value in enumerate(values, 1)]
    rows.append(dict(epoch=6, loss=0.5))
    last, found = last_and_best(rows, 'error', lower_is_better)
    assert (last['epoch'], found['epoch']) == (5, best)


def test_a_curve_without_a_value_has_neither():
    assert last_and_best([dict(epoch=1, loss=0.5)], 'error') is None
    assert last_and_best([], 'error') is None


def test_an_error_is_better_when_lower_unless_it_is_said():
    last, best = last_and_best([dict(epoch=1, error=30.0), dict(epoch=2, error=40.0)], 'error')
    assert (last['epoch'], best['epoch']) == (2, 1)
