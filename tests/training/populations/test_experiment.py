"""A network in a recipe: what is derived, what stays, what is refused."""

import pytest
from class_folders import SIDE, write_folders
from every_config import load
from experiments import built, recipe, samples, written
from killing import ROOT
from mmengine.config import Config

from regnet_plugin.core.arch_argument import architecture_of
from regnet_plugin.models.module_complexity import count
from regnet_plugin.training.populations.experiment import experiment

IMAGENET, DIGITS = (
    ROOT / 'configs/regnetx_400mf_imagenet.py',
    ROOT / 'configs/regnetx_6.5mf_digits.py',
)
LOADERS = ('train_dataloader', 'val_dataloader', 'test_dataloader')


@pytest.mark.parametrize(
    'space, path',
    [
        ('anynetx_a', IMAGENET),
        ('anynetx_a_5_stages', IMAGENET),
        ('regnety', IMAGENET),
        ('regnetv', IMAGENET),
        ('anynetr_a', IMAGENET),
        ('regnetx_3_stages', IMAGENET),
        ('regnetx_resolution', IMAGENET),
        ('regnety_swish', IMAGENET),
        ('regnetx_lr_wd', IMAGENET),
        ('regnetx_inverted', IMAGENET),
        ('regnetx_digits', DIGITS),
        ('cifar2019_resnext_a', ROOT / 'configs/anynetx_115mf_cifar10.py'),
        ('regnetx', ROOT / 'configs/regnetx_3.2gf_modern_imagenet.py'),
        ('regnetx_resolution', ROOT / 'configs/comparisons/efficientnet_b4_imagenet.py'),
    ],
)
def test_the_written_config_builds_the_network_of_the_record(space, path, tmp_path):
    for seed, sample in enumerate(samples(space)):
        config = written(experiment(sample, path, seed=seed), tmp_path)
        model = built(config)
        assert model.backbone.architecture == sample.architecture
        assert count(model, sample.resolution) == sample.complexity
        assert (
            config.randomness.seed == seed
            and type(model.backbone.activation).__name__ == sample.activation
        )


def test_the_recipe_stays_but_for_the_network(tmp_path):
    (sample,) = samples('regnetx', 1)
    base, config = Config.fromfile(IMAGENET), experiment(sample, IMAGENET, seed=3)
    for name in set(base) - {'model', 'randomness'}:
        assert config[name] == base[name], name
    assert config.model.head == dict(base.model.head, in_channels=sample.architecture.widths[-1])
    assert (
        config.randomness == dict(base.randomness, seed=3)
        and config.auto_scale_lr.base_batch_size == 1024
    )
    assert 'work_dir' not in config


def test_a_recipe_that_is_a_config_is_not_changed():
    base = Config.fromfile(IMAGENET)
    before = base.to_dict()
    sample = next(
        sample for sample in samples('regnetx_resolution', 20) if sample.resolution != 224
    )
    experiment(sample, base, seed=1)
    assert base.to_dict() == before


def test_learning_rate_and_weight_decay_of_the_record():
    for sample in samples('regnetx_lr_wd', 5):
        optimizer = experiment(sample, IMAGENET, seed=0).optim_wrapper.optimizer
        assert (optimizer.lr, optimizer.weight_decay) == (sample.lr, sample.weight_decay)
        assert optimizer.momentum == 0.9 and optimizer.nesterov


def sides(config):
    train, val, test = (config[loader].dataset.pipeline for loader in LOADERS)
    assert val == test and config.train_pipeline == train and config.test_pipeline == test
    return train[1].scale, test[1].scale, test[2].crop_size


def resized(path, side):
    (sample,) = samples('regnetx', 1, **{'design_space.resolution': side})
    return experiment(sample, path, seed=0)


def test_the_side_of_the_images_is_the_records():
    by_side = {sample.resolution: sample for sample in samples('regnetx_resolution', 150)}
    found = {side: sides(experiment(sample, IMAGENET, seed=0)) for side, sample in by_side.items()}
    assert len(found) == 9
    for side, (train, short_side, crop) in found.items():
        assert (
            train == crop == side
            and short_side == pytest.approx(side * 256 / 224, abs=1)
            and short_side % 2 == 0
        )
    assert found[224] == (224, 256, 224) and found[448] == (448, 512, 448)


@pytest.mark.parametrize('number', range(1, 6))
def test_sides_are_those_of_the_efficientnets(number):
    """The sides that the configs of table 4 have, from the recipe for 224."""
    theirs = load(f'efficientnet_b{number}_imagenet')
    expected = (
        theirs.train_pipeline[1].scale,
        theirs.test_pipeline[1].scale,
        theirs.test_pipeline[2].crop_size,
    )
    assert sides(resized(IMAGENET, expected[0])) == expected


def test_a_smaller_crop_in_training_stays_smaller(tmp_path):
    """FixRes: trained at 176, tested at 224."""
    path = recipe(
        tmp_path,
        f'_base_ = {str(IMAGENET)!r}\ntrain_pipeline = _base_.train_pipeline\n'
        "train_pipeline[1]['scale'] = 176\ntrain_dataloader = "
        'dict(dataset=dict(pipeline=train_pipeline))',
    )
    assert sides(resized(path, 224)) == (176, 256, 224) and sides(resized(path, 448)) == (
        352,
        512,
        448,
    )


def test_the_digits_are_enlarged_to_any_side():
    (sample,) = samples('regnetx_digits', 1, **{'design_space.resolution': 48})
    config = experiment(sample, DIGITS, seed=0)
    assert [config[loader].dataset.image_size for loader in LOADERS] == [48] * 3


