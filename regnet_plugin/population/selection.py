"""Networks as a person names them: a published name, parameters, or some of a population."""

import os
from collections.abc import Mapping, Sequence
from itertools import islice
from typing import Any

from regnet_plugin.core.arch_argument import arch_of_text, parameters_of
from regnet_plugin.core.architecture import Architecture
from regnet_plugin.core.complexity import complexity
from regnet_plugin.core.published import BODIES
from regnet_plugin.core.quantized_linear import regnet
from regnet_plugin.core.scaling import scaled_to
from regnet_plugin.core.vocabulary import DEFAULT_NUM_CLASSES, DEFAULT_RESOLUTION
from regnet_plugin.design_spaces.sample import Sample
from regnet_plugin.population.columns import DRAWN_LISTS
from regnet_plugin.population.store import Population, PopulationError, SampledNetwork

# What a space of RegNets draws, as `regnet` names it.
_DRAWN = ('depth', 'w_0', 'w_a', 'w_m', 'group_width', 'bottleneck_ratio')


def regnet_sample(
    text: str,
    resolution: int = DEFAULT_RESOLUTION,
    num_classes: int = DEFAULT_NUM_CLASSES,
    **network: Any,
) -> Sample:
    """Make the `Sample` of a RegNet that no space gave.

    Args:
        text: a published name, or parameters such as
            'depth=24,w_0=32,w_a=8,w_m=2,group_width=16'.
        resolution, num_classes: that its complexity is counted at. By default those of ImageNet.
        **network: ``strides``, ``stem`` and ``stem_width``, where they are not those of the paper.

    Raises:
        ValueError: if the network cannot be made out.
    """
    values = parameters_of(arch_of_text(text))
    architecture = regnet(**{**values, **network})
    # the architecture has the others, which no space draws
    parameters = {name: value for name, value in values.items() if name in _DRAWN}
    return Sample(
        parameters=parameters,
        architecture=architecture,
        resolution=resolution,
        num_classes=num_classes,
        complexity=complexity(architecture, resolution, num_classes),
    )


def baseline_sample(
    text: str,
    flops: float | None = None,
    resolution: int = DEFAULT_RESOLUTION,
    num_classes: int = DEFAULT_NUM_CLASSES,
    **network: Any,
) -> Sample:
    """Make the `Sample` of a network that others are compared with.

    Args:
        text: as `regnet_sample`'s, or resnet50, resnet101, resnet152, resnext50 and so on, whose
            bodies are meant.
        flops: that its widths are scaled to, all by one factor, see `scaled_to`. None: as it is.
        resolution, num_classes, **network: as `regnet_sample`'s.

    Raises:
        ValueError: if the network cannot be made out, or flops are out of reach.
    """
    if text in BODIES:
        body = Architecture.from_lists(**BODIES[text], **network)
        sample = _sample_of_stages(BODIES[text], body, resolution, num_classes)
    else:
        sample = regnet_sample(text, resolution, num_classes, **network)
    if flops is None:
        return sample
    scaled = scaled_to(sample.structure, flops, resolution, num_classes)
    return _sample_of_stages(scaled.to_dict(), scaled, resolution, num_classes)


def _sample_of_stages(
    lists: Mapping[str, Any], architecture: Architecture, resolution: int, num_classes: int
) -> Sample:
    """A sample whose parameters are what a space of stages would have drawn.

    Args:
        lists: of the architecture, an entry per stage; None or missing where its block has none.
    """
    return Sample(
        parameters={name: lists[name] for name in DRAWN_LISTS if lists.get(name) is not None},
        architecture=architecture,
        resolution=resolution,
        num_classes=num_classes,
        complexity=complexity(architecture, resolution, num_classes),
    )


def networks_of(
    population: Population, names: Sequence[str] | None = None, count: int | None = None
) -> list[SampledNetwork]:
    """Return some networks of a population.

    Args:
        population: whose networks they are.
        names: which ones, such as '000007', in this order. None: the first ones.
        count: how many, where no names are given. None: all.

    Returns:
        At least one.

    Raises:
        PopulationError: if there is no network of a name, or none at all.
    """
    if not names:
        networks = list(islice(population, count))
        if not networks:
            raise PopulationError(f'there is no network in {population.directory} yet')
        return networks
    wanted = set(names)
    found = {network.name: network for network in population if network.name in wanted}
    for name in names:
        if name not in found:
            raise PopulationError(f'there is no network {name} in {population.directory}')
    return [found[name] for name in names]


def named_networks(
    texts: Sequence[str], names: Sequence[str] | None = None, count: int | None = None
) -> list[tuple[str, Sample]]:
    """Gather networks of any origin.

    Args:
        texts: each a published name, parameters, or the folder of a population.
        names, count: which networks of a population, see `networks_of`.

    Returns:
        What to call each one, and the network; parameters are no name, and give ''.

    Raises:
        ValueError: if one cannot be made out.
    """
    networks = []
    for text in texts:
        # isdir rather than Path.is_dir, which raises for a text that is too long for a path
        if os.path.isdir(text):
            found = networks_of(Population.open(text), names, count)
            networks += [(network.name, network.sample) for network in found]
        else:
            are_parameters = '=' in text
            networks.append(('' if are_parameters else text, regnet_sample(text)))
    return networks
