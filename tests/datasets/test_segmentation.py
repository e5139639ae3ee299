"""Maps of classes of the embedded set, against its own annotations."""

import cv2
import numpy as np
import pytest
from digit_sets import SPLITS

from regnet_plugin.datasets import DigitSegmentation


@pytest.mark.parametrize('split', SPLITS)
def test_maps_have_the_digits_of_the_annotations(made, sets, split):
    dataset = DigitSegmentation(split, data_root=str(made))
    coco = sets[split]
    assert len(dataset) == SPLITS[split]
    for record, (number, image) in zip(map(dataset.get_data_info, range(50)), coco.imgs.items()):
        assert record['img_path'].endswith(f'{split}/{image["file_name"]}')
        annotations = coco.loadAnns(coco.getAnnIds(imgIds=[number]))
        areas = np.zeros(11, int)
        for annotation in annotations:
            areas[1 + annotation['category_id']] += annotation['area']
        counted = np.bincount(record['gt_seg_map'].ravel(), minlength=11)
        assert counted[1:].tolist() == areas[1:].tolist()


def test_ink_is_unlike_the_ground_beside_it(made):
    """A map lies on its image: painted ink differs from the ground around it."""
    dataset = DigitSegmentation('val', data_root=str(made))
    differences = []
    for record in map(dataset.get_data_info, range(20)):
        grey = cv2.imread(record['img_path'], cv2.IMREAD_GRAYSCALE).astype(float)
        ink = (record['gt_seg_map'] > 0).astype(np.uint8)
        beside = (cv2.dilate(ink, np.ones((7, 7))) - cv2.dilate(ink, np.ones((3, 3)))) > 0
        differences.append(abs(grey[ink > 0].mean() - grey[beside].mean()))
    assert np.median(differences) > 20


def test_a_name_and_a_colour_for_each_class(made):
    dataset = DigitSegmentation('val', data_root=str(made))
    assert dataset.metainfo['classes'] == ('ground', *'0123456789')
    assert len({tuple(colour) for colour in dataset.metainfo['palette']}) == 11
    with pytest.raises(ValueError, match="split must be 'train' or 'val', but split='test'"):
        DigitSegmentation('test', data_root=str(made))
