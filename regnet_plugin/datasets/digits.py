"""Handwritten digits: real images that come inside scikit-learn's wheel, so that nothing is
downloaded.
"""

import mmcv
import numpy as np
from mmengine.dataset import BaseDataset

from regnet_plugin.datasets.embedded import digit_images
from regnet_plugin.registry import DATASETS


@DATASETS.register_module()
class Digits(BaseDataset):
    """The 1,797 digits of scikit-learn (UCI, 8x8 pixels, grey), enlarged, in a fixed stratified
    split.

    A sample has ``img``, uint8 of shape (image_size, image_size, 3), and ``gt_label``, 0 to 9.

    Args:
        split (str): 'train' (1,437 images) or 'test' (360).
        image_size (int): side to which the images are enlarged, bilinearly. Default: 32.
        **kwargs: arguments of MMEngine's BaseDataset, such as ``pipeline``.

    Raises:
        ValueError: if the split is another one.
        ImportError: if scikit-learn is not installed.
    """

    METAINFO = dict(classes=tuple('0123456789'))

    def __init__(self, split, image_size=32, **kwargs):
        if split not in ('train', 'test'):
            raise ValueError(f"split must be 'train' or 'test', but split={split!r}")
        self.split = split
        self.image_size = image_size
        super().__init__(**kwargs)

    def load_data_list(self):
        images, labels, _ = digit_images(self.split)
        return [
            dict(img=self._enlarge(image), gt_label=int(label))
            for image, label in zip(images, labels)
        ]

    def _enlarge(self, image):
        image = mmcv.imresize(image, (self.image_size, self.image_size))
        return np.repeat(image[:, :, None], 3, axis=2)
