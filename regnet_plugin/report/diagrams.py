"""Diagrams of networks (figures 6, 8, 15 and 16).

They show the width of each block, and say all it takes to build the network again.
"""

import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from math import ceil, sqrt
from pathlib import Path
from typing import Any

import matplotlib
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from matplotlib.ticker import MaxNLocator

from regnet_plugin.core.vocabulary import (
    DEFAULT_ACTIVATION,
    DEFAULT_BLOCK,
    DEFAULT_NUM_CLASSES,
    DEFAULT_RESOLUTION,
    DEFAULT_STEM,
    DEFAULT_STEM_WIDTH,
)
from regnet_plugin.design_spaces.sample import Sample
from regnet_plugin.files import unfinished
from regnet_plugin.report.drawing.style import SERIES, TEXT_AS_TEXT
from regnet_plugin.report.parameter_diagrams import parameter_sheet

_BLUE, _ORANGE = SERIES[:2]
_COLUMNS, PAGE = 4, 24  # panels in a row, and on a page
# Blocks of a network, beyond which only its stages are drawn: nobody tells them apart.
BLOCK_BY_BLOCK = 512
_LINE = 160  # characters of a line of a title; a wider one would leave its panel no place
_UNITS = (('G', 1e9), ('M', 1e6), ('k', 1e3))
# What a legend leaves out.
_DEFAULTS = {
    'block': DEFAULT_BLOCK,
    'stem': DEFAULT_STEM,
    'stem_width': DEFAULT_STEM_WIDTH,
    'head_width': 0,
    'strides': 2,
    'dilations': 1,
    'resolution': DEFAULT_RESOLUTION,
    'classes': DEFAULT_NUM_CLASSES,
    'activation': DEFAULT_ACTIVATION,
}


def legend(sample: Sample) -> str:
    """Say what a network is, so that it can be built again.

    It is written in entries 'name = value', two spaces between them. A RegNet is told by its
    parameters d, w_0, w_a, w_m, b and g, as they were before the group-width rule; another network
    by d_i, w_i, b_i and g_i of every stage, after it, or b and g where all stages share them. What
    is as in the paper is left out: block X or Y (X with SE), its stem, stride 2 in each stage, 224
    pixels, 1000 classes, ReLU. Optimiser settings are no part of the network and are rounded.

    Args:
        sample: the network.

    Returns:
        One to three lines.
    """
    architecture, parameters = sample.structure, sample.parameters
    squeeze = architecture.se_ratio or None
    if 'w_0' in parameters:
        lines = [
            {
                'd': parameters['depth'],
                'w_0': parameters['w_0'],
                'w_a': parameters['w_a'],
                'w_m': parameters['w_m'],
                'b': architecture.bottleneck_ratios and architecture.bottleneck_ratios[0],
                'g': architecture.group_widths and parameters['group_width'],
                'SE': squeeze,
            }
        ]
    else:
        lines = [
            {'d_i': architecture.depths, 'w_i': architecture.widths},
            {
                **_of_stages('b', architecture.bottleneck_ratios),
                **_of_stages('g', architecture.group_widths),
                'SE': squeeze,
            },
        ]
    lines.append(_unusual(sample))
    texts = [_line(entries) for entries in lines]
    return '\n'.join(text for text in texts if text)


def _unusual(sample: Sample) -> dict[str, Any]:
    """What else makes the network, where it is not as in the paper."""
    architecture = sample.structure
    others = {
        'block': 'X' if architecture.block == 'Y' else architecture.block,
        'stem': architecture.stem,
        'stem_width': architecture.stem_width,
        'head_width': architecture.head_width,
        'strides': architecture.strides,
        'dilations': architecture.dilations,
        'activation': sample.activation,
        'resolution': sample.resolution,
        'classes': sample.num_classes,
        'lr': sample.lr and f'{sample.lr:.4g}',
        'weight_decay': sample.weight_decay and f'{sample.weight_decay:.4g}',
    }
    return {name: value for name, value in others.items() if _shared(value) != _DEFAULTS.get(name)}


