"""One network that a design space gave, with all that is needed to train it and to say where it
came from.
"""

from dataclasses import dataclass, fields
from hashlib import blake2b
from typing import Optional

from regnet_plugin.core.architecture import Architecture
from regnet_plugin.core.complexity import Complexity
from regnet_plugin.core.number_checks import is_real
from regnet_plugin.design_spaces.distributions import ABOVE_0, WHOLE, Rule


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
        return dict(
            resolution=self.resolution,
            activation=self.activation,
            **{name: value for name, value in optimizer.items() if value is not None},
        )

    @property
    def fingerprint(self):
        """64 bits of what makes two networks the same: architecture, resolution, activation and
        optimiser settings.
        """
        text = repr((self.architecture, self.settings))
        return int.from_bytes(blake2b(text.encode(), digest_size=8).digest(), 'big')

    def to_dict(self):
        """Return plain lists and numbers, fit for JSON; `from_dict` inverts it."""
        counts = self.complexity
        return dict(
            parameters=self.parameters,
            architecture=self.architecture.to_dict(),
            **self.settings,
            num_classes=self.num_classes,
            complexity=dict(
                flops=counts.flops,
                parameters=counts.parameters,
                activations=counts.activations,
                activations_with_classifier=counts.activations_with_classifier,
            ),
        )

    @classmethod
    def from_dict(cls, values):
        """Build from what `to_dict` gave.

        Raises:
            ValueError: if an entry is missing, unknown or out of range.
        """
        unknown = sorted(set(values) - set(_ENTRIES))
        missing = sorted(set(_ENTRIES) - {'lr', 'weight_decay'} - set(values))
        if unknown or missing:
            raise ValueError(
                f'a network has the entries {", ".join(_ENTRIES)}, but unknown: {unknown}, '
                f'missing: {missing}'
            )
        for name, value in values.items():
            if not _ENTRIES[name].keeps(value):
                raise ValueError(f'{name} must be {_ENTRIES[name].words}, but {name}={value!r}')
        return cls(
            **{
                **values,
                'architecture': Architecture.from_dict(values['architecture']),
                'complexity': Complexity(**values['complexity']),
            }
        )


def _are_parameters(value):
    return isinstance(value, dict) and all(
        is_real(number) and number >= 0
        for entry in value.values()
        for number in (entry if isinstance(entry, list) and entry else [entry])
    )


def _are_counts(value):
    return (
        isinstance(value, dict)
        and set(value) == set(_COUNTS)
        and all(type(n) is int and 0 <= n < 2**63 for n in value.values())
    )


_COUNTS = [field.name for field in fields(Complexity)]
_ENTRIES = dict(
    parameters=Rule('an object of numbers from 0, or lists of them', _are_parameters),
    architecture=Rule('an object', lambda value: isinstance(value, dict)),
    complexity=Rule(
        f'an object of {", ".join(_COUNTS)}, each a whole number from 0 to 2**63 - 1', _are_counts
    ),
    resolution=WHOLE,
    num_classes=WHOLE,
    activation=Rule('a name', lambda value: isinstance(value, str) and value != ''),
    lr=ABOVE_0,
    weight_decay=ABOVE_0,
)
