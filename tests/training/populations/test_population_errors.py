"""Errors from evaluators to all that is made of a population.

Of one's own metric, and one that goes wrong.
"""

import json

import optuna
import pytest
from killing import ROOT
from optuna.storages import JournalStorage
from optuna.storages.journal import JournalFileBackend
from small_population import RECIPE, python_path, results, sampled, train
from tiny_training import train_here

from regnet_plugin.population.runs.results import read_result
from regnet_plugin.training.workers.trainee_reply import FailureNoted

OWN = f"""
_base_ = {str(RECIPE)!r}
custom_imports = dict(imports=['own_metric'])
val_evaluator = dict(_delete_=True, type='OwnMetric')
param_scheduler = [dict(type='ConstantLR', factor=1.0)]
"""


RUN = """
train_dataloader = dict(dataset=dict(indices=64))
val_dataloader = dict(dataset=dict(indices=64))
default_hooks = dict(checkpoint=dict(save_best=None))
train_cfg = dict(max_epochs=1)
custom_hooks = [
    dict(
        type='regnet_plugin.ResultHook', network='000000', recipe='own', recipe_digest='',
        complexity=dict()),
]
"""
WHY = 'own_mae must be a finite number of at most 1e100, but it is nan, after epoch 1'


def test_an_evaluation_that_goes_wrong_is_the_reason_of_a_failure(tmp_path, monkeypatch):
    monkeypatch.syspath_prepend(ROOT / 'tests')
    config, run = tmp_path / 'config.py', tmp_path / 'own/000000-0'
    config.write_text(OWN + RUN)
    with pytest.raises(FailureNoted, match=f'{run}: {WHY}'):
        train_here(config, run)
    result = read_result(run)
    assert (result.status, result.reason, result.message, result.last_error) == (
        'failed',
        'wrong metric',
        WHY,
        None,
    )


@pytest.mark.acceptance
def test_a_metric_of_ones_own_and_one_that_goes_wrong(tmp_path, run_tool):
    population, recipe = sampled(tmp_path / 'population', 2), tmp_path / 'recipe.py'
    recipe.write_text(OWN)
    code, output = train(population, recipe=recipe, epochs=1, PYTHONPATH=python_path())
    assert code == 0 and '1 of 2 networks trained' in output, output
    wrong, right = sorted(results(population).values(), key=lambda result: result.status == 'done')
    assert (wrong.reason, wrong.message) == ('wrong metric', WHY)
    assert f'failed: {wrong.network}-0, wrong metric: {WHY}' in output
    assert (right.metric, right.unit, right.last_error, right.curve[0]['error']) == (
        'own_mae',
        '',
        312.5,
        312.5,
    )

    status = run_tool('population_status.py', population)
    assert status.returncode == 0 and f'best error 312.5 ({right.network}-0)' in status.stdout, (
        status.stderr
    )
    page = run_tool('report_population.py', population)
    assert page.returncode == 0 and 'mean error 312.5, minimum 312.5 (n = 1)' in page.stdout, (
        page.stderr
    )
    assert 'own_mae (lower is better)' in (tmp_path / 'report.html').read_text()
    assert run_tool('export_optuna.py', population).stdout.startswith('small: 1 trials, 1 failed\n')
    storage = JournalStorage(JournalFileBackend(str(population / 'optuna.log')))
    assert optuna.load_study(study_name='population, small', storage=storage).best_value == 312.5

    path = population / f'runs/small/{wrong.network}-0/result.json'
    path.write_text(
        json.dumps(
            dict(
                json.loads(path.read_text()), status='done', reason=None, unit='%', last_error=1e308
            )
        )
    )
    for tool in (
        'population_status.py',
        'report_population.py',
        'export_optuna.py',
        'export_table.py',
    ):
        done = run_tool(tool, population)
        assert done.returncode == 0, f'{tool}: {done.stderr}'
    status = ' '.join(run_tool('population_status.py', population).stdout.split())
    assert (
        'broken result' in status
        and 'tools/train_population.py puts it aside and trains the run again' in status
    )
