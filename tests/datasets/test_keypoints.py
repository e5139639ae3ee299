"""Ends of the digits of the embedded set, against its boxes and masks."""

import numpy as np
import pytest
from digit_sets import SPLITS

pytest.importorskip('mmpose', reason='mmpose is not installed: docs/how_to/pose.md says how')


@pytest.mark.parametrize('split', SPLITS)
def test_ends_are_ink_and_touch_the_sides_of_the_box(made, sets, split):
    from regnet_plugin.datasets.keypoints import DigitKeypoints

    dataset = DigitKeypoints(split, data_root=str(made))
    coco = sets[split]
    assert len(dataset) == len(coco.anns)
    for record in map(dataset.get_data_info, range(100)):
        annotation = coco.anns[record['id']]
        x, y, width, height = annotation['bbox']
        ends = record['keypoints'][0].astype(int)
        (top, right, bottom, left) = ends
        assert (top[1], bottom[1]) == (y, y + height - 1)
        assert (left[0], right[0]) == (x, x + width - 1)
        assert coco.annToMask(annotation)[ends[:, 1], ends[:, 0]].all()
        assert record['keypoints_visible'].tolist() == [[1, 1, 1, 1]]


def test_of_several_ends_the_one_in_the_middle():
    from regnet_plugin.datasets.keypoints import ends_of

    mask = np.zeros((5, 7), bool)
    mask[1, 1:6] = mask[3, 2:4] = True
    assert ends_of(mask).tolist() == [[3, 1], [5, 1], [2, 3], [1, 1]]
