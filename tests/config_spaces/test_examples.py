"""The spaces of configs/design_spaces/of_configs: each gives networks."""

import time
from importlib.util import find_spec
from itertools import islice

import pytest
from documented import PAGES, commands
from killing import ROOT
from own_files import own_files

from regnet_plugin.design_spaces.configuration import design_space_of
from regnet_plugin.design_spaces.sampler import Sampler, draw_block

SPACES = {path.stem: path for path in own_files('configs/design_spaces/of_configs', '*.py')}


def test_there_are_five():
    assert set(SPACES) == {
        'convnext_digits',
        'deeplabv3plus_digits',
        'vision_transformer_digits',
        'inverted_residuals_digits',
        'retinanet_digits',
    }


@pytest.mark.parametrize('name', SPACES)
def test_its_networks_can_be_built(name):
    if name.startswith('deeplab') and find_spec('mmseg') is None:
        pytest.skip('mmsegmentation is not installed')
    space, _, constraints = design_space_of(SPACES[name])
    space.candidates = 6
    unbounded = type(constraints)()
    block = draw_block(space, unbounded, seed=0, number=0)
    samples = [sample for _, sample in block.samples(space)]
    assert samples and all(sample.complexity.flops > 0 for sample in samples)
    if name == 'retinanet_digits':
        heads = {sample.config.get('model.bbox_head.in_channels', 64) for sample in samples}
        assert heads == {sample.parameters['out_channels'] for sample in samples}
    if name == 'deeplabv3plus_digits':
        for sample in samples:
            width = sample.parameters['width']
            given = [
                sample.config.get(f'model.{key}', base)
                for key, base in (
                    ('decode_head.in_channels', 192),
                    ('decode_head.c1_in_channels', 24),
                    ('auxiliary_head.in_channels', 96),
                )
            ]
            assert given == [8 * width, width, 4 * width]


@pytest.fixture
def convnexts(monkeypatch):
    """Space and constraints of the guide's command for ImageNet."""
    (page,) = [page for page in PAGES if page.name == 'own_networks.md']
    (words,) = [each.words for each in commands(page) if 'work_dirs/convnext' in each.words]
    assert words[2:5] == ['--flops', '4e9', '4.4e9']
    options = dict(word.split('=') for word in words[words.index('--cfg-options') + 1 :])
    options = {key: int(text) if text.isdecimal() else text for key, text in options.items()}
    monkeypatch.chdir(ROOT)
    space, _, constraints = design_space_of(words[1], options, dict(flops=(4e9, 4.4e9)))
    return space, constraints


def test_another_base_is_for_other_data(convnexts):
    space, _ = convnexts
    assert (space.resolution, space.num_classes) == (224, 1000)


@pytest.mark.acceptance
def test_five_hundred_in_a_narrow_interval_take_minutes(convnexts):
    space, constraints = convnexts
    start = time.process_time()
    samples = list(islice(Sampler(space, constraints, seed=0), 500))
    assert time.process_time() - start < 180
    assert all(4e9 <= sample.complexity.flops <= 4.4e9 for _, sample in samples)
