"""A small detection set in COCO's format, made in seconds from what scikit-learn brings.

Its real digits are painted onto its real photographs.
"""

import json
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any, NamedTuple

import numpy as np
from mmengine.logging import print_log
from numpy.typing import NDArray
from PIL import Image

from regnet_plugin.datasets.embedded import digit_images, photographs
from regnet_plugin.files import locked, remove_unfinished, unfinished_folder

CLASSES = tuple('0123456789')
SPLITS = ('train', 'val')
# By this and the seed a set is known again: another version makes other images.
_DESCRIPTION = "scikit-learn's digits on its photographs, made by regnet_plugin, version 1"

# A detector is trained on them from random weights in minutes (docs/how_to/detection.md).
_IMAGES = dict(train=400, val=100)
_DIGITS = dict(train='train', val='test')  # parts of the classification set, which share no digit
# Columns of the photographs, from the first one up to but without the last, which share no pixel.
_STRIPS = dict(
    train={'china.jpg': [(0, 224), (416, 640)], 'flower.jpg': [(0, 128), (320, 640)]},
    val={'china.jpg': [(224, 416)], 'flower.jpg': [(128, 320)]},
)

# The looks of an image, a choice of ours; sides are in pixels. Whoever changes one of these changes
# the version in the description as well.
_SIDE = 160  # of an image
_CROPS = (96, 192)  # side of what is cut out of a strip
_NUMBERS = (3, 6)  # of digits in an image, both included
# Side of the square that a digit is enlarged to, with a margin of a tenth around the 8x8 pixels.
_CELLS = (18, 64)
_PLACES = 200  # that are tried for a digit
_INK = 128  # of 255: a pixel with this much ink belongs to the mask
_DARK, _LIGHT = (0, 64), (192, 256)  # channels of the ink, on light and on dark ground
_QUALITY = 95  # of JPEG: hardly any artefacts


class _Cell(NamedTuple):
    """The square of a digit in an image: its left upper corner and its side, in pixels."""

    x: int
    y: int
    side: int


def make_digit_detection(folder: str | Path, *, seed: int) -> bool:
    """Write the set unless it is there. Of several processes one writes it and the others wait.

    400 images for training and 100 for validation, 160x160, with 3 to 6 digits each:
    ``train/*.jpg``, ``val/*.jpg`` and ``annotations/instances_{train,val}.json``. The splits share
    neither digits nor regions of a photograph. A digit is its 8x8 pixels enlarged, by factors from
    1.8 to 6.4 (evenly on a logarithmic scale), in a random colour, dark on light ground and light
    on dark. Masks, as run lengths, are where the ink covers at least half; boxes bound them
    tightly, and those of an image are disjoint. Categories have the digit for an id. Beyond COCO's
    fields an image tells the ``photograph`` and the ``region`` (x, y, width, height) behind it and
    if that is ``mirrored``, and an annotation the position of its digit in scikit-learn's
    ``load_digits`` (``source``).

    Args:
        folder: of the set; it appears all at once, when everything is written.
        seed: of all that is random, at least 0. The same seed and library versions give the same
            files, byte for byte.

    Returns:
        Whether this process has written it.

    Raises:
        ValueError: if the folder holds something else, such as the set of another seed.
        ImportError: if scikit-learn or pycocotools is not installed.
    """
    folder = Path(folder).resolve()
    if _is_there(folder, seed):
        return False
    folder.parent.mkdir(parents=True, exist_ok=True)
    with locked(folder.with_name(f'.{folder.name}.lock')):
        if _is_there(folder, seed):
            return False
        remove_unfinished(folder)
        with unfinished_folder(folder) as part:
            for split in SPLITS:
                _write(part, split, seed)
    return True


def make_if_missing(folder: str | Path) -> None:
    """Write the set of seed 0 where there is none, and log that it was made.

    Raises:
        ValueError: if the folder holds something else.
        ImportError: if scikit-learn or pycocotools is not installed.
    """
    if seed_of(folder) is None and make_digit_detection(folder, seed=0):
        print_log(f'made the images of {folder}', logger='current')


def check_split(split: object) -> None:
    if split not in SPLITS:
        raise ValueError(f"split must be 'train' or 'val', but split={split!r}")


def annotation_file(split: str) -> str:
    """The path of a split's annotations, from the folder of the set."""
    return f'annotations/instances_{split}.json'


def mask_of(annotation: Mapping[str, Any]) -> NDArray[np.bool_]:
    """Where the ink of an annotated digit is, as an array of the image's size."""
    from pycocotools.mask import decode  # an optional dependency

    return decode(annotation['segmentation']).astype(bool)


def seed_of(folder: str | Path) -> int | None:
    """The seed of the set in a folder; None if there is no whole one."""
    try:
        info = json.loads(Path(folder, annotation_file(SPLITS[-1])).read_text())['info']
        return info['seed'] if info['description'] == _DESCRIPTION else None
    except (FileNotFoundError, NotADirectoryError, ValueError, KeyError, TypeError):
        return None


def _is_there(folder: Path, seed: int) -> bool:
    """Whether the set of a seed is in a folder; a ValueError if something else is."""
    found = seed_of(folder)
    if found is None and folder.exists() and any(folder.iterdir()):
        raise ValueError(
            f'the detection set is made in a folder of its own, but {folder} holds something else'
        )
    if found not in (None, seed):
        raise ValueError(
            f'{folder} holds the detection set of seed {found}, not of seed {seed}: remove it, or '
            'name another folder'
        )
    return found is not None


