"""Keypoints as mmpose reads them.

This imports mmpose, so that only what builds such a set imports this module.
"""

from collections.abc import Mapping
from typing import Any

import numpy as np
from mmpose.datasets.datasets.base import BaseCocoStyleDataset
from numpy.typing import NDArray

from regnet_plugin.datasets.digit_detection import (
    annotation_file,
    check_split,
    make_if_missing,
    mask_of,
)

# The ends of the ink, in the order of a turn; a mirror exchanges left and right.
ENDS = ('top', 'right', 'bottom', 'left')
_MIRRORED = dict(top='', right='left', bottom='', left='right')
_COLOURS = ([31, 119, 180], [255, 127, 14], [44, 160, 44], [214, 39, 40])
# COCO's constant of falloff, as a part of the size of a digit: that of its shoulders.
_SIGMA = 0.079


class DigitKeypoints(BaseCocoStyleDataset):
    """The four ends of digits on photographs (`make_digit_detection`), for mmpose.

    They are made where there are none yet. The ends of a digit are the topmost, rightmost,
    bottommost and leftmost pixel of its ink; of several the one in the middle.

    Args:
        split (str): 'train' (400 images) or 'val' (100).
        data_root (str): folder of the set. Default: 'data/digit_detection'.
        **kwargs: arguments of mmpose's BaseCocoStyleDataset, such as ``pipeline``.

    Raises:
        ValueError: if the split is another one, or the folder holds something else.
    """

    METAINFO = dict(
        dataset_name='digit_keypoints',
        keypoint_info={
            number: dict(
                name=name,
                id=number,
                color=colour,
                type='upper' if name == 'top' else 'lower',
                swap=_MIRRORED[name],
            )
            for number, (name, colour) in enumerate(zip(ENDS, _COLOURS))
        },
        skeleton_info={
            number: dict(link=(name, ENDS[number - 1]), id=number, color=[127, 127, 127])
            for number, name in enumerate(ENDS)
        },
        joint_weights=[1.0] * len(ENDS),
        sigmas=[_SIGMA] * len(ENDS),
    )

    def __init__(self, split: str, data_root: str = 'data/digit_detection', **kwargs: Any) -> None:
        check_split(split)
        super().__init__(
            data_root=data_root,
            ann_file=annotation_file(split),
            data_prefix=dict(img=split),
            **kwargs,
        )

    def load_data_list(self) -> list[dict[str, Any]]:
        """Load the annotations, and make the set first if it is not there."""
        make_if_missing(self.data_root)
        return super().load_data_list()

    def parse_data_info(self, raw_data_info: Mapping[str, Any]) -> dict[str, Any] | None:
        """Read an annotation, to which its keypoints are added."""
        annotation = raw_data_info['raw_ann_info']
        ends = ends_of(mask_of(annotation))
        keypoints = np.column_stack([ends, np.full(len(ends), 2)])  # 2: labelled and visible
        annotation.update(keypoints=keypoints.ravel().tolist(), num_keypoints=len(ends))
        return super().parse_data_info(raw_data_info)


def ends_of(mask: NDArray[np.bool_]) -> NDArray[np.int64]:
    """Find the ends of the ink of a digit, in the order of ``ENDS``, as rows of x and y."""
    y, x = np.nonzero(mask)
    return np.array(
        [
            (_middle(x[y == y.min()]), y.min()),
            (x.max(), _middle(y[x == x.max()])),
            (_middle(x[y == y.max()]), y.max()),
            (x.min(), _middle(y[x == x.min()])),
        ]
    )


def _middle(positions: NDArray[np.int64]) -> int:
    """The one in the middle; of two the first."""
    return int(np.sort(positions)[(len(positions) - 1) // 2])
