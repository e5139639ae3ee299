"""Networks to choose from, what each costs, and which of them are worth a look."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from regnet_plugin.core.architecture import Architecture
from regnet_plugin.core.layers.activation_memory import peak_bytes
from regnet_plugin.core.layers.layer_shapes import are_layers_known
from regnet_plugin.device.device_model import DeviceModel


@dataclass(frozen=True)
class Candidate:
    """A network with an accuracy that somebody published.

    Attributes:
        network: its name.
        accuracy: in percent; higher is better.
        metric: 'top-1' of ImageNet-1k, or 'box AP' of COCO.
        recipe: by which it was trained.
        kind: of training: what accuracies are of that may be compared at all.
        source: whose accuracy that is.
        weights: address, or None: it has to be trained.
        config: path in the project.
        architecture: None for networks of others, whose layers are not known here.
        resolution: of the test, a side or (height, width).
        flops, parameters: at that resolution; of a detector those of its backbone.
        num_classes: of the classifier; 0 where there is none. Default: 1000.
        backbone: what goes into the config in place of its own. Default: None.
        test: the test of the accuracy, as the metafile has it. Default: None.
        license: where it is another one than the package's. Default: ''.
        colours: 'RGB' where weights want it though the config does not feed it. Default: ''.
    """

    network: str
    accuracy: float
    metric: str
    recipe: str
    kind: str
    source: str
    weights: str | None
    config: str
    architecture: Architecture | None
    resolution: int | tuple[int, int]
    flops: int
    parameters: int
    num_classes: int = 1000
    backbone: Mapping[str, Any] | None = None
    test: Mapping[str, Any] | None = None
    license: str = ''
    colours: str = ''

    def to_dict(self) -> dict[str, Any]:
        """Return what a person wants to know of it, fit for JSON."""
        return dict(
            network=self.network,
            accuracy=self.accuracy,
            metric=self.metric,
            recipe=self.recipe,
            kind=self.kind,
            source=self.source,
            weights=self.weights,
            config=self.config,
            resolution=self.resolution,
            flops=self.flops,
            parameters=self.parameters,
            license=self.license,
        )


@dataclass(frozen=True)
class Budget:
    """The most that a network may cost of one thing.

    Attributes:
        cost: 'flops', 'parameters', 'latency' (seconds) or 'memory' (bytes of activations).
        most: of it.
        device: predicts the latency. Default: None.
        element: of `core.layers.activation_memory.ELEMENT_BYTES`. Default: 'int8'.
    """

    cost: str
    most: float
    device: DeviceModel | None = None
    element: str = 'int8'

    def cost_of(self, candidate: Candidate) -> float | None:
        """Return what a candidate costs; None where its layers are not known."""
        if self.cost in ('flops', 'parameters'):
            return float(getattr(candidate, self.cost))
        network = candidate.architecture
        if network is None or not are_layers_known(network.block, network.head_width):
            return None
        return self._costs[self.cost](candidate)

    @property
    def _costs(self) -> dict[str, Callable[[Candidate], float]]:
        return dict(latency=self._latency, memory=self._memory)

    def _latency(self, candidate: Candidate) -> float:
        if self.device is None or candidate.architecture is None:
            raise ValueError('a latency is one on a device, but there is none')
        return self.device.predict_one(
            candidate.architecture, candidate.resolution, candidate.num_classes
        )

    def _memory(self, candidate: Candidate) -> float:
        if candidate.architecture is None:
            raise ValueError(f'layers of {candidate.network} are not known')
        return peak_bytes(
            candidate.architecture, self.element, candidate.resolution, candidate.num_classes
        )


@dataclass(frozen=True)
class Choice:
    """A candidate and what it costs.

    Attributes:
        candidate: the network.
        costs: by name of the cost, one for each budget.
    """

    candidate: Candidate
    costs: Mapping[str, float]


def priced(candidates: Sequence[Candidate], budgets: Sequence[Budget]) -> list[Choice]:
    """Return the candidates whose costs are all known, with these."""
    choices = []
    for candidate in candidates:
        costs = {budget.cost: budget.cost_of(candidate) for budget in budgets}
        known = {name: cost for name, cost in costs.items() if cost is not None}
        if len(known) == len(budgets):
            choices.append(Choice(candidate, known))
    return choices


def within(choices: Sequence[Choice], budgets: Sequence[Budget]) -> list[Choice]:
    """Return the choices that keep all budgets, the most accurate first."""
    kept = [
        choice
        for choice in choices
        if all(choice.costs[budget.cost] <= budget.most for budget in budgets)
    ]
    return sorted(kept, key=lambda choice: (-choice.candidate.accuracy, *choice.costs.values()))


def pareto(choices: Sequence[Choice]) -> list[Choice]:
    """Return those that none is better than: as accurate at no more cost, and better in something.

    Returns:
        The most accurate first.
    """
    ordered = sorted(
        choices, key=lambda choice: (-choice.candidate.accuracy, *choice.costs.values())
    )
    front: list[Choice] = []
    for choice in ordered:
        dominated = any(
            all(kept.costs[name] <= cost for name, cost in choice.costs.items()) for kept in front
        )
        if not dominated:
            front.append(choice)
    return front
