"""A folder that lies like COCO, with a few images of noise."""

import json

import cv2
import numpy as np
from mmdet.datasets import CocoDataset

SPLITS = ('train2017', 'val2017')


def write_coco(root, images=4):
    """Write ``annotations/instances_<split>.json`` and ``<split>/*.jpg``.

    Each image has two boxes with their polygons.
    """
    chance = np.random.default_rng(0)
    categories = [
        dict(id=number, name=name) for number, name in enumerate(CocoDataset.METAINFO['classes'], 1)
    ]
    (root / 'annotations').mkdir(parents=True)
    for split in SPLITS:
        (root / split).mkdir()
        listed, annotations = [], []
        for number in range(images):
            cv2.imwrite(
                str(root / split / f'{number}.jpg'),
                chance.integers(0, 256, (96, 128, 3), dtype=np.uint8),
            )
            listed.append(dict(id=number, file_name=f'{number}.jpg', height=96, width=128))
            for x, y, category in ((8, 8, 1), (50, 30, 80)):
                corners = [x, y, x + 40, y, x + 40, y + 40, x, y + 40]
                annotations.append(
                    dict(
                        id=len(annotations) + 1,
                        image_id=number,
                        category_id=category,
                        iscrowd=0,
                        bbox=[x, y, 40, 40],
                        area=1600,
                        segmentation=[corners],
                    )
                )
        (root / f'annotations/instances_{split}.json').write_text(
            json.dumps(dict(images=listed, annotations=annotations, categories=categories))
        )
