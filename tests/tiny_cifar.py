"""CIFAR-10's files with scikit-learn's digits in them, for tests.

Imported by a recipe, it lets mmpretrain read them.

mmpretrain takes only the published files, which it knows by their hashes.
"""

import pickle

import numpy as np
from mmpretrain.datasets import CIFAR10

CIFAR10.train_list = [[name, None] for name, _ in CIFAR10.train_list]
CIFAR10.test_list = [[name, None] for name, _ in CIFAR10.test_list]


def write_cifar10(root, train=320, test=100):
    """Write ``cifar-10-batches-py`` into a folder.

    Args:
        root (Path): ``data_root`` of the dataset.
        train, test (int): numbers of images; those of training are divided over five files.
    """
    from sklearn.datasets import load_digits

    digits = load_digits()
    images = np.kron(digits.images[: train + test], np.ones((4, 4))).astype(np.uint8) * 15
    rows = np.repeat(images[:, None], 3, axis=1).reshape(len(images), -1)
    folder = root / CIFAR10.base_folder
    folder.mkdir(parents=True)
    names = [name for name, _ in (*CIFAR10.train_list, *CIFAR10.test_list)]
    bounds = [*np.linspace(0, train, len(CIFAR10.train_list) + 1, dtype=int), train + test]
    for name, first, last in zip(names, bounds, bounds[1:]):
        content = dict(data=rows[first:last], labels=digits.target[first:last].tolist())
        (folder / name).write_bytes(pickle.dumps(content))
