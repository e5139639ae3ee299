"""One network that a design space gave: what is needed to train it, and where it came from."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from hashlib import blake2b
from typing import Any

from regnet_plugin.core.architecture import Architecture
from regnet_plugin.core.complexity import COMPLEXITY_FIELDS, Complexity
from regnet_plugin.core.number_checks import is_real
from regnet_plugin.core.vocabulary import (
    DEFAULT_ACTIVATION,
    DEFAULT_NUM_CLASSES,
    DEFAULT_RESOLUTION,
)
from regnet_plugin.design_spaces.distributions import ABOVE_0, FROM_0, WHOLE, Rule

# What may be known of a network before its training, beside its counts: seconds of a step that a
# device model predicts, and the most elements of activations that inference has at a time.
PREDICTIONS = ('predicted_latency', 'predicted_training_step', 'peak_activations')
# Settings of the optimiser that a space may draw; the recipe says them where it does not.
OPTIMIZER_SETTINGS = ('lr', 'weight_decay')


@dataclass(frozen=True)
class Sample:
    """A network of a population.

    Attributes:
        parameters: nominal, as drawn: numbers, or a list with one per stage.
        architecture: after the group-width rule.
        complexity: at ``resolution`` and ``num_classes``.
        resolution: side of the image.
        num_classes: of the classifier.
        activation: its name in MMEngine's registry.
        lr: learning rate, drawn with the network; None where the recipe says it.
        weight_decay: likewise.
        predicted: what was predicted of it as it was sampled, by names of `PREDICTIONS`.
    """

    parameters: dict[str, Any]
    architecture: Architecture
    complexity: Complexity
    resolution: int = DEFAULT_RESOLUTION
    num_classes: int = DEFAULT_NUM_CLASSES
    activation: str = DEFAULT_ACTIVATION
    lr: float | None = None
    weight_decay: float | None = None
    predicted: Mapping[str, float] = field(default_factory=dict)

    @property
    def settings(self) -> dict[str, Any]:
        """What was drawn beside the architecture; of the optimiser only what the space draws."""
        settings: dict[str, Any] = dict(resolution=self.resolution, activation=self.activation)
        for name in OPTIMIZER_SETTINGS:
            value = getattr(self, name)
            if value is not None:
                settings[name] = value
        return settings

    @property
    def fingerprint(self) -> int:
        """64 bits of what makes two networks the same: architecture and settings."""
        text = repr((self.architecture, self.settings))
        return int.from_bytes(blake2b(text.encode(), digest_size=8).digest(), 'big')

    def to_dict(self) -> dict[str, Any]:
        """Return plain lists and numbers, fit for JSON; `from_dict` inverts it."""
        return dict(
            parameters=self.parameters,
            architecture=self.architecture.to_dict(),
            **self.settings,
            num_classes=self.num_classes,
            complexity=self.complexity.to_dict(),
            **({'predicted': dict(self.predicted)} if self.predicted else {}),
        )

    @classmethod
    def from_dict(cls, values: Mapping[str, Any]) -> 'Sample':
        """Build from what `to_dict` gave.

        Raises:
            ValueError: if an entry is missing, unknown or out of range.
        """
        unknown = sorted(set(values) - set(_ENTRIES))
        missing = sorted(set(_ENTRIES) - {*OPTIMIZER_SETTINGS, 'predicted'} - set(values))
        if unknown or missing:
            raise ValueError(
                f'a network has the entries {", ".join(_ENTRIES)}, but unknown: {unknown}, '
                f'missing: {missing}'
            )
        for name, value in values.items():
            if not _ENTRIES[name].keeps(value):
                raise ValueError(f'{name} must be {_ENTRIES[name].words}, but {name}={value!r}')
        architecture = Architecture.from_dict(values['architecture'])
        complexity = Complexity(**values['complexity'])
        return cls(**{**values, 'architecture': architecture, 'complexity': complexity})


def _are_parameters(value: object) -> bool:
    """Whether these are numbers from 0, or lists of at least one, by name."""
    if not isinstance(value, dict):
        return False
    for entry in value.values():
        numbers = entry if isinstance(entry, list) and entry else [entry]
        if not all(is_real(number) and number >= 0 for number in numbers):
            return False
    return True


def _are_counts(value: object) -> bool:
    if not isinstance(value, dict) or set(value) != set(COMPLEXITY_FIELDS):
        return False
    return all(FROM_0.keeps(count) for count in value.values())


def _are_predictions(value: object) -> bool:
    if not isinstance(value, dict) or not set(value) <= set(PREDICTIONS):
        return False
    return all(is_real(number) and number >= 0 for number in value.values())


_ENTRIES = dict(
    parameters=Rule('an object of numbers from 0, or lists of them', _are_parameters),
    architecture=Rule('an object', lambda value: isinstance(value, dict)),
    complexity=Rule(
        f'an object of {", ".join(COMPLEXITY_FIELDS)}, each {FROM_0.words}',
        _are_counts,
    ),
    predicted=Rule(f'an object of numbers from 0, of {", ".join(PREDICTIONS)}', _are_predictions),
    resolution=WHOLE,
    num_classes=WHOLE,
    activation=Rule('a name', lambda value: isinstance(value, str) and value != ''),
    lr=ABOVE_0,
    weight_decay=ABOVE_0,
)
