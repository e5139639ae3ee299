"""Images decoded once: the samples are those of the whole pipeline.

It does not matter who wrote the file, and who reads it.
"""

import multiprocessing
import os
import pickle
import random
import time
from types import SimpleNamespace

import mmpretrain.datasets  # noqa: F401 - registers datasets and transforms
import numpy as np
import pytest
import torch
from mmcv.transforms import BaseTransform
from mmengine.registry import DATASETS, TRANSFORMS, DefaultScope
from PIL import Image
from sklearn.datasets import load_sample_images
from tiny_imagenet import CLASSES, make_tiny_imagenet

from regnet_plugin.cli import progress
from regnet_plugin.datasets import decoded

FIRST = [dict(type='LoadImageFromFile'), dict(type='ResizeEdge', scale=48)]
SLOW = [*FIRST, dict(type='SlowForTests')]
REST = [
    dict(type='regnet_plugin.RandomResizedCrop', scale=32),
    dict(type='RandomFlip', prob=0.5),
    dict(type='regnet_plugin.Lighting'),
    dict(type='PackInputs'),
]


DECODED = multiprocessing.get_context('fork').Value('i', 0)  # images, by all processes


@TRANSFORMS.register_module()
class SlowForTests(BaseTransform):
    def transform(self, results):
        time.sleep(0.03)
        with DECODED.get_lock():
            DECODED.value += 1
        return results


@pytest.fixture(scope='module')
def images(tmp_path_factory):
    """The tiny ImageNet, and the two photographs as they are, so that sizes differ."""
    root = make_tiny_imagenet(tmp_path_factory.mktemp('imagenet'))[0]
    for name, photograph in zip(CLASSES, load_sample_images().images):
        Image.fromarray(photograph[:, 40:]).save(root / 'train' / name / 'whole.JPEG')
    return root


def written_in(folder):
    """Names of what is in a folder, locks aside."""
    return [path.name for path in folder.iterdir() if path.suffix != '.lock']


@pytest.fixture(autouse=True)
def scope():
    with DefaultScope.overwrite_default_scope('mmpretrain'):
        yield


def imagenet(root, pipeline=FIRST, split='train'):
    return dict(
        type='ImageNet',
        data_root=str(root),
        split=split,
        metainfo=dict(classes=CLASSES),
        pipeline=pipeline,
    )


def decode_once(root, folder, pipeline=FIRST, rest=REST, split='train'):
    return DATASETS.build(
        dict(
            type='regnet_plugin.Decoded',
            dataset=imagenet(root, pipeline, split),
            pipeline=rest,
            folder=str(folder),
        )
    )


def seeded(dataset):
    """All samples of an epoch."""
    for number, seed in enumerate(np.random.SeedSequence(0).generate_state(len(dataset))):
        random.seed(int(seed)), np.random.seed(seed), torch.manual_seed(int(seed))
        yield dataset[number]


def assert_equal(ours, theirs):
    assert ours['inputs'].equal(theirs['inputs'])
    ours, theirs = ours['data_samples'], theirs['data_samples']
    assert ours.gt_label.equal(theirs.gt_label)
    assert dict(ours.metainfo_items()) == dict(theirs.metainfo_items())


def samples_equal(dataset, root):
    plain = DATASETS.build(imagenet(root, FIRST + REST))
    assert len(dataset) == len(plain) == 98
    for ours, theirs in zip(seeded(dataset), seeded(plain)):
        assert_equal(ours, theirs)
    return True


def test_every_sample_is_that_of_the_undecoded_pipeline(images, tmp_path):
    dataset = decode_once(images, tmp_path)
    assert samples_equal(dataset, images)
    assert {
        image.shape for image in (dataset._samples[number]['img'] for number in range(len(dataset)))
    } == {(48, 48, 3), (48, 67, 3)}


def test_the_test_pipeline_too(images, tmp_path):
    rest = [dict(type='CenterCrop', crop_size=32), dict(type='PackInputs')]
    ours = decode_once(images, tmp_path, rest=rest, split='val')
    theirs = DATASETS.build(imagenet(images, FIRST + rest, 'val'))
    for number in range(-1, len(theirs)):
        assert_equal(ours[number], theirs[number])
    with pytest.raises(IndexError):
        ours[len(theirs)]


