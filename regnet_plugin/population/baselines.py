"""Networks that a population is compared with: RegNets by name or by parameters, ResNets and
ResNeXts by name, in a small population inside its folder.

    <population>/baselines/architectures.jsonl            named as they were given: regnetx_400mf,
                                                          or depth=8,w_0=24,…; regnetx_400mf+1e+06
                                                          where widths were scaled to so many flops
    <population>/baselines/runs/<recipe>/<name>-<seed>/    trained as the population's own networks
    are
"""

from pathlib import Path

from regnet_plugin.population.selection import baseline_sample
from regnet_plugin.population.store import Network, Population, PopulationError, check_network_name

BASELINES = 'baselines'


def baseline_name(text, flops=None):
    """What a baseline is called: as it was given, with the flops that its widths are scaled to, if
    they are.
    """
    text = text.replace(' ', '')
    return text if flops is None else f'{text}+{flops:g}'


def baselines_of(population, names, directory=None, flops=None):
    """Add baselines to those that a population has, and return them.

    They get the population's resolution, classes, stem and strides, and their complexity is counted
    so: bodies are compared.

    Args:
        population (Population): that they are compared with.
        names (Sequence[str]): published names, or parameters such as
            'depth=24,w_0=32,w_a=8,w_m=2,group_width=16'.
        directory (str | Path, optional): of their files. Default: None, ``baselines`` in that of
            the population.
        flops (float, optional): that the widths of each are scaled to, see `baseline_sample`.
            Default: None, as they are.

    Returns:
        Population: with all baselines, also those of earlier calls.

    Raises:
        PopulationError: if the population's networks do not have one resolution, stem and strides
            in common.
        ValueError: if a network cannot be made out.
    """
    frame = _frame(population)
    samples = {baseline_name(name, flops): _sample(name, flops, frame) for name in names}
    directory = Path(directory or population.directory / BASELINES)
    if not Population.exists(directory):
        Population.create(directory, dict(format=1, baselines=True, frame=frame))
    found = Population.open(directory)
    found.drop_broken_end()
    known = {network.name: network.sample for network in found}
    changed = [name for name in samples if name in known and known[name] != samples[name]]
    if changed:
        raise PopulationError(
            'baselines have the resolution, classes, stem and strides of the population, now '
            f'{frame}, but {changed[0]} was counted with others; remove {directory} to begin anew'
        )
    list(
        found.append(
            Network(name, 0, sample) for name, sample in samples.items() if name not in known
        )
    )
    return found


def _sample(name, flops, frame):
    check_network_name(baseline_name(name, flops))
    try:
        return baseline_sample(name, flops, **frame)
    except ValueError as error:
        raise ValueError(f'{name} with the stem and strides of the population: {error}') from None


def _frame(population):
    """What all networks of the population have in common around their bodies."""
    frames = {_around(network.sample) for network in population}
    if len(frames) != 1:
        raise PopulationError(
            'baselines need a population with one resolution, number of classes, stem and strides, '
            'but '
            f'{population.directory} has {len(frames)}'
        )
    names = ('resolution', 'num_classes', 'stem', 'stem_width', 'strides')
    return {name: value for name, value in zip(names, frames.pop()) if value is not None}


def _around(sample):
    architecture = sample.architecture
    # 2: for any number of stages
    strides = None if set(architecture.strides) == {2} else architecture.strides
    return (
        sample.resolution,
        sample.num_classes,
        architecture.stem,
        architecture.stem_width,
        strides,
    )