@pytest.mark.parametrize(
    'text, message',
    [
        (
            '_base_ = {cifar!r}',
            'must resize its images .* for 64 pixels, but val_dataloader gives them as they are',
        ),
        (
            '_base_ = {digits!r}\ntrain_dataloader = dict(dataset=dict(_delete_=True, '
            "type='CustomDataset', data_root={photos!r}, "
            'pipeline=[dict(type="LoadImageFromFile"), dict(type="PackInputs")]))',
            'must resize its images .* for 64 pixels, but train_dataloader gives those of 32 '
            'pixels as they are',
        ),
        (
            '_base_ = {digits!r}\ntrain_dataloader = dict(dataset=dict(_delete_=True, '
            "type='MNIST', data_root='data'))",
            'must resize its images .* for 64 pixels, but train_dataloader gives them as they are',
        ),
        (
            '_base_ = {digits!r}\nval_dataloader = dict(dataset=dict(_delete_=True, '
            "type='Others'))",
            'val_dataloader must give images, .* but the first one gives KeyError: .*Others is not '
            'in the',
        ),
        (
            "_base_ = {digits!r}\ndataset = dict(_delete_=True, type='MNIST', "
            "data_root='data')\ntrain_dataloader = "
            'dict(dataset=dataset)\nval_dataloader = dict(dataset=dataset)\ntest_dataloader = '
            'dict(dataset=dataset)',
            'must give square images of a known side .* but val_dataloader and train_dataloader do '
            'not tell it',
        ),
    ],
)
def test_a_side_that_the_recipe_cannot_give_is_refused(tmp_path, text, message):
    write_folders(tmp_path / 'photos', ['a'], images=1)
    path = recipe(
        tmp_path,
        text.format(
            cifar=str(ROOT / 'configs/regnetx_120mf_cifar10.py'),
            digits=str(DIGITS),
            photos=str(tmp_path / 'photos'),
        ),
    )
    (sample,) = samples('regnetx_digits', 1, **{'design_space.resolution': 64})
    with pytest.raises(ValueError, match=message):
        experiment(sample, path, seed=0)


def test_the_size_of_images_of_ones_own_is_that_of_an_image(tmp_path):
    """What another loader of the base would give does not matter: it is not used."""
    write_folders(tmp_path / 'photos', '0123456789', images=1)
    photos = (
        "dict(_delete_=True, type='CustomDataset', data_root='photos', "
        "pipeline=[dict(type='LoadImageFromFile'), dict(type='PackInputs')])"
    ).replace('photos', str(tmp_path / 'photos'))
    path = recipe(
        tmp_path,
        f'_base_ = {str(DIGITS)!r}\ntrain_dataloader = dict(dataset={photos})\nval_dataloader = '
        f'dict(dataset={photos})\ntest_dataloader = dict(dataset=dict(image_size=48))',
    )
    (sample,) = samples('regnetx_digits', 1)
    assert sample.resolution == SIDE
    config = experiment(sample, path, seed=0)
    assert config.train_dataloader.dataset.data_root == str(tmp_path / 'photos')
    assert config.test_dataloader.dataset.image_size == 48
    (sample,) = samples('regnetx_digits', 1, **{'design_space.resolution': 48})
    with pytest.raises(
        ValueError, match='for 48 pixels, but val_dataloader gives those of 32 pixels as they are'
    ):
        experiment(sample, path, seed=0)


def test_other_classes_than_the_records_are_refused():
    with pytest.raises(
        ValueError, match='it has 1000 and the network 10: .* design_space.num_classes=1000'
    ):
        experiment(samples('regnetx_digits', 1)[0], IMAGENET, seed=0)


def test_of_the_backbone_stays_what_is_about_training(tmp_path):
    path = recipe(
        tmp_path,
        f"""_base_ = {str(IMAGENET)!r}
model = dict(backbone=dict(
    strides=(1, 2, 2, 2), frozen_stages=0, norm_eval=True, drop_path_rate=0.1, fast_path=True,
    norm_cfg=dict(type='SyncBN'), act_cfg=dict(type='SiLU'),
    init_cfg=dict(type='Kaiming', layer='Conv2d')))
load_from = 'somewhere.pth'
work_dir = 'somewhere'
""",
    )
    config = experiment(samples('regnetx', 1)[0], path, seed=0)
    backbone = config.model.backbone
    assert backbone.strides == [2, 2, 2, 2] and 'arch' not in backbone
    assert backbone.act_cfg == dict(type='ReLU', inplace=True)
    assert (
        backbone.frozen_stages,
        backbone.norm_eval,
        backbone.drop_path_rate,
        backbone.fast_path,
    ) == (0, True, 0.1, True)
    assert backbone.norm_cfg == dict(type='SyncBN') and backbone.init_cfg.type == 'Kaiming'
    assert config.load_from is None and 'work_dir' not in config
    assert experiment(
        architecture_of('regnetx_400mf'), path, seed=0
    ).model.backbone.act_cfg == dict(type='SiLU')


def test_an_architecture_leaves_the_settings_to_the_recipe():
    base = Config.fromfile(IMAGENET)
    config = experiment(architecture_of('regnety_800mf'), base, seed=0)
    assert built(config).backbone.architecture == architecture_of('regnety_800mf')
    assert (
        config.optim_wrapper == base.optim_wrapper
        and config.train_dataloader == base.train_dataloader
    )


@pytest.mark.parametrize(
    'text, message',
    [
        ('x = 1', 'must have model.backbone'),
        ("model = dict(backbone=dict(type='X'))", 'but they are None and None'),
    ],
)
def test_a_recipe_without_a_place_for_the_network_is_refused(tmp_path, text, message):
    with pytest.raises(ValueError, match=message):
        experiment(architecture_of('regnetx_400mf'), recipe(tmp_path, text), seed=0)
