"""The 24 ImageNet configs: network, recipe, schedule, and what is said where there is no ImageNet."""
import subprocess
import sys
from math import cos, pi

import mmengine.optim  # noqa: F401 - registers wrappers and schedulers
import pytest
import torch
import yaml
from killing import ROOT
from mmengine.config import Config
from mmengine.registry import MODELS, OPTIM_WRAPPERS, PARAM_SCHEDULERS, DefaultScope
from published_tables import REGNETS

from regnet_plugin.arch import architecture_of
from regnet_plugin.complexity import complexity

CONFIGS = {name: ROOT / f'configs/{name}_imagenet.py' for name in REGNETS}

# Figures 15 and 16: batch of 8 GPUs; 0.1 per 128 images.
BATCH = dict.fromkeys(REGNETS, 512)
BATCH.update(dict.fromkeys([f'regnet{letter}_{size}' for letter in 'xy' for size in ('200mf', '400mf', '600mf', '800mf',
                                                                                     '1.6gf')], 1024))
BATCH.update({'regnetx_32gf': 256, 'regnety_32gf': 256})

# Top-1 error as printed in figures 15 and 16.
ERROR = dict(zip(REGNETS, '31.1 27.3 25.9 24.8 23.0 21.7 21.4 20.8 20.7 20.3 20.0 19.5 '
                 '29.6 25.9 24.5 23.7 22.0 21.0 20.6 20.1 20.1 19.7 19.6 19.0'.split()))


def test_there_is_a_config_for_each_network_of_the_paper():
    assert len(CONFIGS) == 24 and all(path.is_file() for path in CONFIGS.values())


@pytest.mark.parametrize('name', CONFIGS)
def test_network_batch_rate_and_docstring(name):
    config = Config.fromfile(CONFIGS[name])
    network = architecture_of(config.model.backbone.arch)
    assert config.model.backbone.arch == name and config.model.head.in_channels == network.widths[-1]
    batch = 8 * config.train_dataloader.batch_size
    assert batch == BATCH[name] == config.auto_scale_lr.base_batch_size
    assert config.optim_wrapper.optimizer.lr == pytest.approx(0.1 * batch / 128)
    counts = complexity(network)
    text = CONFIGS[name].read_text()
    for value, unit, scale in ((counts.parameters, 'M parameters', 1e6), (counts.activations, 'M activations', 1e6)):
        assert f'{value / scale:.1f} {unit}' in text
    assert f'error {ERROR[name]} ±' in text


def steps(config, epochs):
    """Learning rates of the epochs, by MMEngine's own optimizer wrapper and schedulers."""
    model = torch.nn.Linear(1, 1)
    with DefaultScope.overwrite_default_scope('mmengine'):
        optimizer = torch.optim.SGD(model.parameters(), lr=config.optim_wrapper.optimizer.lr)
        wrapper = OPTIM_WRAPPERS.build(dict(type='OptimWrapper', optimizer=optimizer))
        schedulers = [PARAM_SCHEDULERS.build(scheduler, default_args=dict(optimizer=wrapper))
                      for scheduler in config.param_scheduler]
    for _ in range(epochs):
        yield wrapper.get_lr()['lr'][0]
        optimizer.step()
        for scheduler in schedulers:
            scheduler.step()


@pytest.mark.parametrize('name, lr', [('regnetx_400mf', 0.8), ('regnetx_3.2gf', 0.4), ('regnety_32gf', 0.2)])
def test_every_epochs_rate_is_that_of_the_authors(name, lr):
    rates = list(steps(Config.fromfile(CONFIGS[name]), 100))
    expected = [lr * 0.5 * (1 + cos(pi * t / 100)) * (0.1 * (1 - t / 5) + t / 5 if t < 5 else 1) for t in range(100)]
    assert rates == pytest.approx(expected, rel=1e-9, abs=1e-12)


def test_recipe():
    config = Config.fromfile(CONFIGS['regnety_1.6gf'])
    assert config.optim_wrapper == dict(optimizer=dict(type='SGD', lr=0.8, momentum=0.9, nesterov=True, weight_decay=5e-5))
    assert config.train_cfg.max_epochs == 100 and config.train_dataloader.drop_last
    assert config.data_preprocessor.to_rgb and config.data_preprocessor.mean == [123.675, 116.28, 103.53]
    hook, = config.custom_hooks
    assert (hook.type, hook.num_samples, hook.interval) == ('PreciseBNHook', 8192, 1)
    assert [step['type'].split('.')[-1] for step in config.train_pipeline] == [
        'LoadImageFromFile', 'RandomResizedCrop', 'RandomFlip', 'Lighting', 'PackInputs']


