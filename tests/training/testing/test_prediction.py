"""What a network says of photographs: scores as a test gives them, and names of classes.

Colours and bad input are tested, too.
"""

from importlib.util import find_spec

import cv2
import numpy as np
import pytest
import torch
from killing import ROOT
from mmengine.config import Config
from mmengine.registry import DATASETS, MODELS, DefaultScope

from regnet_plugin.cli.errors import UserError
from regnet_plugin.training.configuration import read_config
from regnet_plugin.training.testing.image_files import images_in
from regnet_plugin.training.testing.prediction import Predictor

DIGITS = ROOT / 'configs/regnetx_6.5mf_digits.py'
DETECTOR = ROOT / 'configs/detection/faster-rcnn_regnetx_6.5mf_fpn_digits.py'
COLOURS = dict(blue=(0, 0, 250), red=(250, 0, 0))
OWN = """_base_ = {base!r}
test_dataloader = dict(dataset=dict(_delete_=True, type='CustomDataset', data_root='photos',
    pipeline=[dict(type='LoadImageFromFile'), dict(type='Resize', scale=(32, 32)),
              dict(type='PackInputs')]))
data_preprocessor = dict(to_rgb=True)
model = dict(head=dict(num_classes=2))
"""


def weights_of(config, path, **meta):
    """Write new weights of a config's network, as a training does."""
    torch.manual_seed(0)
    with DefaultScope.overwrite_default_scope(config.default_scope):
        model = MODELS.build(config.model)
    torch.save(dict(state_dict=model.state_dict(), meta=meta), path)
    return str(path)


@pytest.fixture
def photographs(tmp_path):
    """A folder of a red and a blue image, and a config for two classes.

    The weights know the classes' names.
    """
    for name, colour in COLOURS.items():
        (tmp_path / 'photos' / name).mkdir(parents=True)
        cv2.imwrite(
            str(tmp_path / f'photos/{name}/0.png'), np.full((300, 400, 3), colour[::-1], np.uint8)
        )
    path = tmp_path / 'own.py'
    path.write_text(OWN.format(base=str(DIGITS)))
    weights_of(
        Config.fromfile(path), tmp_path / 'net.pth', dataset_meta=dict(classes=('Blau', 'Rot'))
    )
    return path


def test_a_line_for_each_image_and_a_picture_in_its_colours(photographs, run_tool, tmp_path):
    done = run_tool(
        'predict.py', photographs, 'net.pth', 'photos', 'photos/red/0.png', '--show-dir', 'shown'
    )
    assert done.returncode == 0, done.stderr
    lines = [line.split(': ') for line in done.stdout.splitlines() if line.startswith('photos/')]
    assert [path for path, _ in lines] == [
        'photos/blue/0.png',
        'photos/red/0.png',
        'photos/red/0.png',
    ]
    for _, said in lines:
        names, scores = zip(*(part.split() for part in said.split(', ')))
        assert sorted(names) == ['Blau', 'Rot'] and sum(map(float, scores)) == pytest.approx(
            1, abs=0.002
        )
    corners = [
        cv2.imread(str(path))[-1, -1, ::-1].tolist()
        for path in sorted(tmp_path.glob('shown/*.png'))
    ]
    assert corners == [[0, 0, 250], [250, 0, 0], [250, 0, 0]]


def test_scores_are_those_of_a_test(tmp_path):
    """Of a set in memory, whose images are given as files."""
    config = read_config(str(DIGITS))
    predictor = Predictor(config, weights_of(config, tmp_path / 'net.pth'), 0.3)
    assert predictor.classes == tuple('0123456789')
    with DefaultScope.overwrite_default_scope('mmpretrain'):
        dataset = DATASETS.build(config.test_dataloader.dataset)
    cv2.imwrite(str(tmp_path / 'digit.png'), dataset.get_data_info(5)['img'])
    expected = predictor._model.test_step(
        dict(inputs=[dataset[5]['inputs']], data_samples=[dataset[5]['data_samples']])
    )
    sample = predictor(tmp_path / 'digit.png')
    assert torch.equal(sample.pred_score, expected[0].pred_score)
    found = predictor.found(sample)
    best = sorted(sample.pred_score.tolist(), reverse=True)[:3]
    assert [one.score for one in found] == best and found[0].label == str(int(sample.pred_label))


@pytest.mark.skipif(find_spec('mmcv._ext') is None, reason='detectors need the ops of mmcv')
def test_boxes_of_a_detector(tmp_path):
    config = read_config(str(DETECTOR), {'model.test_cfg.rcnn.score_thr': 0.0})
    predictor = Predictor(config, weights_of(config, tmp_path / 'net.pth'), 0.0)
    photograph = np.full((320, 200, 3), COLOURS['red'][::-1], np.uint8)
    cv2.imwrite(str(tmp_path / 'photo.png'), photograph)
    sample = predictor(tmp_path / 'photo.png')
    found = predictor.found(sample)
    assert (
        found
        and found[0].label in '0123456789'
        and found == sorted(found, key=lambda one: -one.score)
    )
    edges = np.array([one.box for one in found])
    # of the photograph
    assert (
        edges.min() >= -1 and edges[:, [0, 2]].max() <= 201 and 160 < edges[:, [1, 3]].max() <= 321
    )
    sample.pred_instances = sample.pred_instances[:0]
    predictor.paint(tmp_path / 'photo.png', sample, tmp_path / 'out.png')
    assert (cv2.imread(str(tmp_path / 'out.png')) == photograph).all()


@pytest.mark.parametrize(
    'place, said',
    [
        ('nothing.jpg', 'an image must be a file, but there is none at '),
        ('empty', 'a folder must hold images, .* holds none'),
    ],
)
def test_places_without_images(tmp_path, place, said):
    (tmp_path / 'empty').mkdir()
    with pytest.raises(ValueError, match=said):
        list(images_in([str(tmp_path / place)]))


def test_an_image_that_cannot_be_read_is_named(photographs, tmp_path):
    path = tmp_path / 'broken.jpg'
    path.write_bytes(b'no image')
    predictor = Predictor(read_config(str(photographs)), str(tmp_path / 'net.pth'), 0.3)
    with pytest.raises(UserError, match=f'{path}: failed to load image: {path}'):
        predictor(path)