def test_what_others_ask_a_dataset(images, tmp_path):
    ours, theirs = decode_once(images, tmp_path), DATASETS.build(imagenet(images))
    assert ours.metainfo == theirs.metainfo
    assert (
        [ours.get_cat_ids(n) for n in (0, 97)]
        == [theirs.get_cat_ids(n) for n in (0, 97)]
        == [[0], [11]]
    )
    assert ours.get_data_info(5) == theirs.get_data_info(5)
    config = dict(
        type='regnet_plugin.Decoded', dataset=imagenet(images), pipeline=REST, folder=str(tmp_path)
    )
    repeated = DATASETS.build(dict(type='RepeatDataset', times=2, dataset=config))
    balanced = DATASETS.build(
        dict(type='ClassBalancedDataset', oversample_thr=0.09, dataset=config)
    )
    assert len(repeated) == 196 and repeated[97 + 98]['data_samples'].gt_label.item() == 11
    assert len(balanced) == 2 * 98 - 18  # the ten classes of 8 of 98 images come twice
    lazy = DATASETS.build(dict(config, lazy_init=True, folder=str(tmp_path / 'lazy')))
    assert (
        not (tmp_path / 'lazy').exists()
        and len(lazy) == 98
        and len(list((tmp_path / 'lazy').iterdir())) == 2
    )


def test_it_is_decoded_once(images, tmp_path, monkeypatch):
    decode_once(images, tmp_path)
    monkeypatch.setattr(decoded, '_decode', None)
    assert samples_equal(decode_once(images, tmp_path), images)
    assert len(list(tmp_path.iterdir())) == 2  # with the lock


@pytest.mark.acceptance
def test_what_changes_the_samples_changes_the_file(tmp_path):
    images = make_tiny_imagenet(tmp_path / 'imagenet')[0]

    def digest(config):
        dataset = DATASETS.build(
            dict(type='regnet_plugin.Decoded', dataset=config, pipeline=[], lazy_init=True)
        )
        return dataset._digest()

    first = digest(imagenet(images))
    assert digest(imagenet(images)) == first
    found = {
        first,
        *map(
            digest,
            [
                imagenet(images, FIRST[:1]),
                imagenet(images, [FIRST[0], dict(FIRST[1], scale=32)]),
                imagenet(images, split='val'),
                dict(imagenet(images), indices=10),
            ],
        ),
    }
    picture = next((images / 'train' / CLASSES[3]).iterdir())
    os.utime(picture, ns=(1, 1))
    found.add(digest(imagenet(images)))
    os.rename(picture, images / 'train' / CLASSES[4] / 'another.JPEG')
    found.add(digest(imagenet(images)))
    assert len(found) == 7


def test_an_image_may_be_changed_and_an_epoch_leaves_nothing_behind(images, tmp_path):
    dataset = decode_once(images, tmp_path, rest=[])
    state = pickle.dumps(dataset)
    before = dataset[3]['img'].copy()
    dataset[3]['img'][:] = 0
    assert np.array_equal(dataset[3]['img'], before)
    for _ in seeded(dataset):
        pass
    assert pickle.dumps(dataset) == state


@pytest.mark.parametrize(
    'step',
    [
        dict(type='RandomFlip', prob=0.5),
        dict(type='regnet_plugin.RandomResizedCrop', scale=32),
        dict(type='RandomResizedCrop', scale=32),
        dict(type='ColorJitter', brightness=0.5),
        dict(type='RandomErasing'),
        dict(type='RandAugment', policies='timm_increasing', num_policies=1, magnitude_level=5),
    ],
)
def test_a_random_pipeline_is_refused(images, tmp_path, step):
    name = step['type'].split('.')[-1]
    with pytest.raises(
        ValueError, match=f"must not be random, but one of .*'{name}'] draws random numbers"
    ):
        decode_once(images, tmp_path, pipeline=[*FIRST, step])
    assert not written_in(tmp_path)


def test_data_in_memory_is_refused(tmp_path):
    with pytest.raises(
        ValueError, match='must be files, but the records of a Digits have no img_path'
    ):
        DATASETS.build(
            dict(
                type='regnet_plugin.Decoded',
                folder=str(tmp_path),
                pipeline=[],
                dataset=dict(type='regnet_plugin.Digits', split='test', pipeline=[]),
            )
        )


