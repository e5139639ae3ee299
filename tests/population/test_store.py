"""Files of a population that no sampling wrote: each is named, with its line."""

import json

import pytest
from sampled_population import sampled

from regnet_plugin.population.store import Population, PopulationError, check_network_name


@pytest.mark.parametrize(
    'line',
    [
        '5',
        'null',
        '"abc"',
        '{"network": "000003", "draw": "x"}',
        '\udcff',
        '[' * 9999,
        '{"network": 3, "draw": 3}',
        '{"network": "000003", "draw": -1}',
        pytest.param('[' * 200000, id='endless'),
    ],
)
def test_a_line_that_is_no_network_is_named(tmp_path, line):
    sampled(tmp_path / 'p')
    path = tmp_path / 'p/architectures.jsonl'
    path.write_bytes(
        b''.join(
            [
                *path.read_bytes().splitlines(keepends=True)[:3],
                line.encode(errors='surrogateescape'),
            ]
        )
    )
    with pytest.raises(PopulationError, match='architectures.jsonl:4: '):
        list(Population.open(tmp_path / 'p'))


@pytest.mark.parametrize(
    'change',
    [
        lambda line: dict(line, network='000000'),
        lambda line: dict(line, draw=-1),
        lambda line: dict(line, network=''),
        *(
            lambda line, name=name: dict(line, network=name)
            for name in ('../../../evil', 'a/b', '..', 'a\0', 'a\n', 'x' * 300)
        ),
        lambda line: dict(line, complexity=dict(line['complexity'], flops=10**400)),
        lambda line: dict(line, resolution=10**400),
        lambda line: dict(line, lr=10**400),
    ],
)
def test_a_line_that_no_sampling_wrote_is_named(tmp_path, change):
    path = sampled(tmp_path / 'p', size=3).path
    *lines, last = map(json.loads, path.read_text().splitlines())
    path.write_text(''.join(json.dumps(line) + '\n' for line in [*lines, change(last)]))
    with pytest.raises(PopulationError, match='architectures.jsonl:3: ') as caught:
        list(Population.open(tmp_path / 'p'))
    assert '\n' not in str(caught.value)


def test_networks_are_named_by_number_publication_or_parameters():
    for name in (
        '000007',
        '1000000',
        'regnety_3.2gf',
        'depth=22,w_0=24,w_a=2.4e+1,w_m=2.54,group_width=16,se_ratio=.25',
    ):
        check_network_name(name)


@pytest.mark.parametrize(
    'text',
    [
        '{"custom_imports": 5}',
        '{"custom_imports": [5]}',
        '{"format": 99}',
        '[]',
        '\udcff',
        pytest.param('[' * 200000, id='endless'),
    ],
)
def test_a_manifest_that_no_sampling_wrote_is_named(tmp_path, text):
    (tmp_path / 'population.json').write_bytes(text.encode(errors='surrogateescape'))
    with pytest.raises(PopulationError, match='population.json cannot be read: ') as caught:
        Population.open(tmp_path)
    assert '\n' not in str(caught.value)


def test_a_folder_that_cannot_be_printed_is_refused(tmp_path):
    for act in (sampled, Population.open):
        with pytest.raises(PopulationError, match=r"a path in UTF-8, but it is '.*\\udcff'"):
            act(tmp_path / 'p\udcff')
    assert not list(tmp_path.iterdir())


def test_a_broken_line_is_named(tmp_path):
    sampled(tmp_path / 'p')
    path = tmp_path / 'p/architectures.jsonl'
    lines = path.read_text().splitlines(keepends=True)
    path.write_text(''.join([*lines[:16], '{"network": "000016"}\n', *lines[17:]]))
    with pytest.raises(PopulationError, match=r'architectures\.jsonl:17: '):
        list(Population.open(tmp_path / 'p'))
    with pytest.raises(PopulationError, match='there is no population in'):
        Population.open(tmp_path)
    (tmp_path / 'p/population.json').write_text('{"size": ')
    with pytest.raises(PopulationError, match=r'population\.json cannot be read'):
        Population.open(tmp_path / 'p')
