"""Images of every config are those that its weights were trained on.

The rule is shown to fail, and so is the tools' warning.
"""

import logging
from pathlib import Path

import mmdet
import pytest
import torch
from every_config import read
from killing import ROOT
from mmengine.registry import MODELS, DefaultScope
from own_files import own_files
from published_tables import WRONG_IN_MMDET

from regnet_plugin.training.checks.images import warn_of_images
from regnet_plugin.weights.image_statistics import IMAGE_STATISTICS, colour_order_of
from regnet_plugin.weights.published_files import SCHEMES

CONFIGS = ROOT / 'configs'
PATHS = {
    str(path.relative_to(CONFIGS).with_suffix('')): path
    for path in own_files('configs', '**/*.py')
    if not {'_base_', 'design_spaces', 'study'} & set(path.parts)
    # their libraries are no part of this environment: acceptance/test_other_libraries.py
    and not {'pose', 'yolo'} & set(path.parts)
}
THEIRS = {
    path.stem: path
    for path in sorted((Path(mmdet.__file__).parent / '.mim/configs/regnet').glob('*.py'))
}

# Red, green, blue, typed from the pages of the data sets' users; photographs are normalized as
# ImageNet's everywhere.
IMAGENET = ((123.675, 116.28, 103.53), (58.395, 57.12, 57.375))
STATISTICS = {
    'CIFAR10': ((125.3, 123.0, 113.9), (63.0, 62.1, 66.7)),
    'Digits': ((80.0,) * 3, (90.0,) * 3),
    'FashionMNIST': ((73.0,) * 3, (90.0,) * 3),
    'FashionPairs': ((78.0,) * 3, (93.0,) * 3),
}
# What weights want once they are loaded: OpenMMLab's as the authors trained them, the others turned
# by us, or RGB anyway.
WANTED = {
    'open-mmlab': 'BGR',
    'pycls': 'RGB',
    'timm': 'RGB',
    'tv': 'RGB',
    'detectron2': 'RGB',
    'transformers': 'RGB',
}


def addresses(value):
    """Yield what a config names as a checkpoint, wherever."""
    if isinstance(value, dict):
        yield from (
            value[key]
            for key in ('checkpoint', 'load_from', 'pretrained')
            if isinstance(value.get(key), str)
        )
        value = list(value.values())
    if isinstance(value, list):
        for part in value:
            yield from addresses(part)


def feed(config, pixel):
    """Give an image of one colour to the config's preprocessor, and look at a pixel of it."""
    settings = dict(type='ClsDataPreprocessor', **config.get('data_preprocessor', {}))
    with DefaultScope.overwrite_default_scope(config.default_scope):
        preprocessor = MODELS.build(
            dict(config.model.get('data_preprocessor') or settings, batch_augments=None)
        )
    return preprocessor(dict(inputs=[pixel[:, None, None].expand(3, 32, 32)]))['inputs'][0, :, 0, 0]


def colours(config):
    """'RGB' or 'BGR', as the network gets the images.

    It is None if each colour has not its own mean and deviation.
    """
    dataset = config.train_dataloader.dataset
    while 'dataset' in dataset:
        dataset = dataset.dataset
    kind = dataset.type.split('.')[-1]
    mean, deviation = map(torch.tensor, STATISTICS.get(kind, IMAGENET))
    red_green_blue = torch.tensor([30, 20, 10], dtype=torch.uint8)
    # OpenCV reads blue first
    fed = feed(config, red_green_blue if kind in STATISTICS else red_green_blue.flip(0))
    normalized = (red_green_blue - mean) / deviation
    return next(
        (
            order
            for order, wanted in (('RGB', normalized), ('BGR', normalized.flip(0)))
            if torch.allclose(fed, wanted, atol=1e-4)
        ),
        None,
    )


def is_right(config):
    order = colours(config)
    return order is not None and all(
        WANTED[address.split('://')[0]] == order for address in addresses(config.to_dict())
    )


def warnings(config, caplog, loader='train_dataloader'):
    caplog.clear()
    warn_of_images(config, loader, 'c.py', logging.getLogger('test'))
    return [record.message for record in caplog.records]


def test_every_kind_of_config_is_here():
    weights = {
        address.split('://')[0]
        for path in PATHS.values()
        for address in addresses(read(path).to_dict())
    }
    assert len(PATHS) >= 118 and weights == {'open-mmlab', 'pycls'}
    assert all(
        any(name.startswith(start) for name in PATHS)
        for start in ('regnetx_', 'detection/', 'recipes/', 'comparisons/')
    )


@pytest.mark.parametrize('name', PATHS)
def test_images_are_those_of_the_weights(name, caplog):
    assert is_right(read(PATHS[name]))
    assert warnings(read(PATHS[name]), caplog) == []


