"""Networks as a person names them: a published name, parameters, or some of a population."""

import os
from itertools import islice

from regnet_plugin.core.arch_argument import arch_of_text, parameters_of
from regnet_plugin.core.architecture import Architecture
from regnet_plugin.core.complexity import complexity
from regnet_plugin.core.published import BODIES
from regnet_plugin.core.quantized_linear import regnet
from regnet_plugin.core.scaling import scaled_to
from regnet_plugin.design_spaces.sample import Sample
from regnet_plugin.population.store import Population, PopulationError

_STAGES = ('depths', 'widths', 'bottleneck_ratios', 'group_widths')  # what a space of stages draws


def regnet_sample(text, resolution=224, num_classes=1000, **network):
    """Make the `Sample` of a RegNet that no space gave.

    Args:
        text (str): a published name, or parameters such as
        'depth=24,w_0=32,w_a=8,w_m=2,group_width=16'. resolution, num_classes (int): that its
        complexity is counted at. Default: 224, 1000.
        **network: ``strides``, ``stem`` and ``stem_width``, where they are not those of the paper.

    Raises:
        ValueError: if the network cannot be made out.
    """
    values = parameters_of(arch_of_text(text))
    architecture = regnet(**values, **network)
    values.pop('se_ratio', None)  # the architecture has it
    return Sample(
        parameters=values,
        architecture=architecture,
        resolution=resolution,
        num_classes=num_classes,
        complexity=complexity(architecture, resolution, num_classes),
    )


def baseline_sample(text, flops=None, resolution=224, num_classes=1000, **network):
    """Make the `Sample` of a network that others are compared with.

    Args:
        text (str): as `regnet_sample`'s, or resnet50, resnet101, resnet152, resnext50 and so on,
            whose bodies are meant.
        flops (float, optional): that its widths are scaled to, all by one factor, see `scaled_to`.
        Default: None, as it is. resolution, num_classes, **network: as `regnet_sample`'s.

    Raises:
        ValueError: if the network cannot be made out, or flops are out of reach.
    """
    if text in BODIES:
        sample = _sample(
            BODIES[text],
            Architecture.from_lists(**BODIES[text], **network),
            resolution,
            num_classes,
        )
    else:
        sample = regnet_sample(text, resolution, num_classes, **network)
    if flops is None:
        return sample
    architecture = scaled_to(sample.architecture, flops, resolution, num_classes)
    stages = {
        name: value
        for name, value in architecture.to_dict().items()
        if name in _STAGES and value is not None
    }
    return _sample(stages, architecture, resolution, num_classes)


def _sample(given, architecture, resolution, num_classes):
    """A sample of stages; parameters are what a space of stages would have drawn."""
    return Sample(
        parameters={name: given[name] for name in _STAGES if name in given},
        architecture=architecture,
        resolution=resolution,
        num_classes=num_classes,
        complexity=complexity(architecture, resolution, num_classes),
    )


def networks_of(population, names=None, count=None):
    """Return some networks of a population.

    Args:
        population (Population): whose networks they are.
        names (Sequence[str], optional): which ones, such as '000007', in this order. Default: None,
            the first ones.
        count (int, optional): how many, where no names are given. Default: None, all.

    Returns:
        list[Network]: at least one.

    Raises:
        PopulationError: if there is no network of a name, or none at all.
    """
    if not names:
        networks = list(islice(population, count))
        if not networks:
            raise PopulationError(f'there is no network in {population.directory} yet')
        return networks
    found = {network.name: network for network in population if network.name in set(names)}
    for name in names:
        if name not in found:
            raise PopulationError(f'there is no network {name} in {population.directory}')
    return [found[name] for name in names]


def named_networks(texts, names=None, count=None):
    """Gather networks of any origin.

    Args:
        texts (Sequence[str]): each a published name, parameters, or the folder of a population.
        names, count (optional): which networks of a population, see `networks_of`.

    Returns:
        list[tuple[str, Sample]]: with what to call them; parameters are no name, and give ''.

    Raises:
        ValueError: if one cannot be made out.
    """
    networks = []
    for text in texts:
        if os.path.isdir(text):  # also of a text that is too long for a path
            networks += [
                (network.name, network.sample)
                for network in networks_of(Population.open(text), names, count)
            ]
        else:
            networks.append(('' if '=' in text else text, regnet_sample(text)))
    return networks
