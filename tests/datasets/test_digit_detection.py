"""The embedded detection set, judged by pycocotools and the original images."""

import contextlib
import io
import itertools
import math
import multiprocessing
import os
import signal
import subprocess
import sys
import time

import cv2
import numpy as np
import pytest
from digit_sets import SPLITS, images_of, pixels
from killing import ROOT
from pycocotools import mask as run_lengths
from pycocotools.cocoeval import COCOeval
from sklearn.datasets import load_digits, load_sample_image

from regnet_plugin.datasets import digit_detection
from regnet_plugin.datasets.digit_detection import make_digit_detection

FORK = multiprocessing.get_context('fork')


def bytes_of(folder):
    return {str(path.relative_to(folder)): path.read_bytes() for path in folder.rglob('*.*')}


@pytest.mark.parametrize('split, number', SPLITS.items())
def test_the_files_are_those_of_the_annotations(made, sets, split, number):
    coco = sets[split]
    assert len(coco.imgs) == number
    assert sorted(path.name for path in (made / split).iterdir()) == sorted(
        image['file_name'] for image in coco.imgs.values()
    )
    assert [
        (category['id'], category['name']) for category in coco.loadCats(coco.getCatIds())
    ] == list(enumerate('0123456789'))
    for image, annotations in images_of(coco):
        assert pixels(made, split, image).shape == (image['height'], image['width'], 3)
        assert 3 <= len(annotations) <= 6


@pytest.mark.parametrize('split', SPLITS)
def test_boxes_bound_the_masks_tightly_and_are_disjoint(sets, split):
    coco = sets[split]
    for image, annotations in images_of(coco):
        boxes = [annotation['bbox'] for annotation in annotations]
        masks = [annotation['segmentation'] for annotation in annotations]
        assert run_lengths.toBbox(masks).tolist() == boxes
        assert run_lengths.area(masks).tolist() == [
            annotation['area'] for annotation in annotations
        ]
        assert all(mask['size'] == [image['height'], image['width']] for mask in masks)
        overlaps = run_lengths.iou(np.array(boxes, float), np.array(boxes, float), [0] * len(boxes))
        assert np.array_equal(overlaps, np.eye(len(boxes)))
        assert not any(annotation['iscrowd'] for annotation in annotations)


@pytest.mark.parametrize('kind', ['bbox', 'segm'])
def test_the_truth_as_detections_has_an_ap_of_1(sets, kind):
    fields = ('image_id', 'category_id', {'bbox': 'bbox', 'segm': 'segmentation'}[kind])
    coco = sets['val']
    detections = [
        {**{field: annotation[field] for field in fields}, 'score': 1.0}
        for annotation in coco.dataset['annotations']
    ]
    with contextlib.redirect_stdout(io.StringIO()):
        evaluation = COCOeval(coco, coco.loadRes(detections), kind)
        evaluation.evaluate(), evaluation.accumulate(), evaluation.summarize()
    assert evaluation.stats[0] == 1


@pytest.mark.parametrize('split', SPLITS)
def test_sizes_vary_threefold_and_classes_are_balanced(sets, split):
    annotations = sets[split].dataset['annotations']
    sides = [max(annotation['bbox'][2:]) for annotation in annotations]
    small, large = np.percentile(sides, [5, 95])
    assert large >= 3 * small
    counts = np.bincount([annotation['category_id'] for annotation in annotations])
    assert counts.max() <= 1.3 * counts.min()


def test_the_splits_share_no_digit_and_use_all(sets):
    train, val = (
        {annotation['source'] for annotation in sets[split].dataset['annotations']}
        for split in SPLITS
    )
    assert not train & val and train | val == set(range(1797))


