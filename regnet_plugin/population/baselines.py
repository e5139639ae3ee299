"""Networks that a population is compared with, in a small population inside its folder.

They are RegNets by name or by parameters, ResNets and ResNeXts by name.

    <population>/baselines/architectures.jsonl            named as they were given: regnetx_400mf,
                                                          or depth=8,w_0=24,…; regnetx_400mf+1e+06
                                                          where widths were scaled to so many flops
    <population>/baselines/runs/<recipe>/<name>-<seed>/   trained as the population's own networks
                                                          are
"""

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any, NamedTuple

from regnet_plugin.design_spaces.sample import Sample
from regnet_plugin.population.folder import BASELINES
from regnet_plugin.population.selection import baseline_sample
from regnet_plugin.population.store import (
    Population,
    PopulationError,
    SampledNetwork,
    check_network_name,
)


def baseline_name(text: str, flops: float | None = None) -> str:
    """Say what a baseline is called.

    Args:
        text: as it was given.
        flops: that its widths are scaled to; None if they are not.
    """
    text = text.replace(' ', '')
    return text if flops is None else f'{text}+{flops:g}'


def baselines_of(
    population: Population,
    names: Sequence[str],
    directory: str | Path | None = None,
    flops: float | None = None,
) -> Population:
    """Add baselines to those that a population has, and return them.

    They get the population's resolution, classes, stem and strides, and their complexity is counted
    so: bodies are compared.

    Args:
        population: that they are compared with.
        names: published names, or parameters such as
            'depth=24,w_0=32,w_a=8,w_m=2,group_width=16'.
        directory: of their files. None: ``baselines`` in that of the population.
        flops: that the widths of each are scaled to, see `baseline_sample`. None: as they are.

    Returns:
        All baselines, also those of earlier calls.

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
    baselines = Population.open(directory)
    baselines.drop_broken_end()
    known = {network.name: network.sample for network in baselines}
    for name, sample in samples.items():
        if known.get(name, sample) != sample:
            raise PopulationError(
                'baselines have the resolution, classes, stem and strides of the population, now '
                f'{frame}, but {name} was counted with others; remove {directory} to begin anew'
            )
    # no space gave them, so they were no candidates: draw 0
    new = [SampledNetwork(name, 0, samples[name]) for name in samples if name not in known]
    for _ in baselines.append(new):
        pass
    return baselines


def _sample(name: str, flops: float | None, frame: Mapping[str, Any]) -> Sample:
    """The network of a baseline."""
    check_network_name(baseline_name(name, flops))
    try:
        return baseline_sample(name, flops, **frame)
    except ValueError as error:
        raise ValueError(f'{name} with the stem and strides of the population: {error}') from None


class _Frame(NamedTuple):
    """What a network has around its body; arguments of `baseline_sample`.

    Attributes:
        resolution, num_classes: that it is counted at.
        stem, stem_width: see `Architecture`.
        strides: of its stages; None where all are 2, for any number of stages.
    """

    resolution: int
    num_classes: int
    stem: str
    stem_width: int
    strides: tuple[int, ...] | None


def _frame(population: Population) -> dict[str, Any]:
    """What all networks of the population have in common around their bodies, without Nones."""
    frames = {_frame_of(network.sample) for network in population}
    if len(frames) != 1:
        raise PopulationError(
            'baselines need a population with one resolution, number of classes, stem and strides, '
            f'but {population.directory} has {len(frames)}'
        )
    frame = frames.pop()._asdict()
    return {name: value for name, value in frame.items() if value is not None}


def _frame_of(sample: Sample) -> _Frame:
    architecture = sample.structure
    return _Frame(
        resolution=sample.resolution,
        num_classes=sample.num_classes,
        stem=architecture.stem,
        stem_width=architecture.stem_width,
        strides=None if set(architecture.strides) == {2} else architecture.strides,
    )
