"""Types of compound scaling: costs by the laws of the paper, and trained populations."""

from dataclasses import replace

import numpy as np
import pytest
from reported import items_of, records_of

from regnet_plugin.core.compound_scaling import ScalingType
from regnet_plugin.core.named_network import named_network
from regnet_plugin.population.exports.table import write_table
from regnet_plugin.population.making.scaling import Amount, scale_population
from regnet_plugin.population.readers import read_records
from regnet_plugin.population.store import Population
from regnet_plugin.report.document import Figure, Table
from regnet_plugin.report.report import report
from regnet_plugin.report.sections.comparisons.scaling import COMPARED_TYPES, scaled_families

FAILED = 2  # of the networks as they were


@pytest.mark.parametrize('name', ['regnety_4.0gf', 'regnetz_4.0gf', 'resnet50', 'efficientnet_b0'])
def test_slopes_are_the_exponents_of_each_type(name):
    """Activations grow by s^(d + w/2 + r), parameters by s^(d + w), of the shares d + w + r = 1."""
    families = scaled_families(*named_network(name), num_classes=1000, factor=64)
    assert [family.name for family in families] == list(COMPARED_TYPES)
    for family in families:
        kind = ScalingType.from_text(family.name)
        total = kind.depth + kind.width + kind.resolution
        d, w, r = (share / total for share in (kind.depth, kind.width, kind.resolution))
        flops, parameters, activations = (
            np.log(family.columns[column].astype(float))
            for column in ('flops', 'parameters', 'activations')
        )
        assert np.polyfit(flops, activations, 1)[0] == pytest.approx(d + w / 2 + r, abs=0.1)
        if r < 1:  # its parameters stay, and stem and head are scaled with nothing else
            assert np.polyfit(flops, parameters, 1)[0] == pytest.approx(d + w, abs=0.15)


def test_no_scaling_is_refused():
    for factor, message in ((1, 'other than 1'), (0, 'positive number')):
        with pytest.raises(ValueError, match=message):
            scaled_families(*named_network('regnetx_200mf'), 1000, factor)


@pytest.fixture
def populations(steps, tmp_path):
    """Networks of which two failed, scaled in two ways; errors are what the test says."""
    base = Population.open(steps[FAILED])
    found = []
    for kind, factor in (('dwr', 2), ('dwr', 4), ('dWr', 4)):
        folder = tmp_path / f'{kind}-{factor}'
        scale_population(base, folder, kind, Amount(factor=factor))
        (records,) = read_records(folder)
        n = len(records.networks)
        errors = np.arange(n, dtype=float) / factor
        found.append(
            replace(records, status=np.array(['done'] * n), last_error=errors, best_error=errors)
        )
    return [*records_of([base.directory]), *found]


def test_populations_are_compared_on_networks_that_all_have(populations, tmp_path):
    document = report(populations)
    (section,) = (one for one in document.sections if one.key == 'scaling')
    rows = items_of(document, Table)['scaled-means'].rows
    unscaled, *others = populations
    n = len(unscaled.networks)
    trained = np.isfinite(unscaled.last_error)
    assert trained.sum() == n - FAILED and [row[3] for row in rows] == [n - FAILED] * 4
    assert [row[1:3] for row in rows] == [('none', 1), ('dwr', 2), ('dwr', 4), ('dWr', 4)]
    for row, one in zip(rows, populations):
        assert row[4] == pytest.approx(one.columns['flops'][trained].mean())
        assert row[7] == pytest.approx(one.last_error[trained].mean())
        assert row[8] < row[7] < row[9]
    plot = items_of(document, Figure)['scaled-networks'].plot.plot
    assert plot.data['family'] == ['dwr'] * 3 + ['dWr'] * 2
    assert [axes.get_ylabel() for axes in plot.figure.axes][2] == 'error (%)'
    assert len(section.text) == 1


def test_a_table_keeps_what_was_scaled(populations, tmp_path):
    write_table(populations[1], tmp_path / 'scaled.jsonl')
    (found,) = read_records(tmp_path / 'scaled.jsonl')
    assert found.space['scaled'] == populations[1].space['scaled']
    assert found.space['scaled'] == dict(of='anynetx_c', type='dwr', factor=2)


def test_without_scaled_populations_there_is_no_section(populations):
    assert 'scaling' not in [section.key for section in report(populations[:1]).sections]
