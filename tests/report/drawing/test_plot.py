"""A plot as SVG, PDF, PNG and CSV, and what the page's script is told about it."""

import csv
import json
import pickle
import re
import zlib
from dataclasses import replace
from xml.etree import ElementTree

import numpy as np
import pytest
from matplotlib.figure import Figure
from pypdf import PdfReader

from regnet_plugin.report.drawing import plot as plots
from regnet_plugin.report.drawing.plot import Plot, Series
from regnet_plugin.report.drawing.style import SERIES
from regnet_plugin.report.figures.marks import draw_dots
from regnet_plugin.report.figures.panels import Layout, drawn

X, Y = (0.01, 0.1, 3.0, 40.0), (5.0, -2.0, 8.25, 0.0)


@drawn
def plot_of_four(key='four'):
    """Two panels with a point in each corner.

    The second has a logarithmic x axis and a y axis that points down.
    """
    figure, panels = Layout(2, columns=2).figure()
    panels[1].set_xscale('log')
    panels[1].set_ylim(10, -4)
    for axes, color in zip(panels, SERIES):
        axes.plot(X, Y, color=color)
    return Plot(
        key, figure, dict(x=X, y=Y), tuple(Series(number, 'four', X, Y) for number in (0, 1))
    )


def corners(svg, colour):
    """Corners of the line of a colour, as fractions of the SVG's width and height."""
    _, _, width, height = map(float, re.search('viewBox="([^"]*)"', svg)[1].split())
    (line,) = (
        path
        for path in ElementTree.fromstring(svg).iter('{http://www.w3.org/2000/svg}path')
        if f'stroke: var(--series-{colour}' in path.get('style')
    )
    numbers = np.array(re.findall(r'-?[\d.]+', line.get('d')), dtype=float).reshape(-1, 2)
    return numbers / [width, height]


@pytest.mark.parametrize('panel', [0, 1])
def test_boxes_limits_and_scales_say_where_the_data_is(panel):
    plot = plot_of_four()
    axes = plot.hover()['axes'][panel]
    left, top, width, height = axes['box']
    assert axes['x']['scale'] == ('linear', 'log')[panel] and axes['y']['scale'] == 'linear'

    def fraction(axis, values):
        start, end, values = (
            np.log(part) if axis['scale'] == 'log' else np.asarray(part)
            for part in (*axis['limits'], values)
        )
        return (values - start) / (end - start)

    x, y = left + width * fraction(axes['x'], X), top + height * (1 - fraction(axes['y'], Y))
    assert corners(plot.svg(), panel + 1) == pytest.approx(np.column_stack([x, y]), abs=1e-4)


@pytest.mark.parametrize('count', range(1, 10))
def test_all_points_are_in_the_picture(count):
    """However many there are: a path that cannot be read ends where a browser cannot go on."""
    figure = Figure()
    places = np.linspace(0, 1, count)
    draw_dots(figure.subplots(), places, places, '#0063c3')
    (path,) = re.findall(r'd="([^"]+h0)"', Plot('x', figure, {}).svg())
    assert re.fullmatch(r'(M[\d.]+ [\d.]+h0)' + f'{{{count}}}', path), path


def test_hover_is_json_with_six_digits():
    series = Series(
        0, '<b>\x00', (1 / 3, np.inf, np.float64(2)), np.array([1, 2, 3]), names=('a', 'b\n', 3)
    )
    told = json.loads(json.dumps(Plot('x', Figure(), {}, (series,)).hover(), allow_nan=False))
    assert told == dict(
        axes=[],
        series=[
            dict(
                axes=0,
                label='<b>�',
                kind='points',
                x=[0.333333, None, 2],
                y=[1, 2, 3],
                names=['a', 'b', '3'],
                within=None,
            )
        ],
    )


