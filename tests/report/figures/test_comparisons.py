"""Random search, published networks, design steps, good and bad networks, networks along a line."""

from dataclasses import replace

import numpy as np
import pytest

from regnet_plugin.analysis import best_of, edf
from regnet_plugin.report.figures import (
    Family,
    RatedNetwork,
    networks_plot,
    published_plot,
    search_plot,
    steps_plot,
    width_plot,
)


def lines(axes, count):
    """Curves of so many points."""
    return [line for line in axes.lines if len(line.get_xdata()) == count]


def test_search_has_a_band_of_one_standard_deviation():
    plot = search_plot('x', dict(A=best_of([1.0, 3.0], [1, 2, 4])))  # by hand: mean 1 + 2 / 2^m
    (axes,) = plot.figure.axes
    (curve,) = lines(axes, 3)
    assert curve.get_xydata() == pytest.approx(np.array([(1, 2), (2, 1.5), (4, 1.125)]))
    outline = axes.collections[0].get_paths()[0].get_extents()
    assert (outline.y0, outline.y1) == pytest.approx((min(2 - 1, 1.5 - 0.75**0.5), 3))
    assert axes.get_xscale() == 'log' and plot.data['draws'] == [1, 2, 4]


FAMILY = Family(
    'RegNetX',
    ['b', 'a', 'c'],
    dict(flops=[8e8, 4e8, np.nan], parameters=[7e6, 5e6, 9e6], activations=[5e6, 3e6, 8e6]),
    [24.8, 27.3, 23.0],
    joined=True,
)


def test_sizes_of_a_model_are_joined_and_published_ones_marked():
    printed = replace(FAMILY, published=True)
    plot = published_plot('x', {'by flops': [FAMILY, printed]})
    own, other = lines(plot.figure.axes[0], 2)
    assert own.get_xydata().tolist() == other.get_xydata().tolist() == [[4e8, 27.3], [8e8, 24.8]]
    assert (own.get_linestyle(), other.get_linestyle()) == ('-', '--')
    assert other.get_markerfacecolor() == '#ffffff' != own.get_markerfacecolor()
    assert [text.get_text() for text in plot.figure.legends[0].texts] == [
        'RegNetX',
        'RegNetX (published numbers)',
    ]
    assert [series.label for series in plot.series[:2]] == ['RegNetX', 'RegNetX (published)']
    assert plot.series[0].names == ['a', 'b'] and plot.series[2].names == ['a', 'b', 'c']
    assert plot.data['published'] == [0, 0, 0, 1, 1, 1]


@pytest.mark.parametrize('published', [False, True])
def test_other_networks_are_points(published):
    plot = published_plot('x', {'by flops': [replace(FAMILY, joined=False, published=published)]})
    assert [line.get_linestyle() for line in lines(plot.figure.axes[0], 2)] == ['None'] * published
    assert list(plot.series[0].x) == [4e8, 8e8]


def test_a_population_is_a_cloud():
    n = 500
    columns = {name: np.linspace(1e6, 9e8, n) for name in FAMILY.columns}
    cloud = Family('A', list(map(str, range(n))), columns, np.linspace(30, 50, n))
    plot = published_plot('x', {'all': [cloud, FAMILY]})
    assert all(not lines(axes, n) for axes in plot.figure.axes) and len(plot.series[0].x) == n
    assert len(plot.svg()) < 80_000


def test_groups_are_rows_with_one_axis_of_errors():
    plot = published_plot('x', {'by activations': [FAMILY], 'by flops': [FAMILY]})
    assert [axes.get_xlabel() for axes in plot.figure.axes] == [
        'flops',
        'parameters',
        'activations',
    ] * 2
    assert [axes.get_title('left') for axes in plot.figure.axes][::3] == [
        'by activations',
        'by flops',
    ]
    assert len({axes.get_ylim() for axes in plot.figure.axes}) == 1


