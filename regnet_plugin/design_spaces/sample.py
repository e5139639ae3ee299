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
        parameters: nominal, as drawn: numbers, or a list with one per stage; of a config also
            names.
        architecture: after the group-width rule; None where a config says what the network is.
        complexity: at ``resolution`` and ``num_classes``.
        resolution: side of the image.
        num_classes: of the classifier.
        activation: its name in MMEngine's registry.
        lr: learning rate, drawn with the network; None where the recipe says it.
        weight_decay: likewise.
        predicted: what was predicted of it as it was sampled, by names of `PREDICTIONS`.
        config: settings of the base config by their keys, of a network without architecture.
    """

    parameters: dict[str, Any]
    complexity: Complexity
    architecture: Architecture | None = None
    resolution: int = DEFAULT_RESOLUTION
    num_classes: int = DEFAULT_NUM_CLASSES
    activation: str = DEFAULT_ACTIVATION
    lr: float | None = None
    weight_decay: float | None = None
    predicted: Mapping[str, float] = field(default_factory=dict)
    config: dict[str, Any] = field(default_factory=dict)

    @property
    def structure(self) -> Architecture:
        """The architecture of a network that has one.

        Raises:
            ValueError: if it has none.
        """
        if self.architecture is None:
            raise ValueError(
                'a network must have stages and widths for this, but it is one of a ConfigSpace'
            )
        return self.architecture

    @property
    def settings(self) -> dict[str, Any]:
        """What was drawn beside the architecture; of the optimiser only what the space draws."""
        settings: dict[str, Any] = dict(resolution=self.resolution)
        if self.architecture is not None:
            settings['activation'] = self.activation
        for name in OPTIMIZER_SETTINGS:
            value = getattr(self, name)
            if value is not None:
                settings[name] = value
        return settings

    @property
    def fingerprint(self) -> int:
        """64 bits of what makes two networks the same: architecture and settings."""
        text = repr((self.architecture or self.config, self.settings))
        return int.from_bytes(blake2b(text.encode(), digest_size=8).digest(), 'big')

    def to_dict(self) -> dict[str, Any]:
        """Return plain lists and numbers, fit for JSON; `from_dict` inverts it."""
        structure: dict[str, Any] = dict(config=self.config)
        if self.architecture is not None:
            structure = dict(architecture=self.architecture.to_dict())
        return dict(
            parameters=self.parameters,
            **structure,
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
        entries = [name for name in _ENTRIES if name not in _other_kind(values)]
        unknown = sorted(set(values) - set(entries))
        missing = sorted(set(entries) - {*OPTIMIZER_SETTINGS, 'predicted'} - set(values))
        if unknown or missing:
            raise ValueError(
                f'a network has the entries {", ".join(entries)}, but unknown: {unknown}, '
                f'missing: {missing}'
            )
        for name, value in values.items():
            if not _ENTRIES[name].keeps(value):
                raise ValueError(f'{name} must be {_ENTRIES[name].words}, but {name}={value!r}')
        if 'architecture' in values:
            if not _are_numbers(values['parameters']):
                raise ValueError(
                    'parameters must be an object of numbers from 0, or lists of them, but '
                    f'parameters={values["parameters"]!r}'
                )
            values = {**values, 'architecture': Architecture.from_dict(values['architecture'])}
        return cls(**{**values, 'complexity': Complexity(**values['complexity'])})


def _other_kind(values: Mapping[str, Any]) -> tuple[str, ...]:
    """The entries that networks of the other kind have: those of stages, or of a config."""
    return ('architecture', 'activation') if 'config' in values else ('config',)


def _are_numbers(parameters: Mapping[str, Any]) -> bool:
    """Whether these are numbers from 0, or lists of at least one."""
    for entry in parameters.values():
        numbers = entry if isinstance(entry, list) and entry else [entry]
        if not all(is_real(number) and number >= 0 for number in numbers):
            return False
    return True


def _are_parameters(value: object) -> bool:
    """Whether these are numbers, lists of them, or names, by name."""
    if not isinstance(value, dict):
        return False
    return all(isinstance(entry, (int, float, str, list)) for entry in value.values())


def _are_counts(value: object) -> bool:
    if not isinstance(value, dict) or set(value) != set(COMPLEXITY_FIELDS):
        return False
    return all(FROM_0.keeps(count) for count in value.values())


def _are_predictions(value: object) -> bool:
    if not isinstance(value, dict) or not set(value) <= set(PREDICTIONS):
        return False
    return all(is_real(number) and number >= 0 for number in value.values())


_ENTRIES = dict(
    parameters=Rule('an object of numbers, lists of them, or names', _are_parameters),
    architecture=Rule('an object', lambda value: isinstance(value, dict)),
    config=Rule('an object', lambda value: isinstance(value, dict)),
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
