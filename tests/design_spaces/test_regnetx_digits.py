"""The space of the digits: what its config promises."""

from itertools import islice

from every_config import load
from killing import ROOT

from regnet_plugin.design_spaces.configuration import design_space_of
from regnet_plugin.design_spaces.sampler import Sampler

SPACE, _, CONSTRAINTS = design_space_of(ROOT / 'configs/design_spaces/regnetx_digits.py')


def test_the_network_of_the_readme_belongs_to_it():
    arch = load('regnetx_6.5mf_digits').model.backbone.arch
    assert SPACE.contains(dict(arch, bottleneck_ratio=1)) and not SPACE.contains(
        dict(arch, bottleneck_ratio=1, depth=17)
    )


def test_its_networks_are_small_and_have_four_stages():
    for _, sample in islice(Sampler(SPACE, CONSTRAINTS, 0), 100):
        assert 2e6 <= sample.complexity.flops <= 8e6 and sample.architecture.strides == (1, 2, 2, 2)
        assert 4 <= sample.architecture.depth <= 16 and (sample.resolution, sample.num_classes) == (
            32,
            10,
        )
