"""A regression that leaves each network out, against models that are fitted without it."""

from itertools import combinations, product

import numpy as np
import pytest
from scipy.spatial.distance import pdist, squareform

from regnet_plugin.analysis.adjustment import cross_fitting
from regnet_plugin.analysis.adjustment.cross_fitting import cross_fit

PENALTY = 0.1


@pytest.fixture(autouse=True)
def one_penalty(monkeypatch):
    monkeypatch.setattr(cross_fitting, '_PENALTIES', np.array([PENALTY]))


def networks(number, seed=0):
    generator = np.random.default_rng(seed)
    features = generator.standard_normal((number, 3)) * [1, 10, 0.1]
    return features, features @ [1, 0.1, 10] + features[:, 0] ** 2 + generator.gamma(1, 1, number)


def model(features, labelled, labels):
    """Predict all networks: the equations of kernel ridge regression with an intercept, solved.

    A kernel of width w mean squared distances, sum of coefficients 0.
    """
    standardised = (features - features.mean(0)) / features.std(0)
    distances = squareform(pdist(standardised, 'sqeuclidean'))
    kernel = np.exp(-distances / (cross_fitting._WIDTH * 2 * features.shape[1]))
    n = len(labelled)
    equations = np.ones((n + 1, n + 1))
    equations[:n, :n] = kernel[np.ix_(labelled, labelled)] + PENALTY * np.eye(n)
    equations[n, n] = 0
    *coefficients, intercept = np.linalg.solve(equations, np.append(labels, 0))
    return kernel[:, labelled] @ coefficients + intercept


def test_each_is_predicted_by_the_model_without_it():
    features, errors = networks(15)
    labelled = np.arange(15) % 2 == 0
    fit = cross_fit(features, labelled, errors[labelled, np.newaxis])
    rows = np.flatnonzero(labelled)
    without = []
    for row in rows:
        kept = rows[rows != row]
        without.append(model(features, kept, errors[kept]))
    own, others = fit.own(errors[labelled, np.newaxis]), fit.others(errors[labelled, np.newaxis])
    assert own[:, 0] == pytest.approx([one[row] for one, row in zip(without, rows)])
    assert others[:, 0] == pytest.approx(np.mean(without, axis=0)[~labelled])


def test_over_all_parts_of_a_population_the_estimate_is_its_mean():
    """mean of labels - own + mean of others: unbiased exactly, whatever the model is like."""
    features, errors = networks(8)
    estimates = []
    for part in combinations(range(8), 4):
        labelled = np.isin(np.arange(8), part)
        labels = errors[labelled, np.newaxis]
        fit = cross_fit(features, labelled, labels)
        estimates.append((labels - fit.own(labels)).mean() + fit.others(labels).mean())
    assert np.std(estimates) > 0.1
    assert np.mean(estimates) == pytest.approx(errors.mean(), rel=1e-12)


def test_of_two_spaces_the_estimate_of_each_is_its_mean():
    """Whatever the other one is like, if models leave out networks of the space that is estimated.

    Where they leave out any, those without a network of the worse space predict it as better.
    """
    features, errors = networks(10)
    spaces = np.arange(10) < 5
    errors = errors + 20 * spaces
    estimates, of_any = [], []
    for one, other in product(combinations(range(5), 3), combinations(range(5, 10), 3)):
        labelled = np.isin(np.arange(10), one + other)
        labels = errors[labelled, np.newaxis]
        fit = cross_fit(features, labelled, labels)
        left_over = (labels - fit.own(labels))[spaces[labelled]].mean()
        others = (fit.others(labels, spaces[labelled]), fit.others(labels))
        for found, predicted in zip((estimates, of_any), others):
            found.append(left_over + predicted[spaces[~labelled]].mean())
    assert np.mean(estimates) == pytest.approx(errors[spaces].mean(), rel=1e-12)
    assert np.mean(of_any) > errors[spaces].mean() + 0.1


def test_the_penalty_that_predicts_best_is_chosen(monkeypatch):
    """Of what is linear, little is penalised; of noise, as much as there is."""
    features, _ = networks(40)
    noise = np.random.default_rng(1).standard_normal((40, 1))
    labelled = np.arange(40) < 30
    for labels, best in ((features[:, :1], 1e-3), (noise, 100.0)):
        chosen = []
        for penalties in ([1e-3], [100.0], [1e-3, 100.0]):
            monkeypatch.setattr(cross_fitting, '_PENALTIES', np.array(penalties))
            chosen.append(cross_fit(features, labelled, labels[labelled]).own(labels[labelled]))
        assert (chosen[2] == pytest.approx(chosen[0])) == (best == 1e-3)
        assert (chosen[2] == pytest.approx(chosen[1])) == (best == 100)


def test_features_in_other_units_and_such_that_do_not_vary_change_nothing():
    features, errors = networks(15)
    labelled = np.arange(15) < 9
    labels = errors[labelled, np.newaxis]
    other = np.column_stack([features * [7, -1, 1e6] + [3, 2, 1], np.ones(15)])
    predicted = cross_fit(features, labelled, labels).others(labels)
    assert cross_fit(other, labelled, labels).others(labels) == pytest.approx(predicted)
