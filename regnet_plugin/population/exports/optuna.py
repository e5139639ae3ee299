"""A trained population as a journal of Optuna, for its dashboard and its analyses.

It has a study per recipe, and in it a trial per run.
"""

import math
import warnings
from collections.abc import Container, Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from pathlib import Path
from typing import TYPE_CHECKING, Any

from regnet_plugin.design_spaces.sample import Sample
from regnet_plugin.files import folders_in, unfinished
from regnet_plugin.population.columns import COUNTS, of_stage
from regnet_plugin.population.folder import RUNS
from regnet_plugin.population.runs.layout import run_names_in
from regnet_plugin.population.runs.results import BROKEN, Result
from regnet_plugin.population.runs.run import Run
from regnet_plugin.population.store import Population, PopulationError, SampledNetwork

if TYPE_CHECKING:  # whoever does not export need not have it
    from optuna.distributions import BaseDistribution
    from optuna.trial import FrozenTrial

JOURNAL = 'optuna.log'
# Ratio of a parameter's largest to its smallest value from which on its axis is logarithmic.
_LOGARITHMIC = 10

Parameter = int | float | str


@dataclass(frozen=True)
class Export:
    """What was written.

    Attributes:
        path: the journal.
        studies: per recipe the trials that are ``complete`` and ``failed``, and the networks that
            are ``planned`` and ``sampled``.
        notes: on results that cannot be used, which are failed trials.
    """

    path: Path
    studies: dict[str, dict[str, int]]
    notes: tuple[str, ...] = ()


def export_optuna(population: Population) -> Export:
    """Write all runs that ended into ``optuna.log`` in the population's folder.

    One that may be there is replaced.

    A trial has the nominal parameters of its network, one for each stage where there is one per
    stage; as its value the error of the last epoch, in percent or a metric in its own unit, lower
    is better; as intermediate values the errors of all evaluations; as user attributes network,
    seed, flops, parameters, activations, seconds and, of a failure, reason and message. A run
    without an error has failed by Optuna's rules: it has no value. Others that have not ended are
    left out. A study has the numbers of networks that are planned and sampled as user attributes.

    Args:
        population: of any design space.

    Returns:
        What was written.

    Raises:
        PopulationError: if no run has ended.
    """
    networks = {network.name: network for network in population}
    ended = {name: results for name, results in _results(population, networks).items() if results}
    if not ended:
        raise PopulationError(
            'a run must have ended before there is anything to export, but none in '
            f'{population.directory} has: tools/train_population.py trains'
        )
    samples = {name: network.sample for name, network in networks.items()}
    title = population.directory.resolve().name
    path = population.directory / JOURNAL
    with unfinished(path) as part:
        studies = {
            recipe: _write_study(
                part, f'{title}, {recipe}', results, samples, _planned(population, recipe, samples)
            )
            for recipe, results in ended.items()
        }
    broken = [result for results in ended.values() for result in results if result.reason == BROKEN]
    return Export(path, studies, tuple(result.message for result in broken))


def _results(
    population: Population, networks: Mapping[str, SampledNetwork]
) -> dict[str, list[Result]]:
    """Results by recipe, of networks that are in the population."""
    place = population.directory / RUNS
    return {name: _results_of(place / name, networks) for name in folders_in(place)}


def _planned(population: Population, recipe: str, networks: Container[str]) -> int:
    """Number of networks that are trained with a recipe, or are to be."""
    names = run_names_in(population.directory / RUNS / recipe)
    return len({name.network for name in names if name.network in networks})


def _results_of(folder: Path, networks: Mapping[str, SampledNetwork]) -> list[Result]:
    """Results with one recipe."""
    results = []
    for name in run_names_in(folder):
        if name.network not in networks:
            continue
        run = Run(folder / name.folder, networks[name.network], name.seed)
        result = run.result()
        if result is not None:
            results.append(result)
    return results