def test_csv_has_exact_numbers_and_any_text(tmp_path):
    names = ['a,b', '"quoted"', 'two\nlines', '=1+1 ü', None]
    numbers = np.array([0.1, 1e-300, np.nan, np.inf, 12345678.9])
    (path,) = Plot('x', Figure(), dict(name=names, number=numbers, count=np.arange(5))).save(
        tmp_path / 'new', ['csv']
    )
    with open(path, newline='', encoding='utf-8') as file:
        rows = list(csv.reader(file))
    assert rows[0] == ['name', 'number', 'count']
    assert [row[0] for row in rows[1:]] == [*names[:4], '']
    assert [row[1] for row in rows[1:]] == ['0.1', '1e-300', '', 'inf', '12345678.9'] and rows[5][
        2
    ] == '4'


def test_all_formats_are_saved_and_the_same_each_time(tmp_path):
    formats = ('pdf', 'png', 'csv', 'svg')
    paths = plot_of_four().save(tmp_path / 'one', formats)
    assert [path.name for path in paths] == [f'four.{name}' for name in formats]
    beginnings = b'%PDF', b'\x89PNG', b'x,y\n0.01,5.0\n', b'<svg xmlns='
    for path, beginning, again in zip(
        paths, beginnings, plot_of_four().save(tmp_path / 'two', formats)
    ):
        assert path.read_bytes().startswith(beginning) and path.read_bytes() == again.read_bytes()


def test_a_plot_that_was_sent_is_drawn_the_same():
    plot = plot_of_four()
    assert pickle.loads(pickle.dumps(plot)).svg() == plot.svg()


def test_an_svg_has_no_date_program_or_style_sheet():
    svg = plot_of_four().svg()
    assert not re.search('metadata|<style|matplotlib|DOCTYPE|<\\?xml|xlink', svg)


def test_a_style_of_text_in_a_name_stays_text():
    figure = Figure()
    figure.text(0.5, 0.5, f'style="fill: {SERIES[0]}" &lt; <g id="x">')
    (text,) = ElementTree.fromstring(Plot('x', figure, {}).svg()).iter(
        '{http://www.w3.org/2000/svg}text'
    )
    assert text.text == f'style="fill: {SERIES[0]}" &lt; <g id="x">'


@pytest.mark.parametrize('key', ['', 'A', 'a b', '../a', 'a"', 'a\n'])
def test_a_key_is_fit_for_a_file_and_an_anchor(key):
    with pytest.raises(ValueError, match="a plot's key must be of lower-case letters"):
        Plot(key, Figure(), {})


def test_columns_of_different_lengths_are_refused():
    with pytest.raises(ValueError, match="of equal length, but those of x have {'a': 1, 'b': 2}"):
        Plot('x', Figure(), dict(a=[1], b=[1, 2]))


def test_unknown_formats_are_refused_before_anything_is_written(tmp_path):
    with pytest.raises(ValueError, match='formats of a plot are pdf, png, csv, svg, but got jpg'):
        plot_of_four().save(tmp_path / 'new', ['csv', 'jpg'])
    assert not (tmp_path / 'new').exists()


def test_fonts_of_a_pdf_are_truetype_as_journals_want(tmp_path):
    text = plot_of_four().save(tmp_path, ['pdf'])[0].read_bytes()
    fonts = re.findall(rb'<<[^<>]*/Type /Font\b[^<>]*', text)
    kinds = {kind for font in fonts for kind in re.findall(rb'/Subtype /(\w+)', font)}
    assert (
        kinds
        and kinds <= {b'Type0', b'CIDFontType2', b'TrueType'}
        and b'/FontFile2' in text
        and b'/Type3' not in text
    )


def test_text_of_an_svg_is_text_and_its_colours_are_known_to_drawing_programs(tmp_path):
    figure = Figure()
    figure.text(0.5, 0.5, 'RegNetX', color=SERIES[0])
    text = Plot('x', figure, {}).save(tmp_path, ['svg'])[0].read_text()
    assert 'var(' not in text and f'fill: {SERIES[0]}' in text
    (shown,) = ElementTree.fromstring(text).iter('{http://www.w3.org/2000/svg}text')
    assert shown.text == 'RegNetX'


