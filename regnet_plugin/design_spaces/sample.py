"""One network that a design space gave, with all that is needed to train it and to say where it came from."""
from dataclasses import dataclass
from hashlib import blake2b
from typing import Optional

from regnet_plugin.architecture import Architecture
from regnet_plugin.complexity import Complexity


@dataclass(frozen=True)
class Sample:
    """A network of a population.

    Attributes:
        parameters (dict): nominal, as drawn: numbers, or a list with one per stage.
        architecture (Architecture): after the group-width rule.
        complexity (Complexity): at ``resolution`` and ``num_classes``.
        resolution (int): side of the image.
        num_classes (int): of the classifier.
        activation (str): its name in MMEngine's registry.
        lr, weight_decay (float, optional): drawn with the network; None where the recipe says them.
    """

    parameters: dict
    architecture: Architecture
    complexity: Complexity
    resolution: int = 224
    num_classes: int = 1000
    activation: str = 'ReLU'
    lr: Optional[float] = None
    weight_decay: Optional[float] = None

    @property
    def settings(self):
        """What was drawn beside the architecture; optimiser settings only where the space has them."""
        optimizer = dict(lr=self.lr, weight_decay=self.weight_decay)
        return dict(resolution=self.resolution, activation=self.activation,
                    **{name: value for name, value in optimizer.items() if value is not None})

    @property
    def fingerprint(self):
        """64 bits of what makes two networks the same: architecture, resolution, activation and optimiser settings."""
        text = repr((self.architecture, self.settings))
        return int.from_bytes(blake2b(text.encode(), digest_size=8).digest(), 'big')

    def to_dict(self):
        """Return plain lists and numbers, fit for JSON; `from_dict` inverts it."""
        counts = self.complexity
        return dict(parameters=self.parameters, architecture=self.architecture.to_dict(), **self.settings,
                    num_classes=self.num_classes,
                    complexity=dict(flops=counts.flops, parameters=counts.parameters, activations=counts.activations,
                                    activations_with_classifier=counts.activations_with_classifier))

    @classmethod
    def from_dict(cls, values):
        """Build from what `to_dict` gave.

        Raises:
            ValueError: if an entry is missing, unknown or out of range.
        """
        try:
            return cls(**{**values, 'architecture': Architecture.from_dict(values['architecture']),
                          'complexity': Complexity(**values['complexity'])})
        except (KeyError, TypeError) as error:
            raise ValueError(f'not a network of a population: {error}') from None
