"""Device models and populations: what was predicted, for whom it holds, what was measured."""

from collections import Counter
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from regnet_plugin.cli.wording import counted
from regnet_plugin.core.complexity import structure_of
from regnet_plugin.device.device_model import DeviceModel
from regnet_plugin.device.measured_times import MeasuredNetwork, MeasuredTimes
from regnet_plugin.population.latency_file import read_latencies
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


def measured_times(directory: str | Path, step: str = 'inference') -> MeasuredTimes:
    """Read the times of a population's networks that tools/measure_latency.py measured.

    Args:
        directory: of the population.
        step: 'inference' or 'training'.

    Returns:
        Times on the device, and with the threads, batch and resolution, of most of them.

    Raises:
        PopulationError: if there is no population, or nothing was measured.
    """
    population = Population.open(directory)
    latencies = [one for one in read_latencies(population) if getattr(one, step) is not None]
    if not latencies:
        raise PopulationError(
            f'there must be times of {step} in {population.directory}, which '
            'tools/measure_latency.py measures, but there are none'
        )
    ways = Counter((one.device, one.threads, one.batch, one.resolution) for one in latencies)
    (way, _), *_ = ways.most_common(1)
    device, threads, batch, resolution = way
    used = {
        one.network: one
        for one in latencies
        if (one.device, one.threads, one.batch, one.resolution) == way
    }
    networks = [
        MeasuredNetwork(
            name=network.name,
            architecture=network.sample.architecture,
            resolution=resolution,
            num_classes=network.sample.num_classes,
            seconds=getattr(used[network.name], step),
        )
        for network in population
        if network.name in used
    ]
    return MeasuredTimes(
        networks=networks,
        name=f'{device}, fp32, {step}, {counted(batch, "image")}',
        source=f'measured by tools/measure_latency.py in {population.directory.resolve().name}',
        step=step,
        batch=batch,
        conditions=dict(device=device, precision='fp32', threads=threads),
    )


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
