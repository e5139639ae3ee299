"""Fashion-MNIST and pairs of it: the published files, whole batches, bad files, real trainings."""

import gzip
import hashlib
import pickle
import shutil

import numpy as np
import pytest
import torch
from fashion_files import FASHION
from mmengine.dataset import pseudo_collate

from regnet_plugin.datasets import FashionMNIST, FashionPairs, whole_batch
from regnet_plugin.datasets.fashion import CLASSES, fashion_images

pytestmark = pytest.mark.skipif(FASHION is None, reason='the Debian package is not there')
SIDE = 36


@pytest.fixture(scope='module')
def root():
    return str(FASHION)


@pytest.fixture(scope='module')
def pairs(root):
    return FashionPairs('test', images=300, image_size=SIDE, data_root=root)


@pytest.fixture(scope='module')
def garments(root):
    return FashionMNIST('test', data_root=root)


def test_each_class_has_as_many_images_as_published(root):
    for split, images in (('train', 60_000), ('test', 10_000)):
        pixels, labels = fashion_images(split, root)
        assert pixels.shape == (images, 28, 28)
        assert np.bincount(labels).tolist() == [images // 10] * 10


def test_the_first_labels_are_those_of_the_publication(root):
    """The first images are an ankle boot, two T-shirts, a dress, a T-shirt, a pullover."""
    train = FashionMNIST('train', indices=6, data_root=root)
    assert [CLASSES[train[place]['data_samples'].gt_label] for place in range(6)] == [
        'Ankle boot',
        'T-shirt/top',
        'T-shirt/top',
        'Dress',
        'T-shirt/top',
        'Pullover',
    ]


def test_mmpretrains_own_dataset_reads_the_same(root, tmp_path, garments):
    from mmpretrain.datasets import FashionMNIST as Theirs

    for file in FASHION.iterdir():
        (tmp_path / file.stem).write_bytes(gzip.decompress(file.read_bytes()))
    theirs = Theirs(
        data_root=str(tmp_path), split='test', pipeline=[], download=False, test_mode=True
    )
    assert len(theirs) == len(garments)
    for place in (0, 1, 4_321, 9_999):
        record = theirs.get_data_info(place)
        assert (garments.get_data_info(place)['img'] == record['img'][:, :, np.newaxis]).all()
        assert garments.get_cat_ids(place) == [record['gt_label']]
    unpacked = FashionMNIST('test', data_root=str(tmp_path))
    assert torch.equal(unpacked._images, garments._images)


def test_a_pair_is_the_brighter_of_two_garments_pixel_by_pixel(root, pairs):
    """Made anew, one pixel after the other, from garments that the label names."""
    images, labels = fashion_images('test', root)
    offset = SIDE - 28
    drawn = np.random.Generator(np.random.PCG64(np.random.SeedSequence(0, spawn_key=(1,)))).random(
        (300, 2)
    )
    for place in (0, 7, 299):
        first, second = (int(share * len(labels)) for share in drawn[place])
        expected = [
            [
                max(
                    images[first, y, x] if y < 28 and x < 28 else 0,
                    images[second, y - offset, x - offset] if y >= offset and x >= offset else 0,
                )
                for x in range(SIDE)
            ]
            for y in range(SIDE)
        ]
        record = pairs.get_data_info(place)
        assert (record['img'] == np.array(expected)[:, :, np.newaxis]).all()
        assert record['gt_label'] == 10 * labels[first] + labels[second]
        assert pairs.metainfo['classes'][record['gt_label']] == (
            f'{CLASSES[labels[first]]}, {CLASSES[labels[second]]}'
        )


def test_the_pairs_are_the_same_everywhere(root):
    """Made once, on 2026-12-01: no release changes what a seed means."""
    made = FashionPairs('train', images=24_000, data_root=root)
    digest = hashlib.sha256(made._images.numpy().tobytes() + made._labels.tobytes())
    assert digest.hexdigest()[:16] == '6bc1d0607b1d1104'
    assert np.bincount(made._labels, minlength=100).min() > 150


def test_more_pairs_begin_with_the_fewer_and_other_seeds_give_others(root, pairs):
    fewer = FashionPairs('test', images=100, image_size=SIDE, data_root=root)
    other = FashionPairs('test', images=100, image_size=SIDE, seed=1, data_root=root)
    assert torch.equal(fewer._images, pairs._images[:100])
    assert not torch.equal(other._images, fewer._images)


@pytest.mark.parametrize('indices, kept', [(5, range(5)), (-5, range(295, 300)), ([9, 2], [9, 2])])
def test_some_images(root, pairs, indices, kept):
    some = FashionPairs('test', images=300, image_size=SIDE, data_root=root, indices=indices)
    assert torch.equal(some._images, pairs._images[list(kept)])


@pytest.mark.parametrize('dataset', ['pairs', 'garments'])
def test_a_whole_batch_is_that_of_its_samples(dataset, request):
    dataset = request.getfixturevalue(dataset)
    indices = [5, 3, 299, 3]
    whole = whole_batch(dataset.__getitems__(indices))
    single = whole_batch([dataset[index] for index in indices])
    assert whole['inputs'].dtype == torch.uint8 and torch.equal(whole['inputs'], single['inputs'])
    for samples in (whole['data_samples'], single['data_samples']):
        assert [int(sample.gt_label) for sample in samples] == dataset._labels[indices].tolist()
    pseudo = pseudo_collate(dataset.__getitems__(indices))  # MMEngine's default takes it, too
    assert torch.equal(torch.stack(pseudo['inputs']), whole['inputs'])


def test_a_pipeline_gets_images_as_of_other_datasets(root):
    steps = [dict(type='mmpretrain.PackInputs')]
    packed = FashionMNIST('test', data_root=root, pipeline=steps, indices=10)
    plain = FashionMNIST('test', data_root=root, indices=10)
    assert torch.equal(packed[3]['inputs'], plain[3]['inputs'])
    assert packed.get_data_info(3)['img'].shape == (28, 28, 3)


def test_what_is_done_to_a_batch_leaves_the_images_as_they_are(pairs):
    state = pickle.dumps(pairs)
    batch = whole_batch(pairs.__getitems__([0, 1]))
    batch['inputs'] = batch['inputs'].contiguous().zero_()
    batch['data_samples'][0].set_gt_label(99)
    pairs.get_data_info(0)['img'][:] = 0
    assert pickle.dumps(pairs) == state


@pytest.mark.parametrize(
    'kind, arguments, message',
    [
        (FashionMNIST, dict(split='val'), "split must be 'train' or 'test', but split='val'"),
        (FashionPairs, dict(split='test', images=0), 'images must be at least 1'),
        (FashionPairs, dict(split='test', images=9, image_size=27), 'image_size from 28 to 56'),
        (FashionPairs, dict(split='test', images=9, image_size=57), 'image_size from 28 to 56'),
        (FashionPairs, dict(split='test', images=9, seed=-1), 'seed at least 0, but'),
        (FashionMNIST, dict(split='test', indices=10_001), 'at most the number of images, 10000'),
        (FashionMNIST, dict(split='test', indices=[3, 10_000]), 'they go from 3 to 10000'),
    ],
)
def test_bad_arguments(root, kind, arguments, message):
    with pytest.raises(ValueError, match=message):
        kind(data_root=root, **arguments)


@pytest.fixture
def copied(tmp_path):
    """A folder with the files of the test split, which may be broken."""
    for file in FASHION.glob('t10k*'):
        shutil.copy(file, tmp_path)
    return tmp_path


def test_a_missing_file_is_named(copied):
    (copied / 't10k-labels-idx1-ubyte.gz').unlink()
    with pytest.raises(FileNotFoundError, match=r'must hold t10k-labels-idx1-ubyte or .*\.gz, but'):
        FashionMNIST('test', data_root=str(copied))


def test_a_changed_label_is_refused(copied):
    path = copied / 't10k-labels-idx1-ubyte.gz'
    content = bytearray(gzip.decompress(path.read_bytes()))
    content[500] = (content[500] + 1) % 10
    path.write_bytes(gzip.compress(bytes(content)))
    with pytest.raises(ValueError, match='is not the published file, which has 10,008 bytes'):
        FashionMNIST('test', data_root=str(copied))


@pytest.mark.parametrize('damage', ['cut', 'text', 'bomb', 'digits'])
def test_a_broken_file_is_named(copied, damage):
    path = copied / 't10k-images-idx3-ubyte.gz'
    whole = path.read_bytes()
    broken = {
        'cut': whole[: len(whole) // 2],
        'text': b'<html>not found</html>',
        'bomb': gzip.compress(bytes(50_000_000)),  # far beyond the size of the published file
        'digits': gzip.compress(bytes(7_840_016)),  # MNIST's files have the same names and sizes
    }[damage]
    path.write_bytes(broken)
    with pytest.raises(ValueError, match='t10k-images-idx3-ubyte.gz is'):
        FashionMNIST('test', data_root=str(copied))


def test_where_it_is_nowhere_and_not_to_be_had_one_line_says_so(tmp_path, monkeypatch):
    from mmpretrain.datasets import FashionMNIST as Theirs

    from regnet_plugin.datasets import fashion

    def refuse(self):
        raise OSError('no network')

    monkeypatch.setattr(Theirs, '_download', refuse)
    monkeypatch.setattr(fashion, 'FOLDERS', (str(tmp_path / 'one'), str(tmp_path / 'other')))
    with pytest.raises(FileNotFoundError, match=r'nor in .*no network\): put its four files there'):
        FashionMNIST('test')


def test_the_recipe_of_the_study_trains_on_whole_batches(root, tmp_path, run_tool, monkeypatch):
    """As it ships, with a network of the study's space, but for fewer images."""
    from killing import ROOT

    recipe = ROOT / 'configs/study/fashion/pairs.py'
    small = [
        f'train_dataloader.dataset.data_root={root}',
        f'val_dataloader.dataset.data_root={root}',
        'train_dataloader.dataset.images=320',
        'val_dataloader.dataset.images=100',
    ]
    space = ROOT / 'configs/study/fashion/anynetx_a.py'
    sample = ['--size', 1, '--flops', 1e6, 1.5e6, '--seed', 0, '--out', 'population']
    done = run_tool('sample_population.py', space, *sample)
    assert done.returncode == 0, done.stderr
    done = run_tool('train_population.py', 'population', recipe, '--cfg-options', *small)
    assert done.returncode == 0, done.stderr
    assert '1 of 1 ended' in done.stdout + done.stderr
