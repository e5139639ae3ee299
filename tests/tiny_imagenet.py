"""A folder in the shape of ImageNet, of real JPEGs.

They are patches of scikit-learn's two photographs, and its digits enlarged.
"""

import os

import numpy as np
from PIL import Image
from sklearn.datasets import load_digits, load_sample_images

SIDE = 64
CLASSES = [f'n{number:08d}' for number in range(12)]  # two photographs, ten digits
PER_CLASS = dict(train=8, val=4)


def _patches(photograph, number, generator):
    for _ in range(number):
        top, left = (generator.integers(length - SIDE) for length in photograph.shape[:2])
        yield photograph[top : top + SIDE, left : left + SIDE]


def _pictures():
    """Arrays of the classes in turn, as many as train and val take together."""
    number, generator = sum(PER_CLASS.values()), np.random.default_rng(0)
    for photograph in load_sample_images().images:
        yield list(_patches(photograph, number, generator))
    digits = load_digits()
    for digit in range(10):
        images = digits.images[digits.target == digit][:number]
        yield [
            np.kron(image, np.ones((SIDE // 8, SIDE // 8))).astype(np.uint8) * 15
            for image in images
        ]


def make_tiny_imagenet(folder):
    """Write the data set twice, once with each of the two common layouts of the validation images.

    Args:
        folder (Path): gets ``nested`` (``val/<class>/*.JPEG``) and ``flat`` (``val/*.JPEG`` and
            ``meta/val.txt``), with the same ``train/<class>/*.JPEG``.

    Returns:
        tuple[Path, Path]: the two.
    """
    nested, flat = folder / 'nested', folder / 'flat'
    for place in (flat / 'val', flat / 'meta'):
        place.mkdir(parents=True)
    lines = []
    for label, (name, pictures) in enumerate(zip(CLASSES, _pictures())):
        for split, first in (('train', 0), ('val', PER_CLASS['train'])):
            (nested / split / name).mkdir(parents=True)
            for index in range(first, first + PER_CLASS[split]):
                path = nested / split / name / f'{name}_{index}.JPEG'
                Image.fromarray(pictures[index]).convert('RGB').save(path)
                if split == 'val':
                    os.link(path, flat / 'val' / path.name)
                    lines.append(f'{path.name} {label}\n')
    (flat / 'meta/val.txt').write_text(''.join(lines))
    (flat / 'train').symlink_to(nested / 'train')
    return nested, flat
