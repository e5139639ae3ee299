"""Diagrams of networks (figures 6, 8, 15 and 16): the width of each block, and all it takes to
build the network again.
"""

import re
from math import ceil, sqrt

import matplotlib
from matplotlib.figure import Figure
from matplotlib.ticker import MaxNLocator

from regnet_plugin.files import unfinished
from regnet_plugin.report.style import SERIES, TEXT_AS_TEXT

_BLUE, _ORANGE = SERIES[:2]
_COLUMNS, PAGE = 4, 24  # panels in a row, and on a page
# blocks of a network, beyond which only its stages are drawn: nobody tells them apart
BLOCK_BY_BLOCK = 512
_LINE = 160  # characters of a line of a title; a wider one would leave its panel no place
_UNITS = (('G', 1e9), ('M', 1e6), ('k', 1e3))
_DEFAULTS = dict(
    block='X',
    stem='simple',
    stem_width=32,
    strides=2,
    dilations=1,
    resolution=224,
    classes=1000,
    activation='ReLU',
)


def legend(sample):
    """Say what a network is, so that it can be built again: entries 'name = value', two spaces
    between them.

    A RegNet is told by its parameters d, w_0, w_a, w_m, b and g, as they were before the
    group-width rule; another network by d_i, w_i, b_i and g_i of every stage, after it, or b and g
    where all stages share them. What is as in the paper is left out: block X or Y (X with SE), its
    stem, stride 2 in each stage, 224 pixels, 1000 classes, ReLU. Optimiser settings are no part of
    the network and are rounded.

    Args:
        sample (Sample): of `regnet_plugin.design_spaces.sample`.

    Returns:
        str: one to three lines.
    """
    architecture, parameters = sample.architecture, sample.parameters
    ratios, groups = architecture.bottleneck_ratios, architecture.group_widths
    squeeze = dict(SE=architecture.se_ratio or None)
    if 'w_0' in parameters:
        lines = [
            dict(
                d=parameters['depth'],
                w_0=parameters['w_0'],
                w_a=parameters['w_a'],
                w_m=parameters['w_m'],
                b=ratios and ratios[0],
                g=groups and parameters['group_width'],
                **squeeze,
            )
        ]
    else:
        lines = [
            dict(d_i=architecture.depths, w_i=architecture.widths),
            dict(**_stages('b', ratios), **_stages('g', groups), **squeeze),
        ]
    lines.append(
        {
            name: value
            for name, value in _others(sample).items()
            if _shared(value) != _DEFAULTS.get(name)
        }
    )
    return '\n'.join(filter(None, map(_line, lines)))


def _others(sample):
    architecture = sample.architecture
    return dict(
        block='X' if architecture.block == 'Y' else architecture.block,
        stem=architecture.stem,
        stem_width=architecture.stem_width,
        strides=architecture.strides,
        dilations=architecture.dilations,
        activation=sample.activation,
        resolution=sample.resolution,
        classes=sample.num_classes,
        lr=sample.lr and f'{sample.lr:.4g}',
        weight_decay=sample.weight_decay and f'{sample.weight_decay:.4g}',
    )


def _line(entries):
    return '  '.join(
        f'{name} = {_text(value)}' for name, value in entries.items() if value is not None
    )


def _stages(name, values):
    shared = _shared(values)
    return {f'{name}_i' if shared is values else name: shared}


def _shared(values):
    """The value that all stages have, where there is one."""
    return values[0] if isinstance(values, tuple) and len(set(values)) == 1 else values


def _text(value):
    """Exact, and as short as can be."""
    if isinstance(value, tuple):
        return ', '.join(map(_text, value))
    return (
        str(value)
        if isinstance(value, (str, int))
        else f'{value:g}'
        if float(f'{value:g}') == value
        else repr(value)
    )


def _cost(sample, error):
    counts = sample.complexity
    flops, parameters, activations = map(
        _rounded, (counts.flops, counts.parameters, counts.activations)
    )
    cost = f'{flops}F, {parameters} parameters, {activations} activations'
    return cost if error is None else f'{cost}, error {error:.4g}'


def _rounded(count):
    """Three digits and a unit, such as '398 M'."""
    unit, size = next((pair for pair in _UNITS if count >= pair[1]), _UNITS[-1])
    return f'{count / size:.3g} {unit}'


