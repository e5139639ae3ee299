"""How close networks are to a quantized linear function, and whether that makes them good.

Figure 8.
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from functools import lru_cache
from typing import Any

import numpy as np
from numpy.typing import NDArray

from regnet_plugin.analysis import Bootstrap, empirical_bootstrap
from regnet_plugin.core.architecture import Architecture
from regnet_plugin.core.linear_fit import DEEPEST, BestFit, fit_all
from regnet_plugin.core.quantized_linear import quantized_linear
from regnet_plugin.report.document import Figure, Section
from regnet_plugin.report.figures import e_fit_plot, width_plot
from regnet_plugin.report.populations import ReportedPopulation, drawn_alone, error_label
from regnet_plugin.report.processes import in_processes
from regnet_plugin.report.sections.parameters import without_unsure_range
from regnet_plugin.report.sketch import Sketch
from regnet_plugin.report.wording import spread

_BEST, _FITTED = 20, 2  # networks whose widths are drawn (figure 8), and those with their fit
_TOGETHER = 1000  # networks fitted by one process; those of one depth share work


def structure_section(
    populations: Sequence[ReportedPopulation], keys: Sequence[str], brief: bool
) -> Section | None:
    """Make the section: error against e_fit, and the best networks' widths.

    Args:
        populations: in the order of the page.
        keys: of each population, for the keys of its figures.
        brief: the widths of the best population only are drawn.

    Returns:
        None where no network's stages are known.
    """
    fits = _fits(tuple(populations))
    key_of = {population.name: key for population, key in zip(populations, keys)}
    known = [population for population in populations if fits[population.name]]
    if not known:
        return None
    figures = [e_fit_figure(populations)]
    for population in drawn_alone(known, brief):
        key = f'widths-{key_of[population.name]}'
        figures.append(_widths(key, population, fits[population.name]))
    return Section('structure', 'Quantized linear functions', e_fit_sentences(populations), figures)


def e_fit_figure(populations: Sequence[ReportedPopulation]) -> Figure:
    """Make the figure of error against e_fit, of populations with networks of known stages."""
    known = _with_known_stages(populations)
    e_fit = e_fits(populations)
    plot = Sketch(
        e_fit_plot,
        'e-fit',
        {population.name: e_fit[population.name] for population in known},
        {population.name: population.errors for population in known},
        {population.name: _range(population, e_fit[population.name]) for population in known},
        {population.name: population.networks for population in known},
        error_label(known),
    )
    return Figure(
        plot,
        'Error against e_fit',
        'e_fit: mean |ln(predicted width / width)| over the blocks, of the quantized linear '
        'function that fits a network best, before the group-width rule.',
    )


def e_fit_sentences(populations: Sequence[ReportedPopulation]) -> list[str]:
    """Say how close the networks of each population are, of those with known stages."""
    e_fit = e_fits(populations)
    sentences = []
    for population in _with_known_stages(populations):
        values = e_fit[population.name]
        best = spread(_range(population, values), '.3f')
        sentences.append(
            f'{population.name}: mean e_fit {np.nanmean(values):.3f}; of the best networks {best}.'
        )
    return sentences


def _with_known_stages(populations: Sequence[ReportedPopulation]) -> list[ReportedPopulation]:
    fits = _fits(tuple(populations))
    return [population for population in populations if fits[population.name]]


def _range(population: ReportedPopulation, e_fit: NDArray[np.float64]) -> Bootstrap:
    return without_unsure_range(
        empirical_bootstrap(e_fit, population.errors, population.rules.level)
    )


def e_fits(populations: Sequence[ReportedPopulation]) -> dict[str, NDArray[np.float64]]:
    """Return e_fit of each network that counts, by population; NaN where its stages are unknown."""
    fits = _fits(tuple(populations))
    e_fit: dict[str, NDArray[np.float64]] = {}
    for population in populations:
        values = np.full(population.n, np.nan)
        for index, fit in fits[population.name].items():
            values[index] = fit.e_fit
        e_fit[population.name] = values
    return e_fit


@dataclass(frozen=True)
class _Network:
    """A network to be fitted: its population, its index there, and its stages."""

    population: str
    index: int
    architecture: Architecture


@lru_cache(maxsize=1)  # several functions of this module ask for the fits of the same page
def _fits(populations: tuple[ReportedPopulation, ...]) -> dict[str, dict[int, BestFit]]:
    """Fit the networks whose stages are known; return the fits by population and index."""
    networks = []
    for population in populations:
        for index, backbone in enumerate(population.backbones):
            if backbone is not None and sum(backbone['depths']) <= DEEPEST:
                networks.append(_Network(population.name, index, _architecture(backbone)))
    # The longest first, so that no process is left with them alone at the end.
    networks.sort(key=lambda network: -network.architecture.depth)
    parts = [networks[first : first + _TOGETHER] for first in range(0, len(networks), _TOGETHER)]
    fits: dict[str, dict[int, BestFit]] = {population.name: {} for population in populations}
    for part, found in zip(parts, in_processes(_fit, parts, 'fitting')):
        for network, fit in zip(part, found):
            fits[network.population][network.index] = fit
    return fits


def _architecture(backbone: Mapping[str, Any]) -> Architecture:
    stages = {name: value for name, value in backbone.items() if name != 'act_cfg'}
    return Architecture.from_dict(stages)


def _fit(networks: Iterable[_Network]) -> list[BestFit]:
    return fit_all(network.architecture for network in networks)


def _widths(key: str, population: ReportedPopulation, fits: Mapping[int, BestFit]) -> Figure:
    """Draw the width of each block of the best networks, and the fit of the very best."""
    best = [index for index in population.order if index in fits][:_BEST]
    widths = {}
    for index in best:
        backbone = population.backbones[index]
        widths[index] = np.repeat(backbone['widths'], backbone['depths'])
    slopes = [of_blocks / (1 + np.arange(len(of_blocks))) for of_blocks in widths.values()]
    slope = float(np.median(np.concatenate(slopes)))
    with_fit = {
        population.networks[index]: (widths[index], _predicted(len(widths[index]), fits[index]))
        for index in best[:_FITTED]
    }
    by_network = {population.networks[index]: of_blocks for index, of_blocks in widths.items()}
    return Figure(
        Sketch(width_plot, key, population.name, by_network, with_fit, round(slope)),
        f'{population.name}: widths of the best networks',
        'The slope of the line is the median of w_j / (j + 1) over their blocks; the paper has 48 '
        'for 400 MF.',
    )


def _predicted(depth: int, fit: BestFit) -> NDArray[np.int_]:
    """Return the width of each block that the fit predicts."""
    widths: NDArray[np.int_] = quantized_linear(depth, fit.w_0, fit.w_a, fit.w_m).widths[0]
    return widths
