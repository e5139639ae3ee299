"""The 24 ImageNet configs: network, recipe, schedule, and what is said without ImageNet."""

from math import cos, pi

import pytest
from every_config import rates
from killing import ROOT
from mmengine.config import Config
from published_tables import ERRORS, REGNETS

from regnet_plugin.core.arch_argument import architecture_of
from regnet_plugin.core.complexity import complexity

CONFIGS = {name: ROOT / f'configs/{name}_imagenet.py' for name in REGNETS}

# Figures 15 and 16: batch of 8 GPUs; 0.1 per 128 images.
BATCH = dict.fromkeys(REGNETS, 512)
BATCH.update(
    dict.fromkeys(
        [
            f'regnet{letter}_{size}'
            for letter in 'xy'
            for size in ('200mf', '400mf', '600mf', '800mf', '1.6gf')
        ],
        1024,
    )
)
BATCH.update({'regnetx_32gf': 256, 'regnety_32gf': 256})


def test_there_is_a_config_for_each_network_of_the_paper():
    assert len(CONFIGS) == 24 and all(path.is_file() for path in CONFIGS.values())


@pytest.mark.parametrize('name', CONFIGS)
def test_network_batch_rate_and_docstring(name):
    config = Config.fromfile(CONFIGS[name])
    network = architecture_of(config.model.backbone.arch)
    assert (
        config.model.backbone.arch == name and config.model.head.in_channels == network.widths[-1]
    )
    batch = 8 * config.train_dataloader.batch_size
    assert batch == BATCH[name] == config.auto_scale_lr.base_batch_size
    assert config.optim_wrapper.optimizer.lr == pytest.approx(0.1 * batch / 128)
    counts = complexity(network)
    text = CONFIGS[name].read_text()
    for value, unit, scale in (
        (counts.parameters, 'M parameters', 1e6),
        (counts.activations, 'M activations', 1e6),
    ):
        assert f'{value / scale:.1f} {unit}' in text
    assert f'error {ERRORS[name]} ±' in text


@pytest.mark.parametrize(
    'name, lr', [('regnetx_400mf', 0.8), ('regnetx_3.2gf', 0.4), ('regnety_32gf', 0.2)]
)
def test_every_epochs_rate_is_that_of_the_authors(name, lr):
    learned = list(rates(Config.fromfile(CONFIGS[name]), 100))
    expected = [
        lr * 0.5 * (1 + cos(pi * t / 100)) * (0.1 * (1 - t / 5) + t / 5 if t < 5 else 1)
        for t in range(100)
    ]
    assert learned == pytest.approx(expected, rel=1e-9, abs=1e-12)


def test_recipe():
    config = Config.fromfile(CONFIGS['regnety_1.6gf'])
    assert config.optim_wrapper == dict(
        optimizer=dict(type='SGD', lr=0.8, momentum=0.9, nesterov=True, weight_decay=5e-5)
    )
    assert config.train_cfg.max_epochs == 100 and config.train_dataloader.drop_last
    assert config.data_preprocessor.to_rgb and config.data_preprocessor.mean == [
        123.675,
        116.28,
        103.53,
    ]
    (hook,) = config.custom_hooks
    assert (hook.type, hook.num_samples, hook.interval) == ('PreciseBNHook', 8192, 1)
    assert [step['type'].split('.')[-1] for step in config.train_pipeline] == [
        'LoadImageFromFile',
        'RandomResizedCrop',
        'RandomFlip',
        'Lighting',
        'PackInputs',
    ]


@pytest.mark.parametrize('tool', ['train.py', 'test.py'])
def test_without_imagenet_one_line_says_what_is_expected_where(run_tool, tool):
    arguments = ['x.pth'] if tool == 'test.py' else []
    done = run_tool(tool, CONFIGS['regnetx_3.2gf'], *arguments)
    assert done.returncode == 2
    split = 'val' if tool == 'test.py' else 'train'
    (line,) = done.stderr.splitlines()[-1:]
    assert (
        f'no data at data/imagenet/{split}. data/imagenet should hold train/<class>/*.JPEG and '
        'val/<class>/*.JPEG' in line
    )
    assert 'mmengine - INFO' not in done.stdout  # no Runner yet
