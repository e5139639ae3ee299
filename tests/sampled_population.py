"""A population of RegNetX near 400 MF, sampled into a folder."""

from killing import ROOT

from regnet_plugin.design_spaces.configuration import design_space_of
from regnet_plugin.design_spaces.constraints import Constraints
from regnet_plugin.population.making.sampling import sample_population

CONFIG = ROOT / 'configs/design_spaces/regnetx.py'
REGIME = Constraints(flops=(360e6, 400e6))


def sampled(directory, size=40, config=CONFIG, constraints=REGIME, **kwargs):
    space, described, _ = design_space_of(config)
    return sample_population(
        space, described, constraints, size=size, directory=directory, **{'seed': 0, **kwargs}
    )


def bytes_of(directory):
    return (directory / 'architectures.jsonl').read_bytes()
