"""Errors against a parameter: bins, points, the bootstrap's band, scales, and what is left out."""

import numpy as np
import pytest
from matplotlib.colors import to_hex
from matplotlib.patches import PathPatch
from matplotlib.text import Annotation

from regnet_plugin.analysis import empirical_bootstrap, explained
from regnet_plugin.report.drawing.style import BAND, SERIES
from regnet_plugin.report.figures import ParameterPanel, parameter_plot
from regnet_plugin.report.figures.marks import SHOWN, most_shown, shown_points

RNG = np.random.default_rng(0)


def panel(values, errors, look=0, column='depth'):
    values = np.asarray(values, dtype=float)
    return ParameterPanel(
        look,
        values,
        errors,
        [f'{number:06d}' for number in range(len(errors))],
        empirical_bootstrap(values, errors),
        explained(values, errors).bins,
    )


def plot_of(column, values, errors):
    return parameter_plot('x', column, dict(A=panel(values, errors)))


def paths(axes):
    """What is drawn in data coordinates, without edges of panels and ticks."""
    return [
        patch
        for patch in axes.artists + axes.patches
        if isinstance(patch, PathPatch) and patch.get_transform() == axes.transData
    ]


def points(axes):
    """Ends of the dots that are drawn."""
    (dots,) = [path for path in paths(axes) if path.get_capstyle() == 'round']
    return dots.get_path().vertices[::2]


def test_points_are_where_they_belong_and_the_pointer_finds_them():
    errors = np.array([40, np.inf, 41, 42.5])
    # unknown, or failed
    for column, values, shown, scale, label in (
        ('depth', [5, 9, np.nan, 12.0], [(5, 40), (12, 42.5)], 'linear', 'depth d'),
        ('w_4', [8, 64, 128, 1024.0], [(8, 40), (128, 41), (1024, 42.5)], 'log', 'w₄'),
    ):
        plot = plot_of(column, values, errors)
        (axes,) = plot.figure.axes
        assert points(axes) == pytest.approx(np.array(shown))
        assert axes.get_xscale() == scale
        assert (axes.get_xlabel(), axes.get_ylabel()) == (label, 'error (%)')
        assert [series.label for series in plot.series] == ['A']
        assert list(plot.series[0].y) == [error for _, error in shown]
    assert plot.series[0].names == ['000000', '000002', '000003']


def test_bins_have_the_quartiles_of_their_errors():
    depth = np.repeat([2.0, 4.0, 8.0], 40)
    errors = RNG.gamma(2, 3, 120) + depth
    (axes,) = plot_of('depth', depth, errors).figure.axes
    (boxes,) = [path for path in paths(axes) if path.get_fill()]
    (medians,) = [path for path in paths(axes) if path.get_linewidth() == 1.8]
    corners = boxes.get_path().vertices.reshape(3, 5, 2)
    top = axes.get_ylim()[1]
    for number, value in enumerate((2, 4, 8)):
        low, median, high = np.quantile(
            errors[depth == value], [0.25, 0.5, 0.75], method='inverted_cdf'
        )
        assert corners[number][:, 1].min() == pytest.approx(low)
        assert corners[number][:, 1].max() == pytest.approx(min(high, top))
        assert medians.get_path().vertices[2 * number][1] == pytest.approx(median)
    # half-way between neighbours
    assert corners[0][:, 0].max() == 3 == corners[1][:, 0].min() and corners[1][:, 0].max() == 6


def test_a_population_has_its_colour_in_every_figure():
    errors = RNG.gamma(2, 3, 50)
    panels = {
        name: panel(RNG.integers(4, 30, 50), errors, look) for name, look in (('B', 1), ('D', 3))
    }
    figure = parameter_plot('x', 'depth', panels).figure
    for axes, look in zip(figure.axes, (1, 3)):
        colours = {to_hex(path.get_edgecolor()) for path in paths(axes) if not path.get_fill()}
        assert colours == {SERIES[look]}


def test_the_band_is_the_bootstraps():
    depth, errors = RNG.integers(4, 30, 200), RNG.gamma(2, 3, 200)
    plot = plot_of('depth', depth, errors)
    (axes,) = plot.figure.axes
    bootstrap = empirical_bootstrap(depth, errors)
    (box,) = (
        patch
        for patch in axes.patches
        if patch.get_facecolor()[:3]
        == pytest.approx(tuple(int(BAND[place : place + 2], 16) / 255 for place in (1, 3, 5)))
    )
    corners = box.get_extents().transformed(axes.transData.inverted())
    assert (corners.x0, corners.x1) == pytest.approx((bootstrap.low, bootstrap.high))
    assert [line.get_xdata()[0] for line in axes.lines] == [bootstrap.median]
    rows = [row for row in zip(*plot.data.values()) if row[1] != 'network']
    assert [(row[1], row[-1]) for row in rows] == [
        ('bootstrap low', bootstrap.low),
        ('bootstrap median', bootstrap.median),
        ('bootstrap high', bootstrap.high),
    ]


