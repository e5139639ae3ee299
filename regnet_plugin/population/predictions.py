"""Device models and populations: what was predicted, for whom it holds, what was measured."""

from collections import Counter
from collections.abc import Callable, Mapping
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from regnet_plugin.cli.wording import counted
from regnet_plugin.core.architecture import Architecture
from regnet_plugin.core.complexity import structure_of
from regnet_plugin.core.layers.activation_memory import peak_activations
from regnet_plugin.core.layers.layer_shapes import are_layers_known
from regnet_plugin.core.vocabulary import (
    DEFAULT_BLOCK,
    DEFAULT_NUM_CLASSES,
    DEFAULT_RESOLUTION,
)
from regnet_plugin.device.device_model import DeviceModel
from regnet_plugin.device.measured_times import MeasuredNetwork, MeasuredTimes
from regnet_plugin.population.columns import NETWORK
from regnet_plugin.population.latency_file import read_latencies
from regnet_plugin.population.records import Records
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
            architecture=network.sample.structure,
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


def predicted_cost(architecture: Architecture, cost: str, device: DeviceModel | None) -> float:
    """Return what is predicted of a published network, on ImageNet's images.

    Args:
        architecture: of the network.
        cost: of `PREDICTIONS`.
        device: that predicts it; NaN without it where it is a time.
    """
    if cost == 'peak_activations':
        return float(peak_activations(**structure_of(architecture))[0])
    if device is None or device.column != cost:
        return float('nan')
    return device.predict_one(architecture)


def with_predictions(records: Records, device: DeviceModel | None, memory: bool = False) -> Records:
    """Return a population with columns of what is predicted of its networks.

    Args:
        records: of the population.
        device: that predicts a time; None for no time.
        memory: whether the peak of activations is wanted. Default: False.

    Returns:
        The same, with NaN where a network's layers are not known.
    """
    functions: dict[str, Callable[..., NDArray[Any]]] = {}
    if device is not None:
        functions[device.column] = device.predict
    if memory:
        functions['peak_activations'] = peak_activations
    groups: dict[tuple[Any, ...], list[int]] = {}
    for row in range(len(records.networks)):
        kind = _kind(records, row)
        if kind is not None:
            groups.setdefault(kind, []).append(row)
    columns = {name: np.full(len(records.networks), np.nan) for name in functions}
    for kind, rows in groups.items():
        structure = _structure(records, rows, dict(kind))
        for name, function in functions.items():
            columns[name][rows] = function(**structure)
    known = {name: values for name, values in columns.items() if np.isfinite(values).any()}
    return replace(records, columns={**records.columns, **known})


def _kind(records: Records, row: int) -> tuple[tuple[str, Any], ...] | None:
    """What networks share that are predicted together; None where layers are not known."""
    backbone = records.backbones[row] if records.backbones else None
    if backbone is None:
        return None
    if not are_layers_known(backbone.get('block', DEFAULT_BLOCK), backbone.get('head_width', 0)):
        return None
    conditions = records.conditions[row] if records.conditions else {}
    counted_at = dict(
        resolution=int(conditions.get('resolution', (str(DEFAULT_RESOLUTION),))[0]),
        num_classes=int(conditions.get('num_classes', (str(DEFAULT_NUM_CLASSES),))[0]),
    )
    network = {name: backbone[name] for name in NETWORK if name in backbone}
    stages = len(backbone['depths'])
    return tuple({**network, **counted_at, 'stages': stages}.items())


def _structure(records: Records, rows: list[int], kind: dict[str, Any]) -> dict[str, Any]:
    """Networks of a kind as keywords of functions of many networks."""
    backbones = [records.backbones[row] or {} for row in rows]
    lists = {}
    for name in ('depths', 'widths', 'bottleneck_ratios', 'group_widths', 'strides'):
        values = [backbone.get(name) for backbone in backbones]
        if values[0] is not None:
            lists[name] = np.array(values)
    shared = {name: value for name, value in kind.items() if name != 'stages'}
    return {**lists, **shared}


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
        structure: dict[str, Any] = structure_of(sample.structure)
        structure.update(resolution=sample.resolution, num_classes=sample.num_classes)
        outside += not device.holds(**structure)[0]
        total += 1
    images = counted(device.batch, 'image')
    told = f'times of {device.step} with {images} as predicted for {device.name}: {device.error}'
    if not outside:
        return told
    return (
        f'{told}\n{outside} of {counted(total, "network")} have other flops, activations or '
        'images, or narrower groups, than any that was measured for this model: there it is a guess'
    )