def test_too_small_a_disk_is_said_before(images, tmp_path, monkeypatch):
    monkeypatch.setattr(decoded.shutil, 'disk_usage', lambda folder: SimpleNamespace(free=1000))
    with pytest.raises(OSError, match=r'need about 0\.000\d+ GB, but .* has 1e-06 GB left'):
        decode_once(images, tmp_path)
    assert not written_in(tmp_path)


def test_the_size_is_foretold(images, tmp_path, monkeypatch):
    """Within a fifth, on images of two sizes."""
    decode_once(images, tmp_path)
    size = next(tmp_path.glob('*.samples')).stat().st_size
    monkeypatch.setattr(
        decoded.shutil, 'disk_usage', lambda folder: SimpleNamespace(free=1.2 * size)
    )
    decode_once(images, tmp_path / 'enough')
    monkeypatch.setattr(
        decoded.shutil, 'disk_usage', lambda folder: SimpleNamespace(free=0.8 * size)
    )
    with pytest.raises(OSError, match='GB left'):
        decode_once(images, tmp_path / 'too_small')


def test_a_broken_image_is_named_and_nothing_is_left(tmp_path):
    images = make_tiny_imagenet(tmp_path / 'imagenet')[0]
    broken = sorted((images / 'train' / CLASSES[3]).iterdir())[2]
    broken.write_bytes(broken.read_bytes()[:20])
    with pytest.raises(AssertionError, match=f'failed to load image: {broken}'):
        decode_once(images, tmp_path / 'decoded')
    assert not written_in(tmp_path / 'decoded')
    broken.write_bytes(b'')
    with pytest.raises(ValueError, match=f'gives no sample of {broken}'):
        decode_once(images, tmp_path / 'decoded', pipeline=[dict(FIRST[0], ignore_empty=True)])


@pytest.mark.parametrize('method', ['fork', 'spawn'])
def test_workers_open_the_file_themselves(images, tmp_path, method):
    dataset = decode_once(images, tmp_path, rest=[dict(type='PackInputs')])
    assert len(pickle.dumps(dataset)) < 30_000 < next(tmp_path.glob('*.samples')).stat().st_size
    loader = torch.utils.data.DataLoader(
        dataset, batch_size=None, num_workers=1, multiprocessing_context=method
    )
    for ours, theirs in zip(loader, seeded(dataset)):
        assert_equal(ours, theirs)


def test_a_bar_with_eta_comes_when_it_takes_long(images, tmp_path, capsys, monkeypatch):
    decode_once(images, tmp_path / 'fast')
    assert 'decoding' not in capsys.readouterr().out
    monkeypatch.setattr(progress, 'PATIENCE', 0)
    decode_once(images, tmp_path / 'slow')
    shown = capsys.readouterr().out
    assert 'decoding 98/98' in shown and 'ETA' in shown


def started(images, folder):
    """A process that decodes slowly."""
    process = multiprocessing.get_context('fork').Process(
        target=decode_once, args=(images, folder, SLOW)
    )
    process.start()
    return process


@pytest.mark.acceptance
def test_of_two_processes_at_once_one_decodes(images, tmp_path):
    DECODED.value = 0
    processes = [started(images, tmp_path) for _ in range(2)]
    for process in processes:
        process.join()
        assert process.exitcode == 0
    assert DECODED.value == 98 + 32  # and the probes
    assert sorted(path.suffix for path in tmp_path.iterdir()) == ['.lock', '.samples']
    assert samples_equal(decode_once(images, tmp_path, SLOW), images) and DECODED.value == 98 + 32


def test_when_the_writer_is_killed_another_goes_on(images, tmp_path):
    writer = started(images, tmp_path)
    while not written_in(tmp_path):
        time.sleep(0.01)
    waiting = started(images, tmp_path)
    time.sleep(0.2)
    writer.kill()
    writer.join()
    assert all(name.startswith('.part-') for name in written_in(tmp_path))
    waiting.join()
    (name,) = written_in(tmp_path)
    assert waiting.exitcode == 0 and not name.startswith('.part-')
    assert samples_equal(decode_once(images, tmp_path, SLOW), images)