@pytest.mark.parametrize('name', CONFIGS)
def test_every_classifier_builds(name):
    config = Config.fromfile(CONFIGS[name])
    with DefaultScope.overwrite_default_scope('mmpretrain'), torch.device('meta'):
        model = MODELS.build(config.model)
        assert model(torch.empty(2, 3, 224, 224)).shape == (2, 1000)


SMALL = [name for name in CONFIGS if name.endswith('mf')]


@pytest.mark.parametrize('name', SMALL)
def test_a_training_step_of_all_up_to_800mf(name):
    config = Config.fromfile(CONFIGS[name])
    with DefaultScope.overwrite_default_scope('mmpretrain'):
        model = MODELS.build(dict(config.model, data_preprocessor=dict(config.data_preprocessor, type='ClsDataPreprocessor')))
        wrapper = OPTIM_WRAPPERS.build(dict(type='OptimWrapper', optimizer=torch.optim.SGD(model.parameters(), lr=0.01)))
        from mmpretrain.structures import DataSample
        batch = dict(inputs=torch.randint(0, 256, (4, 3, 64, 64), dtype=torch.uint8),
                     data_samples=[DataSample().set_gt_label(label) for label in range(4)])
        before = model.backbone.conv1.weight.clone()
        losses = model.train_step(batch, wrapper)
    assert losses['loss'].isfinite() and not torch.equal(before, model.backbone.conv1.weight)


@pytest.mark.parametrize('tool', ['train.py', 'test.py'])
def test_without_imagenet_one_line_says_what_is_expected_where(run_tool, tool):
    arguments = ['x.pth'] if tool == 'test.py' else []
    done = run_tool(tool, CONFIGS['regnetx_3.2gf'], *arguments)
    assert done.returncode == 2
    split = 'val' if tool == 'test.py' else 'train'
    line, = done.stderr.splitlines()[-1:]
    assert f'no data at data/imagenet/{split}. data/imagenet should hold train/<class>/*.JPEG and val/<class>/*.JPEG' in line
    assert 'mmengine - INFO' not in done.stdout  # no Runner yet


def test_the_metafile_has_the_numbers_of_the_networks():
    index = yaml.safe_load((ROOT / 'configs/model-index.yml').read_text())
    assert index['Import'] == ['configs/metafile.yml']
    models = yaml.safe_load((ROOT / 'configs/metafile.yml').read_text())['Models']
    assert [ROOT / model['Config'] for model in models] == list(CONFIGS.values())
    for model, (name, (*_, flops, parameters, activations, _)) in zip(models, REGNETS.items()):
        assert model['Metadata'] == dict(FLOPs=flops, Parameters=parameters, Activations=activations)
        assert model['Results'][0]['Metrics']['Top 1 Accuracy'] == pytest.approx(100 - float(ERROR[name]))
        assert model['Name'].endswith(f'_8xb{BATCH[name] // 8}-dds_in1k')


def test_models_are_found_by_name_after_one_call():
    """In a process of its own, since a registration lasts."""
    code = """
import mmpretrain
from regnet_plugin.model_hub import register_models
register_models()
register_models()  # harmless
assert len(mmpretrain.list_models('*-dds_in1k')) == 24
model = mmpretrain.get_model('regnety-400mf_8xb128-dds_in1k')
print(type(model.backbone).__module__)
"""
    done = subprocess.run([sys.executable, '-c', code], capture_output=True, text=True)
    assert done.stdout.splitlines()[-1:] == ['regnet_plugin.models.regnet'], done.stderr


def test_a_missing_list_of_models_is_said(tmp_path, monkeypatch):
    from regnet_plugin import model_hub
    monkeypatch.setattr(model_hub, '__file__', str(tmp_path / 'model_hub.py'))
    with pytest.raises(FileNotFoundError, match='made by an installation .* but there is no .*model-index.yml'):
        model_hub.register_models()