def _line(entries: Mapping[str, Any]) -> str:
    """Entries 'name = value', without those whose value is None."""
    known = {name: value for name, value in entries.items() if value is not None}
    return '  '.join(f'{name} = {_text(value)}' for name, value in known.items())


def _of_stages(name: str, values: tuple[float, ...] | None) -> dict[str, Any]:
    """One entry for values of stages: 'b' where all share one, else 'b_i'."""
    shared = _shared(values)
    return {f'{name}_i' if shared is values else name: shared}


def _shared(values: Any) -> Any:
    """The value that all stages have, where there is one; else what was given."""
    if isinstance(values, tuple) and len(set(values)) == 1:
        return values[0]
    return values


def _text(value: Any) -> str:
    """A value, or values of stages; numbers are exact, and as short as can be."""
    if isinstance(value, tuple):
        return ', '.join(_text(one) for one in value)
    if isinstance(value, (str, int)):
        return str(value)
    short = f'{value:g}'
    return short if float(short) == value else repr(value)


def _cost(sample: Sample, error: float | None) -> str:
    counts = sample.complexity
    cost = (
        f'{_rounded(counts.flops)}F, {_rounded(counts.parameters)} parameters, '
        f'{_rounded(counts.activations)} activations'
    )
    return cost if error is None else f'{cost}, error {error:.4g}'


def _rounded(count: int) -> str:
    """Three digits and a unit, which is at least thousands: '398 M', '0.0121 k'."""
    for unit, size in _UNITS:
        if count >= size:
            return f'{count / size:.3g} {unit}'
    unit, size = _UNITS[-1]
    return f'{count / size:.3g} {unit}'


def draw_network(
    axes: Axes, sample: Sample, name: str = '', error: float | None = None, log: bool = False
) -> None:
    """Draw the width of each block as a staircase.

    For a RegNet there is also the line u_j = w_0 + w_a j that it quantizes.

    Args:
        axes: to draw into; its title gets the name, the `legend` and the complexity.
        sample: the network.
        name: Default: ''.
        error: top-1 error in percent, shown where it is known. Default: None.
        log: a logarithmic width axis, as in figure 8. Default: False.
    """
    blocks, widths = draw_staircase(axes, sample.structure.widths, sample.structure.depths, log)
    if 'w_0' in sample.parameters:
        line = [sample.parameters['w_0'] + sample.parameters['w_a'] * j for j in blocks]
        axes.plot(blocks, line, color=_ORANGE, linewidth=0.9, linestyle='--', zorder=3)
    axes.plot(blocks, widths, color=_BLUE, linestyle='none', marker='o', markersize=2.2)
    if log:
        axes.set_yscale('log', base=2)
        axes.yaxis.set_major_formatter('{x:g}')
    axes.xaxis.set_major_locator(MaxNLocator(integer=True))
    axes.set_title(_title(sample, name, error), loc='left', fontsize=7, linespacing=1.25)
    axes.tick_params(labelsize=7)
    axes.spines[['top', 'right']].set_visible(False)
    axes.grid(axis='y', alpha=0.3)


def _title(sample: Sample, name: str, error: float | None) -> str:
    lines = [name] if name else []
    for line in legend(sample).split('\n'):
        shown = line if len(line) <= _LINE else f'{line[: _LINE - 1]}…'
        lines.append(_typeset(shown))
    lines.append(_cost(sample, error))
    return '\n'.join(lines)


def _typeset(text: str) -> str:
    """Symbols of one letter in italics, their indices below, in Matplotlib's mathtext."""
    return re.sub(r'\b([a-z](_\w)?)(?= =)', r'$\1$', text)


