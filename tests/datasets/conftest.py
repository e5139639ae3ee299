"""The embedded detection set, made once."""

import contextlib
import io

import pytest
from digit_sets import SPLITS
from pycocotools.coco import COCO

from regnet_plugin.datasets import digit_detection
from regnet_plugin.datasets.digit_detection import make_digit_detection


@pytest.fixture(scope='module')
def made(tmp_path_factory):
    folder = tmp_path_factory.mktemp('set') / 'digits'
    assert make_digit_detection(folder, seed=0)
    return folder


@pytest.fixture(scope='module')
def sets(made):
    """Each split as pycocotools reads it."""
    with contextlib.redirect_stdout(io.StringIO()):
        return {split: COCO(str(made / f'annotations/instances_{split}.json')) for split in SPLITS}


@pytest.fixture
def small(monkeypatch):
    monkeypatch.setattr(digit_detection, '_IMAGES', dict(train=8, val=4))
