"""Figures 11 and 12: ranges against flops, and curves through complexity and time."""

import numpy as np
import pytest

from regnet_plugin.analysis import (
    compare_predictors,
    fit_activations,
    fit_latency,
    fit_parameters,
    trend,
)
from regnet_plugin.report.figures import complexity_plot, latency_plot, trend_plot

FLOPS = np.array([4e8, 2e8, 8e8])


def test_ranges_are_drawn_over_their_regimes():
    # one draw of four: each of them is the best one as often
    errors = np.array([1.0, 2.0, 3.0, 4.0])
    values = [np.array([10, 20, 30, 40]) * factor for factor in (1, 2, 3)]
    plot = trend_plot('x', dict(w_a=dict(RegNetX=trend(FLOPS, values, [errors] * 3))))
    (axes,) = plot.figure.axes
    (line,) = (line for line in axes.lines if len(line.get_xdata()) == 3)
    assert line.get_xydata().tolist() == [[2e8, 40], [4e8, 20], [8e8, 60]]
    outline = axes.collections[0].get_paths()[0].vertices.tolist()
    assert all(
        corner in outline
        for corner in ([2e8, 20], [2e8, 80], [4e8, 10], [4e8, 40], [8e8, 30], [8e8, 120])
    )
    assert set(plot.data['parameter']) == {'w_a'} and set(plot.data['space']) == {'RegNetX'}
    assert list(zip(*plot.data.values()))[0][2:] == (2e8, 20, 40, 80, 4)
    assert plot.data['median'] == (40, 20, 60)
    assert plot.series[0].names == ['95%: 20 to 80', '95%: 10 to 40', '95%: 30 to 120']
    assert (axes.get_xscale(), axes.get_yscale(), axes.get_ylabel()) == ('log', 'log', 'wₐ')


def test_spaces_that_have_other_parameters():
    errors = [np.array([1.0, 2.0])] * 3
    found = trend(FLOPS, [np.array([1.0, 2.0])] * 3, errors)
    plot = trend_plot('x', dict(depth=dict(AnyNetX=found, RegNetX=found), w_0=dict(RegNetX=found)))
    colours = [
        [line.get_color() for line in axes.lines if len(line.get_xdata()) == 3]
        for axes in plot.figure.axes
    ]
    assert len(set(colours[0])) == 2 and colours[1] == colours[0][1:]
    assert [text.get_text() for text in plot.figure.legends[0].texts] == ['AnyNetX', 'RegNetX']


def networks(flops, latency=None):
    flops = np.asarray(flops)
    return dict(
        network=[f'{number}' for number in range(len(flops))],
        flops=flops,
        latency=latency,
        activations=6.5e6 * np.sqrt(flops / 1e9),
        parameters=3e6 + 5.5e6 * flops / 1e9,
    )


def test_curves_are_the_fits():
    one = networks([2e8, 4e8, 8e8, 1.6e9])
    fits = dict(
        activations=fit_activations(one['flops'], one['activations']),
        parameters=fit_parameters(one['flops'], one['parameters']),
    )
    plot = complexity_plot('x', dict(RegNetX=one), fits)
    # section 3.5
    for axes, limit in zip(plot.figure.axes, (lambda f: 6.5 * np.sqrt(f), lambda f: 3 + 5.5 * f)):
        curve = max(axes.lines, key=lambda line: len(line.get_xdata()))
        x, y = curve.get_data()
        assert (x[0], x[-1]) == pytest.approx((2e8, 1.6e9)) and y == pytest.approx(
            1e6 * limit(x / 1e9)
        )
    titles = [axes.get_title('left') for axes in plot.figure.axes]
    assert '6.5 √f' in titles[0] and '5.5 f + 3' in titles[1]
    assert all('R² = 1.000, n = 4' in title for title in titles)
    assert set(plot.data['y']) == {'activations', 'parameters'} and len(plot.data['x_value']) == 8


def test_what_was_not_measured_is_left_out():
    one = networks([2e8, 4e8, 8e8], latency=[0.01, np.nan, 0.03])
    fit = fit_latency(one['flops'], one['latency'])
    plot = complexity_plot('x', dict(RegNetX=one), dict(latency=fit))
    assert list(plot.series[0].y) == [0.01, 0.03] and plot.series[0].names == ['0', '2']
    none = dict(networks([2e8]), latency=[np.nan])
    plot = complexity_plot(
        'x', dict(RegNetX=none), dict(latency=fit_latency(none['flops'], none['latency']))
    )
    assert 'latency: not determined by n = 0' in plot.figure.axes[0].get_title('left')
    assert any(text.get_text() == 'nothing was measured' for text in plot.figure.axes[0].texts)


def test_a_training_step_is_called_so():
    one = dict(networks([2e8, 4e8, 8e8]), training_step=[0.01, 0.02, 0.04])
    plot = complexity_plot(
        'x', dict(A=one), dict(training_step=fit_latency(one['flops'], one['training_step']))
    )
    assert plot.figure.axes[0].get_title('left').startswith('training step')


def test_latency_against_both_with_the_same_axis_of_time():
    one = networks([2e8, 4e8, 8e8, 1e9], latency=[0.01, 0.02, 0.03, 0.05])
    comparison = compare_predictors(one['flops'], one['activations'], one['latency'])
    left, right = latency_plot('x', dict(A=one, B=one), comparison).figure.axes
    assert (left.get_xlabel(), right.get_xlabel()) == (
        'flops',
        'activations',
    ) and left.get_ylim() == right.get_ylim()
    assert left.get_title('left') == f'R² = {comparison.flops:.2f} of a straight line'
    assert right.get_title('left') == f'R² = {comparison.activations:.2f} of a straight line'
