"""Networks as a person names them: a published name, parameters, or some of a population."""
from itertools import islice
from pathlib import Path

from regnet_plugin.arch import arch_of_text, parameters_of
from regnet_plugin.complexity import complexity
from regnet_plugin.design_spaces.sample import Sample
from regnet_plugin.population.store import Population, PopulationError
from regnet_plugin.quantized_linear import regnet


def regnet_sample(text, resolution=224, num_classes=1000, **network):
    """Make the `Sample` of a RegNet that no space gave.

    Args:
        text (str): a published name, or parameters such as 'depth=24,w_0=32,w_a=8,w_m=2,group_width=16'.
        resolution, num_classes (int): that its complexity is counted at. Default: 224, 1000.
        **network: ``strides``, ``stem`` and ``stem_width``, where they are not those of the paper.

    Raises:
        ValueError: if the network cannot be made out.
    """
    values = parameters_of(arch_of_text(text))
    architecture = regnet(**values, **network)
    values.pop('se_ratio', None)  # the architecture has it
    return Sample(parameters=values, architecture=architecture, resolution=resolution, num_classes=num_classes,
                  complexity=complexity(architecture, resolution, num_classes))


def networks_of(population, names=None, count=None):
    """Return some networks of a population.

    Args:
        population (Population): whose networks they are.
        names (Sequence[str], optional): which ones, such as '000007', in this order. Default: None, the first ones.
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
        if Path(text).is_dir():
            networks += [(network.name, network.sample) for network in networks_of(Population.open(text), names, count)]
        else:
            networks.append(('' if '=' in text else text, regnet_sample(text)))
    return networks
