"""ImageNetV2: the name of a folder is the label."""

import cv2
import numpy as np
import pytest
from mmengine.registry import DATASETS

from regnet_plugin.datasets import ImageNetV2


def made(root, *names, suffix='.jpeg'):
    for name in names:
        (root / name).mkdir(parents=True)
        cv2.imwrite(str(root / name / f'x{suffix}'), np.zeros((8, 8, 3), np.uint8))
    return str(root)


def test_the_label_of_folder_10_is_10(tmp_path):
    root = made(tmp_path, *map(str, range(12)), '999')
    dataset = DATASETS.build(
        dict(type='regnet_plugin.ImageNetV2', data_root=root, split='val', pipeline=[])
    )
    assert [sample['gt_label'] for sample in dataset] == [*range(12), 999]
    assert all(sample['img_path'] == f'{root}/{sample["gt_label"]}/x.jpeg' for sample in dataset)


@pytest.mark.parametrize('name', ['n01440764', '1000', '-1', '007'])
def test_a_folder_that_is_no_label_is_an_error(tmp_path, name):
    with pytest.raises(ValueError, match=f"named 0 to 999, but .* has '{name}'"):
        ImageNetV2(made(tmp_path, '0', name))


def test_no_images_and_other_splits_are_errors(tmp_path):
    with pytest.raises(ValueError, match='hold none'):
        ImageNetV2(made(tmp_path, '0', suffix='.png'))
    with pytest.raises(ValueError, match="split='train'"):
        ImageNetV2(str(tmp_path), split='train')
