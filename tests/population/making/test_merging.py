"""Parts of one population, trained elsewhere, become one.

What is not of it is refused, and nothing is written.
"""

import json
import re
import shutil

import pytest
from rated_populations import rated_population

from regnet_plugin.population.readers import read_records


@pytest.fixture
def halves(tmp_path):
    """Two copies of a population, each with results of other networks; they share one."""
    whole = rated_population(tmp_path / 'whole', 'regnetx_digits', 5)
    for name, networks in (('first', (0, 1, 2)), ('second', (2, 3, 4))):
        shutil.copytree(whole, tmp_path / name)
        for number in set(range(5)) - set(networks):
            shutil.rmtree(tmp_path / name / f'runs/short/00000{number}-0')
    return tmp_path / 'first', tmp_path / 'second'


def files_of(folder):
    return {
        path.relative_to(folder): path.read_bytes() for path in folder.rglob('*') if path.is_file()
    }


def test_halves_become_the_whole(halves, run_tool, tmp_path):
    before = files_of(halves[0])
    done = run_tool('merge_population.py', *halves)
    assert done.returncode == 0, done.stderr
    assert done.stdout == f'{halves[1]}, short: 2 results added, 1 were there\n'
    merged, expected = (read_records(folder)[0] for folder in (halves[0], tmp_path / 'whole'))
    assert merged.last_error.tolist() == expected.last_error.tolist()
    assert set(files_of(halves[0]).items()) > set(before.items()), 'nothing was replaced'


def other_network(second):
    lines = (second / 'architectures.jsonl').read_text().splitlines()
    rows = [json.loads(line) for line in lines]
    rows[3], rows[4] = dict(rows[4], network='000003'), dict(rows[3], network='000004')
    (second / 'architectures.jsonl').write_text(''.join(json.dumps(row) + '\n' for row in rows))


def other_result(second, name, **values):
    path = second / f'runs/short/{name}/result.json'
    path.write_text(json.dumps({**json.loads(path.read_text()), **values}))


def other_seed(second):
    path = second / 'population.json'
    path.write_text(path.read_text().replace('"seed": 0', '"seed": 1'))


@pytest.mark.parametrize(
    'change, message',
    [
        (
            other_seed,
            'parts must be of one population, but seed of .*first is 0, and that of .*second 1',
        ),
        (other_network, 'but 000003 of .*second is another network in .*first'),
        (
            lambda second: (second / 'runs/short/recipe.py').write_text('model = 1\n'),
            'runs of two recipes must not be mixed',
        ),
        (
            lambda second: other_result(second, '000002-0', last_error=1.0),
            'must have one end, but 000002-0 ended otherwise in',
        ),
        (
            lambda second: other_result(
                second, '000004-0', complexity=dict(flops=1, parameters=2, activations=3)
            ),
            '000004-0/result.json: it must be the result of network 000004 of this population',
        ),
    ],
    ids=['seed', 'network', 'recipe', 'result', 'complexity'],
)
def test_what_is_no_part_of_it_is_refused(halves, run_tool, change, message):
    change(halves[1])
    before = files_of(halves[0])
    done = run_tool('merge_population.py', *halves)
    assert done.returncode == 2 and len(done.stderr.splitlines()) == 1
    assert re.search(message, done.stderr), done.stderr
    assert files_of(halves[0]) == before
