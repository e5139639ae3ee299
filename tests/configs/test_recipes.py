"""torchvision's recipe of 2021 and that of the work of 2019 on CIFAR-10."""

import pickle
from math import cos, pi
from types import SimpleNamespace

import cv2
import numpy as np
import pytest
import torch
from every_config import MODELS_OF_METAFILES, PATHS, build, load, rates
from mmengine.optim import build_optim_wrapper
from mmengine.registry import DATASETS, HOOKS, DefaultScope
from published_tables import ERRORS, TORCHVISION_V2

from regnet_plugin.core.arch_argument import architecture_of
from regnet_plugin.core.complexity import complexity

MODERN = {name: f'{name}_modern_imagenet' for name in TORCHVISION_V2}
CIFAR = [name for name in PATHS if name.endswith('_cifar10')]


def test_one_x_and_three_y():
    assert set(MODERN.values()) == {name for name in PATHS if 'modern' in name}
    assert sorted(name[6] for name in MODERN) == ['x', 'y', 'y', 'y']


@pytest.mark.parametrize('name', MODERN)
def test_modern_docstring_and_network(name):
    text, counts = PATHS[MODERN[name]].read_text(), complexity(architecture_of(name))
    assert (
        f'{counts.parameters / 1e6:.1f} M parameters, {counts.activations / 1e6:.1f} M activations'
        in text
    )
    assert (
        f'error {100 - TORCHVISION_V2[name]:.1f} of torchvision' in text
        and f'; {ERRORS[name]} in the paper' in text
    )
    assert load(MODERN[name]).model.backbone.arch == name
    results = MODELS_OF_METAFILES[PATHS[MODERN[name]]]['Results']
    assert results[0]['Metrics']['Top 1 Accuracy'] == TORCHVISION_V2[name]


def test_modern_rate_in_every_epoch():
    expected = [
        0.5 * (0.01 + 0.99 * t / 5) if t < 5 else 0.5 * 0.5 * (1 + cos(pi * (t - 5) / 595))
        for t in range(600)
    ]
    assert list(rates(load(MODERN['regnety_400mf']), 600)) == pytest.approx(
        expected, rel=1e-9, abs=1e-12
    )


def test_modern_numbers():
    config = load(MODERN['regnety_400mf'])
    assert config.optim_wrapper.optimizer == dict(
        type='SGD', lr=0.5, momentum=0.9, weight_decay=2e-5
    )
    assert config.train_cfg.max_epochs == 600 and config.auto_scale_lr.base_batch_size == 1024
    assert config.model.train_cfg.augments == [
        dict(type='Mixup', alpha=0.2),
        dict(type='CutMix', alpha=1.0),
    ]
    steps = {step.type: step for step in config.train_dataloader.dataset.pipeline}
    assert list(steps) == [
        'LoadImageFromFile',
        'RandomResizedCrop',
        'RandomFlip',
        'NumpyToPIL',
        'torchvision/TrivialAugmentWide',
        'PILToNumpy',
        'RandomErasing',
        'PackInputs',
    ]
    assert steps['RandomErasing'].erase_prob == 0.1
    assert np.array(steps['RandomErasing'].fill_color)[::-1] == pytest.approx(
        config.data_preprocessor.mean, abs=0.5
    )
    for loader in (config.val_dataloader, config.test_dataloader):
        assert [loader.dataset.pipeline[1].scale, loader.dataset.pipeline[2].crop_size] == [
            232,
            224,
        ]


def test_normalization_does_not_decay():
    config = load(MODERN['regnety_400mf'])
    model = build(config)
    with DefaultScope.overwrite_default_scope('mmpretrain'):
        groups = build_optim_wrapper(model, config.optim_wrapper).optimizer.param_groups
    decays = {
        id(parameter): group['weight_decay'] for group in groups for parameter in group['params']
    }
    norms = {
        id(parameter)
        for module in model.modules()
        if isinstance(module, torch.nn.BatchNorm2d)
        for parameter in module.parameters()
    }
    assert len(decays) == len(list(model.parameters())) > len(norms) > 0
    assert {decays[key] for key in norms} == {0} and {
        decays[key] for key in set(decays) - norms
    } == {2e-5}


def test_label_smoothing_of_mixed_labels_is_pytorchs():
    model = build(load(MODERN['regnety_400mf']))
    scores, labels = torch.randn(4, 1000), torch.rand(4, 1000).softmax(dim=1)
    expected = torch.nn.functional.cross_entropy(scores, labels, label_smoothing=0.1)
    torch.testing.assert_close(model.head.loss_module(scores, labels), expected)


def test_the_average_begins_after_the_warm_up_with_torchvisions_decay():
    (hook,) = load(MODERN['regnety_400mf']).custom_hooks
    with DefaultScope.overwrite_default_scope('mmpretrain'):
        hook = HOOKS.build(hook)
    hook.before_run(SimpleNamespace(model=torch.nn.Linear(1, 1)))
    assert [hook._ema_started(SimpleNamespace(epoch=epoch)) for epoch in range(7)] == [
        False
    ] * 5 + [True] * 2
    # 1,281,167 images in 1,251 steps of an epoch: 23,260 updates in 595 epochs, of which the
    # average holds about 916.
    assert 1 / hook.ema_model.momentum == pytest.approx(915.5, abs=0.1)
    assert hook.ema_model.interval == 32 and hook.ema_model.update_buffers and hook.evaluate_on_ema


