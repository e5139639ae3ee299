"""Public functions of the analysis say what they take and give."""

import inspect
from dataclasses import is_dataclass

import numpy as np
import pytest

from regnet_plugin import analysis
from regnet_plugin.analysis import best_of, compare

FUNCTIONS = [name for name in analysis.__all__ if inspect.isfunction(getattr(analysis, name))]


@pytest.mark.parametrize('name', FUNCTIONS)
def test_every_argument_has_a_type_and_a_sentence(name):
    function = getattr(analysis, name)
    signature = inspect.signature(function)
    assert signature.return_annotation is not inspect.Signature.empty
    for parameter in signature.parameters.values():
        assert parameter.annotation is not inspect.Parameter.empty, parameter
        assert parameter.name in function.__doc__ or 'See `' in function.__doc__, parameter


@pytest.mark.parametrize('name', sorted(set(analysis.__all__) - set(FUNCTIONS)))
def test_results_are_frozen(name):
    result = getattr(analysis, name)
    assert is_dataclass(result) and result.__dataclass_params__.frozen


def test_options_are_named():
    assert inspect.signature(compare).parameters['level'].kind is inspect.Parameter.KEYWORD_ONLY
    assert (
        inspect.signature(best_of).parameters['replacement'].kind is inspect.Parameter.KEYWORD_ONLY
    )
    assert best_of([1.0, 3.0], draws=2).mean.tolist() == best_of([1.0, 3.0], [2]).mean.tolist()


@pytest.mark.parametrize('given', [[[1.0], [2.0]], np.zeros((2, 3)), None])
def test_populations_without_names_are_refused_with_an_example(given):
    with pytest.raises(
        ValueError, match="populations must be a mapping of names to errors, such as {'A': "
    ):
        compare(given)