def test_the_four_of_mmdets_own_configs_that_are_wrong_are_found(caplog):
    assert len(THEIRS) == 26
    assert [name for name in THEIRS if not is_right(read(THEIRS[name]))] == WRONG_IN_MMDET
    warned = {name: warnings(read(path), caplog) for name, path in THEIRS.items()}
    assert [name for name, said in warned.items() if said] == WRONG_IN_MMDET
    assert warned[WRONG_IN_MMDET[1]] == [
        'c.py: open-mmlab://regnetx_400mf wants BGR images with mean [103.53, 116.28, 123.675] and '
        'std [57.375, 57.12, 58.395], but data_preprocessor gives RGB images with mean [123.675, '
        '116.28, 103.53] and std [58.395, 57.12, 57.375]'
    ]


def changed(name, changes):
    config = read(PATHS[name])
    config.merge_from_dict(changes)
    return config


DETECTOR = 'detection/mask-rcnn_regnety_3.2gf_fpn_1x_coco'
OPENMMLABS = 'detection/retinanet_regnetx_800mf_fpn_1x_coco'
CLASSIFIER = 'regnetx_3.2gf_imagenet'
PYCLS, FILE = (
    'pycls://RegNetX-3.2GF',
    (
        'https://download.openmmlab.com/mmclassification/v0/regnet/'
        'regnetx-3.2gf_8xb64_in1k_20211213-1fdd82ae.pth'
    ),
)
FEEDS, STARTS = 'model.data_preprocessor', 'model.backbone.init_cfg.checkpoint'
BGR = {
    f'data_preprocessor.{key}': value
    for key, value in dict(IMAGE_STATISTICS['BGR'], to_rgb=False).items()
}


@pytest.mark.parametrize(
    'name, changes',
    [
        (DETECTOR, {f'{FEEDS}.bgr_to_rgb': False}),
        (DETECTOR, {f'{FEEDS}.mean': [103.53, 116.28, 123.675]}),
        (DETECTOR, {f'{FEEDS}.std': [57.375, 57.12, 58.395]}),
        (DETECTOR, {STARTS: 'open-mmlab://regnetx_3.2gf'}),
        (OPENMMLABS, {f'{FEEDS}.bgr_to_rgb': True}),
        (OPENMMLABS, {STARTS: 'timm://regnetx_008.pycls_in1k'}),
        (OPENMMLABS, {f'{FEEDS}.std': [1.0, 1.0, 1.0]}),
        (CLASSIFIER, {'load_from': PYCLS, **BGR}),
    ],
)
def test_a_changed_config_is_found_and_warned_of(name, changes, caplog):
    config = changed(name, changes)
    assert not is_right(config)
    (said,) = warnings(config, caplog)
    assert said.startswith('c.py: ') and ' wants ' in said and '\n' not in said


def test_without_weights_the_order_of_the_mean_is_that_of_the_images(caplog):
    wrong = changed(CLASSIFIER, {'data_preprocessor.to_rgb': False})
    assert (
        not is_right(wrong) and is_right(changed(CLASSIFIER, BGR)) and warnings(wrong, caplog) == []
    )


@pytest.mark.parametrize(
    'address, changes, is_said',
    [
        (FILE, {}, True),
        (FILE, BGR, False),
        (PYCLS, {}, False),
        (PYCLS, BGR, True),
        ('tv://regnet_x_3_2gf.imagenet1k_v2', BGR, True),
        ('detectron2://x', {'data_preprocessor.mean': [0.0] * 3}, True),
        ('pycls:///data/mine.pyth', BGR, False),
        ('work_dirs/epoch_100.pth', BGR, False),
        (PYCLS, {'data_preprocessor.mean': None, 'data_preprocessor.std': None}, False),
    ],
)
def test_a_test_is_judged_by_its_checkpoint(address, changes, is_said, caplog):
    config = changed(CLASSIFIER, {**changes, 'load_from': address})
    assert bool(warnings(config, caplog, 'test_dataloader')) == is_said
    config.model = dict(type='AverageClsScoreTTA', module=config.model)
    assert bool(warnings(config, caplog, 'test_dataloader')) == is_said


def test_images_that_are_no_files_are_not_judged(caplog):
    config = changed('regnetx_120mf_cifar10', {'load_from': PYCLS})
    assert warnings(config, caplog) == []
    config.train_dataloader.dataset.pipeline.insert(0, dict(type='mmcv.LoadImageFromFile'))
    assert len(warnings(config, caplog)) == 1


def test_the_addresses_are_those_that_load():
    only_files = {'vissl', 'classy'}  # how somebody's file was trained is not known
    for scheme in SCHEMES:
        order = colour_order_of(f'{scheme}://name')
        assert order is None if scheme in only_files else order == WANTED[scheme] == 'RGB'
    assert (
        colour_order_of('open-mmlab://regnetx_3.2gf')
        == colour_order_of('openmmlab://regnetx_3.2gf')
        == 'BGR'
    )
    assert (
        colour_order_of('open-mmlab://resnet50_caffe')
        is colour_order_of('torchvision://resnet50')
        is None
    )
