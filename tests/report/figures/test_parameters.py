"""Errors against parameters: points, the bootstrap's band, scales, and what is left out."""

import numpy as np
import pytest
from matplotlib.patches import PathPatch
from matplotlib.text import Annotation

from regnet_plugin.analysis import empirical_bootstraps
from regnet_plugin.report.figures import e_fit_plot, parameter_plot
from regnet_plugin.report.figures.marks import BEST, SHOWN, shown_points
from regnet_plugin.report.style import BAND

RNG = np.random.default_rng(0)


def plot_of(columns, errors, key='x'):
    networks = [f'{number:06d}' for number in range(len(errors))]
    return parameter_plot(
        key, 'A', columns, errors, empirical_bootstraps(columns, errors), networks
    )


def points(axes):
    """Ends of the dots that are drawn."""
    found = [
        patch
        for patch in axes.artists + axes.patches
        if isinstance(patch, PathPatch) and patch.get_transform() == axes.transData
    ]
    return found[0].get_path().vertices[::2]


def test_points_are_where_they_belong_and_the_pointer_finds_them():
    plot = plot_of(
        dict(depth=[5, 9, np.nan, 12.0], w_4=[8, 64, 128, 1024.0]), np.array([40, np.inf, 41, 42.5])
    )
    first, second = plot.figure.axes
    assert points(first) == pytest.approx(np.array([(5, 40), (12, 42.5)]))  # unknown, or failed
    assert points(second) == pytest.approx(np.array([(8, 40), (128, 41), (1024, 42.5)]))
    assert (first.get_xscale(), second.get_xscale()) == ('linear', 'log')
    assert (first.get_xlabel(), second.get_xlabel(), first.get_ylabel()) == (
        'depth d',
        'w₄',
        'error (%)',
    )
    assert [series.label for series in plot.series] == ['A', 'A']
    assert plot.series[0].names == ['000000', '000003'] and list(plot.series[1].y) == [40, 41, 42.5]


def test_the_band_is_the_bootstraps():
    depth, errors = RNG.integers(4, 30, 200), RNG.gamma(2, 3, 200)
    plot = plot_of(dict(depth=depth), errors)
    (axes,) = plot.figure.axes
    bootstrap = empirical_bootstraps(dict(depth=depth), errors)['depth']
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
    (axes,) = plot_of({column: np.array(values, dtype=float)}, np.array([1.0, 2.0])).figure.axes
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
        ('flops', [3e8, 3.5e8, 4e9, 5e9], ['500M', '1G', '2G', '5G']),
        ('seconds', [0.011, 0.012], ['11\u2009ms', '12\u2009ms']),
        ('weight_decay', [1e-5, 1e-4, 2e-4, 1e-2], ['1e\u22125', '0.0001', '0.001', '0.01']),
    ],
)
def test_ticks(column, values, shown):
    (axes,) = plot_of(
        {column: np.array(values, dtype=float)}, np.arange(1.0, len(values) + 1)
    ).figure.axes
    assert labels(axes) == shown


def test_the_best_and_an_even_part_of_the_others_are_shown():
    errors = RNG.permutation(100_000).astype(float)
    kept = shown_points(errors)
    assert len(kept) == SHOWN == len(set(kept)) and (np.diff(kept) > 0).all()
    found = np.sort(errors[kept])
    assert found[:BEST].tolist() == list(range(BEST)) and found[-1] == 99_999
    # 99,800 by 799 steps
    assert np.diff(found[BEST:]).min() >= 124 and np.diff(found[BEST:]).max() <= 126
    assert shown_points(errors[:SHOWN]).tolist() == list(range(SHOWN))


def test_100_000_networks(tmp_path):
    errors = RNG.normal(50, 3, 100_000)
    plot = plot_of({name: RNG.normal(0, 1, 100_000) for name in 'abc'}, errors)
    assert len(plot.svg()) < 150_000 and len(plot.data['error']) == 100_003
    assert all(len(series.x) == SHOWN for series in plot.series)
    assert errors.min() in plot.series[0].y
    remarks = [text.get_text() for text in plot.figure.texts]
    assert (
        'A panel shows the 200 best networks and an even part of the others, 1000 in all.'
        in remarks
    )


def test_far_outliers_are_counted():
    errors = np.append(np.linspace(40, 50, 100), [99.9, 99.9])
    plot = plot_of(dict(depth=np.arange(102.0)), errors)
    assert plot.figure.axes[0].get_ylim()[1] < 65
    assert any(
        text.get_text().startswith('2 networks with errors above') for text in plot.figure.texts
    )


def test_e_fit_panels_share_their_axes():
    e_fits = {
        name: RNG.gamma(1, scale, 30)
        for name, scale in (('C', 0.2), ('D', 0.05), ('E', 0.01), ('none', 0.01))
    }
    e_fits['none'] = np.full(30, np.nan)
    errors = {name: RNG.gamma(2, 3, 30) + 40 for name in e_fits}
    bootstraps = {
        name: empirical_bootstraps(dict(x=e_fits[name]), errors[name])['x'] for name in e_fits
    }
    networks = {name: [f'{name}{number}' for number in range(30)] for name in e_fits}
    plot = e_fit_plot('x', e_fits, errors, bootstraps, networks)
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
