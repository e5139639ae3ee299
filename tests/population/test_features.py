"""What is known of networks before they are trained."""

from dataclasses import replace

import numpy as np
import pytest
from killing import ROOT

from regnet_plugin.population.features import features_of, shared_features
from regnet_plugin.population.readers import read_records


@pytest.fixture
def records():
    (records,) = read_records(ROOT / 'docs/study/regnetx.jsonl')
    return records


def test_counts_depths_and_what_stages_have_as_logarithms(records):
    """Of four stages d, w, b and g, where networks differ in them; nothing of the training."""
    features, columns = features_of(records), records.columns
    names = ['flops', 'parameters', 'activations', 'depth']
    names += [f'{letter}_{stage}' for letter in 'dwbg' for stage in range(1, 5)]
    varying = [name for name in names if np.ptp(columns[name]) > 0]
    assert features.shape == (100, len(varying))
    for name in varying:
        assert (features == np.log(columns[name])[:, np.newaxis]).all(axis=0).any(), name


def test_what_the_space_draws_where_stages_are_unknown(records):
    kept = {name: records.columns[name] for name in ('w_0', 'w_a', 'w_m', 'seconds', 'latency')}
    kept['w_a'] = kept['w_a'] - kept['w_a'].min()  # 0 has no logarithm
    features = features_of(replace(records, columns=kept))
    assert features.shape == (100, 3)
    assert (features == kept['w_a'][:, np.newaxis]).all(axis=0).any()


def test_what_is_not_known_of_all_is_left_out(records):
    flops = records.columns['flops'].copy()
    flops[3] = np.nan
    columns = dict(flops=flops, depth=records.columns['depth'])
    assert features_of(replace(records, columns=columns)).shape == (100, 1)
    assert features_of(replace(records, columns=dict(flops=flops))).shape == (100, 0)


def test_of_two_populations_the_same_is_known(records):
    """What one space draws and the other does not is left out; what each has always the same not.

    Networks keep their numbers, in the same order of features.
    """
    columns = records.columns
    ours = dict(flops=columns['flops'], depth=columns['depth'] * 0 + 20, w_0=columns['w_0'])
    theirs = dict(flops=2 * columns['flops'][:40], depth=columns['depth'][:40] * 0 + 8)
    one = replace(records, columns=ours)
    other = replace(records, columns=theirs, networks=records.networks[:40])
    first, second = shared_features([one, other])
    assert first == pytest.approx(np.log([columns['flops'], np.full(100, 20)]).T)
    assert second == pytest.approx(np.log([2 * columns['flops'][:40], np.full(40, 8)]).T)
