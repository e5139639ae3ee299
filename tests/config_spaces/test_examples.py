"""The spaces of configs/design_spaces/of_configs: each gives networks."""

import pytest
from own_files import own_files

from regnet_plugin.design_spaces.configuration import design_space_of
from regnet_plugin.design_spaces.sampler import draw_block

SPACES = {path.stem: path for path in own_files('configs/design_spaces/of_configs', '*.py')}


def test_there_are_four():
    assert set(SPACES) == {
        'convnext_digits',
        'vision_transformer_digits',
        'inverted_residuals_digits',
        'retinanet_digits',
    }


@pytest.mark.parametrize('name', SPACES)
def test_its_networks_can_be_built(name):
    space, _, constraints = design_space_of(SPACES[name])
    space.candidates = 6
    unbounded = type(constraints)()
    block = draw_block(space, unbounded, seed=0, number=0)
    samples = [sample for _, sample in block.samples(space)]
    assert samples and all(sample.complexity.flops > 0 for sample in samples)
    if name == 'retinanet_digits':
        heads = {sample.config.get('model.bbox_head.in_channels', 64) for sample in samples}
        assert heads == {sample.parameters['out_channels'] for sample in samples}
