"""Fashion-MNIST: garments of 28x28 pixels, and pairs of them that overlap.

Xiao, Rasul and Vollgraf, *Fashion-MNIST: a Novel Image Dataset for Benchmarking Machine Learning
Algorithms*, 2017: 60,000 images to train with and 10,000 to test on, ten classes, grey.
"""

import gzip
import hashlib
from pathlib import Path
from typing import Any, NamedTuple

import numpy as np
from numpy.typing import NDArray

from regnet_plugin.datasets.images_in_memory import ImagesInMemory
from regnet_plugin.registry import DATASETS

CLASSES = (
    'T-shirt/top',
    'Trouser',
    'Pullover',
    'Dress',
    'Coat',
    'Sandal',
    'Shirt',
    'Sneaker',
    'Bag',
    'Ankle boot',
)
_SIDE = 28  # of an image, in pixels
# Where the files are looked for: the usual place of OpenMMLab's datasets, and that of Debian's
# package dataset-fashion-mnist.
FOLDERS = ('data/fashion-mnist', '/usr/share/datasets/fashion-mnist')


class _File(NamedTuple):
    """One of the four files, as published.

    Attributes:
        name: without the ending of gzip.
        header: in bytes: a magic number, and the sizes of the array.
        size: of the whole file when it is unpacked, in bytes.
        sha256: of it.
    """

    name: str
    header: int
    size: int
    sha256: str


# The digests are of the unpacked files. Packed ones differ, by the time in their header, from one
# publisher to the next.
_FILES = {
    'train': (
        _File(
            'train-images-idx3-ubyte',
            16,
            47_040_016,
            'c59f468a2f672dc815687fe0f83887768d799fd8a3f3276145d20f83aa44d888',
        ),
        _File(
            'train-labels-idx1-ubyte',
            8,
            60_008,
            'bad3541b69d912435c50bb6ba87bec294ff4f6a2e1246121d8633921760443d9',
        ),
    ),
    'test': (
        _File(
            't10k-images-idx3-ubyte',
            16,
            7_840_016,
            '5b4141f0afbad91edebe8549f8fcffe087ea10ca49f1dbef5c9a5cd8815ce37b',
        ),
        _File(
            't10k-labels-idx1-ubyte',
            8,
            10_008,
            '0402a96d92fd2663957122ceb108a494c5af83dab82d92729df917d7dec38c34',
        ),
    ),
}


def fashion_images(
    split: str, data_root: str | None = None
) -> tuple[NDArray[np.uint8], NDArray[np.int64]]:
    """Load the garments of a split.

    Args:
        split: 'train' (60,000 images) or 'test' (10,000).
        data_root: folder of the four IDX files, packed by gzip or not. Default: the first of
            `FOLDERS` that has them; if none has, mmpretrain downloads them to the first.

    Returns:
        Images, of shape (n, 28, 28), bright on black; labels, 0 to 9, see `CLASSES`.

    Raises:
        ValueError: if the split is another one, or a file is not the published one.
        FileNotFoundError: if a file is not there and cannot be downloaded.
    """
    if split not in _FILES:
        raise ValueError(f"split must be 'train' or 'test', but split={split!r}")
    folder = Path(data_root) if data_root is not None else _found_or_downloaded(split)
    images, labels = (_content(folder, file) for file in _FILES[split])
    return images.reshape(-1, _SIDE, _SIDE), labels.astype(np.int64)


def has_fashion(folder: str | Path, split: str) -> bool:
    """Whether a folder has the files of a split; what is in them is not looked at."""
    return all(_path(Path(folder), file) for file in _FILES[split])


def _found_or_downloaded(split: str) -> Path:
    """The folder of a split's files."""
    for folder in FOLDERS:
        if has_fashion(folder, split):
            return Path(folder)
    from mmpretrain.datasets import FashionMNIST as Downloaded  # only where nothing is here

    try:
        Downloaded(data_root=FOLDERS[0], split=split, pipeline=[])
    except (OSError, RuntimeError, AssertionError) as error:
        raise FileNotFoundError(
            f'Fashion-MNIST is neither in {" nor in ".join(FOLDERS)}, and it cannot be downloaded '
            f'({error}): put its four files there, install the Debian package '
            'dataset-fashion-mnist, or give data_root'
        ) from error
    return Path(FOLDERS[0])


def _path(folder: Path, file: _File) -> Path | None:
    """The file in a folder, unpacked or packed; None if it is not there."""
    for path in (folder / file.name, folder / f'{file.name}.gz'):
        if path.is_file():
            return path
    return None


