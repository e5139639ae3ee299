"""Detection sets as mmdet reads them.

This imports mmdet, so that only what builds one of them imports this module.
"""

from typing import Any

from mmdet.datasets import CocoDataset

from regnet_plugin.datasets.digit_detection import (
    CLASSES,
    annotation_file,
    check_split,
    make_if_missing,
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
