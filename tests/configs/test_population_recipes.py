"""The recipes of populations in configs/recipes, against the paper's table of recipes."""

from itertools import islice
from math import cos, pi

import pytest
from every_config import RECIPES, load, rates
from killing import ROOT
from mmengine.registry import MODELS, DefaultScope

from regnet_plugin.cli.errors import UserError
from regnet_plugin.design_spaces.configuration import design_space_of
from regnet_plugin.design_spaces.sampler import Sampler
from regnet_plugin.models.module_complexity import OnMeta
from regnet_plugin.training.checks.data import check_data
from regnet_plugin.training.checks.widths import check_widths
from regnet_plugin.training.populations.experiment import experiment

# Epochs, batch, GPUs, learning rate, weight decay, epochs of warm-up, images of precise BN.
TABLE = {
    'dds_10e_imagenet': (10, 128, 1, 0.05, 5e-5, 0, 8192),
    'dds_10e_imagenet_decoded': (10, 128, 1, 0.05, 5e-5, 0, 8192),
    'dds_25e_imagenet': (25, 128, 1, 0.1, 5e-5, 0, 8192),
    'dds_100e_imagenet': (100, 1024, 8, 0.8, 5e-5, 5, 8192),
    'dds_10e_cifar10': (10, 128, 1, 0.1, 5e-4, 0, 1024),
    'dds_25e_cifar10': (25, 128, 1, 0.1, 5e-4, 0, 1024),
    'dds_100e_cifar10': (100, 128, 1, 0.1, 5e-4, 0, 1024),
    'dds_10e_digits': (10, 64, 1, 0.1, 5e-4, 0, None),
    'dds_25e_digits': (25, 64, 1, 0.1, 5e-4, 0, None),
    'dds_100e_digits': (100, 64, 1, 0.1, 5e-4, 0, None),
}
DETECTOR = 'faster-rcnn_fpn_1x_coco'
SPACES = {
    'imagenet': [
        'anynetx_a',
        'anynetx_e_1.6gf',
        'regnetx_5_stages',
        'regnetvr',
        'regnety_depthwise',
        'regnetx_resolution',
    ],
    'cifar10': ['cifar2019_vanilla', 'cifar2019_resnext_b'],
    'decoded': ['regnetx'],
    'digits': ['regnetx_digits', *(f'anynetx_{letter}_digits' for letter in 'abcde')],
    'coco': ['anynetx_a', 'regnetx', 'regnetx_3_stages', 'regnety_swish'],
}


def built(config):
    with DefaultScope.overwrite_default_scope(config.default_scope), OnMeta():
        model = MODELS.build(config.model)
    check_widths(model, 'config.py')
    return model


def test_every_recipe_is_tested():
    assert set(RECIPES) == {*TABLE, DETECTOR}


@pytest.mark.parametrize('name', TABLE)
def test_every_epochs_rate_is_the_papers(name):
    epochs, _, _, lr, _, warm_up, _ = TABLE[name]
    expected = [
        lr * 0.5 * (1 + cos(pi * t / epochs)) * (0.1 * (1 - t / 5) + t / 5 if t < warm_up else 1)
        for t in range(epochs)
    ]
    config = load(name)
    assert config.train_cfg == dict(by_epoch=True, max_epochs=epochs, val_interval=1)
    assert list(rates(config, epochs)) == pytest.approx(expected, rel=1e-9, abs=1e-12)


@pytest.mark.parametrize('name', TABLE)
def test_settings(name):
    _, batch, gpus, lr, weight_decay, _, precise = TABLE[name]
    config = load(name)
    assert (
        config.train_dataloader.batch_size * gpus == batch == config.auto_scale_lr.base_batch_size
    )
    assert config.optim_wrapper == dict(
        optimizer=dict(type='SGD', lr=lr, momentum=0.9, nesterov=True, weight_decay=weight_decay)
    )
    assert [hook.num_samples for hook in config.get('custom_hooks', ())] == [precise] * (
        precise is not None
    )
    assert config.model.head.loss == dict(type='CrossEntropyLoss', loss_weight=1.0)
    assert not config.model.get('train_cfg')  # no mixup


@pytest.mark.parametrize('name', RECIPES)
def test_a_killed_run_goes_on_and_no_time_goes_into_the_best_checkpoint(name):
    checkpoint = load(name).default_hooks.checkpoint
    assert (
        checkpoint.interval == 1
        and checkpoint.max_keep_ckpts == 2
        and not checkpoint.get('save_best')
    )


def samples(space, size, **options):
    space, _, constraints = design_space_of(ROOT / f'configs/design_spaces/{space}.py', options)
    return [sample for _, sample in islice(Sampler(space, constraints, 0), size)]


@pytest.mark.parametrize('name', RECIPES)
def test_the_recipes_own_network_builds(name):
    assert built(load(name)).backbone


@pytest.mark.parametrize(
    'name, space', [(name, space) for name in RECIPES for space in SPACES[name.split('_')[-1]]]
)
def test_sampled_networks_take_its_place(name, space):
    for sample in samples(space, 2):
        config = experiment(sample, load(name), seed=3)
        assert built(config).backbone.architecture == sample.architecture
        assert (
            config.train_cfg == load(name).train_cfg
            and config.optim_wrapper == load(name).optim_wrapper
        )


def test_nothing_of_a_random_detector_is_frozen_and_its_statistics_are_the_whole_batchs():
    for config in (load(DETECTOR), experiment(samples('regnetx', 1)[0], load(DETECTOR), seed=0)):
        model = built(config)
        model.train()
        norms = [
            module for module in model.backbone.modules() if 'BatchNorm' in type(module).__name__
        ]
        assert norms and all(
            type(norm).__name__ == 'SyncBatchNorm' and norm.training for norm in norms
        )
        assert all(parameter.requires_grad for parameter in model.parameters())


def test_a_networks_side_reaches_both_parts_of_a_pipeline():
    name = 'dds_10e_imagenet_decoded'
    (sample,) = samples('regnetx', 1, **{'design_space.resolution': 448})
    for config, side in ((load(name), 224), (experiment(sample, load(name), seed=0), 448)):
        train, val = (config[f'{split}_dataloader'].dataset for split in ('train', 'val'))
        assert (
            train.dataset.pipeline
            == val.dataset.pipeline
            == [
                dict(type='LoadImageFromFile'),
                dict(type='ResizeEdge', scale=side * 256 // 224, edge='short'),
            ]
        )
        assert train.pipeline[0].scale == val.pipeline[0].crop_size == side
        assert config.test_dataloader == config.val_dataloader


def test_without_data_a_wrapped_dataset_is_named(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    options = ' '.join(
        f'{split}_dataloader.dataset.dataset.data_root=FOLDER' for split in ('train', 'val')
    )
    with pytest.raises(
        UserError, match=f'no data at data/imagenet/train.*--cfg-options {options}$'
    ):
        check_data(
            load('dds_10e_imagenet_decoded'), 'recipe', ('train_dataloader', 'val_dataloader')
        )