@pytest.mark.parametrize(
    'column, values, scale',
    [
        ('lr', [0.001, 1], 'log'),
        ('lr', [0.1, 0.2], 'linear'),
        ('weight_decay', [1e-5, 1e-2], 'log'),
        ('depth', [1, 500], 'linear'),
        ('d_1', [1, 16], 'linear'),
        ('w_m', [1, 30], 'linear'),
        ('w_1', [8, 1024], 'log'),
        ('mine', [1, 99], 'linear'),
        ('mine', [1, 1000], 'log'),
        ('mine', [0, 1000], 'linear'),
        ('mine', [-1, 1000], 'linear'),
        ('flops', [3.6e8, 4e8], 'linear'),
        ('flops', [2e8, 6e9], 'log'),
    ],
)
def test_scales(column, values, scale):
    (axes,) = plot_of(column, values, np.array([1.0, 2.0])).figure.axes
    assert axes.get_xscale() == scale


def labels(axes):
    """Texts at the ticks of the x axis."""
    return [
        text.get_text()
        for text in axes.texts
        if not isinstance(text, Annotation) and text.get_va() == 'top'
    ]


@pytest.mark.parametrize(
    'column, values, shown',
    [
        ('b', [1, 2, 4], ['1', '2', '4']),
        ('g', [1, 2, 4, 8, 16, 32], ['1', '2', '4', '8', '16', '32']),
        ('b', [0.125, 0.25, 0.5, 1], ['0.125', '0.25', '0.5', '1']),
        ('w_1', [8, 1000], ['8', '1000']),
        ('flops', [3e8, 3.5e8, 4e9, 5e9], ['300M', '1G', '3G']),
        ('seconds', [0.011, 0.012], ['11\u2009ms', '12\u2009ms']),
        ('weight_decay', [1e-5, 1e-4, 2e-4, 1e-2], ['1e\u22125', '0.0001', '0.001', '0.01']),
    ],
)
def test_ticks(column, values, shown):
    (axes,) = plot_of(column, values, np.arange(1.0, len(values) + 1)).figure.axes
    assert labels(axes) == shown


def test_the_best_and_an_even_part_of_the_others_are_shown():
    errors = RNG.permutation(100_000).astype(float)
    kept = shown_points(errors)
    assert len(kept) == SHOWN == len(set(kept)) and (np.diff(kept) > 0).all()
    found = np.sort(errors[kept])
    assert found[:200].tolist() == list(range(200)) and found[-1] == 99_999
    # 99,800 by 799 steps
    assert np.diff(found[200:]).min() >= 124 and np.diff(found[200:]).max() <= 126
    assert shown_points(errors[:SHOWN]).tolist() == list(range(SHOWN))


@pytest.mark.parametrize(
    'populations, most', [(0, 1000), (1, 1000), (8, 375), (20, 150), (99, 100)]
)
def test_of_many_populations_fewer_points_are_shown(populations, most):
    assert most_shown(populations) == most
    assert len(shown_points(RNG.normal(50, 3, 5000), most)) == most


def test_100_000_networks(tmp_path):
    errors = RNG.normal(50, 3, 100_000)
    plot = plot_of('a', RNG.normal(0, 1, 100_000), errors)
    assert len(plot.svg()) < 50_000 and len(plot.data['error']) == 100_003
    (series,) = plot.series
    assert 850 < len(series.x) < SHOWN and errors.min() in series.y  # the worst are outside
    note = (
        'Of more than 1,000 networks of a population the 200 best and an even part of the others '
        'are shown, 1,000 in all.'
    )
    assert note in plot.notes


def test_the_worst_tenth_is_outside_and_counted():
    errors = np.append(np.linspace(40, 50, 100), [99.9, 99.9])
    plot = plot_of('depth', np.arange(102.0), errors)
    (axes,) = plot.figure.axes
    top = axes.get_ylim()[1]
    assert np.quantile(errors, 0.9) < top < 51
    outside = (errors > np.quantile(errors, 0.9)).sum()
    assert plot.notes == [f'{outside} networks with errors above {top:.3g} are outside.']
    assert [text.get_text() for text in plot.figure.texts][-1] == plot.notes[0]


def test_e_fit_panels_share_their_axes():
    e_fits = {
        name: RNG.gamma(1, scale, 30)
        for name, scale in (('C', 0.2), ('D', 0.05), ('E', 0.01), ('none', 0.01))
    }
    e_fits['none'] = np.full(30, np.nan)
    panels = {name: panel(values, RNG.gamma(2, 3, 30) + 40) for name, values in e_fits.items()}
    plot = parameter_plot('x', 'e_fit', panels)
    assert len({(axes.get_xlim(), axes.get_ylim()) for axes in plot.figure.axes}) == 1
    assert [axes.get_title('left') for axes in plot.figure.axes] == list(e_fits)
    assert plot.figure.axes[0].get_xlim()[0] < 0 and [series.label for series in plot.series] == [
        'C',
        'D',
        'E',
    ]
    assert plot.data['population'] == [name for name in e_fits for _ in range(33)]
    assert [
        text.get_text() for text in plot.figure.axes[3].texts if 'no network' in text.get_text()
    ]