def test_steps_are_in_order_with_the_size_of_each_space():
    sizes = dict(A=1.8e18, B=6.8e16, C=None, RegNet=3.0e8)  # table 1
    edfs = dict(A=edf([50, 60]), B=edf([49, 61]), C=edf([]), RegNet=edf([48, 52]))
    plot = steps_plot('x', edfs, sizes)
    left, right = plot.figure.axes
    minima, means = lines(left, 4)
    assert minima.get_xdata() == pytest.approx([50, 49, np.nan, 48], nan_ok=True)
    assert means.get_xdata() == pytest.approx([55, 55, np.nan, 50], nan_ok=True)
    # downwards
    assert list(minima.get_ydata()) == [0, 1, 2, 3] and left.get_ylim()[0] > left.get_ylim()[1]
    assert lines(right, 4)[0].get_xdata() == pytest.approx(
        np.log10([1.8e18, 6.8e16, np.nan, 3e8]), nan_ok=True
    )
    assert [text.get_text() for text in left.texts if text.get_ha() == 'right'] == list(edfs)
    assert plot.data['size'] == [1.8e18, 6.8e16, None, 3e8] and plot.data['networks'] == [
        2,
        2,
        0,
        2,
    ]


def network(name, depths, widths, error=40.0):
    return RatedNetwork(name, dict(depths=depths, widths=widths, strides=(2,) * len(widths)), error)


def test_good_networks_are_above_bad_ones_on_the_same_axes():
    best = [
        network(f'good {number}', (1, 2, 3, 4), (8, 16, 32, 64 + number)) for number in range(3)
    ]
    worst = [network(f'bad {number}', (5, 1), (900, 8), 80.5) for number in range(5)]
    plot = networks_plot('x', 'AnyNetX_C', best, worst)
    axes = plot.figure.axes
    titles = [one.get_title('left').split('\n') for one in axes]
    assert titles[0] == ['40.0% good 0', 'd 1, 2, 3, 4', 'w 8, 16, 32, 64']
    assert titles[3] == ['80.5% bad 0', 'd 5, 1', 'w 900, 8']
    rows = [one.get_position().y0 for one in axes]
    assert (
        len(axes) == 8
        and len(set(rows[:3])) == len(set(rows[3:6])) == len(set(rows[6:])) == 1
        and rows[0] > rows[3] > rows[6]
    )
    assert axes[0].patches[0].get_data().values.tolist() == [8] + [16] * 2 + [32] * 3 + [64] * 4
    assert (
        len({(one.get_xlim(), one.get_ylim()) for one in axes}) == 1 and axes[0].get_ylim()[1] > 900
    )
    assert {series.label for series in plot.series} == {'AnyNetX_C'} and plot.series[3].names == [
        'bad 0'
    ] * 6
    assert list(plot.series[3].y) == [900] * 5 + [8] and plot.series[7].axes == 7
    assert plot.data['which'] == ('best',) * 12 + ('worst',) * 10


def test_widths_are_drawn_beside_a_line():
    best = {'1': [32, 64, 64], '2': [24, 48]}
    plot = width_plot('x', 'AnyNetX_E', best, {'1': (best['1'], [32, 48, 72])}, slope=40)
    left, right = plot.figure.axes
    curves = [line.get_xydata().tolist() for line in left.lines]
    expected = [[0, 40], [1, 80], [2, 120]], [[0, 32], [1, 64], [2, 64]], [[0, 24], [1, 48]]
    assert all(curve in curves for curve in expected)
    solid, dashed = right.lines[:2]
    assert (list(solid.get_ydata()), list(dashed.get_ydata())) == ([32, 64, 64], [32, 48, 72])
    assert (solid.get_linestyle(), dashed.get_linestyle()) == (
        '-',
        '--',
    ) and solid.get_color() == dashed.get_color()
    assert left.get_yscale() == right.get_yscale() == 'log' and left.get_ylim() == right.get_ylim()
    assert left.get_ylim()[0] < 24 and left.get_ylim()[1] > 120
    texts = [text.get_text() for text in plot.figure.legends[0].texts]
    assert texts == ['widths of a network', '40 (j + 1)', '1, its fit dashed']


def test_the_line_of_figure_8_is_the_default():
    plot = width_plot('x', 'A', {'1': [48] * 21}, {})
    assert [20, 48 * 21] in plot.figure.axes[0].lines[0].get_xydata().tolist()
