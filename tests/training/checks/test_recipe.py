"""What is wrong with a recipe, whatever the network, is said once, before anything is trained."""

import shutil

import pytest
import torch
from killing import ROOT
from mmengine.config import Config
from mmengine.optim import AmpOptimWrapper, ConstantLR
from small_population import sampled

from regnet_plugin.cli.errors import UserError
from regnet_plugin.population.store import Population
from regnet_plugin.training.checks.recipe import (
    check_device,
    check_trainable,
    notes_on,
    notes_on_recipe,
)
from regnet_plugin.training.populations.run_planning import prepare_runs

DIGITS = ROOT / 'configs/regnetx_6.5mf_digits.py'
IMAGENET = ROOT / 'configs/recipes/dds_100e_imagenet.py'
NO_GPU = pytest.mark.skipif(torch.cuda.is_available(), reason='there is a GPU')


@pytest.fixture(scope='module')
def sampled_once(tmp_path_factory):
    return sampled(tmp_path_factory.mktemp('sampled') / 'population', 1)


@pytest.fixture
def population(sampled_once, tmp_path):
    return Population.open(shutil.copytree(sampled_once, tmp_path / 'population'))


@pytest.mark.parametrize(
    'options, message',
    [
        (
            {'val_evaluator': None, 'val_dataloader': None, 'val_cfg': None},
            'a recipe must evaluate, .*, but it has no val_cfg, val_dataloader, val_evaluator',
        ),
        (
            {'val_evaluator': {'type': 'ConfusionMatrix', '_delete_': True, 'topk': None}},
            'val_evaluator must give a number',
        ),
        (
            {'train_cfg.val_begin': 20},
            'train_cfg.val_begin must be at most the length of the training, '
            'train_cfg.max_epochs=15, or nothing',
        ),
        ({'train_cfg.max_epochs': 0}, 'train_cfg.max_epochs must be at least 1, but it is 0'),
        (
            {'default_hooks.checkpoint.save_best': 'own/quality'},
            "rule='greater' or rule='less' beside save_best='own/quality'",
        ),
        (
            {'custom_hooks': [dict(type='EarlyStoppingHook', monitor='own/quality')]},
            "rule='less' beside monitor='own/quality'",
        ),
        (
            {'default_hooks.checkpoint.by_epoch': False},
            'checkpoints must be by epoch where the training is',
        ),
        ({'perfect_score': 0}, 'perfect_score must be a positive number, but it is 0'),
        pytest.param(
            {'optim_wrapper.type': 'AmpOptimWrapper'},
            'type=AmpOptimWrapper needs a GPU, and PyTorch sees none',
            marks=NO_GPU,
        ),
        (
            {'train_dataloader.dataset.indices': 60, 'train_dataloader.drop_last': True},
            'must give images to train with, but drop_last leaves out the 60 that are less than a '
            'batch of 64',
        ),
    ],
)
def test_a_recipe_with_which_every_network_would_fail_is_refused(population, options, message):
    with pytest.raises(UserError, match=f'regnetx_6.5mf_digits.py: .*{message}') as caught:
        prepare_runs(population, str(DIGITS), options=options, trained_here=True)
    assert '\n' not in str(caught.value) and not (population.directory / 'runs').exists()


@pytest.mark.parametrize(
    'images, processes, refused', [(65, 1, True), (65, 2, False), (130, 1, False), (130, 2, True)]
)
def test_a_last_batch_that_no_network_can_normalize_is_refused(
    population, images, processes, refused
):
    """Each process takes its part of the images, in batches of 64; of 8 pixels one is left."""
    options = {
        'train_dataloader.dataset.indices': images,
        'train_dataloader.dataset.image_size': 8,
    }
    settings = dict(options=options, trained=True, processes=processes)
    if refused:
        with pytest.raises(UserError, match='with batch_size=64 the last of an epoch has one'):
            prepare_runs(population, str(DIGITS), **settings)
        assert not (population.directory / 'runs').exists()
    else:
        assert prepare_runs(population, str(DIGITS), **settings)


