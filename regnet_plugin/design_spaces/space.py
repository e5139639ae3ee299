"""What a design space is: parameters with their laws, and the networks that they make."""

from collections.abc import Callable, Iterator, Mapping, Sequence
from functools import partial
from itertools import repeat
from typing import Any

import numpy as np
from numpy.typing import NDArray

from regnet_plugin.core.architecture import Architecture
from regnet_plugin.core.complexity import (
    Complexities,
    Complexity,
    complexities,
)
from regnet_plugin.core.limits import MAX_STAGES, MAX_STRIDE
from regnet_plugin.core.number_checks import is_count
from regnet_plugin.core.vocabulary import (
    BLOCKS,
    DEFAULT_ACTIVATION,
    DEFAULT_BLOCK,
    DEFAULT_NUM_CLASSES,
    DEFAULT_RESOLUTION,
    DEFAULT_STEM,
    DEFAULT_STEM_WIDTH,
)
from regnet_plugin.design_spaces.constraints import Constraints
from regnet_plugin.design_spaces.distributions import (
    ABOVE_0,
    NAMES,
    WHOLE,
    Parameter,
    as_law,
)
from regnet_plugin.design_spaces.expressions import Expression
from regnet_plugin.design_spaces.laws import Lattice
from regnet_plugin.design_spaces.networks import Networks as Networks  # for spaces of one's own
from regnet_plugin.design_spaces.networks import Values as Values
from regnet_plugin.design_spaces.parameter_space import ParameterSpace, rows_of
from regnet_plugin.design_spaces.restriction import check_rule, constructed, kept_by
from regnet_plugin.design_spaces.sample import OPTIMIZER_SETTINGS, Sample


