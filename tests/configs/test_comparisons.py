"""The networks that the paper compares with: printed and released numbers, recipe, schedule."""

from math import cos, pi

import pytest
from every_config import MODELS_OF_METAFILES, PATHS, build, load, rates
from published_tables import COMPARISONS, DEVIATIONS, EFFICIENTNET_SETTINGS, EFFICIENTNETS, RESNETS

FIELDS = {
    'flops': ('FLOPs', 1e9),
    'parameters': ('Parameters', 1e6),
    'activations': ('Activations', 1e6),
}


def costs(name):
    """What the metafile says; test_every_config.py compares it with the built network."""
    return MODELS_OF_METAFILES[PATHS[f'{name}_imagenet']]['Metadata']


def test_there_is_a_config_for_each():
    assert {f'{name}_imagenet' for name in COMPARISONS} == {
        name for name, path in PATHS.items() if path.parent.name == 'comparisons'
    }


@pytest.mark.parametrize('name', COMPARISONS)
def test_printed_numbers(name):
    *sizes, error, originally = COMPARISONS[name]
    text = PATHS[f'{name}_imagenet'].read_text()
    for (field, (key, scale)), printed in zip(FIELDS.items(), sizes):
        value = costs(name)[key] / scale
        if printed is None:
            assert (name, field) not in DEVIATIONS
            continue
        rounded = f'{value:.{len(printed.split(".")[1])}f}'
        assert rounded == DEVIATIONS.get((name, field), printed)
        assert (rounded == printed) != ((name, field) in DEVIATIONS)
        assert f'{rounded} {"GF" if field == "flops" else f"M {field}"}' in text
    assert f'{originally} as originally reported' in text
    assert error is None or f'error {error} ±' in text
    accuracy = MODELS_OF_METAFILES[PATHS[f'{name}_imagenet']]['Results'][0]['Metrics'][
        'Top 1 Accuracy'
    ]
    assert accuracy == pytest.approx(100 - float(error or originally))


@pytest.mark.parametrize('name', RESNETS)
def test_resnets_are_the_authors_to_the_last_digit(name):
    *_, flops, parameters, activations, _ = RESNETS[name]
    cost = costs(name.lower().replace('-', ''))
    assert [cost[key] for key, _ in FIELDS.values()] == [flops, parameters, activations]


@pytest.mark.parametrize('name', EFFICIENTNETS)
def test_efficientnets_are_the_authors_to_the_last_digit(name):
    flops, parameters, activations_with_classifier = EFFICIENTNETS[name]
    assert [costs(name)[key] for key, _ in FIELDS.values()] == [
        flops,
        parameters,
        activations_with_classifier - 1000,
    ]


@pytest.mark.parametrize('name', EFFICIENTNET_SETTINGS)
def test_settings_of_the_efficientnets(name):
    config = load(f'{name}_imagenet')
    side, short_side, batch = EFFICIENTNET_SETTINGS[name]
    assert short_side == 2 * round(side * 256 / 224 / 2)
    assert config.train_dataloader.dataset.pipeline[1].scale == side
    for loader in (config.val_dataloader, config.test_dataloader):
        assert (loader.dataset.pipeline[1].scale, loader.dataset.pipeline[2].crop_size) == (
            short_side,
            side,
        )
        assert loader.batch_size == config.train_dataloader.batch_size
    assert 8 * config.train_dataloader.batch_size == batch
    assert config.optim_wrapper.optimizer == dict(
        type='SGD',
        lr=pytest.approx(0.2 * batch / 128),
        momentum=0.9,
        nesterov=True,
        weight_decay=1e-5,
    )


@pytest.mark.parametrize(
    'name, lr',
    [('resnet50', 0.2), ('resnext152', 0.2), ('efficientnet_b0', 0.4), ('efficientnet_b5', 0.1)],
)
def test_a_cosine_without_warm_up(name, lr):
    expected = [lr * 0.5 * (1 + cos(pi * t / 100)) for t in range(100)]
    assert list(rates(load(f'{name}_imagenet'), 100)) == pytest.approx(
        expected, rel=1e-9, abs=1e-12
    )


@pytest.mark.parametrize('name', COMPARISONS)
def test_what_is_shared_with_the_regnets(name):
    ours, theirs = load('regnety_600mf_imagenet'), load(f'{name}_imagenet')
    shared = ['train_cfg', 'custom_hooks', 'data_preprocessor', 'default_hooks']
    if name in ('mobilenet_v2_1.4x', 'shufflenet_v1_2x', 'shufflenet_v2_2x'):
        shared += [
            'optim_wrapper',
            'param_scheduler',
            'train_dataloader',
            'test_dataloader',
            'auto_scale_lr',
        ]
    assert all(theirs[key] == ours[key] for key in shared)
    assert (
        not {'drop_path_rate', 'with_cp'} & set(theirs.model.backbone)
        and theirs.model.head.loss.type == 'CrossEntropyLoss'
    )


def test_resnets_begin_as_the_authors_do():
    """mmpretrain's default is to begin with the last scale of each block at 0."""
    config = load('resnet50_imagenet')
    config.model.backbone.update(stem_channels=8, base_channels=8)  # for speed
    config.model.head.in_channels = 256
    model = build(config)
    model.init_weights()
    assert all(
        block.norm3.weight.min() == 1
        for stage in range(1, 5)
        for block in getattr(model.backbone, f'layer{stage}')
    )
