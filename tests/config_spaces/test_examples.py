"""The spaces of configs/design_spaces/of_configs: each gives networks."""

from importlib.util import find_spec

import pytest
from own_files import own_files

from regnet_plugin.design_spaces.configuration import design_space_of
from regnet_plugin.design_spaces.sampler import draw_block

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
