"""What every design space has: parameters with their laws, drawn from uniform numbers."""

from abc import ABC, abstractmethod
from collections.abc import Callable, Iterator, Mapping, Sequence
from math import prod
from typing import Any

import numpy as np
from numpy.typing import NDArray

from regnet_plugin.core.complexity import Complexities
from regnet_plugin.design_spaces.constraints import Constraints
from regnet_plugin.design_spaces.distributions import Parameter
from regnet_plugin.design_spaces.expressions import Expression
from regnet_plugin.design_spaces.networks import Networks, Values
from regnet_plugin.design_spaces.sample import Sample


class ParameterSpace(ABC):
    """A set of networks with a law to draw them by, whatever they are made of.

    Attributes:
        parameters: what is drawn, in the order of the uniform numbers that it takes.
        limits: upper limits that grow with the flops, see `Constraints`.
        where: a rule that its networks keep; None for none.
        custom_imports: names of the modules that its networks, or it itself, are registered by.
        SETTINGS: names of parameters that are settings beside the network.
        candidates: that are drawn at once: part of what a seed means.
        counted: counts of networks that were counted before any was drawn; None where none was.
    """

    parameters: Mapping[str, Parameter]
    limits: Mapping[str, Any]
    where: Expression | None
    custom_imports: Sequence[str] = ()
    SETTINGS: tuple[str, ...] = ()
    candidates = 8192  # another number gives other populations
    counted: Complexities | None = None

    @property
    def base_text(self) -> str | None:
        """The config that networks of the space vary; None where they are made of stages."""
        return None

    @abstractmethod
    def networks(self, values: Values) -> list[Networks]:
        """Make the networks of n draws.

        Args:
            values: drawn parameters, of shape (n, ) or (n, stages).

        Returns:
            Networks of each number of stages; draws that make no network are left out.
        """

    @abstractmethod
    def restricted(self, networks: Networks, values: Values) -> Networks:
        """Leave out networks that do not keep the rule of the space, where it has one.

        Args:
            networks, values: as `complexity` has them.
        """

    @abstractmethod
    def complexity(self, networks: Networks, values: Values) -> Complexities:
        """Count networks.

        Args:
            networks: n of them.
            values: what they were drawn from; ``networks.index`` says which row is whose.

        Returns:
            Counts in the order of the networks, of shape (n, ).
        """

    @abstractmethod
    def samples(
        self, networks: Networks, values: Values, counts: Complexities, predicted: Values
    ) -> Iterator[Sample]:
        """Yield the networks one at a time.

        Args:
            networks: n of them.
            values: what they were drawn from, a row for each network.
            counts: of the networks.
            predicted: what else is known of them, columns by name.
        """

    def predicted(
        self,
        networks: Networks,
        values: Values,
        predictions: Mapping[str, Callable[..., NDArray[Any]]],
    ) -> Values:
        """Predict more of networks than their counts, where their layers are known.

        Args:
            networks, values: as `complexity` has them.
            predictions: by name, of keywords of `core.layers.layer_shapes.network_shapes`.

        Raises:
            ValueError: here, always.
        """
        raise ValueError(
            'a latency and a peak of activations are predicted of networks of stages, but a '
            f'{type(self).__name__} was given {", ".join(predictions)}'
        )

    def prepare(self, constraints: Constraints, progress: Callable[[int, int], None]) -> None:
        """Do at once what takes time before the first networks are drawn.

        Here nothing: networks of stages are counted in closed form.

        Args:
            constraints: that will be kept.
            progress: told how much of how much is done.
        """
        return None

    def proposed(self, networks: Networks, values: Values, constraints: Constraints) -> Networks:
        """Leave out networks that need not be counted to know that the constraints reject them.

        Here none: to count networks in closed form costs nearly nothing.
        """
        return networks

    @property
    def uniforms(self) -> tuple[str, ...]:
        """Names of the parameters that the uniform numbers of a draw are for, one for each."""
        names: list[str] = []
        for name, parameter in self.parameters.items():
            names += [name] * parameter.num_uniforms
        return tuple(names)

    @property
    def num_uniforms(self) -> int:
        """Uniform numbers that a draw takes."""
        return len(self.uniforms)

    def draw(self, uniforms: NDArray[np.float64]) -> Values:
        """Turn uniform numbers into parameters; row by row, whatever n is.

        Args:
            uniforms: from [0, 1), of shape (n, num_uniforms).
        """
        values, start = {}, 0
        for name, parameter in self.parameters.items():
            end = start + parameter.num_uniforms
            values[name] = parameter.draw(uniforms[:, start:end])
            start = end
        return values

    @property
    def dimension(self) -> int:
        """Degrees of freedom (table 1)."""
        return sum(parameter.dimension for parameter in self.parameters.values())

    @property
    def size(self) -> int | None:
        """Number of different draws, counted exactly; None where a parameter has no lattice.

        Draws that limits, or a rule, reject are counted with the others.
        """
        sizes = [parameter.size for parameter in self.parameters.values()]
        known = [size for size in sizes if size is not None]
        return prod(known) if len(known) == len(sizes) else None

    @property
    def paper_size(self) -> int | None:
        """The size as the paper estimates it; None where a parameter has no lattice."""
        sizes = [parameter.paper_size for parameter in self.parameters.values()]
        known = [size for size in sizes if size is not None]
        return round(prod(known)) if len(known) == len(sizes) else None


def rows_of(arrays: Mapping[str, NDArray[Any]]) -> Iterator[dict[str, Any]]:
    """Turn arrays of shape (n, ...) into n dicts of plain numbers and lists under their names."""
    names = list(arrays)
    lists = [array.tolist() for array in arrays.values()]
    for row in zip(*lists):
        yield dict(zip(names, row))
