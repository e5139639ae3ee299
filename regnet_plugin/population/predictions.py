"""What device models predict of networks of a population, and for which of them they hold."""

from collections.abc import Mapping
from typing import Any

from regnet_plugin.cli.wording import counted
from regnet_plugin.core.complexity import structure_of
from regnet_plugin.device.device_model import DeviceModel
from regnet_plugin.population.store import Population, PopulationError


def device_of(population: Population) -> DeviceModel | None:
    """Return the device model that a population was sampled by; None if by none.

    Raises:
        PopulationError: if its manifest has something else in its place.
    """
    constraints = population.manifest.get('constraints')
    values = constraints.get('device') if isinstance(constraints, Mapping) else None
    if values is None:
        return None
    try:
        if not isinstance(values, Mapping):
            raise ValueError(f'a device model is an object, but this one is {values!r}')
        return DeviceModel.from_dict(values)
    except ValueError as error:
        raise PopulationError(f'{population.directory}: {error}') from None


def prediction_note(population: Population) -> str | None:
    """Say by which device model a population was sampled, and how far that can be trusted.

    Returns:
        Two lines; None where no time was predicted.
    """
    device = device_of(population)
    if device is None:
        return None
    outside = total = 0
    for network in population:
        sample = network.sample
        structure: dict[str, Any] = structure_of(sample.architecture)
        structure.update(resolution=sample.resolution, num_classes=sample.num_classes)
        outside += not device.holds(**structure)[0]
        total += 1
    images = counted(device.batch, 'image')
    told = f'times of {device.step} with {images} as predicted for {device.name}: {device.error}'
    if not outside:
        return told
    return (
        f'{told}\n{outside} of {counted(total, "network")} have other flops or activations, or '
        'narrower groups, than any that was measured for this model: there it is a guess'
    )
