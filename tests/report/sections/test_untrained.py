"""A page of populations that nobody has trained yet: what is known, and no empty figures."""

from dataclasses import replace

import numpy as np
from reported import items_of
from sampled_population import sampled

from regnet_plugin.population.readers import read_records
from regnet_plugin.report.document import Figure, Table
from regnet_plugin.report.report import report


def test_costs_are_told_and_no_tests_of_errors_that_there_are_not(tmp_path):
    sampled(tmp_path / 'one', size=12)
    (records,) = read_records(tmp_path / 'one')
    other = replace(records, name='other')
    document = report([records, other])
    assert document.headline == 'No network has an error yet'
    assert set(items_of(document, Figure)) <= {'edf'}
    table = items_of(document, Table)['populations']
    flops = [row[table.columns.index('flops')] for row in table.rows]
    assert flops == [np.median(records.columns['flops'])] * 2
    assert not {'distributions', 'against-complexity'} & {one.key for one in document.sections}