class DesignSpace(ParameterSpace):
    """A set of networks with a law to draw them by (section 3).

    A family is a subclass that gives ``parameters`` to this constructor and says in `networks` what
    they make; it is registered in ``DESIGN_SPACES``, so that configs name it.

    Args:
        parameters (dict[str, Parameter]): what is drawn, in the order of the uniform numbers that
            it takes.
        block (str): see `Architecture`. Default: 'X'.
        se_ratio (float): Default: 0; blocks 'Y', 'Z' and 'PreY' have 1/4.
        head_width (int): channels of the 1x1 conv before pooling. Default: 0, none.
        stem (str), stem_width (int): Default: 'simple', 32.
        strides (Sequence[int], optional): Default: 2 in every stage.
        resolution: side of the image, or a law of it (figure 14). Default: 224.
        num_classes (int): of the classifier that complexity is counted with. Default: 1000.
        activation: name of the activation in MMEngine's registry, or a list of them (figure 20).
            Default: the block's, 'ReLU' in the paper's.
        lr, weight_decay (optional): laws of optimiser settings that are drawn with the network
            (figure 21). Default: None, the recipe's.
        limits (dict, optional): upper limits of parameters and activations that grow with the
            flops, see `Constraints`.
        where (str, optional): a rule that its networks keep, such as 'rising(width) and depth <=
            20', see `regnet_plugin.design_spaces.expressions.Expression`.
    """

    SETTINGS = ('resolution', 'activation', *OPTIMIZER_SETTINGS)
    # Of a network at most; a rule may name so many.
    most_stages = MAX_STAGES

    def __init__(
        self,
        parameters: Mapping[str, Parameter],
        *,
        block: str = DEFAULT_BLOCK,
        se_ratio: float = 0.0,
        head_width: int = 0,
        stem: str = DEFAULT_STEM,
        stem_width: int = DEFAULT_STEM_WIDTH,
        strides: Sequence[int] | None = None,
        resolution: Any = DEFAULT_RESOLUTION,
        num_classes: int = DEFAULT_NUM_CLASSES,
        activation: Any = None,
        lr: Any = None,
        weight_decay: Any = None,
        limits: Mapping[str, Any] | None = None,
        where: str | None = None,
    ) -> None:
        kind = BLOCKS.get(block) if isinstance(block, str) else None
        if kind is not None and not se_ratio:
            se_ratio = kind.se_ratio
        self.network: dict[str, Any] = dict(
            block=block, se_ratio=se_ratio, stem=stem, stem_width=stem_width
        )
        if head_width:
            self.network['head_width'] = head_width
        self.strides = strides
        self.num_classes = num_classes
        Constraints(limits=limits)  # raises where they are none
        self.limits = limits or {}
        self.where = None if where is None else Expression(where)
        self.parameters = constructed(parameters, self.where)
        self.parameters['resolution'] = Parameter(as_law(resolution, 'resolution', WHOLE))
        if activation is None:
            activation = DEFAULT_ACTIVATION if kind is None else kind.activation
        self.parameters['activation'] = Parameter(as_law(activation, 'activation', NAMES))
        if lr is not None:
            self.parameters['lr'] = Parameter(as_law(lr, 'lr', ABOVE_0))
        if weight_decay is not None:
            law = as_law(weight_decay, 'weight_decay', ABOVE_0)
            self.parameters['weight_decay'] = Parameter(law)

    def check(self, *, stages: tuple[int, int], bottleneck: bool, grouped: bool) -> None:
        """Compare what a family has with what the strides and the block need.

        Args:
            stages: fewest and most stages of a network.
            bottleneck: whether bottleneck ratios are drawn.
            grouped: whether group widths, or numbers of groups, are drawn.

        Raises:
            ValueError: if it does not fit.
        """
        if stages[1] > MAX_STAGES:
            raise ValueError(
                f'a network must have at most {MAX_STAGES} stages, but num_stages={stages[1]}'
            )
        if self.strides is not None:
            self._check_strides(self.strides, stages)
        if not is_count(self.num_classes):
            raise ValueError(
                f'num_classes must be a positive whole number, but num_classes={self.num_classes!r}'
            )
        self.most_stages = stages[1]
        if self.where is not None:
            values = self.draw(np.zeros((1, self.num_uniforms)))
            check_rule(self.where, values, stages[1], bottleneck=bottleneck, grouped=grouped)
        self._check_block(bottleneck, grouped)

    def _check_block(self, bottleneck: bool, grouped: bool) -> None:
        """Compare what is drawn with what the block needs; of a user's own nothing is known."""
        block = self.network['block']
        if not isinstance(block, str):
            raise ValueError(f'block must be the name of a block, but block={block!r}')
        kind = BLOCKS.get(block)
        if kind is None:
            return
        # Raises where stem, its width or se_ratio is wrong.
        Architecture.from_lists(
            depths=[1],
            widths=[64],
            bottleneck_ratios=[1] if kind.bottleneck else None,
            group_widths=[1] if kind.grouped else None,
            **self.network,
        )
        _check_draws(block, 'bottleneck ratio', drawn=bottleneck, needed=kind.bottleneck)
        _check_draws(block, 'group width', drawn=grouped, needed=kind.grouped)

    def _check_strides(self, strides: object, stages: tuple[int, int]) -> None:
        if not isinstance(strides, (list, tuple)) or not all(is_count(each) for each in strides):
            raise ValueError(
                f'strides must be a list of positive whole numbers, but strides={strides!r}'
            )
        if max(strides, default=0) > MAX_STRIDE:
            raise ValueError(f'strides must be at most {MAX_STRIDE}, but strides={strides!r}')
        fewest, most = stages
        if fewest != len(strides) or most != len(strides):
            there_are = f'{fewest}' if fewest == most else f'{fewest} to {most}'
            raise ValueError(
                f'strides must be given for each stage, but strides={strides!r} and there are '
                f'{there_are} stages'
            )

    def restricted(self, networks: Networks, values: Values) -> Networks:
        """Leave out networks that do not keep the rule of the space, where it has one.

        Args:
            networks, values: as `complexity` has them.
        """
        if self.where is None:
            return networks
        drawn = {name: array[networks.index] for name, array in values.items()}
        count = partial(self.complexity, networks, values)
        return networks[kept_by(self.where, networks.lists(), drawn, self.most_stages, count)]

    def complexity(self, networks: Networks, values: Values) -> Complexities:
        """Count networks at the resolutions drawn for them.

        Args:
            networks: n of them.
            values: what they were drawn from; ``networks.index`` says which row is whose.

        Returns:
            Counts in the order of the networks, of shape (n, ).
        """

        def count(**structure: Any) -> Values:
            return complexities(**structure).to_dict()

        return Complexities(**self._at_resolutions(networks, values, count))

    def predicted(
        self,
        networks: Networks,
        values: Values,
        predictions: Mapping[str, Callable[..., NDArray[Any]]],
    ) -> Values:
        """Predict more of networks than their counts, at the resolutions drawn for them.

        Args:
            networks, values: as `complexity` has them.
            predictions: by name, of keywords of `core.layers.layer_shapes.network_shapes`.

        Returns:
            What they say by name, in the order of the networks, of shape (n, ).
        """

        def predict(**structure: Any) -> Values:
            return {name: function(**structure) for name, function in predictions.items()}

        return self._at_resolutions(networks, values, predict)

    def _at_resolutions(
        self, networks: Networks, values: Values, compute: Callable[..., Values]
    ) -> Values:
        """What is computed of networks, each at its resolution, in the order of the networks."""
        resolutions = values['resolution'][networks.index]
        different = np.unique(resolutions).tolist()
        if len(different) == 1:  # nearly all spaces; saves as much time as the counting takes
            return compute(**self._structure(networks, different[0]))
        parts = {
            resolution: compute(**self._structure(networks[resolutions == resolution], resolution))
            for resolution in different
        }
        computed: Values = {
            name: np.empty(len(networks), dtype=array.dtype)
            for name, array in parts[different[0]].items()
        }
        for resolution, part in parts.items():
            for name, array in part.items():
                computed[name][resolutions == resolution] = array
        return computed

    def _structure(self, networks: Networks, resolution: int) -> dict[str, Any]:
        """Networks of one resolution as the keywords of functions of many networks."""
        return dict(
            depths=networks.depths,
            widths=networks.widths,
            bottleneck_ratios=networks.bottleneck_ratios,
            group_widths=networks.group_widths,
            strides=self._strides(networks.num_stages),
            **self.network,
            resolution=resolution,
            num_classes=self.num_classes,
        )

    def _strides(self, num_stages: int) -> list[int]:
        return [2] * num_stages if self.strides is None else list(self.strides)

    def samples(
        self, networks: Networks, values: Values, counts: Complexities, predicted: Values
    ) -> Iterator[Sample]:
        """Yield the networks one at a time: nominal parameters and repaired architecture.

        Args:
            networks: n of them.
            values: what they were drawn from, a row for each network.
            counts: of the networks.
            predicted: what else is known of them, columns by name.
        """
        strides = self._strides(networks.num_stages)
        rows = zip(rows_of(networks.lists()), rows_of(values), rows_of(counts.to_dict()))
        more = rows_of(predicted) if predicted else repeat({})
        for (stages, drawn, counted), of_it in zip(rows, more):
            settings = {name: drawn.pop(name) for name in self.SETTINGS if name in drawn}
            yield Sample(
                parameters=drawn,
                architecture=Architecture.from_lists(**stages, strides=strides, **self.network),
                complexity=Complexity(**counted),
                num_classes=self.num_classes,
                predicted=of_it,
                **settings,
            )

    def contains(self, sample: Mapping[str, Any] | Sample, regime: float | None = None) -> bool:
        """Whether a network belongs to the space.

        That is decided on nominal parameters and ranges, not on the lattice of draws.

        Args:
            sample: nominal parameters and settings by name; settings that the space does not draw
                may be left out.
            regime: upper end of the flop regime, for the limits of a space that has some; None for
                the network's own flops.

        Raises:
            ValueError: if a parameter is missing.
        """
        named = sample if isinstance(sample, Mapping) else {**sample.parameters, **sample.settings}
        given = {**self._fixed_settings(), **named}
        missing = [name for name in self.parameters if name not in given]
        if missing:
            raise ValueError(
                f'a network of this space has {", ".join(self.parameters)}, but there is no '
                f'{missing[0]}'
            )
        if not all(parameter.contains(given[name]) for name, parameter in self.parameters.items()):
            return False
        values = {name: np.array([given[name]]) for name in self.parameters}
        limits = Constraints(limits=self.limits)
        for made in self.networks(values):
            networks = self.restricted(made, values)
            if not len(networks):
                continue
            if limits.keep_limits(self.complexity(networks, values), regime).all():
                return True
        return False

    def _fixed_settings(self) -> dict[str, Any]:
        """Settings for which there is one value only."""
        fixed = {}
        for name in self.SETTINGS:
            if name not in self.parameters:
                continue
            law = self.parameters[name].law
            if isinstance(law, Lattice) and law.size == 1:
                fixed[name] = law.values[0]
        return fixed


def _check_draws(block: str, what: str, *, drawn: bool, needed: bool) -> None:
    if drawn != needed:
        raise ValueError(
            f'block {block} {"needs a" if needed else "has no"} {what}, but the space '
            f'{"has one" if drawn else "has none"}'
        )
