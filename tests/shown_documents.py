"""A document with every kind of content, and what is read of its page in Chromium."""

from dataclasses import dataclass

import numpy as np
from report_page import bounds

from regnet_plugin.report.document import Document, Figure, NetworkTable, Section, Table
from regnet_plugin.report.drawing.plot import View


@dataclass(frozen=True)
class DrawnPlot:
    """What a page needs of a `regnet_plugin.report.drawing.plot.Plot`."""

    key: str
    shown: dict
    marks: str = ''
    legend = ()
    notes = ()

    def views(self):
        svg = f'<svg viewBox="0 0 400 200"><text x="9" y="9">drawn</text>{self.marks}</svg>'
        return [View(svg, self.shown)]


def axes(left, width, x=(0, 10), y=(0, 100), scale='linear', label=''):
    return dict(
        box=[left, 0.1, width, 0.8],
        x=dict(limits=list(x), scale=scale, label=label),
        y=dict(limits=list(y), scale='linear', label='error'),
    )


def points(*places, names=None, index=0, label='AnyNetX_A'):
    x, y = zip(*places)
    return dict(axes=index, label=label, kind='points', x=list(x), y=list(y), names=names)


EDF = dict(
    axes=[axes(0.1, 0.8, x=(20, 60), y=(0, 1), label='top-1 error')],
    series=[
        dict(
            axes=0, label='AnyNetX_A', kind='steps', x=[30, 40, 50], y=[0.25, 0.5, 1.0], names=None
        ),
        dict(axes=0, label='AnyNetX_E', kind='steps', x=[25, 35], y=[0.5, 1.0], names=None),
    ],
)
FLOPS, DEPTH = (
    axes(0.1, 0.35, x=(1e8, 1e10), scale='log', label='flops'),
    axes(0.55, 0.35, label='depth'),
)
SCATTER = dict(
    axes=[FLOPS, DEPTH],
    series=[
        points((1e9, 40), (1e9, 60), names=['a', 'b']),
        points((5, 50), (2, None), (1, 20), names=['a', 'x', 'b'], index=1),
        points((9, 50), names=['b'], index=1, label='AnyNetX_E'),
        points((9, 80), names=['unknown'], index=1),
    ],
)

BACKBONES = (
    dict(
        depths=[1, 2, 5],
        widths=[24, 48, 96],
        bottleneck_ratios=[0.1 + 0.2, 1.0, 2.0],
        group_widths=[8, 8, 8],
        block='X',
        se_ratio=0.0,
        stem_width=32,
    ),
    dict(
        depths=[2, 2],
        widths=[64, 128],
        bottleneck_ratios=None,
        norm_cfg=dict(type='BN', requires_grad=True),
        block='it\'s \\ "x" \n\u2028\u00e9',
    ),
    None,
)


def networks(count=3, **columns):
    """A table of a's, b's and c's; columns may be changed."""
    names = [f'{"abc"[i % 3]}{i // 3 or ""}' for i in range(count)]
    made = dict(
        population=['AnyNetX_A', 'AnyNetX_A', 'AnyNetX_E'] * count,
        network=names,
        status=['done'] * count,
        error=np.linspace(40, 30, count),
        flops=np.full(count, 3176622952.0),
    )
    made = {name: values[:count] for name, values in dict(made, **columns).items()}
    return NetworkTable(
        made, (BACKBONES * count)[:count], (['runs/a b#?.py', None, None] * count)[:count]
    )


def document(table=None, files=None, marks=''):
    figures = [
        Figure(DrawnPlot('edf', EDF), 'Error EDF', 'Left is better.'),
        Figure(
            DrawnPlot('scatter', SCATTER, marks), 'Error against flops', 'Each point is a network.'
        ),
    ]
    steps = Table(
        'steps',
        'Design steps',
        ['space', 'n', 'mean error'],
        [['AnyNetX_A', 500, 39.25], ['AnyNetX_E', 500, None]],
        'Table 1 of the paper.',
    )
    sections = (
        Section(
            'errors', 'Errors', ['F(e) is a fraction.', 'A second paragraph.'], [figures[0], steps]
        ),
        Section('trade-offs', 'Trade-offs', [], figures[1:]),
    )
    return Document(
        'Design spaces',
        ['E is better than A.', 'By a lot.'],
        sections,
        table or networks(),
        'regnet_plugin 0.1.0',
        files,
    )


def column(tab, name):
    headings = tab.texts('.explorer thead th')
    return tab.texts(f'.explorer tbody tr > :nth-child({headings.index(name) + 1})')


def heading(tab, name):
    return f'.explorer thead th:nth-child({tab.texts(".explorer thead th").index(name) + 1})'


def opened(tab):
    return (
        tab.texts('dialog h3')[0] if tab.evaluate('document.querySelector("dialog").open') else None
    )


def inside_the_window(tab, selector):
    left, top, right, bottom = bounds(tab, selector)
    return (
        left >= 0 and top >= 0 and tab.evaluate(f'innerWidth >= {right} && innerHeight >= {bottom}')
    )
