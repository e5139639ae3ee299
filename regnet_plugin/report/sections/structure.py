"""How close networks are to a quantized linear function, and whether that makes them good.

Figure 8.
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from functools import lru_cache
from itertools import chain, islice

import numpy as np
from numpy.typing import NDArray

from regnet_plugin.analysis import Bootstrap, empirical_bootstrap, explained
from regnet_plugin.core.linear_fit import DEEPEST, BestFit, fit_all
from regnet_plugin.core.quantized_linear import quantized_linear
from regnet_plugin.report.document import Figure, Fold, Section, Table
from regnet_plugin.report.drawing.sketch import Sketch
from regnet_plugin.report.figures import ParameterPanel, parameter_plot, width_plot
from regnet_plugin.report.populations import ReportedPopulation, drawn_alone, error_label
from regnet_plugin.report.processes import in_processes
from regnet_plugin.report.sections.parameters import without_unsure_range
from regnet_plugin.report.wording import spread

_BEST, _FITTED = 20, 2  # networks whose widths are drawn (figure 8), and those with their fit
# Networks that are fitted, of a population and of a page: a second's work.
_MOST, _MOST_OF_ALL = 10_000, 4_000
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
    known = _with_known_stages(populations)
    if not known:
        return None

    def widths(population: ReportedPopulation) -> Figure:
        key = f'widths-{key_of[population.name]}'
        return _widths(key, population, fits[population.name].best)

    best, others = drawn_alone(known, brief)
    items: list[Figure | Table | Fold] = [e_fit_figure(populations), widths(best)]
    if others:
        items.append(Fold('Widths in the other populations', [widths(one) for one in others]))
    return Section('structure', 'Quantized linear functions', e_fit_sentences(populations), items)


def e_fit_figure(populations: Sequence[ReportedPopulation]) -> Figure:
    """Make the figure of error against e_fit, of populations with networks of known stages."""
    known = _with_known_stages(populations)
    e_fit = e_fits(populations)
    panels = {}
    for population in known:
        values = e_fit[population.name]
        panels[population.name] = ParameterPanel(
            look=population.look,
            values=values,
            errors=population.errors,
            networks=population.networks,
            bootstrap=_range(population, values),
            bins=explained(values, population.errors).bins,
        )
    plot = Sketch(parameter_plot, 'e-fit', 'e_fit', panels, error_label(known))
    return Figure(
        plot,
        'Error against e_fit',
        'e_fit: mean |ln(predicted width / width)| over the blocks, of the quantized linear '
        'function that fits a network best, before the group-width rule.',
    )


def e_fit_sentences(populations: Sequence[ReportedPopulation]) -> list[str]:
    """Say how close the networks of each population are, of those with known stages."""
    e_fit = e_fits(populations)
    fits = _fits(tuple(populations))
    sentences = []
    for population in _with_known_stages(populations):
        values, fitted = e_fit[population.name], fits[population.name]
        best = spread(_range(population, values), '.3f')
        some = ''
        if len(fitted.some) < fitted.known:
            some = f' of {len(fitted.some):,} of {fitted.known:,} networks, drawn at random,'
        sentences.append(
            f'{population.name}: mean e_fit{some} {np.nanmean(values):.3f}; of the best networks'
            f'{" of these" if some else ""} {best}.'
        )
    return sentences


def _with_known_stages(populations: Sequence[ReportedPopulation]) -> list[ReportedPopulation]:
    fits = _fits(tuple(populations))
    return [population for population in populations if fits[population.name].known]


def _range(population: ReportedPopulation, e_fit: NDArray[np.float64]) -> Bootstrap:
    return without_unsure_range(
        empirical_bootstrap(e_fit, population.errors, population.rules.level)
    )


def e_fits(populations: Sequence[ReportedPopulation]) -> dict[str, NDArray[np.float64]]:
    """Return e_fit of each network that counts, by population; NaN where it is not fitted."""
    fits = _fits(tuple(populations))
    e_fit: dict[str, NDArray[np.float64]] = {}
    for population in populations:
        values = np.full(population.n, np.nan)
        for index, fit in fits[population.name].some.items():
            values[index] = fit.e_fit
        e_fit[population.name] = values
    return e_fit


@dataclass(frozen=True, eq=False)
class _Fits:
    """Fits of networks of a population, by their index there.

    Attributes:
        known: number of the networks that could be fitted.
        some: fits of all of these, or of a random part where they are very many.
        best: fits of the best of them, in their order.
    """

    known: int
    some: Mapping[int, BestFit]
    best: Mapping[int, BestFit]


@dataclass(frozen=True)
class _Network:
    """A network to be fitted: its population, its index there, and its stages."""

    population: str
    index: int
    depths: Sequence[int]
    widths: Sequence[int]


@lru_cache(maxsize=1)  # several functions of this module ask for the fits of the same page
def _fits(populations: tuple[ReportedPopulation, ...]) -> dict[str, _Fits]:
    """Fit networks whose stages are known, and return the fits by population."""
    most = min(_MOST, max(_BEST, _MOST_OF_ALL // len(populations))) if populations[1:] else _MOST
    stages, some, best = {}, {}, {}
    for population in populations:
        name = population.name
        stages[name] = _stages(population)
        some[name] = _some(list(stages[name]), most)
        ranked = population.order if stages[name] else ()
        best[name] = list(islice((index for index in ranked if index in stages[name]), _BEST))
    fits = _fits_of(
        _Network(name, index, *stages[name][index])
        for name in stages
        for index in dict.fromkeys([*some[name], *best[name]])
    )
    found = {}
    for name in stages:
        found[name] = _Fits(
            known=len(stages[name]),
            some={index: fits[name, index] for index in some[name]},
            best={index: fits[name, index] for index in best[name]},
        )
    return found


def _stages(population: ReportedPopulation) -> dict[int, tuple[Sequence[int], Sequence[int]]]:
    """Return depths and widths of the networks that can be fitted, by index."""
    stages = {}
    for index, backbone in enumerate(population.backbones):
        if backbone is not None and sum(backbone['depths']) <= DEEPEST:
            stages[index] = (backbone['depths'], backbone['widths'])
    return stages


def _some(known: Sequence[int], most: int) -> Sequence[int]:
    """Return all of some networks, or of very many a random part."""
    if len(known) <= most:
        return known
    chosen = np.random.default_rng(0).choice(len(known), most, replace=False)
    return [known[place] for place in np.sort(chosen)]


def _fits_of(networks: Iterable[_Network]) -> dict[tuple[str, int], BestFit]:
    """Return fits by population and index."""
    # The longest first, so that no process is left with them alone at the end.
    ordered = sorted(networks, key=lambda network: -sum(network.depths))
    parts = [ordered[first : first + _TOGETHER] for first in range(0, len(ordered), _TOGETHER)]
    found = chain.from_iterable(in_processes(fit_all, parts, 'fitting'))
    return {(network.population, network.index): fit for network, fit in zip(ordered, found)}


def _widths(key: str, population: ReportedPopulation, fits: Mapping[int, BestFit]) -> Figure:
    """Draw the width of each block of the best networks, and the fit of the very best."""
    widths = {}
    for index in fits:
        backbone = population.backbones[index] or {}
        widths[index] = np.repeat(backbone['widths'], backbone['depths'])
    slopes = [of_blocks / (1 + np.arange(len(of_blocks))) for of_blocks in widths.values()]
    slope = float(np.median(np.concatenate(slopes)))
    with_fit = {
        population.networks[index]: (widths[index], _predicted(len(widths[index]), fit))
        for index, fit in islice(fits.items(), _FITTED)
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
