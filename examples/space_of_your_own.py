#!/usr/bin/env python
"""A design space of your own: defined, sampled, drawn.

    python examples/space_of_your_own.py [FOLDER]

The networks of this space have stages of one depth, and widths that grow by one factor from stage
to stage. A population of 20 is sampled under a limit on flops and written to FOLDER
(work_dirs/geometric), as tools/sample_population.py does; the widths of the first ones are drawn
to networks.png there.
"""

import sys
from pathlib import Path

import numpy as np

from regnet_plugin.core.group_width import fit_group_widths
from regnet_plugin.design_spaces.constraints import Constraints
from regnet_plugin.design_spaces.distributions import Parameter, as_law
from regnet_plugin.design_spaces.space import DesignSpace, Networks
from regnet_plugin.population.making.sampling import sample_population
from regnet_plugin.population.selection import named_networks
from regnet_plugin.registry import DESIGN_SPACES
from regnet_plugin.report.diagrams import contact_sheet, save_pages


@DESIGN_SPACES.register_module()
class GeometricSpace(DesignSpace):
    """Four stages of one depth, whose widths are ``width``, ``width * growth``, and so on.

    Args:
        depth: law of the blocks in each stage.
        width: law of the first stage's width.
        growth: law of the factor from one stage to the next.
        group_width: law of the group width of all stages.
        **network: arguments of `DesignSpace`, such as ``block`` and ``resolution``.
    """

    def __init__(self, *, depth, width, growth, group_width, **network) -> None:
        laws = dict(depth=depth, width=width, growth=growth, group_width=group_width)
        super().__init__(
            {name: Parameter(as_law(law, name)) for name, law in laws.items()}, **network
        )
        self.check(stages=(4, 4), bottleneck=True, grouped=True)

    def networks(self, values):
        """One row for each draw: all of them have four stages."""
        count, stages = len(values['depth']), 4
        depths = np.repeat(values['depth'][:, None], stages, axis=1)
        factors = values['growth'][:, None] ** np.arange(stages)
        wanted = np.rint(values['width'][:, None] * factors / 8).astype(np.int64) * 8
        groups = np.repeat(values['group_width'][:, None], stages, axis=1)
        ratios = np.ones((count, stages))
        # The paper's rule: a stage's width goes to the nearest multiple of its group width.
        widths, groups = fit_group_widths(wanted, ratios, groups)
        return [Networks(np.arange(count), depths, widths, ratios, groups)]


def main() -> None:
    folder = Path(sys.argv[1] if len(sys.argv) > 1 else 'work_dirs/geometric')
    described = dict(
        type='GeometricSpace',
        depth=dict(law='uniform', low=1, high=8),
        width=dict(law='log_uniform', low=16, high=128, step=8),
        growth=dict(law='uniform', low=1.2, high=3, step=0.05),
        group_width=[8, 16, 32],
    )
    space = DESIGN_SPACES.build(described)
    population = sample_population(
        space,
        described,
        Constraints(flops=(360e6, 400e6)),
        size=20,
        seed=0,
        directory=folder,
        mode='overwrite',
    )
    print(f'{space.dimension} degrees of freedom, {space.size} draws')
    print(f'{population.manifest["acceptance_rate"]:.1%} of the candidates were accepted')
    networks = named_networks([str(folder)], None, 20)
    for path in save_pages(contact_sheet(networks), folder / 'networks.png'):
        print(path)


if __name__ == '__main__':
    main()
