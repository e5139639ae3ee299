"""A trained population as a journal of Optuna, for its dashboard and its analyses: a study per
recipe, a trial per run.
"""

import math
import warnings
from dataclasses import dataclass
from datetime import datetime, timedelta
from pathlib import Path
from typing import Dict, Tuple

from regnet_plugin.files import folders_in, unfinished
from regnet_plugin.population.columns import COUNTS
from regnet_plugin.population.results import BROKEN
from regnet_plugin.population.runs.run import RUNS, Run, networks_with_runs
from regnet_plugin.population.store import PopulationError

JOURNAL = 'optuna.log'
_LOGARITHMIC = 10  # axis of a parameter, from this ratio of its largest to its smallest value on


@dataclass(frozen=True)
class Export:
    """What was written.

    Attributes:
        path (Path): the journal.
        studies (dict[str, dict[str, int]]): per recipe the trials that are ``complete`` and
            ``failed``.
        notes (tuple[str]): on results that cannot be used, which are failed trials.
    """

    path: Path
    studies: Dict[str, Dict[str, int]]
    notes: Tuple[str, ...] = ()


def export_optuna(population):
    """Write all runs that ended into ``optuna.log`` in the population's folder, in place of one
    that may be there.

    A trial has the nominal parameters of its network, one for each stage where there is one per
    stage; as its value the error of the last epoch, in percent or a metric in its own unit, lower
    is better; as intermediate values the errors of all evaluations; as user attributes network,
    seed, flops, parameters, activations, seconds and, of a failure, reason and message. A run
    without an error has failed by Optuna's rules: it has no value. Others that have not ended are
    left out.

    Args:
        population (Population): of any design space.

    Returns:
        Export: what was written.

    Raises:
        PopulationError: if no run has ended.
    """
    known = {network.name: network for network in population}
    ended = {name: results for name, results in _results(population, known).items() if results}
    if not ended:
        raise PopulationError(
            f'a run must have ended before there is anything to export, but none in '
            f'{population.directory} has: tools/train_population.py trains'
        )
    networks = {name: network.sample for name, network in known.items()}
    path = population.directory / JOURNAL
    with unfinished(path) as part:
        studies = {
            recipe: _write_study(
                part, f'{population.directory.resolve().name}, {recipe}', results, networks
            )
            for recipe, results in ended.items()
        }
    notes = tuple(
        result.message
        for results in ended.values()
        for result in results
        if result.reason == BROKEN
    )
    return Export(path, studies, notes)


def _results(population, networks):
    """Results by recipe, of networks that are in the population."""
    place = population.directory / RUNS
    folders = [place / name for name in folders_in(place)]
    return {
        folder.name: list(
            filter(
                None,
                (
                    Run(folder / f'{network.name}-{seed}', network, seed).result()
                    for network, seed in _planned(folder, networks)
                ),
            )
        )
        for folder in folders
    }


def _planned(folder, networks):
    return [(networks[name], seed) for name, seed in networks_with_runs(folder) if name in networks]


def _write_study(path, name, results, networks):
    import optuna
    from optuna.storages import JournalStorage
    from optuna.storages.journal import JournalFileBackend

    optuna.logging.set_verbosity(optuna.logging.WARNING)
    storage = JournalStorage(JournalFileBackend(str(path)))
    study = optuna.create_study(study_name=name, direction='minimize', storage=storage)
    with warnings.catch_warnings():
        warnings.simplefilter('ignore', optuna.exceptions.ExperimentalWarning)
        study.set_metric_names(['error'])
    drawn = settings_drawn(networks.values())
    parameters = {
        network: flat_parameters(networks[network], drawn)
        for network in {result.network for result in results}
    }
    distributions = distributions_of(parameters.values())
    trials = [_trial(result, parameters[result.network], distributions) for result in results]
    study.add_trials(trials)
    failed = sum(trial.state == optuna.trial.TrialState.FAIL for trial in trials)
    return dict(complete=len(trials) - failed, failed=failed)


def settings_drawn(samples):
    """Names of the settings (resolution, activation, lr, weight_decay) in which networks of a
    population differ.
    """
    values = {}
    for sample in samples:
        for name, value in sample.settings.items():
            values.setdefault(name, set()).add(value)
    return sorted(name for name, found in values.items() if len(found) > 1)


def flat_parameters(sample, settings=()):
    """Nominal parameters of a network by name; those of stages end in their number, from 1.

    Args:
        sample (Sample): the network.
        settings (Sequence[str]): that were drawn beside the architecture, see `settings_drawn`.

    Returns:
        dict[str, int | float | str]: ``depth``, ``w_0``, … of a RegNet, ``depths_1`` to
            ``group_widths_4`` of an AnyNet.
    """
    drawn = {name: value for name, value in sample.settings.items() if name in settings}
    flat = {}
    for name, value in {**sample.parameters, **drawn}.items():
        flat.update(
            {f'{name}_{stage}': entry for stage, entry in enumerate(value, 1)}
            if isinstance(value, list)
            else {name: value}
        )
    return flat


def distributions_of(networks):
    """Make Optuna's distributions of the values that are there: their range, or their set where
    they are no numbers.

    Args:
        networks (Iterable[dict]): from `flat_parameters`.

    Returns:
        dict[str, optuna.distributions.BaseDistribution]: by name; logarithmic where the values span
            more than a decade.
    """
    values = {}
    for parameters in networks:
        for name, value in parameters.items():
            values.setdefault(name, set()).add(value)
    return {name: _distribution(found) for name, found in values.items()}


def _distribution(values):
    from optuna.distributions import CategoricalDistribution, FloatDistribution, IntDistribution

    if any(isinstance(value, (str, bool)) for value in values):
        return CategoricalDistribution(sorted(values))
    low, high = min(values), max(values)
    kind = IntDistribution if all(isinstance(value, int) for value in values) else FloatDistribution
    return kind(low, high, log=low > 0 and high >= _LOGARITHMIC * low)


def _trial(result, parameters, distributions):
    from optuna.trial import TrialState, create_trial

    failed = result.status == 'failed' or result.last_error is None
    counts = {name: result.complexity[name] for name in COUNTS if name in result.complexity}
    attributes = dict(network=result.network, seed=result.seed, **counts, seconds=result.seconds)
    if failed:
        attributes.update(reason=result.reason or 'no error', message=result.message)
    errors = {row['epoch']: row['error'] for row in result.curve if _is_error(row.get('error'))}
    trial = create_trial(
        state=TrialState.FAIL if failed else TrialState.COMPLETE,
        params=parameters,
        value=None if failed else result.last_error,
        user_attrs=attributes,
        intermediate_values=errors,
        distributions={name: distributions[name] for name in parameters},
    )
    trial.datetime_complete = datetime.fromisoformat(result.finished)
    trial.datetime_start = trial.datetime_complete - timedelta(seconds=result.seconds or 0)
    return trial


def _is_error(value):
    return value is not None and math.isfinite(value)