def test_the_splits_share_no_region_of_a_photograph(sets):
    covered = {}
    for split, coco in sets.items():
        covered[split] = {name: np.zeros((427, 640), bool) for name in ('china.jpg', 'flower.jpg')}
        for image in coco.imgs.values():
            x, y, width, height = image['region']
            assert min(x, y) >= 0 and x + width <= 640 and y + height <= 427
            covered[split][image['photograph']][y : y + height, x : x + width] = True
    for name in ('china.jpg', 'flower.jpg'):
        assert not (covered['train'][name] & covered['val'][name]).any()
        assert covered['train'][name].mean() > 0.5 and covered['val'][name].mean() > 0.25


def background(image):
    """The region that an image says is behind it, cut out and enlarged by OpenCV."""
    x, y, width, height = image['region']
    region = load_sample_image(image['photograph'])[y : y + height, x : x + width]
    enlarged = cv2.resize(region, (image['width'], image['height']), interpolation=cv2.INTER_AREA)
    return (enlarged[:, ::-1] if image['mirrored'] else enlarged).astype(int)


@pytest.mark.parametrize('split', SPLITS)
def test_images_are_the_photographs_but_for_the_ink(made, sets, split):
    coco, differences = sets[split], []
    for image, annotations in itertools.islice(images_of(coco), 25):
        bare = np.ones((image['height'], image['width']), bool)
        for annotation in annotations:
            x, y, width, height = annotation['bbox']
            margin = math.ceil(max(width, height) / 3)
            bare[
                max(0, y - margin) : y + height + margin, max(0, x - margin) : x + width + margin
            ] = False
        difference = np.abs(pixels(made, split, image) - background(image)).mean(axis=2)
        differences.append(difference[bare].mean())
        for annotation in annotations:
            assert difference[coco.annToMask(annotation) == 1].mean() > 40
    assert max(differences) < 10


@pytest.mark.parametrize('split', SPLITS)
def test_masks_have_the_shapes_of_their_digits(sets, split):
    digits, coco = load_digits(), sets[split]
    likeness = []
    for annotation in coco.dataset['annotations']:
        assert digits.target[annotation['source']] == annotation['category_id']
        ink = digits.images[annotation['source']]
        x, y, width, height = annotation['bbox']
        mask = coco.annToMask(annotation)[y : y + height, x : x + width].astype(float)
        rows, columns = (np.flatnonzero((ink >= 8).any(axis=axis)) for axis in (1, 0))
        part = ink[rows[0] : rows[-1] + 1, columns[0] : columns[-1] + 1]
        shape = cv2.resize(mask, part.shape[::-1], interpolation=cv2.INTER_AREA)
        likeness.append(np.corrcoef(shape.ravel(), part.ravel())[0, 1])
    assert np.percentile(likeness, 1) > 0.6 and np.median(likeness) > 0.85


def test_the_seed_decides_every_byte(small, tmp_path):
    for name, seed in (('a', 0), ('b', 0), ('c', 1)):
        make_digit_detection(tmp_path / name, seed=seed)
    first, again, other = (bytes_of(tmp_path / name) for name in 'abc')
    assert first == again and len(first) == 8 + 4 + 2
    assert first.keys() == other.keys() and not any(first[name] == other[name] for name in first)


def test_a_set_that_is_there_is_left_alone(small, tmp_path, monkeypatch):
    folder = tmp_path / 'digits'
    folder.mkdir()  # an empty folder is free
    assert make_digit_detection(folder, seed=3)
    monkeypatch.setattr(digit_detection, '_write', None)
    assert not make_digit_detection(folder, seed=3)
    with pytest.raises(
        ValueError, match='holds the detection set of seed 3, not of seed 4: remove it, or name an'
    ):
        make_digit_detection(folder, seed=4)
    (folder / 'annotations/instances_val.json').write_text('{"info": "of others"}')
    with pytest.raises(
        ValueError, match='is made in a folder of its own, but .*digits holds something else'
    ):
        make_digit_detection(folder, seed=3)