def _write_study(
    path: Path, name: str, results: Sequence[Result], samples: Mapping[str, Sample], planned: int
) -> dict[str, int]:
    """Add a study to a journal.

    Args:
        path: of the journal.
        name: of the study.
        results: with one recipe.
        samples: all networks of the population, by name.
        planned: networks that are trained, or are to be.

    Returns:
        Its numbers, see `Export`.
    """
    import optuna
    from optuna.storages import JournalStorage
    from optuna.storages.journal import JournalFileBackend

    optuna.logging.set_verbosity(optuna.logging.WARNING)
    storage = JournalStorage(JournalFileBackend(str(path)))
    study = optuna.create_study(study_name=name, direction='minimize', storage=storage)
    with warnings.catch_warnings():
        warnings.simplefilter('ignore', optuna.exceptions.ExperimentalWarning)
        study.set_metric_names(['error'])
    networks = dict(planned=planned, sampled=len(samples))
    for attribute, number in networks.items():
        study.set_user_attr(attribute, number)
    drawn = settings_drawn(samples.values())
    parameters = {
        network: flat_parameters(samples[network], drawn)
        for network in {result.network for result in results}
    }
    distributions = distributions_of(parameters.values())
    trials = [_trial(result, parameters[result.network], distributions) for result in results]
    study.add_trials(trials)
    failed = sum(trial.state == optuna.trial.TrialState.FAIL for trial in trials)
    return dict(complete=len(trials) - failed, failed=failed, **networks)


def settings_drawn(samples: Iterable[Sample]) -> list[str]:
    """Name the settings in which networks of a population differ.

    They may be resolution, activation, lr and weight_decay.
    """
    values: dict[str, set[Parameter]] = {}
    for sample in samples:
        for name, value in sample.settings.items():
            values.setdefault(name, set()).add(value)
    return sorted(name for name, found in values.items() if len(found) > 1)


def flat_parameters(sample: Sample, settings: Container[str] = ()) -> dict[str, Parameter]:
    """Give the nominal parameters of a network by name; those of stages end in their number.

    Args:
        sample: the network.
        settings: that were drawn beside the architecture, see `settings_drawn`.

    Returns:
        ``depth``, ``w_0``, … of a RegNet, ``depths_1`` to ``group_widths_4`` of an AnyNet.
    """
    drawn = {name: value for name, value in sample.settings.items() if name in settings}
    flat: dict[str, Parameter] = {}
    for name, value in {**sample.parameters, **drawn}.items():
        if isinstance(value, list):
            flat.update({of_stage(name, stage): entry for stage, entry in enumerate(value, 1)})
        else:
            flat[name] = value
    return flat


def distributions_of(
    networks: Iterable[Mapping[str, Parameter]],
) -> dict[str, 'BaseDistribution']:
    """Make Optuna's distributions of the values that are there.

    Args:
        networks: from `flat_parameters`.

    Returns:
        By name the range of the values, or their set where they are no numbers; logarithmic where
        they span more than a decade.
    """
    values: dict[str, set[Any]] = {}
    for parameters in networks:
        for name, value in parameters.items():
            values.setdefault(name, set()).add(value)
    return {name: _distribution(found) for name, found in values.items()}


def _distribution(values: set[Any]) -> 'BaseDistribution':
    from optuna.distributions import CategoricalDistribution, FloatDistribution, IntDistribution

    if any(isinstance(value, (str, bool)) for value in values):
        return CategoricalDistribution(sorted(values))
    low, high = min(values), max(values)
    is_logarithmic = low > 0 and high >= _LOGARITHMIC * low
    are_whole = all(isinstance(value, int) for value in values)
    kind = IntDistribution if are_whole else FloatDistribution
    return kind(low, high, log=is_logarithmic)


def _trial(
    result: Result,
    parameters: Mapping[str, Parameter],
    distributions: Mapping[str, 'BaseDistribution'],
) -> 'FrozenTrial':
    """The trial of a run that ended, see `export_optuna`."""
    from optuna.trial import TrialState, create_trial

    failed = result.status == 'failed' or result.last_error is None
    attributes: dict[str, Any] = dict(network=result.network, seed=result.seed)
    attributes.update(
        {name: result.complexity[name] for name in COUNTS if name in result.complexity}
    )
    attributes['seconds'] = result.seconds
    if failed:
        attributes.update(reason=result.reason or 'no error', message=result.message)
    trial = create_trial(
        state=TrialState.FAIL if failed else TrialState.COMPLETE,
        params=dict(parameters),
        value=None if failed else result.last_error,
        user_attrs=attributes,
        intermediate_values=_errors(result.curve),
        distributions={name: distributions[name] for name in parameters},
    )
    trial.datetime_complete = datetime.fromisoformat(result.finished)
    trial.datetime_start = trial.datetime_complete - timedelta(seconds=result.seconds or 0)
    return trial


def _errors(curve: Iterable[Mapping[str, Any]]) -> dict[int, float]:
    """Errors by epoch, of a result's curve."""
    errors = {}
    for row in curve:
        error = row.get('error')
        if error is not None and math.isfinite(error):
            errors[row['epoch']] = error
    return errors
