"""Folders of classes, as people keep photographs of their own.

The images are real JPEGs: scikit-learn's digits, enlarged.
"""

from functools import lru_cache

import cv2
import numpy as np
from sklearn.datasets import load_digits

SIDE = 32
_digits = lru_cache(load_digits)


def write_folders(root, names, images=3, first=0):
    """Write ``root/<name>/<number>.jpg``, with the digit 0 for the first name, and so on.

    Args:
        root (Path): of the folders.
        names (Sequence[str]): of the classes, ten at most.
        images (int): of each class. Default: 3.
        first (int): number of the first image of each digit, so that two sets share none. Default:
            0.
    """
    digits = _digits()
    for digit, name in enumerate(names):
        (root / name).mkdir(parents=True)
        for number, image in enumerate(
            digits.images[digits.target == digit][first : first + images]
        ):
            grey = np.kron(image, np.ones((SIDE // 8, SIDE // 8))) * 15.9
            cv2.imwrite(
                str(root / name / f'{number}.jpg'),
                np.repeat(grey[:, :, None], 3, axis=2).astype(np.uint8),
            )
    return root
