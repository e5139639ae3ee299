"""Detection sets as mmdet reads them.

This imports mmdet, so that only what builds one of them imports this module.
"""

from typing import Any

from mmdet.datasets import CocoDataset
from mmengine.logging import print_log

from regnet_plugin.datasets.digit_detection import (
    CLASSES,
    SPLITS,
    annotation_file,
    make_digit_detection,
    seed_of,
)


class DigitDetection(CocoDataset):
    """Digits on photographs (`make_digit_detection`), which are made where there are none yet.

    Args:
        split (str): 'train' (400 images) or 'val' (100).
        data_root (str): folder of the set. Default: 'data/digit_detection'.
        **kwargs: arguments of mmdet's CocoDataset, such as ``pipeline``.

    Raises:
        ValueError: if the split is another one, or the folder holds something else.
    """

    METAINFO = dict(classes=CLASSES)

    def __init__(self, split: str, data_root: str = 'data/digit_detection', **kwargs: Any) -> None:
        if split not in SPLITS:
            raise ValueError(f"split must be 'train' or 'val', but split={split!r}")
        super().__init__(
            data_root=data_root,
            ann_file=annotation_file(split),
            data_prefix=dict(img=split),
            **kwargs,
        )

    def load_data_list(self) -> list[dict[str, Any]]:
        """Load the annotations, and make the set first if it is not there."""
        if seed_of(self.data_root) is None and make_digit_detection(self.data_root, seed=0):
            print_log(f'made the images of {self.data_root}', logger='current')
        return super().load_data_list()
