"""What a design space is: parameters with their laws, and the networks that they make."""

from abc import ABC, abstractmethod
from collections.abc import Mapping
from dataclasses import dataclass
from math import prod
from typing import Optional

import numpy as np

from regnet_plugin.core.architecture import Architecture
from regnet_plugin.core.complexity import Complexity, complexities
from regnet_plugin.core.limits import MAX_STAGES, MAX_STRIDE
from regnet_plugin.core.number_checks import is_count
from regnet_plugin.core.vocabulary import BLOCKS, DEFAULT_SE_RATIO
from regnet_plugin.design_spaces.constraints import Constraints
from regnet_plugin.design_spaces.distributions import ABOVE_0, NAMES, WHOLE, Parameter, as_law
from regnet_plugin.design_spaces.sample import Sample


@dataclass(frozen=True)
class Networks:
    """Repaired architectures of the same number of stages S, as arrays.

    Attributes:
        index (np.ndarray): which draws they come from, shape (n, ).
        depths, widths (np.ndarray): int64, shape (n, S).
        bottleneck_ratios (np.ndarray | None): shape (n, S); None for blocks without bottleneck.
        group_widths (np.ndarray | None): int64, shape (n, S); None for blocks without groups.
    """

    index: np.ndarray
    depths: np.ndarray
    widths: np.ndarray
    bottleneck_ratios: Optional[np.ndarray] = None
    group_widths: Optional[np.ndarray] = None

    def __len__(self):
        return len(self.index)

    @property
    def num_stages(self):
        return self.widths.shape[1]

    def __getitem__(self, rows):
        """Some of the rows."""
        return Networks(
            *(
                None if array is None else array[rows]
                for array in (
                    self.index,
                    self.depths,
                    self.widths,
                    self.bottleneck_ratios,
                    self.group_widths,
                )
            )
        )

    def lists(self):
        """The arrays of an architecture under the names that `complexities` and
        `Architecture.from_lists` take.
        """
        return dict(
            depths=self.depths,
            widths=self.widths,
            bottleneck_ratios=self.bottleneck_ratios,
            group_widths=self.group_widths,
        )


