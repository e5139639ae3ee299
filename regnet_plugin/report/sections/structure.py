"""How close networks are to a quantized linear function, and whether that makes them good (figure
8).
"""

from functools import lru_cache

import numpy as np

from regnet_plugin.analysis import empirical_bootstrap
from regnet_plugin.core.architecture import Architecture
from regnet_plugin.core.linear_fit import DEEPEST, fit_all
from regnet_plugin.core.quantized_linear import quantized_linear
from regnet_plugin.report.document import Figure, Section
from regnet_plugin.report.figures import e_fit_plot, width_plot
from regnet_plugin.report.populations import drawn_alone, error_label
from regnet_plugin.report.processes import in_processes
from regnet_plugin.report.sections.parameters import told
from regnet_plugin.report.sketch import Sketch
from regnet_plugin.report.wording import spread

_BEST, _FITTED = 20, 2
_TOGETHER = 1000  # networks fitted by one process; those of one depth share work


def structure(entries, keys, brief):
    """The section: error against e_fit, and the best networks' widths, of the best population only
    if it is to be brief; None where no network's stages are known.
    """
    fits, values = _fits(tuple(entries)), e_fits(entries)
    keys = {entry.name: key for entry, key in zip(entries, keys)}
    entries = [entry for entry in entries if fits[entry.name]]
    if not entries:
        return None
    values = {entry.name: values[entry.name] for entry in entries}
    ranges = {
        entry.name: told(empirical_bootstrap(values[entry.name], entry.errors, entry.rules.level))
        for entry in entries
    }
    plot = Sketch(
        e_fit_plot,
        'e-fit',
        values,
        {entry.name: entry.errors for entry in entries},
        ranges,
        {entry.name: entry.networks for entry in entries},
        error_label(entries),
    )
    items = [
        Figure(
            plot,
            'Error against e_fit',
            'e_fit: mean |ln(predicted width / width)| over the blocks, of the '
            'quantized linear function that fits a network best, before the group-width rule.',
        )
    ]
    items += [
        _widths(f'widths-{keys[entry.name]}', entry, fits[entry.name])
        for entry in drawn_alone(entries, brief)
    ]
    text = [
        f'{entry.name}: mean e_fit {np.nanmean(values[entry.name]):.3f}; of the best networks '
        f'{spread(ranges[entry.name], ".3f")}.'
        for entry in entries
    ]
    return Section('structure', 'Quantized linear functions', text, items)


def e_fits(entries):
    """e_fit of each network, by population; NaN where its stages are not known."""
    fits = _fits(tuple(entries))
    return {
        entry.name: np.array(
            [getattr(fits[entry.name].get(index), 'e_fit', np.nan) for index in range(entry.n)]
        )
        for entry in entries
    }


@lru_cache(maxsize=1)
def _fits(entries):
    """By population the fits by index of the network, of those whose stages are known."""
    known = [
        (
            entry.name,
            index,
            Architecture.from_dict(
                {name: backbone[name] for name in backbone if name != 'act_cfg'}
            ),
        )
        for entry in entries
        for index, backbone in enumerate(entry.backbones)
        if backbone is not None and sum(backbone['depths']) <= DEEPEST
    ]
    known.sort(key=lambda one: -one[-1].depth)  # the longest first
    parts = [known[first : first + _TOGETHER] for first in range(0, len(known), _TOGETHER)]
    fits = {entry.name: {} for entry in entries}
    for part, found in zip(parts, in_processes(_fit, parts, 'fitting')):
        for (name, index, _), fit in zip(part, found):
            fits[name][index] = fit
    return fits


def _fit(part):
    return fit_all(architecture for *_, architecture in part)


def _widths(key, entry, fits):
    best = [index for index in entry.order if index in fits][:_BEST]
    blocks = {
        index: np.repeat(entry.backbones[index]['widths'], entry.backbones[index]['depths'])
        for index in best
    }
    slope = float(
        np.median(
            np.concatenate([widths / (1 + np.arange(len(widths))) for widths in blocks.values()])
        )
    )
    fitted = {
        entry.networks[index]: (blocks[index], _predicted(len(blocks[index]), fits[index]))
        for index in best[:_FITTED]
    }
    named = {entry.networks[index]: widths for index, widths in blocks.items()}
    plot = Sketch(width_plot, key, entry.name, named, fitted, round(slope))
    return Figure(
        plot,
        f'{entry.name}: widths of the best networks',
        'The slope of the line is the median of w_j / (j + 1) over their blocks; the paper has 48 '
        'for 400 MF.',
    )


def _predicted(depth, fit):
    return quantized_linear(depth, fit.w_0, fit.w_a, fit.w_m).widths[0]
