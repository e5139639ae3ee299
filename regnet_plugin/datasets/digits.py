"""Handwritten digits: real images that come inside scikit-learn's wheel, without a download."""

from typing import Any

import mmcv
import numpy as np
from mmengine.dataset import BaseDataset
from numpy.typing import NDArray

from regnet_plugin.datasets.embedded import digit_images
from regnet_plugin.registry import DATASETS


@DATASETS.register_module()
class Digits(BaseDataset):
    """The 1,797 digits of scikit-learn, enlarged, in a fixed stratified split.

    They are from UCI, 8x8 pixels, grey. A sample has ``img``, uint8 of shape (image_size,
    image_size, 3), and ``gt_label``, 0 to 9.

    Args:
        split (str): 'train' (1,437 images) or 'test' (360).
        image_size (int): side to which the images are enlarged, bilinearly. Default: 32.
        **kwargs: arguments of MMEngine's BaseDataset, such as ``pipeline``.

    Raises:
        ValueError: if the split is another one.
        ImportError: if scikit-learn is not installed.
    """

    METAINFO = dict(classes=tuple('0123456789'))

    def __init__(self, split: str, image_size: int = 32, **kwargs: Any) -> None:
        if split not in ('train', 'test'):
            raise ValueError(f"split must be 'train' or 'test', but split={split!r}")
        self.split = split
        self.image_size = image_size
        super().__init__(**kwargs)

    def load_data_list(self) -> list[dict[str, Any]]:
        """Load the records of the split: ``img`` and ``gt_label``."""
        images, labels, _ = digit_images(self.split)
        return [
            dict(img=self._enlarge(image), gt_label=int(label))
            for image, label in zip(images, labels)
        ]

    def _enlarge(self, image: NDArray[np.uint8]) -> NDArray[np.uint8]:
        """An image (8, 8) as one of shape (image_size, image_size, 3)."""
        enlarged = mmcv.imresize(image, (self.image_size, self.image_size))
        return np.repeat(enlarged[:, :, None], 3, axis=2)
