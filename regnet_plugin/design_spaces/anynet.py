"""AnyNet: every stage has parameters of its own (sections 3.2 and 3.3); shared or ordered ones make
the spaces A to E.
"""

import numpy as np

from regnet_plugin.core.group_width import fit_group_widths
from regnet_plugin.core.limits import MAX_DEPTH, MAX_STAGES, MAX_WIDTH
from regnet_plugin.core.number_checks import is_count
from regnet_plugin.design_spaces.distributions import RATIOS, Parameter, as_law, whole_to
from regnet_plugin.design_spaces.space import DesignSpace, Networks
from regnet_plugin.registry import DESIGN_SPACES


@DESIGN_SPACES.register_module()
class AnyNetSpace(DesignSpace):
    """Networks whose stages are drawn one by one.

    Args:
        depth, width: laws of d_i and w_i, see `regnet_plugin.design_spaces.distributions.as_law`.
        bottleneck_ratio (optional): law of b_i. Default: None, for blocks without bottleneck.
        group_width (optional): law of g_i. Default: None, for blocks without groups.
        groups (optional): law of the number of groups, in place of their width, as the 2019 paper
            has it.
        num_stages (int): Default: 4.
        depths, widths (str, optional): 'increasing' (w_{i+1} >= w_i), 'decreasing' or 'shared'
            (constant; one draw for all stages); increasing and decreasing ones follow the law of
            independent draws conditioned on the rule. Default: None, independent.
        shared_bottleneck_ratio, shared_group_width (bool): one draw for all stages. Default: False.
        **network: arguments of `DesignSpace`.

    Raises:
        ValueError: if a law cannot be made out, or does not fit the block.
    """

    def __init__(
        self,
        *,
        depth,
        width,
        bottleneck_ratio=None,
        group_width=None,
        groups=None,
        num_stages=4,
        depths=None,
        widths=None,
        shared_bottleneck_ratio=False,
        shared_group_width=False,
        **network,
    ):
        if not is_count(num_stages):
            raise ValueError(
                f'num_stages must be a positive whole number, but num_stages={num_stages!r}'
            )
        if group_width is not None and groups is not None:
            raise ValueError('a space has either group_width or groups, but both are given')
        if not isinstance(shared_bottleneck_ratio, bool) or not isinstance(
            shared_group_width, bool
        ):
            raise ValueError(
                'shared_bottleneck_ratio and shared_group_width must be True or False, but '
                f'shared_bottleneck_ratio={shared_bottleneck_ratio!r}, {shared_group_width=!r}'
            )
        blocks, channels = whole_to(MAX_DEPTH // min(num_stages, MAX_STAGES)), whole_to(MAX_WIDTH)
        laws = dict(
            depths=(depth, blocks, depths),
            widths=(width, channels, widths),
            bottleneck_ratios=(
                bottleneck_ratio,
                RATIOS,
                'shared' if shared_bottleneck_ratio else None,
            ),
            group_widths=(group_width, channels, 'shared' if shared_group_width else None),
            groups=(groups, channels, None),
        )
        super().__init__(
            {
                name: Parameter(as_law(law, name, rule), num_stages, order)
                for name, (law, rule, order) in laws.items()
                if law is not None or name in ('depths', 'widths')
            },
            **network,
        )
        self.check(
            stages=(num_stages, num_stages),
            bottleneck='bottleneck_ratios' in self.parameters,
            grouped='group_widths' in self.parameters or 'groups' in self.parameters,
        )

    def networks(self, values):
        """Apply the group-width rule to the stages that were drawn; every draw makes a network."""
        widths, ratios = values['widths'], values.get('bottleneck_ratios')
        groups = values.get('group_widths')
        # every combination of the 2019 paper fits; others are repaired like any group width
        if 'groups' in values:
            groups = np.maximum(
                1, widths // (1 if ratios is None else ratios).astype(np.int64) // values['groups']
            )
        if ratios is not None:
            widths, fitted = fit_group_widths(widths, ratios, 1 if groups is None else groups)
            groups = None if groups is None else fitted
        return [Networks(np.arange(len(widths)), values['depths'], widths, ratios, groups)]
