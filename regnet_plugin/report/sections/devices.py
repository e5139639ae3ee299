"""Times and memory of networks on a device: predicted, measured, and flops at equal cost."""

from collections.abc import Mapping, Sequence

import numpy as np
from numpy.typing import NDArray
from scipy.stats import spearmanr

from regnet_plugin.analysis import EDF, common_bins, complexity_weights, edf
from regnet_plugin.cli.wording import counted
from regnet_plugin.population.columns import PREDICTIONS, TIMES
from regnet_plugin.report.document import Figure, Section
from regnet_plugin.report.drawing.plot import Column
from regnet_plugin.report.drawing.sketch import Sketch
from regnet_plugin.report.figures import distribution_plot, predicted_plot
from regnet_plugin.report.figures.scales import label_of
from regnet_plugin.report.populations import ReportedPopulation, looks_of
from regnet_plugin.report.wording import cost_size

_MOST_BINS = 10  # of a cost; in more of them single networks weigh much
_FEWEST = 10  # networks, from which on an error of predictions is told


def device_section(populations: Sequence[ReportedPopulation]) -> Section | None:
    """Make the section; None where nothing was predicted of the networks.

    It is about all networks that were sampled, also those that no training has ended of.
    """
    looks = looks_of(populations)
    figures, text = [], []
    for measured in TIMES:
        found = _measured(populations, measured, looks)
        if found is not None:
            figures.append(found[0])
            text.append(found[1])
    for cost in PREDICTIONS:
        figure = _flops_at_equal(populations, cost, looks)
        if figure is not None:
            figures.append(figure)
    if not figures:
        return None
    return Section('device', 'On a device', text, figures)


def _measured(
    populations: Sequence[ReportedPopulation], measured: str, looks: Mapping[str, int]
) -> tuple[Figure, str] | None:
    """Set a time against what was predicted of it; None where one of them is not known."""
    predicted = f'predicted_{measured}'
    timed: dict[str, dict[str, Column]] = {}
    pairs = []
    for population in populations:
        x, y = _all(population, predicted), _all(population, measured)
        both = np.isfinite(x) & np.isfinite(y)
        if both.any():
            timed[population.name] = {
                'network': list(population.records.networks),
                predicted: x,
                measured: y,
            }
            pairs.append(np.stack([x[both], y[both]]))
    if not timed:
        return None
    x, y = np.concatenate(pairs, axis=1)
    key = f'{measured.replace("_", "-")}-predicted'
    figure = Figure(
        Sketch(predicted_plot, key, timed, [(predicted, measured)], looks),
        f'Measured and predicted: {label_of(measured)}',
        'On the line both are the same. The device model has not seen these networks, unless it '
        'was fitted to them.',
    )
    networks = counted(len(x), 'network')
    if len(x) < _FEWEST or np.ptp(x) == 0 or np.ptp(y) == 0:
        return figure, f'{label_of(measured).capitalize()}: {networks} measured.'.replace('_', ' ')
    errors = np.abs(x / y - 1)
    rank = spearmanr(x, y).statistic
    return figure, (
        f'The predicted {label_of(measured)} of {networks} is wrong by {np.median(errors):.0%} '
        f'(median) and {np.quantile(errors, 0.9):.0%} (90% of them); rank correlation {rank:.2f}. '
        'Within a narrow interval of times a rank correlation is low whatever the model.'
    )


def _flops_at_equal(
    populations: Sequence[ReportedPopulation], cost: str, looks: Mapping[str, int]
) -> Figure | None:
    """Compare distributions of flops at an equal cost, of all sampled networks.

    None for less than two populations whose costs overlap.
    """
    known = {
        population.name: (flops[both], costs[both])
        for population in populations
        for flops, costs in [(_all(population, 'flops'), _all(population, cost))]
        for both in [np.isfinite(flops) & np.isfinite(costs)]
        if both.any()
    }
    if len(known) < 2:
        return None
    bins = common_bins([costs for _, costs in known.values()], _MOST_BINS)
    if bins is None:
        return None
    edfs: dict[str, EDF] = {}
    for name, (flops, costs) in known.items():
        weights = complexity_weights(costs, bins.low, bins.high, bins.bins)
        edfs[name] = edf(flops, weights)
    words = label_of(cost)
    return Figure(
        Sketch(
            distribution_plot,
            f'flops-at-equal-{cost.replace("_", "-")}',
            edfs,
            'flops',
            looks,
        ),
        f'Flops at equal {words}',
        f'All sampled networks with a {words} from {cost_size(cost, bins.low)} to '
        f'{cost_size(cost, bins.high)}, weighted so that each of {bins.bins} equal bins weighs the '
        'same. A space that lies further right has more flops for the same cost. TinyNAS (Lin et '
        'al., 2020) takes that for the better space before anything is trained: with more '
        'computation networks can be more accurate. It cannot see how well a space uses its flops; '
        'spaces of different blocks need trainings to be compared.',
    )


def _all(population: ReportedPopulation, name: str) -> NDArray[np.float64]:
    """A column of all networks, whether they count or not; NaN where unknown."""
    records = population.records
    unknown = np.full(len(records.networks), np.nan)
    return np.asarray(records.columns.get(name, unknown), dtype=np.float64)
