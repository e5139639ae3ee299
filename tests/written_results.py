"""Results and texts of files, for tests."""

import pytest

from regnet_plugin.population.runs.results import Result

ENDLESS = pytest.param('[' * 200000, id='endless')  # deeper than a parser goes


def result(**values):
    return Result(**{**dict(network='000000', seed=0, recipe='recipe', status='done'), **values})
