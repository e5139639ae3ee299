"""AnyNet: every stage has parameters of its own (sections 3.2 and 3.3).

Shared or ordered ones make the spaces A to E.
"""

from typing import Any

import numpy as np

from regnet_plugin.core.group_width import bottleneck_widths, fit_group_widths
from regnet_plugin.core.limits import MAX_DEPTH, MAX_STAGES, MAX_WIDTH
from regnet_plugin.core.number_checks import is_count
from regnet_plugin.design_spaces.distributions import RATIOS, Parameter, as_law, whole_to
from regnet_plugin.design_spaces.networks import Networks, Values
from regnet_plugin.design_spaces.space import DesignSpace
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
        depth: Any,
        width: Any,
        bottleneck_ratio: Any = None,
        group_width: Any = None,
        groups: Any = None,
        num_stages: int = 4,
        depths: str | None = None,
        widths: str | None = None,
        shared_bottleneck_ratio: bool = False,
        shared_group_width: bool = False,
        **network: Any,
    ) -> None:
        _check_arguments(
            num_stages, group_width, groups, shared_bottleneck_ratio, shared_group_width
        )
        blocks = whole_to(MAX_DEPTH // min(num_stages, MAX_STAGES))
        channels = whole_to(MAX_WIDTH)
        ratio_order = 'shared' if shared_bottleneck_ratio else None
        group_order = 'shared' if shared_group_width else None
        # In the order of the uniform numbers that they take, which is part of what a seed means.
        parameters = {
            'depths': Parameter(as_law(depth, 'depths', blocks), num_stages, depths),
            'widths': Parameter(as_law(width, 'widths', channels), num_stages, widths),
        }
        if bottleneck_ratio is not None:
            law = as_law(bottleneck_ratio, 'bottleneck_ratios', RATIOS)
            parameters['bottleneck_ratios'] = Parameter(law, num_stages, ratio_order)
        if group_width is not None:
            law = as_law(group_width, 'group_widths', channels)
            parameters['group_widths'] = Parameter(law, num_stages, group_order)
        if groups is not None:
            parameters['groups'] = Parameter(as_law(groups, 'groups', channels), num_stages)
        super().__init__(parameters, **network)
        self.check(
            stages=(num_stages, num_stages),
            bottleneck=bottleneck_ratio is not None,
            grouped=group_width is not None or groups is not None,
        )

    def networks(self, values: Values) -> list[Networks]:
        """Apply the group-width rule to the stages that were drawn; every draw makes a network."""
        widths, ratios = values['widths'], values.get('bottleneck_ratios')
        group_widths = values.get('group_widths')
        if 'groups' in values:
            # Every combination of the 2019 paper fits; others are repaired like any group width.
            grouped = widths if ratios is None else bottleneck_widths(widths, ratios)
            group_widths = np.maximum(1, grouped // values['groups'])
        fitted_widths, fitted_groups = fit_group_widths(widths, ratios, group_widths)
        index = np.arange(len(widths))
        return [Networks(index, values['depths'], fitted_widths, ratios, fitted_groups)]


def _check_arguments(
    num_stages: object,
    group_width: object,
    groups: object,
    shared_bottleneck_ratio: object,
    shared_group_width: object,
) -> None:
    if not is_count(num_stages):
        raise ValueError(
            f'num_stages must be a positive whole number, but num_stages={num_stages!r}'
        )
    if group_width is not None and groups is not None:
        raise ValueError('a space has either group_width or groups, but both are given')
    if not isinstance(shared_bottleneck_ratio, bool) or not isinstance(shared_group_width, bool):
        raise ValueError(
            'shared_bottleneck_ratio and shared_group_width must be True or False, but '
            f'shared_bottleneck_ratio={shared_bottleneck_ratio!r}, {shared_group_width=!r}'
        )
