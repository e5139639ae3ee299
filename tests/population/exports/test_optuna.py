"""A population as a journal of Optuna: what its own reader and its dashboard find there."""

import json
from wsgiref.util import setup_testing_defaults

import optuna
import optuna_dashboard
import pytest
from killing import ROOT
from optuna.distributions import CategoricalDistribution, FloatDistribution, IntDistribution
from optuna.storages import JournalStorage
from optuna.storages.journal import JournalFileBackend
from optuna.trial import TrialState

from regnet_plugin.design_spaces.configuration import design_space_of
from regnet_plugin.population.exports.optuna import distributions_of, export_optuna, flat_parameters
from regnet_plugin.population.making.sampling import sample_population
from regnet_plugin.population.runs.results import Result, curve_summary
from regnet_plugin.population.store import Population


def sampled(folder, space, size=4):
    space, described, constraints = design_space_of(ROOT / f'configs/design_spaces/{space}.py')
    return sample_population(space, described, constraints, size=size, seed=0, directory=folder)


def write(population, recipe, network, seed, status='done', **values):
    folder = population.directory / 'runs' / recipe / f'{network}-{seed}'
    folder.mkdir(parents=True)
    Result(
        network=network,
        seed=seed,
        recipe=recipe,
        status=status,
        seconds=90.0,
        complexity=dict(flops=5, parameters=6),
        **values,
    ).write(folder)


@pytest.fixture
def population(tmp_path):
    """A population of two recipes, whose runs ended in many ways.

    One diverged, one was not evaluated, one has not ended, and one is of another population.
    """
    population = sampled(tmp_path / 'population', 'regnetx_digits')
    curve = [
        dict(epoch=1, loss=2.0),
        dict(epoch=2, loss=1.0, error=40.0),
        dict(epoch=3, loss=0.5, error=45.0),
    ]
    write(population, 'short', '000000', 0, **curve_summary(curve))
    write(population, 'short', '000000', 1, **curve_summary(curve[:2]))
    write(
        population,
        'short',
        '000001',
        0,
        'failed',
        reason='diverged',
        message='nan',
        **curve_summary(curve[:2]),
    )
    write(population, 'short', '000002', 0, **curve_summary(curve[:1]))
    write(population, 'short', '000009', 0, **curve_summary(curve))
    (population.directory / 'runs/short/000003-0').mkdir()
    write(population, 'long', '000003', 5, **curve_summary(curve))
    return population


def studies(path):
    storage = JournalStorage(JournalFileBackend(str(path)))
    return {
        study.study_name: optuna.load_study(study_name=study.study_name, storage=storage)
        for study in optuna.get_all_study_summaries(storage)
    }


def test_optuna_reads_every_run_that_ended(population):
    export = export_optuna(population)
    assert export.studies == dict(
        short=dict(complete=2, failed=2, planned=4, sampled=4),
        long=dict(complete=1, failed=0, planned=1, sampled=4),
    )
    found = studies(export.path)
    assert found['population, long'].user_attrs == dict(planned=1, sampled=4)
    assert set(found) == {'population, short', 'population, long'}
    short = found['population, short']
    assert (
        short.direction.name == 'MINIMIZE'
        and short.metric_names == ['error']
        and short.best_value == 40
    )
    first, again, diverged, unrated = short.trials
    networks = {network.name: network.sample for network in population}
    assert first.params == again.params == networks['000000'].parameters
    assert (first.value, first.intermediate_values) == (45.0, {2: 40.0, 3: 45.0})
    assert first.user_attrs == dict(network='000000', seed=0, flops=5, parameters=6, seconds=90.0)
    assert again.user_attrs['seed'] == 1 and first.duration.total_seconds() == 90
    assert diverged.state == TrialState.FAIL and diverged.params == networks['000001'].parameters
    assert diverged.user_attrs['reason'] == 'diverged' and diverged.intermediate_values == {2: 40.0}
    assert unrated.state == TrialState.FAIL and unrated.user_attrs['reason'] == 'no error'


def test_exporting_again_replaces_the_file(population, run_tool):
    for _ in range(2):
        done = run_tool('export_optuna.py', population.directory)
        assert done.returncode == 0, done.stderr
        assert (
            done.stdout == 'long: 1 trials, 0 failed; 1 of 4 networks planned\n'
            'short: 2 trials, 2 failed; 4 of 4 networks planned\n'
            f'{population.directory}/optuna.log\n'
        )
        assert done.stderr == ''
    assert len(studies(population.directory / 'optuna.log')['population, short'].trials) == 4
    assert sorted(path.name for path in population.directory.glob('*optuna*')) == ['optuna.log']


def test_parameters_of_stages_are_flattened_and_settings_kept_where_they_were_drawn(tmp_path):
    anynet = next(iter(sampled(tmp_path / 'a', 'anynetx_a', 1))).sample
    flat = flat_parameters(anynet)
    assert list(flat)[:5] == ['depths_1', 'depths_2', 'depths_3', 'depths_4', 'widths_1']
    assert [flat[f'widths_{stage}'] for stage in (1, 2, 3, 4)] == list(anynet.parameters['widths'])
    population = sampled(tmp_path / 'b', 'regnetx_lr_wd', 2)
    write(population, 'short', '000000', 0, **curve_summary([dict(epoch=1, error=9.0)]))
    trial = studies(export_optuna(population).path)['b, short'].trials[0]
    assert (
        trial.params['lr'] == next(iter(population)).sample.lr and 'resolution' not in trial.params
    )


def test_distributions_are_what_the_values_say():
    found = distributions_of(
        [dict(a=1, b=1.5, c='ReLU', d=0.001), dict(a=9, b=2, c='Swish', d=0.01, e=3)]
    )
    assert found == dict(
        a=IntDistribution(1, 9),
        b=FloatDistribution(1.5, 2),
        c=CategoricalDistribution(['ReLU', 'Swish']),
        d=FloatDistribution(0.001, 0.01, log=True),
        e=IntDistribution(3, 3),
    )


def test_the_dashboard_shows_the_trials(population):
    app = optuna_dashboard.wsgi(
        JournalStorage(JournalFileBackend(str(export_optuna(population).path)))
    )

    def get(path):
        said, environ = [], dict(PATH_INFO=path)
        setup_testing_defaults(environ)
        body = b''.join(
            app(environ, lambda status, headers, error=None: said.append((status, error)))
        )
        assert said == [('200 OK', None)], body
        return json.loads(body)

    names = {
        study['study_name']: study['study_id'] for study in get('/api/studies')['study_summaries']
    }
    trials = get(f'/api/studies/{names["population, short"]}')['trials']
    assert [trial['state'] for trial in trials] == ['Complete', 'Complete', 'Fail', 'Fail']
    assert trials[0]['values'] == [45.0] and len(trials[0]['params']) == 6


def test_nothing_to_export_is_one_line_and_exit_code_2(tmp_path, run_tool):
    sampled(tmp_path / 'population', 'regnetx_digits', 1)
    done = run_tool('export_optuna.py', 'population')
    assert (
        done.returncode == 2
        and not Population.open(tmp_path / 'population').directory.joinpath('optuna.log').exists()
    )
    assert done.stderr == (
        'error: a run must have ended before there is anything to export, but none in population '
        'has: '
        'tools/train_population.py trains\n'
    )
