"""Semantic segmentation: which digit, or the ground, is at each pixel."""

import json
from pathlib import Path
from typing import Any

import numpy as np
from mmengine.dataset import BaseDataset
from numpy.typing import NDArray

from regnet_plugin.datasets.digit_detection import (
    CLASSES,
    annotation_file,
    check_split,
    make_if_missing,
    mask_of,
)
from regnet_plugin.registry import DATASETS

# A colour for each class: the ground is black, and digits have the ten of matplotlib's 'tab10'.
_PALETTE = (
    (0, 0, 0),
    (31, 119, 180),
    (255, 127, 14),
    (44, 160, 44),
    (214, 39, 40),
    (148, 103, 189),
    (140, 86, 75),
    (227, 119, 194),
    (127, 127, 127),
    (188, 189, 34),
    (23, 190, 207),
)


@DATASETS.register_module()
class DigitSegmentation(BaseDataset):
    """Digits on photographs (`make_digit_detection`) as maps of classes, for mmsegmentation.

    They are made where there are none yet. A sample has ``img_path`` and ``gt_seg_map``, uint8 of
    the size of the image: 0 is the ground, and 1 + d the ink of digit d. The map needs no loading:
    a pipeline has no ``LoadAnnotations``.

    Args:
        split (str): 'train' (400 images) or 'val' (100).
        data_root (str): folder of the set. Default: 'data/digit_detection'.
        **kwargs: arguments of MMEngine's BaseDataset, such as ``pipeline``.

    Raises:
        ValueError: if the split is another one, or the folder holds something else.
        ImportError: if scikit-learn or pycocotools is not installed.
    """

    METAINFO = dict(
        classes=('ground', *CLASSES), palette=[list(colour) for colour in _PALETTE], label_map=None
    )

    def __init__(self, split: str, data_root: str = 'data/digit_detection', **kwargs: Any) -> None:
        check_split(split)
        super().__init__(
            data_root=data_root,
            ann_file=annotation_file(split),
            data_prefix=dict(img_path=split),
            **kwargs,
        )

    def load_data_list(self) -> list[dict[str, Any]]:
        """Load the records of the split, and make the set first if it is not there."""
        make_if_missing(self.data_root)
        content = json.loads(Path(self.ann_file).read_text())
        maps = {
            image['id']: np.zeros((image['height'], image['width']), np.uint8)
            for image in content['images']
        }
        for annotation in content['annotations']:
            maps[annotation['image_id']][mask_of(annotation)] = 1 + annotation['category_id']
        return [self._record(image['file_name'], maps[image['id']]) for image in content['images']]

    def _record(self, file_name: str, classes: NDArray[np.uint8]) -> dict[str, Any]:
        """What mmsegmentation's transforms want to know of an image."""
        path = Path(self.data_prefix['img_path'], file_name)
        return dict(
            img_path=str(path),
            gt_seg_map=classes,
            seg_fields=['gt_seg_map'],
            reduce_zero_label=False,
        )
