"""RegNet: widths and depths from the quantized linear function (section 3.3 and after)."""

from collections.abc import Mapping
from math import prod
from typing import Any

import numpy as np
from numpy.typing import NDArray

from regnet_plugin.core.group_width import fit_group_widths
from regnet_plugin.core.limits import MAX_DEPTH, MAX_WIDTH
from regnet_plugin.core.number_checks import is_count, is_real
from regnet_plugin.core.quantized_linear import WIDTH_STEP, stages_of
from regnet_plugin.design_spaces.distributions import RATIOS, Parameter, Rule, as_law, whole_to
from regnet_plugin.design_spaces.networks import Networks, Values
from regnet_plugin.design_spaces.sample import Sample
from regnet_plugin.design_spaces.space import DesignSpace
from regnet_plugin.registry import DESIGN_SPACES

PAPER_STEPS = 64  # section 3.3 counts each of d, w_0, w_a, w_m as this many values

_FUNCTION = ('depth', 'w_0', 'w_a', 'w_m')  # parameters of the quantized linear function
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
        depth: Any,
        w_0: Any,
        w_m: Any,
        w_a: Any = None,
        bottleneck_ratio: Any = None,
        group_width: Any = None,
        num_stages: int | tuple[int, int] = 4,
        **network: Any,
    ) -> None:
        self.num_stages = _fewest_and_most(num_stages)
        laws = dict(
            depth=(depth, _DEPTHS),
            w_0=(w_0, _MULTIPLES),
            w_a=(w_a, _SLOPES),
            w_m=(w_m, _ABOVE_1),
            bottleneck_ratio=(bottleneck_ratio, RATIOS),
            group_width=(group_width, whole_to(MAX_WIDTH)),
        )
        # In the order of the uniform numbers that they take, which is part of what a seed means.
        parameters = {}
        for name, (law, rule) in laws.items():
            # of these a space must have a law, and `as_law` refuses that there is none
            if law is not None or name in ('depth', 'w_0', 'w_m'):
                parameters[name] = Parameter(as_law(law, name, rule))
        super().__init__(parameters, **network)
        self.check(
            stages=self.num_stages,
            bottleneck=bottleneck_ratio is not None,
            grouped=group_width is not None,
        )

    def draw(self, uniforms: NDArray[np.float64]) -> Values:
        """Draw parameters; ``w_a`` is among them also where it is ``w_0``.

        So a network is read like one of any RegNet space.
        """
        values = super().draw(uniforms)
        values.setdefault('w_a', values['w_0'])
        return values

    def contains(self, sample: Mapping[str, Any] | Sample, regime: float | None = None) -> bool:
        """Whether a network belongs to the space; without ``w_a`` only one with w_a = w_0 does."""
        given = sample if isinstance(sample, Mapping) else sample.parameters
        if 'w_a' not in self.parameters and 'w_0' in given:
            if given.get('w_a', given['w_0']) != given['w_0']:
                return False
        return super().contains(sample, regime)

    def networks(self, values: Values) -> list[Networks]:
        """Evaluate the quantized linear function.

        Draws that skip or merge a width level make no network.
        """
        w_a = values.get('w_a', values['w_0'])
        fewest, most = self.num_stages
        found = []
        for num_stages in range(fewest, most + 1):
            index, widths, depths = stages_of(
                values['depth'], values['w_0'], w_a, values['w_m'], num_stages
            )
            ratios = _for_each_stage(values.get('bottleneck_ratio'), index, num_stages)
            groups = _for_each_stage(values.get('group_width'), index, num_stages)
            fitted_widths, fitted_groups = fit_group_widths(widths, ratios, groups)
            found.append(Networks(index, depths, fitted_widths, ratios, fitted_groups))
        return found

    @property
    def paper_size(self) -> int | None:
        """64 values for each of d, w_0, w_a and w_m that is free, times those of b and g."""
        if self.size is None:
            return None
        sizes = []
        for name, parameter in self.parameters.items():
            size = parameter.size or 1  # each is known where the whole space's is
            sizes.append(PAPER_STEPS if name in _FUNCTION and size > 1 else size)
        return prod(sizes)


def _fewest_and_most(num_stages: object) -> tuple[int, int]:
    """Read the number of stages: one, or a pair of the fewest and the most."""
    ends = (num_stages, num_stages) if is_count(num_stages) else num_stages
    if isinstance(ends, (list, tuple)) and len(ends) == 2:
        fewest, most = ends
        if is_count(fewest) and is_count(most) and fewest <= most:
            return fewest, most
    raise ValueError(
        'num_stages must be a positive whole number or a pair of them, but '
        f'num_stages={num_stages!r}'
    )


def _for_each_stage(
    drawn: NDArray[Any] | None, index: NDArray[np.int64], num_stages: int
) -> NDArray[Any] | None:
    """Repeat what was drawn for whole networks: shape (networks, stages); None where it is none."""
    if drawn is None:
        return None
    return np.repeat(drawn[index, None], num_stages, axis=1)