def draw_staircase(
    axes: Axes, widths: Sequence[int], depths: Sequence[int], log: bool = False
) -> tuple[list[int], list[int]]:
    """Draw the width of each block as a staircase, the number of the block from 0 to the right.

    Args:
        axes: to draw into.
        widths: of the blocks of each stage.
        depths: number of the blocks of each stage.
        log: the width axis is logarithmic. Default: False.

    Returns:
        Numbers of blocks, and their widths, as `blocks_shown` gives them.
    """
    blocks, shown = blocks_shown(widths, depths)
    edges = [block - 0.5 for block in (*blocks, sum(depths))]
    axes.stairs(shown, edges, baseline=None if log else 0, color=_BLUE, linewidth=1.4)
    axes.stairs(shown, edges, baseline=1 if log else 0, color=_BLUE, fill=True, alpha=0.12)
    return blocks, shown


def blocks_shown(widths: Sequence[int], depths: Sequence[int]) -> tuple[list[int], list[int]]:
    """Choose the blocks that a diagram marks: all, or of a very deep network one per stage.

    Args:
        widths, depths: as `draw_staircase` takes them.

    Returns:
        Numbers of the blocks, ascending from 0, and their widths; the one of a stage is its first.
    """
    blocks: list[int] = []
    shown: list[int] = []
    only_first = sum(depths) > BLOCK_BY_BLOCK
    first = 0
    for width, depth in zip(widths, depths):
        marked = 1 if only_first else depth
        blocks.extend(range(first, first + marked))
        shown.extend([width] * marked)
        first += depth
    return blocks, shown


def contact_sheet(
    networks: Sequence[tuple[str, Sample]],
    errors: Mapping[str, float] | None = None,
    log: bool = False,
    page: int = PAGE,
) -> Iterator[Figure]:
    """Draw many networks on the same axes, so that they can be compared by eye.

    Where one has no stages, parameters are drawn in the place of widths.

    Args:
        networks: at least one, each with what to call it.
        errors: top-1 errors in percent by name, those that are known. Default: none.
        log: logarithmic width axes. Default: False.
        page: networks on a page. Default: 24.

    Yields:
        The pages.
    """
    errors = errors or {}
    if any(sample.architecture is None for _, sample in networks):
        titles = [
            '\n'.join(filter(None, (name, _cost(sample, errors.get(name)))))
            for name, sample in networks
        ]
        yield from parameter_sheet(networks, titles, page)
        return
    architectures = [sample.structure for _, sample in networks]
    deepest = max(architecture.depth for architecture in architectures)
    narrowest = min(min(architecture.widths) for architecture in architectures)
    widest = max(max(architecture.widths) for architecture in architectures)
    # some place above, and on a logarithmic axis below, too
    width_limits = (narrowest / 1.3, widest * 1.3) if log else (0, widest * 1.05)
    for start in range(0, len(networks), page):
        shown = networks[start : start + page]
        columns = min(_COLUMNS, ceil(sqrt(len(shown))))
        rows = ceil(len(shown) / columns)
        figure = Figure(figsize=(3.7 * columns + 0.4, 2.5 * rows + 0.3), layout='constrained')
        panels = figure.subplots(rows, columns, sharex=True, sharey=True, squeeze=False).ravel()
        for axes, (name, sample) in zip(panels, shown):
            draw_network(axes, sample, name, errors.get(name), log)
        for axes in panels[len(shown) :]:
            axes.remove()
        panels[0].set_xlim(-0.7, deepest - 0.3)
        panels[0].set_ylim(*width_limits)
        figure.supxlabel('block $j$', fontsize=9)
        figure.supylabel('width $w_j$', fontsize=9)
        yield figure


def save_pages(figures: Iterable[Figure], path: Path) -> list[Path]:
    """Write the pages of a `contact_sheet`.

    From the second one on the name gets a number: networks.png, networks-2.png.

    Args:
        figures: the pages.
        path: of the first page; its suffix decides the format.

    Returns:
        The paths of what was written.

    Raises:
        ValueError: if the format is not one of matplotlib's.
    """
    paths = []
    for number, figure in enumerate(figures, 1):
        name = path.name if number == 1 else f'{path.stem}-{number}{path.suffix}'
        paths.append(path.with_name(name))
        with matplotlib.rc_context(TEXT_AS_TEXT), unfinished(paths[-1]) as part:
            figure.savefig(part, dpi=130)
    return paths
