"""A population in one file: what is read back from it is what was written."""
import json
import re

import numpy as np
import pytest
from rated_populations import rated_population

from regnet_plugin.population.readers import read_records
from regnet_plugin.population.table import write_table


@pytest.mark.parametrize('space', ['anynetx_a_digits', 'regnetx_digits', 'regnetvr'])
def test_what_is_read_back_is_what_was_written(tmp_path, space):
    before, = read_records(rated_population(tmp_path / 'population', space, 6, failed=1, waiting=2))
    write_table(before, tmp_path / 'mine.jsonl')
    after, = read_records(tmp_path / 'mine.jsonl')
    ended = slice(0, 4)
    assert after.networks == before.networks[ended] and after.reasons == before.reasons[ended]
    assert after.status.tolist() == ['failed', 'done', 'done', 'done']
    assert after.backbones == before.backbones[ended]
    assert set(after.columns) == set(before.columns)
    for name, values in before.columns.items():
        np.testing.assert_allclose(after.columns[name], values[ended], rtol=1e-9, err_msg=name)
    for name in ('last_error', 'best_error', 'deviation', 'seeds'):
        np.testing.assert_allclose(getattr(after, name)[1:], getattr(before, name)[1:4], rtol=1e-9, err_msg=name)


def test_means_over_seeds_keep_their_deviation(tmp_path):
    rows = [dict(network='a', last_error=10.5, best_error=10, deviation=1.5, seeds=3, depths=[1, 2], widths=[8, 16])]
    path = tmp_path / 'given.jsonl'
    path.write_text(''.join(map(json.dumps, rows)) + '\n')
    write_table(read_records(path)[0], tmp_path / 'written.jsonl')
    records, = read_records(tmp_path / 'written.jsonl')
    assert (records.last_error[0], records.deviation[0], records.seeds[0]) == (10.5, 1.5, 3)


def test_the_tool(run_tool, tmp_path):
    folder = rated_population(tmp_path / 'population', 'regnetx_digits', 3)
    done = run_tool('export_table.py', folder, '--out', tmp_path / 'new/mine.jsonl')
    assert done.returncode == 0 and '3 of 3 networks with an error' in done.stdout
    assert len(read_records(tmp_path / 'new/mine.jsonl')[0].networks) == 3


@pytest.mark.parametrize('waiting, name, message', [
    (3, 'mine.jsonl', 'a table needs a network with an error, but .*population has none yet'),
    (0, 'mine.json', r'must have a name that ends in \.jsonl, but it is .*mine\.json')])
def test_refusals(run_tool, tmp_path, waiting, name, message):
    folder = rated_population(tmp_path / 'population', 'regnetx_digits', 3, waiting=waiting)
    done = run_tool('export_table.py', folder, '--out', tmp_path / name)
    assert done.returncode == 2 and not (tmp_path / name).exists()
    assert len(done.stderr.splitlines()) == 1
    assert re.search(message, done.stderr), done.stderr


def test_two_recipes_need_a_name(run_tool, tmp_path):
    folder = rated_population(tmp_path / 'population', 'regnetx_digits', 2)
    rated = rated_population(tmp_path / 'other', 'regnetx_digits', 2, recipe='longer')
    (rated / 'runs/longer').rename(folder / 'runs/longer')
    done = run_tool('export_table.py', folder, '--out', tmp_path / 'mine.jsonl')
    assert done.returncode == 2 and '--recipe names, but these are there: longer, short' in done.stderr
    done = run_tool('export_table.py', folder, '--recipe', 'longer', '--out', tmp_path / 'mine.jsonl')
    assert done.returncode == 0
