"""The embedded detection set as mmdet reads it, and a miniature training on it."""

import json
import shutil
from pathlib import Path

import numpy as np
import pytest
from digit_sets import images_of, pixels
from mmengine.config import Config
from mmengine.registry import DATASETS, DefaultScope
from own_files import own_files

from regnet_plugin.datasets import digit_detection
from regnet_plugin.datasets.digit_detection import make_digit_detection
from regnet_plugin.training.checks.data import check_data
from regnet_plugin.training.trainer import train

DETECTORS = own_files('configs/detection', '*_digits.py')


def dataset(root, split='train', **kwargs):
    with DefaultScope.overwrite_default_scope('mmdet'):
        return DATASETS.build(
            dict(type='regnet_plugin.DigitDetection', split=split, data_root=str(root), **kwargs)
        )


def test_a_dataset_makes_what_is_missing(small, tmp_path):
    from mmdet.datasets import CocoDataset

    root = tmp_path / 'data/digits'
    lazy = dataset(root, pipeline=[], lazy_init=True)
    assert lazy.metainfo['classes'] == tuple('0123456789') and not root.exists()
    assert len(lazy) == 8 and isinstance(lazy, CocoDataset) and digit_detection.seed_of(root) == 0
    assert len(dataset(root, 'val', pipeline=[], test_mode=True)) == 4


def test_a_dataset_takes_the_set_of_any_seed(small, tmp_path):
    make_digit_detection(tmp_path / 'digits', seed=5)
    assert (
        len(dataset(tmp_path / 'digits', pipeline=[])) == 8
        and digit_detection.seed_of(tmp_path / 'digits') == 5
    )


def test_an_unknown_split():
    with pytest.raises(ValueError, match="split must be 'train' or 'val', but split='test'"):
        dataset('nowhere', 'test')


def test_mmdet_reads_boxes_labels_and_masks(made, sets):
    pipeline = [
        dict(type='LoadImageFromFile'),
        dict(type='LoadAnnotations', with_bbox=True, with_mask=True),
        dict(type='PackDetInputs'),
    ]
    sample = dataset(made, 'val', pipeline=pipeline)[7]
    image, annotations = list(images_of(sets['val']))[7]
    truth = sample['data_samples'].gt_instances
    assert np.array_equal(
        sample['inputs'].permute(1, 2, 0).numpy()[..., ::-1], pixels(made, 'val', image)
    )
    assert truth.labels.tolist() == [annotation['category_id'] for annotation in annotations]
    corners = [
        [x, y, x + width, y + height]
        for x, y, width, height in (item['bbox'] for item in annotations)
    ]
    assert truth.bboxes.tensor.tolist() == corners
    assert np.array_equal(
        truth.masks.masks, [sets['val'].annToMask(annotation) for annotation in annotations]
    )


@pytest.mark.parametrize('path', DETECTORS, ids=lambda path: path.stem)
def test_a_config_needs_no_data(path, tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    check_data(
        Config.fromfile(path), path.name, ('train_dataloader', 'val_dataloader', 'test_dataloader')
    )


@pytest.mark.parametrize(
    'path',
    [
        pytest.param(path, marks=() if 'mask' in path.stem else pytest.mark.acceptance)
        for path in DETECTORS
    ],
    ids=lambda path: path.stem,
)
def test_a_miniature_training(path, made, tmp_path, monkeypatch):
    """Two iterations and an evaluation of ten images; real pycocotools, on all of the truth."""
    monkeypatch.chdir(tmp_path)
    shutil.copytree(made, tmp_path / 'data/digit_detection')
    config = Config.fromfile(path)
    config.merge_from_dict(
        dict(
            work_dir='run',
            launcher='none',
            train_cfg=dict(max_epochs=1, val_interval=1),
            default_hooks=dict(logger=dict(interval=1)),
            train_dataloader=dict(dataset=dict(indices=16)),
            val_dataloader=dict(dataset=dict(indices=10)),
            model=dict(test_cfg=dict(rcnn=dict(score_thr=0.0))),
        )
    )  # untrained, it is sure of nothing
    train(config)
    logged = [
        json.loads(line)
        for line in next(Path('run').rglob('scalars.json')).read_text().splitlines()
    ]
    *training, evaluation = logged
    assert len(training) == 2 and all(np.isfinite(row['loss']) for row in training)
    kinds = ('bbox', 'segm') if 'mask' in path.stem else ('bbox',)
    assert all(0 <= evaluation[f'coco/{kind}_mAP_50'] <= 1 for kind in kinds)
