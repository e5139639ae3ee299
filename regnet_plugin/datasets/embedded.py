"""The real images inside scikit-learn's wheel, digits and photographs: nothing is downloaded."""

from pathlib import Path

import numpy as np
from numpy.typing import NDArray

_BRIGHTEST = 16  # scikit-learn's digits have values from 0 to 16


def digit_images(split: str) -> tuple[NDArray[np.uint8], NDArray[np.int64], NDArray[np.int64]]:
    """Load one part of the 1,797 digits (UCI, 8x8 pixels, grey) in a fixed stratified split.

    Args:
        split: 'train' (1,437 digits) or 'test' (360).

    Returns:
        Images, uint8 of shape (n, 8, 8), the ink bright, from 0 to 255; labels, 0 to 9; and their
        positions, ascending, in what scikit-learn's ``load_digits`` returns.

    Raises:
        ImportError: if scikit-learn is not installed.
    """
    try:
        from sklearn.datasets import load_digits  # an optional dependency
        from sklearn.model_selection import train_test_split
    except ImportError as error:
        raise ImportError(
            'the digits come inside scikit-learn: pip install scikit-learn'
        ) from error
    digits = load_digits()
    train, test = train_test_split(
        np.arange(len(digits.target)), test_size=0.2, random_state=0, stratify=digits.target
    )
    positions = np.sort(train if split == 'train' else test)
    images = np.rint(digits.images[positions] * (255 / _BRIGHTEST)).astype(np.uint8)
    return images, digits.target[positions], positions


def photographs() -> dict[str, NDArray[np.uint8]]:
    """Load the two photographs of scikit-learn.

    Returns:
        By file name, 'china.jpg' and 'flower.jpg': RGB, uint8 of shape (427, 640, 3).

    Raises:
        ImportError: if scikit-learn is not installed.
    """
    try:
        from sklearn.datasets import load_sample_images  # an optional dependency
    except ImportError as error:
        raise ImportError(
            'the photographs come inside scikit-learn: pip install scikit-learn'
        ) from error
    found = load_sample_images()
    return {Path(name).name: image for name, image in zip(found.filenames, found.images)}
