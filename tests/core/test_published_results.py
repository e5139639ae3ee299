"""The paper's numbers in the package, against the networks and against a second typing.

Only an independent second copy tells a slip of the first, so published_tables.py was not made from
the package: sizes of the RegNets come from our closed form (the authors' exact integers, see
test_complexity.py), the rest is typed there.
"""

from itertools import chain

import pytest
import yaml
from killing import ROOT
from published_tables import (
    COMPARISONS,
    DEVIATIONS,
    EFFICIENTNET_SETTINGS,
    ERRORS,
    MEASURED,
    MOBILE,
    REGNETS,
)

from regnet_plugin.core.arch_argument import architecture_of
from regnet_plugin.core.complexity import complexity
from regnet_plugin.core.published_results import TABLES, published_results

FIELDS = {'flops': 1e9, 'parameters': 1e6, 'activations': 1e6}
NAMES = {
    'MobileNet-V2': 'mobilenet_v2_1.4x',
    'ShuffleNet': 'shufflenet_v1_2x',
    'ShuffleNet-V2': 'shufflenet_v2_2x',
}
RESULTS = {result.name: result for table in TABLES for result in published_results(table)}


def key(name):
    """The name in the tests' tables."""
    regular = name.lower().replace('resnet-', 'resnet').replace('resnext-', 'resnext')
    return NAMES.get(name, regular if name.lower() in MOBILE else regular.replace('-', '_'))


BY_KEY = {key(name): result for name, result in RESULTS.items()}


def test_each_network_of_the_tables_is_there_once():
    assert sorted(BY_KEY) == sorted([*REGNETS, *COMPARISONS, *MOBILE])


@pytest.mark.parametrize('name', REGNETS)
def test_regnets_have_the_printed_sizes_and_errors(name):
    result, counts = BY_KEY[name], complexity(architecture_of(name))
    for field, unit in FIELDS.items():
        assert getattr(result, field) == pytest.approx(
            round(getattr(counts, field) / unit, 1) * unit
        )
    assert (
        str(result.error) == ERRORS[name]
        and result.original_error is None
        and not result.as_reported
    )


@pytest.mark.parametrize('name', COMPARISONS)
def test_the_others_are_as_printed_but_for_the_misprints(name):
    result = BY_KEY[name]
    *sizes, error, original = COMPARISONS[name]
    misprint = name in ('resnet50', 'resnet101')
    for (field, unit), printed in zip(FIELDS.items(), sizes):
        if misprint and (name, field) in DEVIATIONS:
            assert f'{field} are printed as {printed} M, a misprint' in result.note
            printed = DEVIATIONS[name, field]
        expected = None if printed is None else pytest.approx(float(printed) * unit)
        assert getattr(result, field) == expected
    assert bool(result.note) == misprint
    assert str(result.error) == (error or original) and result.as_reported == (error is None)
    assert result.original_error == (float(original) if error else None)


@pytest.mark.parametrize('name', MOBILE)
def test_the_mobile_regime(name):
    flops, parameters, error = map(float, MOBILE[name])
    result = BY_KEY[name]
    assert (result.flops, result.parameters) == (
        pytest.approx(flops * 1e9),
        pytest.approx(parameters * 1e6),
    )
    assert result.error == error and result.as_reported and result.activations is None


@pytest.mark.parametrize('name', BY_KEY)
def test_times_and_deviations(name):
    result = BY_KEY[name]
    measured = (result.deviation, result.inference_ms, result.training_hours)
    assert measured == (
        tuple(map(float, MEASURED[name].split())) if name in MEASURED else (None, None, None)
    )


def test_batches():
    """Batches of RegNets are as in the metafile, those of EfficientNets as in the tests' table.

    The paper has no others.
    """
    models = yaml.safe_load((ROOT / 'configs/metafile.yml').read_text())['Models']
    batches = {
        model['Config'][len('configs/') : -len('_imagenet.py')]: model['Metadata']['Batch Size']
        for model in models
    }
    batches.update({name: batch for name, (*_, batch) in EFFICIENTNET_SETTINGS.items()})
    for name, result in BY_KEY.items():
        expected = batches[name] if name in REGNETS or name in EFFICIENTNET_SETTINGS else None
        assert result.batch_size == expected, name


@pytest.mark.parametrize(
    'table, field', [('table 3a', 'activations'), ('table 3b', 'flops'), ('table 4', 'flops')]
)
def test_groups_are_ranges_one_above_the_other_with_a_regnet_in_each(table, field):
    rows = published_results(table)
    groups = [[row for row in rows if row.group == group] for group in range(1, rows[-1].group + 1)]
    assert list(chain(*groups)) == list(rows)
    for group in groups:
        assert [row.name.startswith('RegNet') for row in group] == [False] * (len(group) - 1) + [
            True
        ]
    ranges = [
        (min(values), max(values))
        for values in ([getattr(row, field) for row in group] for group in groups)
    ]
    assert all(below[1] < above[0] for below, above in zip(ranges, ranges[1:]))


def test_what_each_table_has():
    sizes = {table: len(published_results(table)) for table in TABLES}
    assert sizes == {
        'figure 15': 12,
        'figure 16': 12,
        'table 2': 10,
        'table 3a': 8,
        'table 3b': 9,
        'table 4': 12,
    }
    assert all(row.table == table for table in TABLES for row in published_results(table))
    assert all(
        row.name.startswith('RegNet') or row.as_reported for row in published_results('table 2')
    )


def test_findings_that_the_paper_states():
    """RegNetX is no worse than any ResNe(X)t of its group, and five times faster than B5.

    That is EfficientNet-B5, in section 5.3.
    """
    for table in ('table 3a', 'table 3b'):
        rows = published_results(table)
        regnets = {row.group: row for row in rows if row.name.startswith('RegNet')}
        assert all(regnets[row.group].error <= row.error for row in rows)
    assert RESULTS['EfficientNet-B5'].inference_ms / RESULTS['RegNetX-8.0GF'].inference_ms > 5


def test_an_unknown_table():
    with pytest.raises(ValueError) as error:
        published_results('3')
    assert str(error.value) == (
        'table must be one of figure 15, figure 16, table 2, table 3a, table 3b, table 4, but '
        "table='3'"
    )