def test_fonts_in_pdf_have_glyphs_and_no_tables_of_layout():
    """To cut those tables to the glyphs of a figure takes as long as all other work on it."""
    streams = re.findall(
        rb'stream\r?\n(.*?)\r?\nendstream',
        plot_of_four().content('pdf'),
        re.DOTALL,
    )
    fonts = []
    for stream in streams:
        try:
            data = zlib.decompress(stream)
        except zlib.error:
            continue
        if data.startswith(b'\0\1\0\0'):  # TrueType
            fonts.append({data[place : place + 4] for place in range(12, 12 + 16 * data[5], 16)})
    assert fonts
    for tables in fonts:
        assert b'glyf' in tables and not tables & {b'GPOS', b'GSUB', b'GDEF', b'kern'}


def test_a_long_table_has_each_row(tmp_path, monkeypatch):
    monkeypatch.setattr(plots, '_TOGETHER', 3)
    numbers = np.arange(10.0)
    plot = Plot('long', Figure(), dict(x=numbers, y=[*'abcdefghi', None]))
    (path,) = plot.save(tmp_path, ['csv'])
    rows = path.read_text().splitlines()
    assert rows == ['x,y', *[f'{x:.1f},{y}' for x, y in zip(numbers, [*'abcdefghi', ''])]]
    assert list(tmp_path.iterdir()) == [path]


@pytest.mark.parametrize(
    'drawn_width, width', [(4.0, 3.25), (4.6, 3.25), (5.6, 6.875), (6.6, 6.875)]
)
def test_figures_for_papers_are_as_wide_as_columns_and_have_truetype_fonts(
    tmp_path, drawn_width, width
):
    figure = Figure(figsize=(drawn_width, 2.0))
    figure.text(0.5, 0.5, 'RegNetX')
    plot = Plot('x', figure, {})
    pdf, svg = plot.save(tmp_path, ['pdf', 'svg'], for_paper=True)
    (page,) = PdfReader(pdf).pages
    assert float(page.mediabox.width) / 72 == pytest.approx(width, abs=0.01)
    assert float(page.mediabox.height) / 72 == pytest.approx(2 * width / drawn_width, abs=0.01)
    fonts = [font.get_object() for font in page['/Resources']['/Font'].values()]
    kinds = {font['/DescendantFonts'][0].get_object()['/Subtype'] for font in fonts}
    assert kinds == {'/CIDFontType2'}  # TrueType, no outlines of letters
    assert page.extract_text().strip() == 'RegNetX'
    element = ElementTree.parse(svg).getroot()
    inches = float(element.get('width').removesuffix('in'))
    assert inches == pytest.approx(width) and element.get('height').endswith('in')
    (again,) = plot.save(tmp_path / 'again', ['pdf'], for_paper=True)
    assert again.read_bytes() == pdf.read_bytes()


def test_panels_of_a_split_figure_are_pictures_of_their_own():
    whole = plot_of_four()
    layout = Layout(2, columns=2)
    split = replace(whole, split=layout.margins)
    views = split.views()
    assert len(views) == 2
    for number, view in enumerate(views):
        assert [series['axes'] for series in view.hover['series']] == [0]
        (axes,) = view.hover['axes']
        left, top, width, height = axes['box']
        x, y, across, down = map(float, re.search('viewBox="([^"]*)"', view.svg)[1].split())
        # the panel is where it was in the whole
        _, _, all_across, all_down = map(
            float, re.search('viewBox="([^"]*)"', whole.svg())[1].split()
        )
        box = whole.hover()['axes'][number]['box']
        assert (x + left * across) / all_across == pytest.approx(box[0], abs=1e-4)
        assert (y + top * down) / all_down == pytest.approx(box[1], abs=1e-4)
        assert (width * across, height * down) == pytest.approx(
            (box[2] * all_across, box[3] * all_down), abs=0.1
        )
    references = {name for view in views for name in re.findall(r'url\(#([^)]*)\)', view.svg)}
    ids = [name for view in views for name in re.findall(r' id="([^"]*)"', view.svg)]
    assert references <= set(ids) and len(ids) == len(set(ids))