def _write(folder: Path, split: str, seed: int) -> None:
    """Write the images and annotations of a split into the folder of the set."""
    generator = np.random.default_rng((seed, SPLITS.index(split)))
    glyphs, labels, sources = digit_images(_DIGITS[split])
    deck = _shuffled_forever(generator, len(glyphs))
    grounds = photographs()
    (folder / split).mkdir(parents=True)
    images = []
    annotations: list[dict[str, Any]] = []
    for number in range(1, _IMAGES[split] + 1):
        name = f'{number:06}.jpg'
        canvas, origin = _ground(generator, grounds, _STRIPS[split])
        for cell in _cells(generator):
            digit = next(deck)
            mask = _paint(generator, canvas, glyphs[digit], cell)
            annotations.append(
                dict(
                    id=len(annotations) + 1,
                    image_id=number,
                    category_id=int(labels[digit]),
                    iscrowd=0,
                    **_shape(mask),
                    source=int(sources[digit]),
                )
            )
        _save(canvas, folder / split / name)
        images.append(dict(id=number, file_name=name, width=_SIDE, height=_SIDE, **origin))
    categories = [dict(id=number, name=name) for number, name in enumerate(CLASSES)]
    content = dict(
        info=dict(description=_DESCRIPTION, seed=seed),
        licenses=[],
        categories=categories,
        images=images,
        annotations=annotations,
    )
    path = folder / annotation_file(split)
    path.parent.mkdir(exist_ok=True)
    path.write_text(json.dumps(content) + '\n')


def _shuffled_forever(generator: np.random.Generator, number: int) -> Iterator[int]:
    """Yield 0 to number - 1 in random order, again and again.

    So all are used equally often, give or take one.
    """
    while True:
        yield from generator.permutation(number)


def _ground(
    generator: np.random.Generator,
    grounds: dict[str, NDArray[np.uint8]],
    strips: dict[str, list[tuple[int, int]]],
) -> tuple[NDArray[np.uint8], dict[str, Any]]:
    """Cut a square out of the strips of a photograph.

    Args:
        generator: chooses photograph, side, place and mirroring.
        grounds: photographs by name.
        strips: of each photograph the columns that may be used.

    Returns:
        The square in the size of an image, (160, 160, 3), and the fields that say where it is from.
    """
    name = str(generator.choice(sorted(grounds)))
    photograph = grounds[name]
    side = int(generator.integers(*_CROPS, endpoint=True))
    lefts = [np.arange(left, right - side + 1) for left, right in strips[name]]
    x = int(generator.choice(np.concatenate(lefts)))
    y = int(generator.integers(0, len(photograph) - side, endpoint=True))
    mirrored = bool(generator.integers(2))
    pixels = photograph[y : y + side, x : x + side]
    square = Image.fromarray(np.ascontiguousarray(pixels[:, ::-1] if mirrored else pixels))
    canvas = np.array(square.resize((_SIDE, _SIDE), Image.Resampling.BICUBIC))
    return canvas, dict(photograph=name, region=[x, y, side, side], mirrored=mirrored)


def _cells(generator: np.random.Generator) -> list[_Cell]:
    """Draw the squares of an image's digits, disjoint, large ones first. Not all find a place."""
    number = generator.integers(*_NUMBERS, endpoint=True)
    low, high = np.log(_CELLS)
    sides = np.rint(np.exp(generator.uniform(low, high, number))).astype(int)
    cells: list[_Cell] = []
    for side in sorted(sides.tolist(), reverse=True):
        places = generator.integers(0, _SIDE - side, (_PLACES, 2), endpoint=True)
        free = np.ones(_PLACES, bool)
        for other in cells:
            corner = (other.x, other.y)
            is_behind = places - corner >= other.side  # to the right, and below
            is_before = corner - places >= side  # to the left, and above
            free &= (is_behind | is_before).any(axis=1)
        if free.any():
            x, y = places[free.argmax()].tolist()
            cells.append(_Cell(x, y, side))
    return cells


def _paint(
    generator: np.random.Generator,
    canvas: NDArray[np.uint8],
    glyph: NDArray[np.uint8],
    cell: _Cell,
) -> NDArray[np.uint8]:
    """Paint a digit onto the canvas, in place; return its mask, uint8 of the canvas's size.

    Args:
        generator: chooses the colour.
        canvas: the image, (160, 160, 3).
        glyph: the digit, (8, 8), the ink bright.
        cell: where it is painted.
    """
    x, y, side = cell
    enlarged = Image.fromarray(np.pad(glyph, 1)).resize((side, side), Image.Resampling.BICUBIC)
    # Sharper edges, and the same where the ink covers half.
    ink = np.clip(2 * np.asarray(enlarged, dtype=int) - _INK, 0, 255)
    square = canvas[y : y + side, x : x + side]
    colour = generator.integers(*(_DARK if square.mean() >= 128 else _LIGHT), 3)
    # 127: integer division rounds to the nearest
    square[:] = (square * (255 - ink[..., None]) + colour * ink[..., None] + 127) // 255
    mask = np.zeros(canvas.shape[:2], np.uint8)
    mask[y : y + side, x : x + side] = ink >= _INK
    return mask


def _shape(mask: NDArray[np.uint8]) -> dict[str, Any]:
    """The fields of an annotation that follow from its mask: bbox, area and segmentation."""
    from pycocotools.mask import encode  # an optional dependency

    rows, columns = (np.flatnonzero(mask.any(axis=axis)).tolist() for axis in (1, 0))
    box = [columns[0], rows[0], columns[-1] - columns[0] + 1, rows[-1] - rows[0] + 1]
    counts = encode(np.asfortranarray(mask))['counts'].decode()
    return dict(
        bbox=box, area=int(mask.sum()), segmentation=dict(size=list(mask.shape), counts=counts)
    )


def _save(canvas: NDArray[np.uint8], path: Path) -> None:
    Image.fromarray(canvas).save(path, quality=_QUALITY)
