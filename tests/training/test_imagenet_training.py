"""An ImageNet config as it is, augmentation included, through the tools.

It is made small on the command line only.
"""

import json
from pathlib import Path

import pytest
from killing import ROOT
from mmpretrain.datasets import ImageNet
from tiny_imagenet import CLASSES, SIDE

from regnet_plugin.training.outcome.history import read_history

CONFIG = ROOT / 'configs/regnetx_200mf_imagenet.py'
RECIPE = ROOT / 'configs/recipes/dds_10e_imagenet_decoded.py'
NETWORK = f'model.head.num_classes={len(CLASSES)}'


def loader_options(name, images, pipeline):
    dataset = f'{name}.dataset'
    options = [
        f'data_root={images}',
        f'metainfo.classes={CLASSES}',
        *(f'pipeline.{step}' for step in pipeline),
    ]
    return [
        f'{name}.batch_size=32',
        f'{name}.num_workers=1',
        *(f'{dataset}.{option}' for option in options),
    ]


def evaluation_options(name, images):
    return loader_options(name, images, (f'1.scale={SIDE}', f'2.crop_size={SIDE}'))


def test_trains_and_both_layouts_of_the_validation_folder_give_one_accuracy(
    tiny_imagenet, tmp_path, run_tool
):
    nested, flat = tiny_imagenet
    trained = run_tool(
        'train.py',
        CONFIG,
        '--work-dir',
        tmp_path,
        '--auto-scale-lr',
        '--cfg-options',
        NETWORK,
        'train_cfg.max_epochs=1',
        *loader_options('train_dataloader', nested, [f'1.scale={SIDE}']),
        *evaluation_options('val_dataloader', nested),
    )
    assert trained.returncode == 0, trained.stderr
    assert 'Scaling the original LR by 0.03125.' in trained.stdout
    assert 'BN found, run 3 iters' in trained.stdout
    history = read_history(tmp_path)
    assert len(history.validation) == 1
    tested = run_tool(
        'test.py',
        CONFIG,
        tmp_path / 'epoch_1.pth',
        '--out',
        tmp_path / 'flat.json',
        '--out-item',
        'metrics',
        '--cfg-options',
        NETWORK,
        *evaluation_options('test_dataloader', flat),
    )
    assert tested.returncode == 0, tested.stderr
    metrics = json.loads((tmp_path / 'flat.json').read_text())
    assert len(metrics) == 2 and metrics == {name: history.validation[-1][name] for name in metrics}


@pytest.mark.acceptance
def test_two_networks_train_on_images_decoded_once(tiny_imagenet, tmp_path, run_tool):
    nested, _ = tiny_imagenet
    options = ['train_cfg.max_epochs=1', NETWORK]
    for split, crop in (('train', 'pipeline.0.scale'), ('val', 'pipeline.0.crop_size')):
        options += [
            f'{split}_dataloader.{option}'
            for option in (
                'batch_size=32',
                'num_workers=1',
                f'dataset.{crop}={SIDE}',
                f'dataset.dataset.data_root={nested}',
                f'dataset.dataset.metainfo.classes={CLASSES}',
                f'dataset.dataset.pipeline.1.scale={SIDE}',
            )
        ]
    times = []
    for run in ('first', 'second'):
        done = run_tool('train.py', RECIPE, '--work-dir', run, '--cfg-options', *options)
        assert done.returncode == 0, done.stderr
        assert len(read_history(tmp_path / run).validation) == 1
        times.append(
            {
                path: path.stat().st_mtime_ns
                for path in (tmp_path / 'work_dirs/decoded').glob('*.samples')
            }
        )
    assert len(times[0]) == 2 and times[0] == times[1]


def test_both_layouts_give_every_image_one_label(tiny_imagenet):
    labels = [
        {
            Path(image['img_path']).name: image['gt_label']
            for image in ImageNet(
                str(root), split='val', metainfo=dict(classes=CLASSES), pipeline=[]
            )
        }
        for root in tiny_imagenet
    ]
    assert labels[0] == labels[1] and set(labels[0].values()) == set(range(len(CLASSES)))
