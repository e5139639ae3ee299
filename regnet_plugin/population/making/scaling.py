"""A population of which every network is scaled, by one type of compound scaling."""

from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any, NamedTuple

from regnet_plugin.core.architecture import Architecture
from regnet_plugin.core.compound_scaling import ScaledNetwork, ScalingType, scaled, scaled_to_flops
from regnet_plugin.population.columns import DRAWN_LISTS
from regnet_plugin.population.store import FORMAT, Population, PopulationError, SampledNetwork


class Amount(NamedTuple):
    """How much networks are scaled: by a factor of their flops, or to flops; one of both."""

    factor: float | None = None
    flops: float | None = None


class ScaledPopulation(NamedTuple):
    """What was made.

    Attributes:
        population: of the scaled networks, each with the name that it had.
        left_out: why a network could not be scaled, by name.
    """

    population: Population
    left_out: dict[str, str]


def scale_population(
    source: Population, directory: str | Path, type_of_scaling: str, amount: Amount
) -> ScaledPopulation:
    """Scale every network of a population, in order, into a new population.

    Their settings, classes and names stay; resolutions are scaled with them. So the same networks,
    scaled in several ways, are compared one by one. Results are not copied.

    Args:
        source: whose networks they are.
        directory: of the new one.
        type_of_scaling: such as 'dwr' or 'd1_w8_g8_r1'.
        amount: of scaling.

    Raises:
        PopulationError: if there is a population already, or no network could be scaled.
        ValueError: if the type is none, or a factor or flops are not positive.
    """
    kind = ScalingType.from_text(type_of_scaling)
    if amount.factor is not None:
        kind.factors(amount.factor)  # raises where it is none
    found: list[SampledNetwork] = []
    left_out: dict[str, str] = {}
    for network in source:
        try:
            found.append(_scaled(network, kind, amount))
        except ValueError as error:
            left_out[network.name] = str(error)
    if not found:
        reason = next(iter(left_out.values()), 'there is none')
        raise PopulationError(f'some network must be scaled, but of {source.directory}: {reason}')
    manifest: dict[str, Any] = dict(
        format=FORMAT,
        scaled=dict(of=source.directory.name, type=type_of_scaling, **amount._asdict()),
        seed=source.seed,  # by which networks are trained in the order of the others
        left_out=len(left_out),
    )
    if 'custom_imports' in source.manifest:
        manifest['custom_imports'] = source.manifest['custom_imports']
    population = Population.create(directory, manifest)
    _write(population.append(found))
    return ScaledPopulation(population, left_out)


def _write(networks: Iterator[SampledNetwork]) -> None:
    for _ in networks:
        pass


def _scaled(network: SampledNetwork, kind: ScalingType, amount: Amount) -> SampledNetwork:
    """One network, scaled."""
    sample = network.sample
    side, classes = sample.resolution, sample.num_classes
    if amount.factor is not None:
        result = scaled(sample.structure, kind, amount.factor, side, classes)
    else:
        flops = 0.0 if amount.flops is None else amount.flops
        result = scaled_to_flops(sample.structure, kind, flops, side, classes)
    architecture = _architecture_of(result)
    lists = architecture.to_dict()
    return replace(
        network,
        sample=replace(
            sample,
            parameters={name: lists[name] for name in DRAWN_LISTS if lists[name] is not None},
            architecture=architecture,
            resolution=result.resolution,
            complexity=result.complexity,
        ),
    )


def _architecture_of(result: ScaledNetwork) -> Architecture:
    """The network, which is of the kind that was scaled."""
    assert isinstance(result.network, Architecture)
    return result.network
