"""Handwritten digits: real images that come inside scikit-learn's wheel, so that nothing is downloaded."""
import mmcv
import numpy as np
from mmengine.dataset import BaseDataset

from regnet_plugin.registry import DATASETS

_BRIGHTEST = 16  # the images have values from 0 to 16


@DATASETS.register_module()
class Digits(BaseDataset):
    """The 1,797 digits of scikit-learn (UCI, 8x8 pixels, grey), enlarged, in a fixed stratified split.

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
        try:
            from sklearn.datasets import load_digits
            from sklearn.model_selection import train_test_split
        except ImportError as error:
            raise ImportError('the digits come inside scikit-learn: pip install scikit-learn') from error
        digits = load_digits()
        train, test = train_test_split(np.arange(len(digits.target)), test_size=0.2, random_state=0,
                                       stratify=digits.target)
        images = np.rint(digits.images * (255 / _BRIGHTEST)).astype(np.uint8)
        return [dict(img=self._enlarge(images[i]), gt_label=int(digits.target[i]))
                for i in np.sort(train if self.split == 'train' else test)]

    def _enlarge(self, image):
        image = mmcv.imresize(image, (self.image_size, self.image_size))
        return np.repeat(image[:, :, None], 3, axis=2)
