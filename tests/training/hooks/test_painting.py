"""Pictures of predictions: their colours, and one for each image.

Test-time augmentation is shown as the network sees it.
"""

import cv2
import numpy as np
import pytest
import torch
from killing import ROOT
from mmengine.config import Config

from regnet_plugin.training.arguments import parse_test_arguments
from regnet_plugin.training.checks.images import blue_comes_first
from regnet_plugin.training.config.augmented_testing import enable_tta
from regnet_plugin.training.testing.tester import test as evaluate
from regnet_plugin.training.testing.testing_config import testing_config as config_of

DIGITS, IMAGENET = (
    ROOT / 'configs/regnetx_6.5mf_digits.py',
    ROOT / 'configs/regnetx_400mf_imagenet.py',
)
DETECTOR = ROOT / 'configs/detection/faster-rcnn_regnetx_6.5mf_fpn_digits.py'


def read(path):
    """RGB."""
    return cv2.imread(str(path))[..., ::-1]


@pytest.fixture
def photographs(tmp_path):
    """A config of two class folders, and weights for it.

    Their images are red and blue and have the same name.
    """
    for name, colour in (('blue', (0, 0, 250)), ('red', (250, 0, 0))):
        (tmp_path / 'photos' / name).mkdir(parents=True)
        for number in range(3):
            image = np.full((64, 64, 3), colour[::-1], np.uint8)
            cv2.imwrite(str(tmp_path / f'photos/{name}/{number}.jpg'), image)
    path = tmp_path / 'photos.py'
    path.write_text(f"""_base_ = {str(DIGITS)!r}
data_preprocessor = dict(to_rgb={{to_rgb}})
test_dataloader = dict(batch_size=4, dataset=dict(
    _delete_=True, type='CustomDataset', data_root='photos',
    pipeline=[dict(type='LoadImageFromFile'), dict(type='PackInputs')]))
model = dict(head=dict(num_classes=2))
""")
    torch.save(dict(state_dict=model_of(path).state_dict()), tmp_path / 'net.pth')
    return path


def model_of(path):
    from mmengine.registry import MODELS, DefaultScope

    config = Config.fromstring(path.read_text().replace('{to_rgb}', 'True'), '.py')
    config.model.head.num_classes = 2
    with DefaultScope.overwrite_default_scope('mmpretrain'):
        return MODELS.build(config.model)


@pytest.mark.parametrize('flags', [(), ('--tta',)])
@pytest.mark.parametrize('to_rgb', [True, False])
def test_red_is_painted_red_and_no_image_is_lost(photographs, tmp_path, monkeypatch, flags, to_rgb):
    photographs.write_text(photographs.read_text().replace('{to_rgb}', str(to_rgb)))
    monkeypatch.chdir(tmp_path)
    args = parse_test_arguments(
        [
            str(photographs),
            'net.pth',
            '--show-dir',
            'shown',
            '--work-dir',
            'run',
            *flags,
            '--cfg-options',
            f'experiment_name={tmp_path.name}',
        ]
    )
    evaluate(config_of(args))
    # the first of a name is as the file
    pictures = sorted(tmp_path.glob('shown/*.png'), key=lambda path: len(path.name))
    corners = [read(path)[-1, -1].tolist() for path in pictures]
    assert len(corners) == 6
    for found, expected in zip(corners, [[0, 0, 250]] * 3 + [[250, 0, 0]] * 3):
        assert found == pytest.approx(expected, abs=4)  # JPEG


@pytest.mark.parametrize(
    'pipeline, settings, expected',
    [
        (['LoadImageFromFile'], dict(), True),
        (['LoadImageFromFile'], dict(to_rgb=True), True),
        ([], dict(), False),  # CIFAR's images are RGB
        (['LoadImageFromFile', 'NumpyToPIL'], dict(), False),
        (['LoadImageFromFile', 'NumpyToPIL', 'PILToNumpy'], dict(), True),
    ],
)
def test_which_colour_comes_first(pipeline, settings, expected):
    turned = dict(NumpyToPIL=dict(to_rgb=True), PILToNumpy=dict(to_bgr=True))
    config = Config(
        dict(
            model=dict(),
            data_preprocessor=settings,
            test_dataloader=dict(
                dataset=dict(
                    pipeline=[dict(type=name, **turned.get(name, {})) for name in pipeline]
                )
            ),
        )
    )
    assert blue_comes_first(config, 'test_dataloader') == expected


def augmentations(path):
    """The lists of transforms that a config's test-time augmentation tries, whatever it packs."""
    config = Config.fromfile(path)
    enable_tta(config)
    (augmented,) = (
        step for step in config.test_dataloader.dataset.pipeline if step.type == 'TestTimeAug'
    )
    return augmented.transforms[:-1]


@pytest.mark.parametrize(
    'path', [IMAGENET, ROOT / 'configs/detection/faster-rcnn_regnetx_3.2gf_fpn_1x_coco.py']
)
def test_mirror_images_are_averaged_where_they_were_trained_on(path):
    (flips,) = augmentations(path)
    assert [step.prob for step in flips] == [1.0, 0.0] and {step.type for step in flips} == {
        'RandomFlip'
    }


def test_digits_are_averaged_over_sizes():
    """Their mirror images are other things."""
    (sizes,) = augmentations(DIGITS)
    assert [(step.type, step.scale_factor) for step in sizes] == [
        ('Resize', 0.875),
        ('Resize', 1.0),
        ('Resize', 1.125),
    ]
    sizes, flips, _ = augmentations(DETECTOR)
    assert [step.scale for step in sizes] == [(140, 140), (160, 160), (180, 180)]
    assert flips == [dict(type='RandomFlip', prob=0.0)]


def test_what_can_be_neither_flipped_nor_resized_needs_a_pipeline(tmp_path):
    path = tmp_path / 'config.py'
    path.write_text(
        f'_base_ = {str(DETECTOR)!r}\n'
        "test_dataloader = dict(dataset=dict(pipeline=[dict(type='PackDetInputs')]))"
    )
    with pytest.raises(
        ValueError, match='--tta needs tta_pipeline here: the training knows no mirror images'
    ):
        augmentations(path)
