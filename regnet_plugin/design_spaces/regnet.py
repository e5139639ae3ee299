"""RegNet: widths and depths from the quantized linear function (section 3.3 and after)."""

from collections.abc import Mapping
from math import prod

import numpy as np

from regnet_plugin.core.group_width import fit_group_widths
from regnet_plugin.core.limits import MAX_DEPTH, MAX_WIDTH
from regnet_plugin.core.number_checks import is_count, is_real
from regnet_plugin.core.quantized_linear import WIDTH_STEP, stages_of
from regnet_plugin.design_spaces.distributions import RATIOS, Parameter, Rule, as_law, whole_to
from regnet_plugin.design_spaces.space import DesignSpace, Networks
from regnet_plugin.registry import DESIGN_SPACES

PAPER_STEPS = 64  # section 3.3 counts each of d, w_0, w_a, w_m as this many values

_DEPTHS = whole_to(MAX_DEPTH)
_MULTIPLES = Rule(
    f'multiples of {WIDTH_STEP} up to {MAX_WIDTH:,}',
    lambda value: is_count(value) and value % WIDTH_STEP == 0 and value <= MAX_WIDTH,
)
_SLOPES = Rule(
    f'numbers above 0, at most {MAX_WIDTH:,}',
    lambda value: is_real(value) and 0 < value <= MAX_WIDTH,
    continuous=True,
)
_ABOVE_1 = Rule('numbers above 1', lambda value: is_real(value) and value > 1, continuous=True)


@DESIGN_SPACES.register_module()
class RegNetSpace(DesignSpace):
    """Networks drawn by the parameters of the quantized linear function.

    Args:
        depth, w_0, w_a, w_m: laws of d, w_0, w_a and w_m, see
            `regnet_plugin.design_spaces.distributions.as_law`. Without ``w_a`` the slope is the
            initial width, u_j = w_0 (j + 1) (figure 9).
        bottleneck_ratio (optional): law of b, for all stages. Default: None, for blocks without
            bottleneck.
        group_width (optional): law of g, for all stages, before the group-width rule. Default:
            None, for blocks without groups.
        num_stages (int | tuple[int, int]): which draws make a network: so many stages, or from so
            many to so many. Default: 4.
        **network: arguments of `DesignSpace`.

    Raises:
        ValueError: if a law cannot be made out, or does not fit the block.
    """

    def __init__(
        self,
        *,
        depth,
        w_0,
        w_m,
        w_a=None,
        bottleneck_ratio=None,
        group_width=None,
        num_stages=4,
        **network,
    ):
        ends = (num_stages, num_stages) if is_count(num_stages) else num_stages
        if (
            not isinstance(ends, (list, tuple))
            or len(ends) != 2
            or not all(map(is_count, ends))
            or ends[0] > ends[1]
        ):
            raise ValueError(
                'num_stages must be a positive whole number or a pair of them, but '
                f'num_stages={num_stages!r}'
            )
        self.num_stages = tuple(ends)
        laws = dict(
            depth=(depth, _DEPTHS),
            w_0=(w_0, _MULTIPLES),
            w_a=(w_a, _SLOPES),
            w_m=(w_m, _ABOVE_1),
            bottleneck_ratio=(bottleneck_ratio, RATIOS),
            group_width=(group_width, whole_to(MAX_WIDTH)),
        )
        super().__init__(
            {
                name: Parameter(as_law(law, name, rule))
                for name, (law, rule) in laws.items()
                if law is not None or name in ('depth', 'w_0', 'w_m')
            },
            **network,
        )
        self.check(
            stages=self.num_stages,
            bottleneck=bottleneck_ratio is not None,
            grouped=group_width is not None,
        )

    def draw(self, uniforms):
        """Draw parameters; where w_0 = w_a both are given, so that a network is read like one of
        any RegNet space.
        """
        values = super().draw(uniforms)
        values.setdefault('w_a', values['w_0'])
        return values

    def contains(self, sample, regime=None):
        given = sample if isinstance(sample, Mapping) else sample.parameters
        if (
            'w_a' not in self.parameters
            and 'w_0' in given
            and given.get('w_a', given['w_0']) != given['w_0']
        ):
            return False
        return super().contains(sample, regime)

    def networks(self, values):
        """Evaluate the quantized linear function; draws that skip or merge a width level make no
        network.
        """
        w_a = values.get('w_a', values['w_0'])
        found = []
        for num_stages in range(self.num_stages[0], self.num_stages[1] + 1):
            index, widths, depths = stages_of(
                values['depth'], values['w_0'], w_a, values['w_m'], num_stages
            )
            found.append(self._fitted(index, widths, depths, values))
        return found

    def _fitted(self, index, widths, depths, values):
        ratios, groups = (
            None
            if name not in values
            else np.repeat(values[name][index, None], widths.shape[1], axis=1)
            for name in ('bottleneck_ratio', 'group_width')
        )
        if ratios is not None:
            widths, fitted = fit_group_widths(widths, ratios, 1 if groups is None else groups)
            groups = None if groups is None else fitted
        return Networks(index, depths, widths, ratios, groups)

    @property
    def paper_size(self):
        """64 values for each of d, w_0, w_a and w_m that is free, times those of b and g."""
        if self.size is None:
            return None
        return prod(
            PAPER_STEPS
            if name in ('depth', 'w_0', 'w_a', 'w_m') and parameter.size > 1
            else parameter.size
            for name, parameter in self.parameters.items()
        )