def test_a_link_is_followed(small, tmp_path):
    (tmp_path / 'link').symlink_to(tmp_path / 'disk/digits')
    assert make_digit_detection(tmp_path / 'link', seed=0)
    assert (tmp_path / 'disk/digits/val').is_dir() and not make_digit_detection(
        tmp_path / 'disk/digits', seed=0
    )


def test_a_killed_run_leaves_no_set_and_the_next_one_makes_it(small, tmp_path, monkeypatch):
    make_digit_detection(tmp_path / 'whole', seed=0)
    folder = tmp_path / 'digits'
    with monkeypatch.context() as slowed:
        save = digit_detection._save
        slowed.setattr(
            digit_detection, '_save', lambda *arguments: (save(*arguments), time.sleep(0.05))
        )
        process = FORK.Process(target=make_digit_detection, args=(folder,), kwargs=dict(seed=0))
        process.start()
        while not list(tmp_path.glob('.part-*-digits/val/000002.jpg')):
            assert process.is_alive()
            time.sleep(0.005)
        os.kill(process.pid, signal.SIGKILL)
        process.join()
    assert list(tmp_path.glob('.part-*')) and not folder.exists()
    assert make_digit_detection(folder, seed=0)
    assert bytes_of(folder) == bytes_of(tmp_path / 'whole')
    assert not list(tmp_path.glob('.part-*'))


def test_a_failing_run_leaves_nothing(small, tmp_path, monkeypatch):
    def fail(*_):
        raise OSError('No space left on device')

    monkeypatch.setattr(digit_detection, '_save', fail)
    with pytest.raises(OSError, match='No space left'):
        make_digit_detection(tmp_path / 'digits', seed=0)
    assert [path.name for path in tmp_path.iterdir()] == ['.digits.lock']


def test_of_several_processes_one_makes_it(small, tmp_path, monkeypatch):
    save = digit_detection._save
    monkeypatch.setattr(
        digit_detection, '_save', lambda *arguments: (save(*arguments), time.sleep(0.02))
    )
    results = FORK.SimpleQueue()
    processes = [
        FORK.Process(target=lambda: results.put(make_digit_detection(tmp_path / 'digits', seed=0)))
        for _ in range(4)
    ]
    for process in processes:
        process.start()
    for process in processes:
        process.join()
    assert sorted(results.get() for _ in processes) == [False, False, False, True]
    assert len(bytes_of(tmp_path / 'digits')) == 14


def test_the_tool_makes_it_and_says_so(tmp_path):
    """The tool runs twice and with another seed in one process, which must not import mmdet.

    There are fewer images, for speed.
    """
    code = (
        'import runpy, sys\n'
        'from regnet_plugin.datasets import digit_detection\n'
        'digit_detection._IMAGES = dict(train=1, val=1)\n'
        'for seed in "0", "0", "1":\n'
        '    sys.argv = ["tool", "--out", "digits", "--seed", seed]\n'
        '    try: runpy.run_path(sys.orig_argv[-1], run_name="__main__")\n'
        '    except SystemExit as end: print(end.code)\n'
        'print("mmdet" in sys.modules)'
    )
    done = subprocess.run(
        [sys.executable, '-c', code, ROOT / 'tools/make_digit_detection.py'],
        cwd=tmp_path,
        capture_output=True,
        text=True,
    )
    assert done.stdout.splitlines() == [
        'wrote digits',
        'digits is there already, with seed 0',
        '2',
        'False',
    ]
    assert done.stderr == (
        f'error: {tmp_path}/digits holds the detection set of seed 0, not of seed 1: remove it, '
        'or name another folder\n'
    )


def test_the_tool_refuses_a_negative_seed(run_tool, tmp_path):
    done = run_tool('make_digit_detection.py', '--seed', '-1')
    assert done.returncode == 2 and done.stderr.splitlines()[-1].endswith(
        '--seed must be at least 0, but it is -1'
    )
    assert not list(tmp_path.iterdir())