def test_what_another_machine_may_have_is_not_asked_for_here(population):
    assert prepare_runs(population, str(DIGITS), options={'optim_wrapper.type': 'AmpOptimWrapper'})
    if not torch.cuda.is_available():
        with pytest.raises(UserError, match='needs a GPU'):  # also though the recipe is noted
            prepare_runs(
                population,
                str(DIGITS),
                options={'optim_wrapper.type': 'AmpOptimWrapper'},
                trained_here=True,
            )


def test_all_recipes_can_be_trained():
    for path in [DIGITS, *sorted(ROOT.glob('configs/recipes/*.py'))]:
        config = Config.fromfile(path)
        check_trainable(config, here=False)
        assert notes_on_recipe(config) == [], path


def test_schedules_that_do_not_come_to_their_end():
    config = Config.fromfile(IMAGENET)
    config.train_cfg.max_epochs = 3
    assert notes_on(config) == [
        'param_scheduler.0, CosineAnnealingLR, comes to its end in epoch 100, but the training '
        'ends in epoch 3',
        'param_scheduler.1, LinearLR, comes to its end in epoch 6, but the training ends in epoch '
        '3',
    ]
    steps = dict(type='MultiStepLR', milestones=[8, 11], by_epoch=True)
    warmup = dict(type='LinearLR', start_factor=0.1, by_epoch=False, begin=0, end=500)
    config = Config(dict(train_cfg=dict(max_epochs=10), param_scheduler=[warmup, steps]))
    late = (
        'param_scheduler.1, MultiStepLR, comes to its end in epoch 11, but the training ends in '
        'epoch 10'
    )
    assert notes_on(config) == [late]
    assert notes_on(config, epoch_length=49)[0] == (
        'param_scheduler.0, LinearLR, comes to its end in iteration 500, but the training ends in '
        'iteration 490'
    )
    assert len(notes_on(config, epoch_length=50)) == 1
    config = Config(
        dict(
            train_cfg=dict(type='IterBasedTrainLoop', max_iters=400),
            param_scheduler=[
                warmup,
                dict(type='CosineAnnealingLR', by_epoch=True),
                dict(type='CosineAnnealingLR', by_epoch=False, T_max=400),
            ],
        )
    )
    assert notes_on(config) == [
        'param_scheduler.0, LinearLR, comes to its end in iteration 500, but the training ends in '
        'iteration 400',
        'param_scheduler.1, CosineAnnealingLR, never moves, since it is by epochs, and the '
        'training is by iterations',
    ]
    assert notes_on(Config(dict(param_scheduler=None))) == []


def test_a_class_is_named_as_by_its_name():
    late = dict(type=ConstantLR, end=9)
    config = Config(dict(train_cfg=dict(max_epochs=3), param_scheduler=late))
    assert notes_on(config) == [
        'param_scheduler, ConstantLR, comes to its end in epoch 9, but the training ends in epoch 3'
    ]


@NO_GPU
def test_mixed_precision_by_its_class_needs_a_gpu_too():
    with pytest.raises(ValueError, match='needs a GPU, and PyTorch sees none'):
        check_device(Config(dict(optim_wrapper=dict(type=AmpOptimWrapper))))


def test_it_is_told_once_and_before(population):
    told = []
    options = {
        'train_cfg.max_epochs': 3,
        'param_scheduler': [dict(type='CosineAnnealingLR', T_max=15, by_epoch=True)],
    }
    prepare_runs(population, str(DIGITS), options=options, say=told.append)
    assert told == [
        'param_scheduler.0, CosineAnnealingLR, comes to its end in epoch 15, but the training ends '
        'in epoch 3'
    ]


def test_train_py_refuses_what_trains_nothing(tmp_path, run_tool):
    options = ['train_dataloader.drop_last=True', 'train_dataloader.dataset.indices=60']
    done = run_tool('train.py', DIGITS, '--work-dir', 'run', '--cfg-options', *options)
    assert done.returncode == 2 and done.stderr.splitlines()[-1].endswith(
        'digits.py: train_dataloader must give images to train with, but drop_last leaves out the '
        '60 that are less than a batch of 64'
    ), done.stderr
    assert not list(tmp_path.glob('run/*.pth'))