def images(folder, labels, suffix):
    folder.mkdir(parents=True)
    for label in labels:
        image = np.random.default_rng(label).integers(0, 256, (40, 50, 3), dtype=np.uint8)
        assert cv2.imwrite(str(folder / f'{label}{suffix}'), image)


@pytest.mark.acceptance
def test_the_modern_recipe_trains_and_is_tested_on_imagenet_v2_by_one_line(run_tool, tmp_path):
    """One epoch of the average, on eight made images; then the command of test.py --help."""
    meta = tmp_path / 'data/imagenet/meta'
    meta.mkdir(parents=True)
    for split in ('train', 'val'):
        images(tmp_path / 'data/imagenet' / split, range(8), '.JPEG')
        (meta / f'{split}.txt').write_text(''.join(f'{label}.JPEG {label}\n' for label in range(8)))
    for label in (0, 2, 10):
        images(tmp_path / 'v2' / str(label), [label], '.jpeg')
    options = (
        'train_dataloader.num_workers=0',
        'val_dataloader.num_workers=0',
        'test_dataloader.num_workers=0',
    )
    config = PATHS[MODERN['regnety_400mf']]
    done = run_tool(
        'train.py',
        config,
        '--work-dir',
        'run',
        '--cfg-options',
        *options,
        'train_cfg.max_epochs=1',
        'train_dataloader.batch_size=4',
        'custom_hooks.0.begin_epoch=0',
        'model.backbone.stem_width=8',
    )
    assert done.returncode == 0, done.stderr
    checkpoint = torch.load(tmp_path / 'run/epoch_1.pth', weights_only=False)
    assert checkpoint['ema_state_dict']['steps'] == 2
    done = run_tool(
        'test.py',
        config,
        'run/epoch_1.pth',
        '--out',
        'v2.pkl',
        '--cfg-options',
        *options,
        'model.backbone.stem_width=8',
        'test_dataloader.dataset.data_root=v2',
        'test_dataloader.dataset.type=regnet_plugin.ImageNetV2',
    )
    assert done.returncode == 0, done.stderr
    results = pickle.loads((tmp_path / 'v2.pkl').read_bytes())
    assert [int(result['gt_label']) for result in results] == [0, 2, 10]


@pytest.mark.parametrize('name', CIFAR)
def test_cifar_docstring_rate_and_numbers(name):
    text, config = PATHS[name].read_text(), load(name)
    cost = MODELS_OF_METAFILES[PATHS[name]]['Metadata']
    assert (
        f'{cost["FLOPs"] / 1e6:.0f} MF, {cost["Parameters"] / 1e6:.2f} M parameters, '
        f'{cost["Activations"] / 1e6:.2f} M activations'
    ) in text
    assert cost['FLOPs'] < 125747850 and cost['Parameters'] < 855770
    assert config.optim_wrapper.optimizer == dict(
        type='SGD', lr=0.1, momentum=0.9, nesterov=True, weight_decay=5e-4
    )
    expected = [0.1 * 0.5 * (1 + cos(pi * t / 200)) for t in range(200)]
    assert list(rates(config, 200)) == pytest.approx(expected, rel=1e-9, abs=1e-12)
    assert config.train_cfg.max_epochs == 200 and config.train_dataloader.batch_size == 128
    assert build(config).backbone.architecture.stem == 'cifar'


def test_cifar_batches_are_read(tmp_path, monkeypatch):
    from mmpretrain.datasets import CIFAR10

    folder = tmp_path / 'data/cifar10/cifar-10-batches-py'
    folder.mkdir(parents=True)
    for number, batch in enumerate(('data_batch_1', 'test_batch')):
        data = np.full((2, 3 * 32 * 32), number, dtype=np.uint8)
        (folder / batch).write_bytes(pickle.dumps(dict(data=data, labels=[3, 4])))
    monkeypatch.chdir(tmp_path)
    monkeypatch.setattr(CIFAR10, 'train_list', [['data_batch_1', None]])
    monkeypatch.setattr(CIFAR10, 'test_list', [['test_batch', None]])
    config = load('regnetx_120mf_cifar10')
    with DefaultScope.overwrite_default_scope('mmpretrain'):
        train, test = (
            DATASETS.build(config[f'{split}_dataloader'].dataset) for split in ('train', 'test')
        )
    assert train[0]['inputs'].shape == (3, 32, 32) and train[1]['data_samples'].gt_label.item() == 4
    assert test[0]['inputs'].unique().tolist() == [1]


def test_incomplete_cifar_data_is_one_line_and_not_downloaded(run_tool, tmp_path):
    (tmp_path / 'data/cifar10/cifar-10-batches-py').mkdir(parents=True)
    done = run_tool('train.py', PATHS['anynetx_115mf_cifar10'], '--work-dir', 'run')
    assert (
        done.returncode == 2
        and 'Cannot find CIFAR10 dataset in data/cifar10' in done.stderr.splitlines()[-1]
    )
    assert 'Traceback' not in done.stderr