def _content(folder: Path, file: _File) -> NDArray[np.uint8]:
    """The numbers in a file, behind its header."""
    path = _path(folder, file)
    if path is None:
        raise FileNotFoundError(
            f'the folder of Fashion-MNIST must hold {file.name} or {file.name}.gz, but {folder} '
            'does not'
        )
    packed = path.suffix == '.gz'
    try:
        with gzip.open(path) if packed else open(path, 'rb') as stream:
            content = stream.read(file.size + 1)  # no more, however far a packed file unpacks
    except (EOFError, gzip.BadGzipFile) as error:
        raise ValueError(f'{path} is no file of gzip ({error})') from error
    if len(content) != file.size or hashlib.sha256(content).hexdigest() != file.sha256:
        raise ValueError(
            f'{path} is not the published file, which has {file.size:,} bytes unpacked and the '
            f'SHA-256 {file.sha256[:12]}…; it has {len(content):,}'
            f'{" or more" if len(content) > file.size else ""} and '
            f'{hashlib.sha256(content).hexdigest()[:12]}…'
        )
    return np.frombuffer(content, np.uint8)[file.header :].copy()


@DATASETS.register_module()
class FashionMNIST(ImagesInMemory):
    """The garments of Fashion-MNIST, in memory.

    Args:
        split (str): 'train' (60,000 images) or 'test' (10,000).
        data_root (str, optional): folder of the four IDX files, packed by gzip or not. Default:
            data/fashion-mnist or /usr/share/datasets/fashion-mnist, which Debian's package
            dataset-fashion-mnist fills; if neither has them, mmpretrain downloads them to the
            former.
        **kwargs: arguments of `ImagesInMemory`: ``pipeline``, ``indices``.

    Raises:
        ValueError: if the split is another one, or a file is not the published one.
        FileNotFoundError: if a file is not there and cannot be downloaded.
    """

    METAINFO = dict(classes=CLASSES)

    def __init__(self, split: str, data_root: str | None = None, **kwargs: Any) -> None:
        self.split, self.data_root = split, data_root
        super().__init__(**kwargs)

    def load(self) -> tuple[NDArray[np.uint8], NDArray[np.int64]]:
        """Load images of shape (n, 28, 28) and their labels, 0 to 9."""
        return fashion_images(self.split, self.data_root)


@DATASETS.register_module()
class FashionPairs(ImagesInMemory):
    """Two garments of Fashion-MNIST that overlap: the task is to name both.

    One lies at the upper left of the image, the other at the lower right, and of two pixels the
    brighter one is seen. There are 100 classes, ordered pairs: 10 times the label of the first and
    the label of the second. Pairs follow from split, seed and their number alone; more images begin
    with the fewer. The garments of the test split are not among those of the training split.

    Args:
        split (str): 'train' or 'test', whose garments are paired.
        images (int): number of pairs, from 1.
        image_size (int): side of the images in pixels, 28 (the garments cover each other) to 56
            (they do not touch). Default: 36.
        seed (int): of the pairs, from 0. Default: 0.
        data_root (str, optional): see `FashionMNIST`.
        **kwargs: arguments of `ImagesInMemory`: ``pipeline``, ``indices``.

    Raises:
        ValueError: if an argument is out of range, or a file is not the published one.
        FileNotFoundError: if a file is not there and cannot be downloaded.
    """

    METAINFO = dict(classes=tuple(f'{first}, {second}' for first in CLASSES for second in CLASSES))

    def __init__(
        self,
        split: str,
        images: int,
        image_size: int = 36,
        seed: int = 0,
        data_root: str | None = None,
        **kwargs: Any,
    ) -> None:
        if images < 1 or not _SIDE <= image_size <= 2 * _SIDE or seed < 0:
            raise ValueError(
                f'images must be at least 1, image_size from {_SIDE} to {2 * _SIDE}, and seed at '
                f'least 0, but images={images}, image_size={image_size}, seed={seed}'
            )
        self.split, self.images, self.image_size, self.seed = split, images, image_size, seed
        self.data_root = data_root
        super().__init__(**kwargs)

    def load(self) -> tuple[NDArray[np.uint8], NDArray[np.int64]]:
        """Load images of shape (images, image_size, image_size) and their labels, 0 to 99."""
        garments, labels = fashion_images(self.split, self.data_root)
        pairs = _pairs(len(labels), self.images, self.seed, self.split)
        first, second = pairs.T
        overlapped = np.zeros((self.images, self.image_size, self.image_size), np.uint8)
        overlapped[:, :_SIDE, :_SIDE] = garments[first]
        lower_right = overlapped[:, -_SIDE:, -_SIDE:]
        np.maximum(lower_right, garments[second], out=lower_right)
        return overlapped, len(CLASSES) * labels[first] + labels[second]


def _pairs(garments: int, number: int, seed: int, split: str) -> NDArray[np.int64]:
    """Positions of the garments of each pair, of shape (number, 2)."""
    stream = np.random.SeedSequence(seed, spawn_key=(list(_FILES).index(split),))
    # Generator.random is 53 bits of the stream in every version of NumPy; `integers` promises less.
    drawn = np.random.Generator(np.random.PCG64(stream)).random((number, 2))
    return (drawn * garments).astype(np.int64)
