"""The design spaces of configs/design_spaces, as they are or changed."""

from copy import deepcopy
from itertools import islice

from own_files import own_files

from regnet_plugin.design_spaces.configuration import design_space_of
from regnet_plugin.design_spaces.constraints import Constraints
from regnet_plugin.design_spaces.sampler import Sampler
from regnet_plugin.registry import DESIGN_SPACES

CONFIGS = {path.stem: path for path in own_files('configs/design_spaces', '*.py')}


def space_of(name, **changes):
    """Build the space of a config with some of its entries replaced."""
    _, described, _ = design_space_of(CONFIGS[name])
    return DESIGN_SPACES.build(deepcopy({**described, **changes}))


def networks_of(space, size, seed=0, **constraints):
    """The first networks of a population."""
    return [sample for _, sample in islice(Sampler(space, Constraints(**constraints), seed), size)]
