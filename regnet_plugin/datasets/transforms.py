"""The training transforms of the paper's authors where mmpretrain's follow another law."""

from typing import Any

import cv2
import mmcv
import numpy as np
from mmcv.transforms import BaseTransform

from regnet_plugin.registry import TRANSFORMS


@TRANSFORMS.register_module()
class RandomResizedCrop(BaseTransform):
    """Crop a random area of random shape and resize it to a square, as the authors' code does.

    The area is uniform in ``area`` times the image's; the ratio of width to height is uniform (not
    log-uniform, as torchvision's, whose density is within 4%) in 3/4 to 4/3 and inverted with
    probability 1/2. A crop that does not fit is drawn anew, up to 10 times; then the short side is
    resized to ``scale`` and the centre cropped. Changes ``img`` and ``img_shape``.

    Args:
        scale (int): side of the result, in pixels.
        area (tuple[float, float]): range of the area. Default: (0.08, 1).
    """

    RATIO = (3 / 4, 4 / 3)
    ATTEMPTS = 10

    def __init__(self, scale: int, area: tuple[float, float] = (0.08, 1.0)) -> None:
        self.scale = scale
        self.area = area

    def draw(self, height: int, width: int) -> tuple[int, int, int, int] | None:
        """Draw a crop, with NumPy's global generator, which MMEngine seeds in each worker.

        Args:
            height: of the image, in pixels.
            width: of the image, in pixels.

        Returns:
            Top, left, height and width of the crop; None if no attempt fitted.
        """
        for _ in range(self.ATTEMPTS):
            area = np.random.uniform(*self.area) * height * width
            ratio = np.random.uniform(*self.RATIO)
            crop_width, crop_height = round((area * ratio) ** 0.5), round((area / ratio) ** 0.5)
            if np.random.uniform() < 0.5:
                crop_width, crop_height = crop_height, crop_width
            if crop_height <= height and crop_width <= width:
                top = np.random.randint(height - crop_height + 1)
                left = np.random.randint(width - crop_width + 1)
                return top, left, crop_height, crop_width
        return None

    def transform(self, results: dict[str, Any]) -> dict[str, Any]:
        """Crop and resize ``results['img']``, of shape (height, width, channels)."""
        image = results['img']
        height, width = image.shape[:2]
        crop = self.draw(height, width)
        if crop is None:
            factor = self.scale / min(height, width)
            image = mmcv.imresize(image, (round(width * factor), round(height * factor)))
            height, width = image.shape[:2]
            crop = (height - self.scale) // 2, (width - self.scale) // 2, self.scale, self.scale
        top, left, crop_height, crop_width = crop
        image = image[top : top + crop_height, left : left + crop_width]
        results['img'] = mmcv.imresize(image, (self.scale, self.scale))
        results['img_shape'] = results['img'].shape[:2]
        return results


@TRANSFORMS.register_module()
class Lighting(BaseTransform):
    """Add colour noise along the principal components of ImageNet's pixels (AlexNet).

    The noise is the same for all pixels of an image: V (e * z), with the eigenvectors V and the
    eigenvalues e of the pixels' covariance (Krizhevsky et al. 2012, section 4.1), and z normal.
    mmpretrain's transform of this name wraps bright pixels around to black; this one stops at 0 and
    255.

    Args:
        std (float): deviation of the three components, for pixels from 0 to 1. Default: 0.1.
    """

    # As in the authors' code (pycls) and in fb.resnet.torch, for pixels from 0 to 1. Each column is
    # an eigenvector; the rows are in the order of OpenMMLab's images: blue, green, red.
    EIGENVALUES = np.array([0.2175, 0.0188, 0.0045])
    # fmt: off
    EIGENVECTORS = np.array([
        [-0.5836, -0.6948,  0.4203],
        [-0.5808, -0.0045, -0.8140],
        [-0.5675,  0.7192,  0.4009],
    ])
    # fmt: on

    def __init__(self, std: float = 0.1) -> None:
        self.std = std

    def transform(self, results: dict[str, Any]) -> dict[str, Any]:
        """Shift the colours of ``results['img']``, uint8 of shape (height, width, 3), BGR."""
        noise = self.EIGENVECTORS @ (self.EIGENVALUES * np.random.normal(0, 255 * self.std, 3))
        # Looked up: half the time of arithmetic on the image.
        table = np.clip(np.rint(np.arange(256)[:, None] + noise), 0, 255).astype(np.uint8)
        results['img'] = cv2.LUT(results['img'], table[:, None])
        return results
