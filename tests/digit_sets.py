"""The embedded detection set as pycocotools reads it."""

import cv2

SPLITS = dict(train=400, val=100)


def images_of(coco):
    """Yield each image's record and annotations."""
    for number in coco.getImgIds():
        yield coco.imgs[number], coco.loadAnns(coco.getAnnIds(imgIds=[number]))


def pixels(made, split, image):
    return cv2.imread(str(made / split / image['file_name']))[..., ::-1].astype(int)