def draw_network(axes, sample, name='', error=None, log=False):
    """Draw the width of each block as a staircase and, for a RegNet, the line u_j = w_0 + w_a j
    that it quantizes.

    Args:
        axes (matplotlib.axes.Axes): to draw into; its title gets the name, the `legend` and the
            complexity.
        sample (Sample): the network.
        name (str): Default: ''.
        error (float, optional): top-1 error in percent, shown where it is known.
        log (bool): a logarithmic width axis, as in figure 8. Default: False.
    """
    blocks, widths = draw_staircase(
        axes, sample.architecture.widths, sample.architecture.depths, log
    )
    if 'w_0' in sample.parameters:
        axes.plot(
            blocks,
            [sample.parameters['w_0'] + sample.parameters['w_a'] * j for j in blocks],
            color=_ORANGE,
            linewidth=0.9,
            linestyle='--',
            zorder=3,
        )
    axes.plot(blocks, widths, color=_BLUE, linestyle='none', marker='o', markersize=2.2)
    if log:
        axes.set_yscale('log', base=2)
        axes.yaxis.set_major_formatter('{x:g}')
    axes.xaxis.set_major_locator(MaxNLocator(integer=True))
    lines = [
        line if len(line) <= _LINE else f'{line[: _LINE - 1]}…'
        for line in legend(sample).split('\n')
    ]
    title = '\n'.join(filter(None, (name, _typeset('\n'.join(lines)), _cost(sample, error))))
    axes.set_title(title, loc='left', fontsize=7, linespacing=1.25)
    axes.tick_params(labelsize=7)
    axes.spines[['top', 'right']].set_visible(False)
    axes.grid(axis='y', alpha=0.3)


def draw_staircase(axes, widths, depths, log=False):
    """Draw the width of each block as a staircase, the number of the block from 0 to the right.

    Args:
        axes (matplotlib.axes.Axes): to draw into.
        widths, depths (Sequence[int]): width and number of the blocks of each stage.
        log (bool): the width axis is logarithmic. Default: False.

    Returns:
        tuple[list[int], list[int]]: numbers of blocks, and their widths, as `blocks_shown` gives
            them.
    """
    blocks, shown = blocks_shown(widths, depths)
    edges = [j - 0.5 for j in (*blocks, sum(depths))]
    axes.stairs(shown, edges, baseline=None if log else 0, color=_BLUE, linewidth=1.4)
    axes.stairs(shown, edges, baseline=1 if log else 0, color=_BLUE, fill=True, alpha=0.12)
    return blocks, shown


def blocks_shown(widths, depths):
    """Numbers and widths of the blocks that a diagram marks: all, or of a very deep network the
    first of each stage.
    """
    firsts = [sum(depths[:stage]) for stage in range(len(depths))]
    if sum(depths) > BLOCK_BY_BLOCK:
        return firsts, list(widths)
    blocks = [width for width, depth in zip(widths, depths) for _ in range(depth)]
    return list(range(len(blocks))), blocks


def _typeset(text):
    """Symbols of one letter in italics, their indices below."""
    return re.sub(r'\b([a-z](_\w)?)(?= =)', r'$\1$', text)


def contact_sheet(networks, errors=None, log=False, page=PAGE):
    """Draw many networks on the same axes, so that they can be compared by eye.

    Args:
        networks (Sequence[tuple[str, Sample]]): at least one, with what to call them.
        errors (dict[str, float], optional): top-1 errors in percent by name, those that are known.
        log (bool): logarithmic width axes. Default: False.
        page (int): networks on a page. Default: 24.

    Yields:
        matplotlib.figure.Figure: the pages.
    """
    depth = max(sample.architecture.depth for _, sample in networks)
    widths = [width for _, sample in networks for width in sample.architecture.widths]
    for start in range(0, len(networks), page):
        shown = networks[start : start + page]
        columns = min(_COLUMNS, ceil(sqrt(len(shown))))
        rows = -(-len(shown) // columns)
        figure = Figure(figsize=(3.7 * columns + 0.4, 2.5 * rows + 0.3), layout='constrained')
        panels = figure.subplots(rows, columns, sharex=True, sharey=True, squeeze=False).ravel()
        for axes, (name, sample) in zip(panels, shown):
            draw_network(axes, sample, name, (errors or {}).get(name), log)
        for axes in panels[len(shown) :]:
            axes.remove()
        panels[0].set_xlim(-0.7, depth - 0.3)
        panels[0].set_ylim(min(widths) / 1.3 if log else 0, max(widths) * (1.3 if log else 1.05))
        figure.supxlabel('block $j$', fontsize=9)
        figure.supylabel('width $w_j$', fontsize=9)
        yield figure


def save_pages(figures, path):
    """Write the pages of a `contact_sheet`; from the second one on the name gets a number:
    networks.png, networks-2.png.

    Args:
        figures (Iterable[matplotlib.figure.Figure]): the pages.
        path (Path): of the first page; its suffix decides the format.

    Returns:
        list[Path]: what was written.

    Raises:
        ValueError: if the format is not one of matplotlib's.
    """
    paths = []
    for number, figure in enumerate(figures, 1):
        paths.append(path if number == 1 else path.with_name(f'{path.stem}-{number}{path.suffix}'))
        with matplotlib.rc_context(TEXT_AS_TEXT), unfinished(paths[-1]) as part:
            figure.savefig(part, dpi=130)
    return paths
