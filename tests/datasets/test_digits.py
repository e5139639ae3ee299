import pickle

import numpy as np
import pytest
from sklearn.datasets import load_digits

from regnet_plugin.datasets import Digits


def labels(split):
    dataset = Digits(split, pipeline=[])
    return np.array([dataset[i]['gt_label'] for i in range(len(dataset))])


def test_split_is_stratified_and_complete():
    train, test = labels('train'), labels('test')
    assert (len(train), len(test)) == (1437, 360)
    assert (np.bincount(train) + np.bincount(test) == np.bincount(load_digits().target)).all()
    assert np.bincount(test).min() >= 35 and np.bincount(test).max() <= 37


def test_split_is_fixed_and_shares_no_image():
    def ids(split):
        return {
            (sample['gt_label'], sample['img'].tobytes()) for sample in Digits(split, pipeline=[])
        }

    assert ids('train') == ids('train')
    assert len(ids('train') & ids('test')) == 0


def test_images_are_enlarged_to_the_full_range():
    sample = Digits('train', pipeline=[])[0]
    assert sample['img'].shape == (32, 32, 3) and sample['img'].dtype == np.uint8
    small = Digits('train', image_size=8, pipeline=[])
    values = np.unique([small[i]['img'] for i in range(len(small))])
    assert values.tolist() == [round(value * 255 / 16) for value in range(17)]
    assert (sample['img'][..., 0] == sample['img'][..., 2]).all()
    assert Digits('test', pipeline=[]).metainfo['classes'] == tuple('0123456789')


def test_unknown_split():
    with pytest.raises(ValueError, match="split must be 'train' or 'test', but split='val'"):
        Digits('val')


def test_an_epoch_leaves_nothing_behind():
    """So that a process may train many networks on one object."""
    dataset = Digits('test', pipeline=[])
    state = pickle.dumps(dataset)
    dataset[0]['img'][:] = 0
    assert dataset[0]['img'].any() and pickle.dumps(dataset) == state


def test_the_dataset_of_the_configs_is_built_whatever_the_default_scope():
    """As tools of mmpretrain do that set none, such as vis_tsne.py."""
    from killing import ROOT
    from mmengine.config import Config
    from mmengine.registry import DATASETS as EVERY

    config = Config.fromfile(ROOT / 'configs/regnetx_6.5mf_digits.py')
    for loader in (config.train_dataloader, config.test_dataloader):
        assert set(EVERY.build(loader.dataset)[0]) == {'inputs', 'data_samples'}
