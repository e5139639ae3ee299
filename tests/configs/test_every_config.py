"""Every classifier's config: it builds, trains a step, and says where data is missing.

Its numbers are those of its network.
"""

import pytest
import torch
import yaml
from every_config import METAFILES, MODELS_OF_METAFILES, PATHS, build, load
from killing import ROOT
from mmengine.optim import build_optim_wrapper
from mmengine.registry import TRANSFORMS, DefaultScope
from own_files import own_files

from regnet_plugin.benchmarks.complexity_table import table_row
from regnet_plugin.cli.errors import UserError
from regnet_plugin.models.module_complexity import OnMeta, count
from regnet_plugin.training.checks.data import check_data

# Small images that live in memory, whose networks are in no metafile, and their sides in pixels.
IN_MEMORY = {
    'regnetx_6.5mf_digits': 32,
    'regnetx_5.7mf_fashion': 28,
    'regnetx_9.6mf_fashion_pairs': 36,
}
COSTS = {
    name: MODELS_OF_METAFILES[path]['Metadata']
    for name, path in PATHS.items()
    if path in MODELS_OF_METAFILES
}
SMALL = [*IN_MEMORY] + [name for name, cost in COSTS.items() if cost['FLOPs'] < 0.81e9]


def test_every_config_but_of_images_in_memory_is_in_a_metafile():
    assert set(PATHS) - set(COSTS) == set(IN_MEMORY)
    assert set(MODELS_OF_METAFILES) <= set(PATHS.values())
    assert all(
        model['Config'].startswith(folder)
        for metafile, folder in zip(METAFILES, ('configs/', 'configs/comparisons/'))
        for model in metafile['Models']
    )


def test_there_are_small_ones_of_every_kind():
    kinds = (
        'digits',
        'cifar10',
        'modern_imagenet',
        'efficientnet_b0',
        'mobilenet',
        'shufflenet_v1',
        'shufflenet_v2',
    )
    assert all(any(kind in name for name in SMALL) for kind in kinds)


@pytest.mark.parametrize('name', PATHS)
def test_the_network_builds_and_the_numbers_are_its_own(name):
    config = load(name)
    with OnMeta():
        model = build(config)
    model.to('meta').eval()
    (features,) = model.extract_feat(torch.empty(2, 3, 64, 64, device='meta'))
    assert features.shape == (2, config.model.head.in_channels)
    if name in COSTS:
        counts = count(model, COSTS[name]['Image Size'])
        assert [COSTS[name][field] for field in ('FLOPs', 'Parameters', 'Activations')] == [
            counts.flops,
            counts.parameters,
            counts.activations,
        ]
        batch = config.auto_scale_lr.base_batch_size
        assert batch == COSTS[name]['Batch Size']
        assert batch == config.train_dataloader.batch_size * (1 if 'cifar10' in name else 8)


@pytest.mark.parametrize(
    'name',
    [
        'resnet50_imagenet',
        'efficientnet_b5_imagenet',
        'regnety_400mf_modern_imagenet',
        'regnetx_120mf_cifar10',
    ],
)
def test_the_table_counts_at_the_resolution_of_the_config(name):
    row = table_row(str(PATHS[name]))
    assert (
        row.resolution == COSTS[name]['Image Size'] and row.complexity.flops == COSTS[name]['FLOPs']
    )
    assert table_row(str(PATHS[name]), resolution=16).complexity.flops < row.complexity.flops


@pytest.mark.parametrize('name', SMALL)
def test_a_training_step_of_all_up_to_800mf(name):
    from mmpretrain.structures import DataSample

    config = load(name)
    model = build(config)
    with DefaultScope.overwrite_default_scope('mmpretrain'):
        wrapper = build_optim_wrapper(model, config.optim_wrapper)
    weight = next(parameter for parameter in model.backbone.parameters() if parameter.dim() == 4)
    before = weight.detach().clone()
    losses = model.train_step(
        dict(
            inputs=torch.randint(0, 256, (4, 3, 64, 64), dtype=torch.uint8),
            data_samples=[DataSample().set_gt_label(label) for label in range(4)],
        ),
        wrapper,
    )
    assert losses['loss'].isfinite() and not torch.equal(before, weight)


@pytest.mark.parametrize('name', PATHS)
@pytest.mark.parametrize('split', ['train', 'test'])
def test_the_pipeline_gives_images_of_the_stated_size(name, split):
    import mmpretrain.datasets  # noqa: F401 - registers the transforms
    import numpy as np
    from mmcv.transforms import Compose

    config = load(name)
    dataset = config[f'{split}_dataloader'].dataset
    if 'pipeline' not in dataset:
        return  # of images in memory that come as they are; test_fashion.py has them
    size = IN_MEMORY.get(name, 32 if dataset.type == 'CIFAR10' else 600)
    with DefaultScope.overwrite_default_scope('mmpretrain'):
        pipeline = Compose(
            [
                TRANSFORMS.build(step)
                for step in dataset.pipeline
                if step.type != 'LoadImageFromFile'
            ]
        )
        image = np.random.default_rng(0).integers(
            0, 256, (size, size + size // 10 * (size > 36), 3), dtype=np.uint8
        )
        result = pipeline(
            dict(img=image, img_shape=image.shape[:2], ori_shape=image.shape[:2], gt_label=0)
        )
    expected = COSTS[name]['Image Size'] if name in COSTS else size
    assert (
        result['inputs'].shape == (3, expected, expected) and result['inputs'].dtype == torch.uint8
    )


@pytest.mark.parametrize('name', PATHS)
def test_without_data_one_line_says_what_is_expected_where(name, tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    for loaders in (('train_dataloader', 'val_dataloader'), ('test_dataloader',)):
        if name in IN_MEMORY:
            check_data(load(name), name, loaders)
            continue
        root, folder = (
            ('data/cifar10', 'cifar-10-batches-py')
            if 'cifar10' in name
            else ('data/imagenet', 'train' if 'train_dataloader' in loaders else 'val')
        )
        with pytest.raises(UserError) as error:
            check_data(load(name), name, loaders)
        message = str(error.value)
        assert (
            message.startswith(f'{name}: no data at {root}/{folder}. {root} should hold ')
            and '\n' not in message
        )
        assert all(f'{loader}.dataset.data_root=FOLDER' in message for loader in loaders)
        (tmp_path / root / 'train').mkdir(parents=True, exist_ok=True)
        (tmp_path / root / 'val').mkdir(exist_ok=True)
        (tmp_path / root / 'cifar-10-batches-py').mkdir(exist_ok=True)
        check_data(load(name), name, loaders)
        for folder in (tmp_path / root).iterdir():
            folder.rmdir()


def test_the_index_names_every_metafile():
    named = yaml.safe_load((ROOT / 'configs/model-index.yml').read_text())['Import']
    assert sorted(ROOT / path for path in named) == own_files('configs', '**/metafile.yml')
    assert len(METAFILES) == 2 and len(named) == 3