class DesignSpace(ABC):
    """A set of networks with a law to draw them by (section 3).

    A family is a subclass that gives ``parameters`` to this constructor and says in `networks` what
    they make; it is registered in ``DESIGN_SPACES``, so that configs name it.

    Args:
        parameters (dict[str, Parameter]): what is drawn, in the order of the uniform numbers that
            it takes.
        block (str): see `Architecture`. Default: 'X'.
        se_ratio (float): Default: 0; block 'Y' has 1/4.
        stem (str), stem_width (int): Default: 'simple', 32.
        strides (Sequence[int], optional): Default: 2 in every stage.
        resolution: side of the image, or a law of it (figure 14). Default: 224.
        num_classes (int): of the classifier that complexity is counted with. Default: 1000.
        activation: name of the activation in MMEngine's registry, or a list of them (figure 20).
        Default: 'ReLU'. lr, weight_decay (optional): laws of optimiser settings that are drawn with
        the network (figure 21). Default: None,
            the recipe's.
        limits (dict, optional): upper limits of parameters and activations that grow with the
            flops, see `Constraints`.
    """

    SETTINGS = ('resolution', 'activation', 'lr', 'weight_decay')
    custom_imports = ()  # names of the modules that its block, or it itself, is registered by

    def __init__(
        self,
        parameters,
        *,
        block='X',
        se_ratio=0.0,
        stem='simple',
        stem_width=32,
        strides=None,
        resolution=224,
        num_classes=1000,
        activation='ReLU',
        lr=None,
        weight_decay=None,
        limits=None,
    ):
        if block == 'Y' and not se_ratio:
            se_ratio = DEFAULT_SE_RATIO
        self.network = dict(block=block, se_ratio=se_ratio, stem=stem, stem_width=stem_width)
        self.strides = strides
        self.num_classes = num_classes
        Constraints(limits=limits)  # raises where they are none
        self.limits = limits or {}
        settings = dict(
            resolution=(resolution, WHOLE),
            activation=(activation, NAMES),
            lr=(lr, ABOVE_0),
            weight_decay=(weight_decay, ABOVE_0),
        )
        self.parameters = dict(parameters)
        self.parameters.update(
            {
                name: Parameter(as_law(value, name, rule))
                for name, (value, rule) in settings.items()
                if value is not None or name in ('resolution', 'activation')
            }
        )

    @abstractmethod
    def networks(self, values):
        """Make the networks of n draws.

        Args:
            values (dict[str, np.ndarray]): drawn parameters, of shape (n, ) or (n, stages).

        Returns:
            list[Networks]: one for each number of stages; draws that make no network are left out.
        """

    def check(self, *, stages, bottleneck, grouped):
        """Compare what a family has with what the strides and the block need.

        Args:
            stages (tuple[int, int]): fewest and most stages of a network.
            bottleneck, grouped (bool): whether bottleneck ratios and group widths are drawn.

        Raises:
            ValueError: if it does not fit.
        """
        if not isinstance(self.network['block'], str):
            raise ValueError(
                f'block must be the name of a block, but block={self.network["block"]!r}'
            )
        if stages[1] > MAX_STAGES:
            raise ValueError(
                f'a network must have at most {MAX_STAGES} stages, but num_stages={stages[1]}'
            )
        if self.strides is not None:
            self._check_strides(stages)
        if not is_count(self.num_classes):
            raise ValueError(
                f'num_classes must be a positive whole number, but num_classes={self.num_classes!r}'
            )
        kind = BLOCKS.get(self.network['block'])
        if kind is None:
            return
        lists = dict(
            depths=[1],
            widths=[64],
            bottleneck_ratios=[1] if kind.bottleneck else None,
            group_widths=[1] if kind.grouped else None,
        )
        # raises where stem, its width or se_ratio is wrong
        Architecture.from_lists(**lists, **self.network)
        for name, has, needs in (
            ('bottleneck ratio', bottleneck, kind.bottleneck),
            ('group width', grouped, kind.grouped),
        ):
            if has != needs:
                raise ValueError(
                    f'block {self.network["block"]} {"needs a" if needs else "has no"} {name}, but '
                    'the space '
                    f'{"has one" if has else "has none"}'
                )

    def _check_strides(self, stages):
        if not isinstance(self.strides, (list, tuple)) or not all(map(is_count, self.strides)):
            raise ValueError(
                f'strides must be a list of positive whole numbers, but strides={self.strides!r}'
            )
        if max(self.strides, default=0) > MAX_STRIDE:
            raise ValueError(f'strides must be at most {MAX_STRIDE}, but strides={self.strides!r}')
        if stages != (len(self.strides), len(self.strides)):
            raise ValueError(
                f'strides must be given for each stage, but strides={self.strides!r} and there are '
                f'{" to ".join(map(str, sorted(set(stages))))} stages'
            )

    @property
    def num_uniforms(self):
        """Uniform numbers that a draw takes."""
        return sum(parameter.num_uniforms for parameter in self.parameters.values())

    def draw(self, uniforms):
        """Turn uniform numbers of shape (n, num_uniforms) into parameters; row by row, whatever n
        is.
        """
        values, start = {}, 0
        for name, parameter in self.parameters.items():
            values[name] = parameter.draw(uniforms[:, start : start + parameter.num_uniforms])
            start += parameter.num_uniforms
        return values

    def complexity(self, networks, values):
        """Count networks at the resolutions drawn for them; `Complexity` of int64 arrays in their
        order.
        """
        resolutions = values['resolution'][networks.index]
        found = np.unique(resolutions).tolist()
        if len(found) == 1:  # nearly all spaces; saves as much time as the counting takes
            return self._counted(networks, found[0])
        counts = np.empty((4, len(networks)), dtype=np.int64)
        for resolution in found:
            rows = resolutions == resolution
            counted = self._counted(networks[rows], resolution)
            counts[:, rows] = (
                counted.flops,
                counted.parameters,
                counted.activations,
                counted.activations_with_classifier,
            )
        return Complexity(*counts)

    def _counted(self, networks, resolution):
        return complexities(
            **networks.lists(),
            strides=self._strides(networks.num_stages),
            **self.network,
            resolution=resolution,
            num_classes=self.num_classes,
        )

    def _strides(self, num_stages):
        return [2] * num_stages if self.strides is None else list(self.strides)

    def samples(self, networks, values, counts):
        """Yield the networks as `Sample`, nominal parameters and repaired architecture, one at a
        time.

        Args:
            networks (Networks), values (dict[str, np.ndarray]), counts (Complexity): with a row for
                each network.
        """
        lists = {name: array for name, array in networks.lists().items() if array is not None}
        strides = self._strides(networks.num_stages)
        for stages, drawn, counted in zip(_rows(lists), _rows(values), _rows(vars(counts))):
            settings = {name: drawn.pop(name) for name in self.SETTINGS if name in drawn}
            yield Sample(
                parameters=drawn,
                architecture=Architecture.from_lists(**stages, strides=strides, **self.network),
                complexity=Complexity(**counted),
                num_classes=self.num_classes,
                **settings,
            )

    def contains(self, sample, regime=None):
        """Whether a network belongs to the space: decided on nominal parameters and ranges, not on
        the lattice of draws.

        Args:
            sample (Mapping | Sample): nominal parameters and settings by name; settings that the
                space does not draw may be left out.
            regime (float, optional): upper end of the flop regime, for the limits of a space that
                has some. Default: the network's own flops.

        Raises:
            ValueError: if a parameter is missing.
        """
        given = sample if isinstance(sample, Mapping) else {**sample.parameters, **sample.settings}
        fixed = {
            name: self.parameters[name].law.values[0]
            for name in self.SETTINGS
            if name in self.parameters and self.parameters[name].law.size == 1
        }
        given = {**fixed, **given}
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
        return any(
            limits.keep_limits(self.complexity(networks, values), regime).all()
            for networks in self.networks(values)
            if len(networks)
        )

    @property
    def dimension(self):
        """Degrees of freedom (table 1)."""
        return sum(parameter.dimension for parameter in self.parameters.values())

    @property
    def size(self):
        """Number of different draws, counted exactly; None where a parameter has no lattice. Limits
        are not counted.
        """
        sizes = [parameter.size for parameter in self.parameters.values()]
        return None if None in sizes else prod(sizes)

    @property
    def paper_size(self):
        """The size as the paper estimates it."""
        sizes = [parameter.paper_size for parameter in self.parameters.values()]
        return None if None in sizes else round(prod(sizes))


def _rows(arrays):
    """Turn arrays of shape (n, ...) into n dicts of plain numbers and lists under the same names."""
    lists = [array.tolist() for array in arrays.values()]
    return (dict(zip(arrays, row)) for row in zip(*lists))
