"""Populations of several sizes: trends, fits and latencies, and what may not be compared."""

from dataclasses import replace

import numpy as np
import pytest
from reported import items_of, records_of
from scipy import stats

from regnet_plugin.report.document import Figure
from regnet_plugin.report.report import report, write_report

pytestmark = pytest.mark.usefixtures('no_warnings')


def write_regime(folder, regime):
    """Write forty networks around some MF, whose best depth is 20.

    Their latency follows the activations.
    """
    draw = np.random.default_rng(regime)
    depth, flops = draw.integers(8, 40, 40), regime * 1e6 * draw.uniform(0.95, 1.05, 40)
    activations = 6e6 * np.sqrt(flops / 1e9) * draw.uniform(0.7, 1.4, 40)
    columns = dict(
        error=40 - regime / 100 + abs(depth - 20) / 10 + draw.random(40),
        depth=depth,
        flops=flops,
        parameters=1e6 + 5 * flops / 1e3,
        activations=activations,
        latency=activations * 2e-9 + flops * 1e-13,
    )
    path = folder / f'mine_{regime}mf.csv'
    np.savetxt(
        path,
        np.stack(list(columns.values()), axis=1),
        fmt='%.8g',
        delimiter=',',
        header=','.join(columns),
        comments='',
    )
    return path


def test_regimes_have_trends_fits_and_a_latency(tmp_path):
    document = report(records_of([write_regime(tmp_path, regime) for regime in (800, 200, 400)]))
    figures = items_of(document, Figure)
    assert {'trends', 'complexity', 'latency'} <= set(figures)
    (section,) = (section for section in document.sections if section.key == 'cost')
    assert any(
        text.startswith('Latency: activations predict it better than flops')
        for text in section.text
    )
    assert 'mine: no trend with flops is shown for depth d.' in section.text
    assert any(text.startswith('parameters in M = 5 f + 1 ') for text in section.text)
    write_report(document, tmp_path / 'page.html')


def write_best_depth(folder, space, regime, best, others):
    """Forty networks at just some MF: all better ones have the best depth, others any.

    Further parameters vary alike in each regime.
    """
    number = np.arange(40)
    columns = dict(
        error=30 + number / 10,
        flops=np.full(40, regime * 1e6),
        depth=np.where(number < 20, best, 10 + number),
        **{name: 24 + 8 * (number % 3) for name in others},
    )
    path = folder / f'{space}_{regime}mf.csv'
    np.savetxt(
        path,
        np.stack(list(columns.values()), axis=1),
        fmt='%.8g',
        delimiter=',',
        header=','.join(columns),
        comments='',
    )
    return path


@pytest.mark.parametrize(
    'spaces, others, is_shown',
    [
        (('mine',), (), True),
        (('mine',), ('w_0', 'w_a'), False),
        (('mine', 'yours', 'theirs'), (), False),
    ],
    ids=['alone', 'of three parameters', 'of three spaces'],
)
def test_trends_are_corrected_for_their_number(tmp_path, spaces, others, is_shown):
    """A trend that is significant by itself, but not as one of three (Bonferroni)."""
    regimes, depths = (200, 400, 800, 1600), (10, 12, 13, 16)
    p_value = stats.linregress(np.log2(regimes), depths).pvalue
    assert 0.05 / 3 < p_value < 0.05
    document = report(
        records_of(
            write_best_depth(tmp_path, space, regime, depth, others)
            for space in spaces
            for regime, depth in zip(regimes, depths)
        )
    )
    (section,) = (section for section in document.sections if section.key == 'cost')
    number = len(spaces) * (1 + len(others))
    assert section.text[-1].startswith(
        f'Intervals of trends are corrected for their number, {number} '
    )
    for space in spaces:
        of_space = [text for text in section.text if text.startswith(f'{space}: ')]
        grows = [text for text in of_space if ': depth d grows with flops: 1.9' in text]
        unknown = [text for text in of_space if 'no trend with flops is shown for depth d' in text]
        assert (len(grows), len(unknown)) == ((1, 0) if is_shown else (0, 1))


def test_latencies_of_different_devices_are_not_mixed(tmp_path):
    """Both are proportional to the activations; pooled, the flops would seem to tell them."""
    records = records_of([write_regime(tmp_path, regime) for regime in (200, 800)])
    for number, (one, factor) in enumerate(zip(records, (1e-9, 1e-6))):
        columns = dict(one.columns, latency=factor * one.columns['activations'])
        records[number] = replace(one, device=f'device {number}', columns=columns)
    document = report(records)
    assert {'latency', 'latency-2'} <= set(items_of(document, Figure))
    (section,) = (section for section in document.sections if section.key == 'cost')
    for number in (0, 1):
        assert any(
            text.startswith(f'Latency (device {number}): activations predict it better')
            for text in section.text
        )
    assert not any(text.startswith('latency in') for text in section.text)


def test_sizes_that_do_not_overlap_are_said(tmp_path):
    document = report(records_of([write_regime(tmp_path, regime) for regime in (200, 800)]))
    assert document.cautions[0].startswith('The flops of these populations do not overlap')
