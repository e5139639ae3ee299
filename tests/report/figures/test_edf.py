"""EDFs: what is drawn is the function, at every error."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from matplotlib.colors import to_hex
from matplotlib.figure import Figure

from regnet_plugin.analysis import edf
from regnet_plugin.report.drawing.style import SERIES
from regnet_plugin.report.figures import draw_edf, edf_plot

# section 5.1's example: F(1) = 0, F(1.5) = F(2) = 0.25, F(2.5) = F(3) = 0.75, F(3.1) = 1
PAPER = [3, 1, 2, 2]


def value(line, e):
    """What a curve of corners shows at e, the lower one where it is vertical."""
    x, y = line.get_data()
    left = np.flatnonzero(x < e)[-1]
    assert y[left] == y[left + 1] or x[left] == x[left + 1]
    return y[left]


def drawn(errors, **options):
    axes = Figure().subplots()
    lines, texts = draw_edf(axes, dict(A=edf(errors)), **options)
    return axes, lines[0], texts[0]


@pytest.mark.parametrize(
    'e, share', [(1, 0), (1.5, 0.25), (2, 0.25), (2.5, 0.75), (3, 0.75), (3.05, 1)]
)
def test_the_example(e, share):
    axes, line, text = drawn(PAPER)
    assert value(line, e) == share and text == '[1.00 | 2.00] A'


@settings(max_examples=30, deadline=None)
@given(
    st.lists(st.integers(0, 20), min_size=1, max_size=40), st.lists(st.floats(-1, 21), max_size=5)
)
def test_the_curve_is_the_function(errors, probes):
    axes, line, _ = drawn(errors)
    left, right = axes.get_xlim()
    f = edf(errors)
    for e in [*errors, *probes]:
        if left < e <= right:
            assert value(line, e) == pytest.approx(f(e))
    assert (
        line.get_ydata()[0] == 0
        and line.get_ydata()[-1] == 1
        and (np.diff(line.get_ydata()) >= 0).all()
    )


def test_a_curve_goes_on_to_both_ends_of_the_axis():
    axes = Figure().subplots()
    lines, _ = draw_edf(axes, dict(A=edf([1, 2]), B=edf([10, 11])))
    for line in lines:
        assert (line.get_xdata()[0], line.get_xdata()[-1]) == axes.get_xlim()
    assert [line.get_linestyle() for line in lines] == ['-', '--'] and lines[
        0
    ].get_color() != lines[1].get_color()


def test_failed_networks_are_counted_in_the_legend_or_in_the_mean():
    assert drawn(PAPER, failed=dict(A=7))[2] == '[1.00 | 2.00] A, 7 failed'
    _, line, text = drawn([1, 2, np.inf, np.inf])
    assert text == '[1.00 | inf] A' and line.get_ydata()[-1] == 0.5


def test_far_outliers_do_not_press_the_others_together():
    errors = np.append(np.linspace(40, 50, 200), [99.9] * 3)
    axes, line, _ = drawn(errors)
    right = axes.get_xlim()[1]
    # up to the 90% quantile: the good networks get the room, and the others are named
    assert right == pytest.approx(np.quantile(errors, 0.9), abs=0.5)
    outside = (errors > right).sum()
    assert axes.texts[0].get_text() == f'{outside} of 203 errors are above {right:.3g}'
    assert value(line, right - 0.001) == pytest.approx(1 - outside / 203)
    assert drawn(np.linspace(40, 50, 200))[0].texts[:] == []


def test_a_band_is_around_its_curve():
    axes, line, _ = drawn(PAPER, bands=dict(A=edf(PAPER).band(0.5)))
    (outline,) = axes.collections[0].get_paths()
    h = np.sqrt(np.log(4) / 8)  # Dvoretzky, Kiefer and Wolfowitz
    ends = outline.get_extents()
    assert (ends.x0, ends.x1) == axes.get_xlim() and (ends.y0, ends.y1) == (0, 1)
    heights = {round(y, 9) for x, y in outline.vertices if 1.2 < x < 1.8 or x == 2}
    assert {round(0.25 + h, 9), 0.75 - h > 0 and round(0.75 - h, 9)} <= heights


def test_on_axes_of_ones_own_with_their_settings():
    """Three lines of a notebook."""
    axes = Figure().subplots()
    axes.set_title('mine')
    draw_edf(axes, {'$x_{$ & _a': edf(PAPER)})
    assert (
        axes.get_title() == 'mine'
        and axes.get_legend().texts[0].get_text() == '[1.00 | 2.00] $x_{$ & _a'
    )
    assert axes.xaxis.get_visible()
    assert (axes.get_xlabel(), axes.get_ylabel()) == ('error (%)', 'cumulative probability')
    axes.figure.draw_without_rendering()  # dollars are no formula


def test_100_000_networks():
    errors = np.random.default_rng(0).normal(50, 3, 100_000)
    f = edf(errors)
    plot = edf_plot('large', dict(A=f), bands=dict(A=f.band()))
    assert len(plot.svg()) < 200_000 and len(plot.data['error']) == len(np.unique(errors))
    (series,) = plot.series
    assert len(series.x) <= 2000 and series.kind == 'steps'
    for probe in np.quantile(errors, [0.001, 0.3, 0.5, 0.999]):
        assert np.asarray(series.y)[np.searchsorted(series.x, probe) - 1] == pytest.approx(
            f(probe), abs=1 / 2000
        )
    assert series.y[-1] == 1


def test_the_table_has_each_step_and_its_band():
    plot = edf_plot('x', dict(A=edf(PAPER), B=edf([])), bands=dict(A=edf(PAPER).band(0.5)))
    assert list(plot.data) == ['population', 'error', 'cumulative_probability', 'low', 'high']
    rows = list(zip(*plot.data.values()))
    assert [row[:3] for row in rows] == [('A', 1, 0.25), ('A', 2, 0.75), ('A', 3, 1)]
    h = np.sqrt(np.log(4) / 8)
    assert [row[3:] for row in rows] == pytest.approx(
        np.array([(0, 0.25 + h), (0.75 - h, 1), (1 - h, 1)])
    )


def plot_of(count):
    return edf_plot(
        'x', {f'population {number}': edf([number, number + 3.5]) for number in range(count)}
    )


@pytest.mark.parametrize('count', [9, 20, 40])
def test_legends_of_many_populations(count):
    plot = plot_of(count)
    plot.figure.draw_without_rendering()
    legend = plot.figure.legends[0].get_window_extent()
    assert len(plot.figure.legends[0].texts) == count
    assert 0 <= legend.x0 and legend.x1 <= plot.figure.bbox.x1 and 0 <= legend.y0
    assert legend.y1 < plot.figure.axes[0].get_window_extent().y0 - 20


@pytest.mark.parametrize('count', [1, 4, 8])
def test_names_of_a_few_populations_are_at_their_curves(count):
    plot = plot_of(count)
    (axes,) = plot.figure.axes
    assert plot.figure.legends == []
    for number in range(count):
        (label,) = [text for text in axes.texts if text.get_text() == f'population {number}']
        line = axes.lines[number]
        assert label.get_color() == line.get_color()
        x, y = axes.transData.inverted().transform(axes.transAxes.transform(label.get_position()))
        steps, f = line.get_data()
        # the middle of the name is as high as the curve is next to it
        beside = steps[np.searchsorted(f, y)]
        assert abs(x - beside) < 0.03 * np.diff(axes.get_xlim())[0]


def test_names_that_have_no_room_are_in_a_legend():
    edfs = {f'{"long name " * 3}{number}': edf([40, 40 + 1e-9 * number]) for number in range(8)}
    plot = edf_plot('x', edfs, size=(2.0, 1.0))
    assert len(plot.figure.legends[0].texts) == 8


def test_a_population_has_its_number_whatever_others_are_there():
    looks = dict(A=0, B=1, C=2)
    plot = edf_plot('x', dict(C=edf(PAPER), A=edf([4, 5])), looks=looks)
    (axes,) = plot.figure.axes
    assert [to_hex(line.get_color()) for line in axes.lines] == [SERIES[2], SERIES[0]]
    labels = {text.get_text(): to_hex(text.get_color()) for text in axes.texts}
    assert (labels['A'], labels['C']) == (SERIES[0], SERIES[2])
