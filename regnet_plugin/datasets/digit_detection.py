"""A small detection set, made in seconds: scikit-learn's real digits on its real photographs, in
COCO's format.
"""

import json
from pathlib import Path

import numpy as np
from PIL import Image

from regnet_plugin.datasets.embedded import digit_images, photographs
from regnet_plugin.files import locked, remove_unfinished, unfinished_folder

CLASSES = tuple('0123456789')
SPLITS = ('train', 'val')
_DESCRIPTION = "scikit-learn's digits on its photographs, made by regnet_plugin, version 1"

_IMAGES = dict(train=400, val=100)
_DIGITS = dict(train='train', val='test')  # parts of the classification set, which share no digit
_STRIPS = dict(  # columns of the photographs, which share no pixel
    train={'china.jpg': [(0, 224), (416, 640)], 'flower.jpg': [(0, 128), (320, 640)]},
    val={'china.jpg': [(224, 416)], 'flower.jpg': [(128, 320)]},
)

_SIDE = 160  # of an image
_CROPS = (96, 192)  # side of what is cut out of a strip
_NUMBERS = (3, 6)  # of digits in an image, both included
# side of the square that a digit is enlarged to, with a margin of a tenth around the 8x8 pixels
_CELLS = (18, 64)
_PLACES = 200  # that are tried for a digit
_INK = 128  # of 255: a pixel with this much ink belongs to the mask
_DARK, _LIGHT = (0, 64), (192, 256)  # channels of the ink, on light and on dark ground
_QUALITY = 95


def make_digit_detection(folder, *, seed):
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
        folder (str | Path): of the set; it appears all at once, when everything is written.
        seed (int): of all that is random, at least 0. The same seed and library versions give the
            same files, byte for byte.

    Returns:
        bool: whether this process has written it.

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


def annotation_file(split):
    """The path of a split's annotations, from the folder of the set."""
    return f'annotations/instances_{split}.json'


def seed_of(folder):
    """The seed of the set in a folder; None if there is no whole one."""
    try:
        info = json.loads(Path(folder, annotation_file(SPLITS[-1])).read_text())['info']
        return info['seed'] if info['description'] == _DESCRIPTION else None
    except (FileNotFoundError, NotADirectoryError, ValueError, KeyError, TypeError):
        return None


def _is_there(folder, seed):
    found = seed_of(folder)
    if found is None and folder.exists() and any(folder.iterdir()):
        raise ValueError(
            f'the detection set is made in a folder of its own, but {folder} holds something else'
        )
    if found not in (None, seed):
        raise ValueError(
            f'{folder} holds the detection set of seed {found}, not of seed {seed}: remove it, or '
            'name '
            'another folder'
        )
    return found is not None


def _write(folder, split, seed):
    generator = np.random.default_rng((seed, SPLITS.index(split)))
    glyphs, labels, sources = digit_images(_DIGITS[split])
    deck = _shuffled_forever(generator, len(glyphs))
    grounds = photographs()
    (folder / split).mkdir(parents=True)
    images, annotations = [], []
    for number in range(1, _IMAGES[split] + 1):
        image = dict(id=number, file_name=f'{number:06}.jpg', width=_SIDE, height=_SIDE)
        canvas, origin = _ground(generator, grounds, _STRIPS[split])
        for place in _cells(generator):
            digit = next(deck)
            mask = _paint(generator, canvas, glyphs[digit], *place)
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
        _save(canvas, folder / split / image['file_name'])
        images.append({**image, **origin})
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


def _shuffled_forever(generator, number):
    """Yield 0 to number - 1 in random order, again and again: all are used equally often, give or
    take one.
    """
    while True:
        yield from generator.permutation(number)


def _ground(generator, grounds, strips):
    """Cut a square out of the strips of a photograph; return it in the size of an image, and where
    it is from.
    """
    name = str(generator.choice(sorted(grounds)))
    side = int(generator.integers(*_CROPS, endpoint=True))
    x = int(
        generator.choice(
            np.concatenate([np.arange(left, right - side + 1) for left, right in strips[name]])
        )
    )
    y = int(generator.integers(0, len(grounds[name]) - side, endpoint=True))
    mirrored = bool(generator.integers(2))
    square = grounds[name][y : y + side, x : x + side]
    square = Image.fromarray(np.ascontiguousarray(square[:, ::-1] if mirrored else square))
    canvas = np.array(square.resize((_SIDE, _SIDE), Image.Resampling.BICUBIC))
    return canvas, dict(photograph=name, region=[x, y, side, side], mirrored=mirrored)


def _cells(generator):
    """Draw the squares of an image's digits: (x, y, side), disjoint, large ones first. Not all find
    a place.
    """
    number = generator.integers(*_NUMBERS, endpoint=True)
    low, high = np.log(_CELLS)
    cells = []
    for side in sorted(
        np.rint(np.exp(generator.uniform(low, high, number))).astype(int).tolist(), reverse=True
    ):
        places = generator.integers(0, _SIDE - side, (_PLACES, 2), endpoint=True)
        free = np.ones(_PLACES, bool)
        for x, y, other in cells:
            free &= ((places - (x, y) >= other) | ((x, y) - places >= side)).any(axis=1)
        if free.any():
            cells.append((*places[free.argmax()].tolist(), side))
    return cells


def _paint(generator, canvas, glyph, x, y, side):
    """Paint a digit onto the canvas; return its mask, uint8 of the canvas's size."""
    enlarged = Image.fromarray(np.pad(glyph, 1)).resize((side, side), Image.Resampling.BICUBIC)
    # sharper, and the same where it is half
    ink = np.clip(2 * np.asarray(enlarged, dtype=int) - _INK, 0, 255)
    cell = canvas[y : y + side, x : x + side]
    colour = generator.integers(*(_DARK if cell.mean() >= 128 else _LIGHT), 3)
    cell[:] = (cell * (255 - ink[..., None]) + colour * ink[..., None] + 127) // 255
    mask = np.zeros(canvas.shape[:2], np.uint8)
    mask[y : y + side, x : x + side] = ink >= _INK
    return mask


def _shape(mask):
    """The fields of an annotation that follow from its mask."""
    from pycocotools.mask import encode

    rows, columns = (np.flatnonzero(mask.any(axis=axis)).tolist() for axis in (1, 0))
    box = [columns[0], rows[0], columns[-1] - columns[0] + 1, rows[-1] - rows[0] + 1]
    counts = encode(np.asfortranarray(mask))['counts'].decode()
    return dict(
        bbox=box, area=int(mask.sum()), segmentation=dict(size=list(mask.shape), counts=counts)
    )


def _save(canvas, path):
    Image.fromarray(canvas).save(path, quality=_QUALITY)
