"""Of a training that is too short for its schedules, hooks or evaluation the setting is named."""

import re

import pytest
from killing import ROOT
from mmengine.config import Config, ConfigDict

from regnet_plugin.training.checks.schedule import check_schedules, never_reached

DIGITS = ROOT / 'configs/regnetx_6.5mf_digits.py'
EPOCHS = dict(by_epoch=True, max_epochs=12)
ITERATIONS = dict(by_epoch=False, max_iters=90)
LATE, EARLY = dict(type='CosineAnnealingLR', begin=12), dict(type='LinearLR', end=5)


def config_of(loop=EPOCHS, **settings):
    return Config(
        dict(
            default_scope='mmpretrain',
            train_cfg=loop,
            val_dataloader=dict(batch_size=1),
            **settings,
        )
    )


@pytest.mark.parametrize(
    'settings, message',
    [
        (
            dict(param_scheduler=LATE),
            r'param_scheduler\.begin must be smaller than .* train_cfg\.max_epochs=12, '
            'but it is 12',
        ),
        (
            dict(param_scheduler=[EARLY, LATE]),
            r'param_scheduler\.1\.begin must be smaller .* train_cfg\.max_epochs=12',
        ),
        (
            dict(param_scheduler=dict(generator=[EARLY, LATE], critic=[])),
            r'param_scheduler\.generator\.1\.begin must',
        ),
        (
            dict(param_scheduler=[dict(EARLY, begin=5)]),
            r'param_scheduler\.0\.end must be larger .*, but end=5 and begin=5',
        ),
        (
            dict(param_scheduler=[dict(type='CosineAnnealingLR', by_epoch=False, begin=240)]),
            r'param_scheduler\.0\.begin must be .*, 240 iterations in '
            r'train_cfg\.max_epochs=12, but it is 240',
        ),
        (
            dict(param_scheduler=[dict(EARLY, end=0.01, convert_to_iter_based=True)]),
            r'param_scheduler\.0 must last an iteration at least, of which an epoch has 20, '
            r'but begin=0 and end=0\.01',
        ),
        (
            dict(loop=ITERATIONS, param_scheduler=[dict(LATE, by_epoch=False, begin=90)]),
            r'param_scheduler\.0\.begin must be .* train_cfg\.max_iters=90',
        ),
        (
            dict(loop=ITERATIONS, param_scheduler=[dict(LATE, begin=3)]),
            r'param_scheduler\.0\.begin must be .*, 1 epoch in train_cfg\.max_iters=90, '
            'but it is 3',
        ),
        (
            dict(custom_hooks=[dict(type='EMAHook', begin_epoch=13)]),
            r'custom_hooks\.0\.begin_epoch must be at most .* train_cfg\.max_epochs=12, '
            'but it is 13',
        ),
        (
            dict(custom_hooks=[dict(type='mmengine.EMAHook', begin_iter=241)]),
            r'custom_hooks\.0\.begin_iter must be at most .*, 240 iterations in '
            r'train_cfg\.max_epochs=12, but it is 241',
        ),
        (
            dict(default_hooks=dict(average=dict(type='EMAHook', begin_epoch=13))),
            r'default_hooks\.average\.begin_epoch must',
        ),
        (
            dict(loop=dict(EPOCHS, val_begin=13)),
            r'train_cfg\.val_begin must be at most .* train_cfg\.max_epochs=12.*it is 13',
        ),
        (
            dict(loop=dict(ITERATIONS, val_begin=91)),
            r'train_cfg\.val_begin must be at most .* train_cfg\.max_iters=90',
        ),
    ],
)
def test_the_setting_is_named(settings, message):
    with pytest.raises(ValueError, match=message):
        check_schedules(config_of(**settings), batches=20)


@pytest.mark.parametrize(
    'settings',
    [
        dict(param_scheduler=[EARLY, dict(LATE, begin=5)]),
        dict(param_scheduler=dict(LATE, begin=20, end=30)),
        dict(param_scheduler=[dict(EARLY, end=0.5, convert_to_iter_based=True)]),
        dict(
            custom_hooks=[
                dict(type='EMAHook', begin_epoch=12),
                dict(type='PreciseBNHook', num_samples=8),
            ]
        ),
        dict(loop=dict(EPOCHS, val_begin=12)),
        dict(loop=None),
        dict(loop=dict(by_epoch=True)),
        dict(param_scheduler=[dict(type='LinearLR', by_epoch=False, begin=300, end=500)]),
    ],
)
def test_what_mmengine_takes_is_taken(settings):
    check_schedules(config_of(**settings), batches=20)


def test_what_is_counted_in_iterations_waits_for_the_data():
    check_schedules(config_of(param_scheduler=[dict(LATE, by_epoch=False, begin=10**6)]))


def test_what_is_never_reached_is_told():
    hooks = [
        dict(type='mmdet.PipelineSwitchHook', switch_epoch=280, switch_pipeline=[]),
        dict(
            type='SwitchRecipeHook',
            schedule=[ConfigDict(action_epoch=5), ConfigDict(action_epoch=50)],
        ),
    ]
    assert list(never_reached(config_of(custom_hooks=hooks))) == [
        f'custom_hooks.{name} is never reached, for the training ends at train_cfg.max_epochs=12'
        for name in ('0.switch_epoch=280', '1.schedule.1.action_epoch=50')
    ]


def test_train_says_it_in_one_line(run_tool, tmp_path):
    options = ['train_cfg.max_epochs=1', 'train_dataloader.dataset.indices=64']
    done = run_tool('train.py', DIGITS, '--work-dir', tmp_path / 'work', '--cfg-options', *options)
    line = done.stderr.splitlines()[-1]
    assert done.returncode == 2 and 'Traceback' not in done.stderr
    assert re.search(
        r'error: .*param_scheduler\.1\.begin must .* train_cfg\.max_epochs=1, but it is 1', line
    )
