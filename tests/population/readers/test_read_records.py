"""Which reader reads what, and what is said of files that none reads."""

import gzip
import os
import re

import pytest
from killing import ROOT

from regnet_plugin.population.readers import read_records
from regnet_plugin.population.store import PopulationError


def refused(path, message, **wanted):
    with pytest.raises(PopulationError, match=message) as caught:
        read_records(path, **wanted)
    assert '\n' not in str(caught.value) and str(path) in str(caught.value)


@pytest.mark.parametrize(
    'name, content',
    [
        ('a.json', b'{}'),
        ('a.json', b'[]'),
        ('a.json', b'5'),
        ('a.json', b'[5]'),
        ('a.json', b'[{"error": 5}]'),
        ('a.json', b'{"top": [], "mid": []}'),
        ('a.json', b'{"top": 5, "mid": 6}'),
        ('a.txt', b'error\n5\n'),
        ('a.csv.gz', gzip.compress(b'error\n5\n', mtime=0)),
        ('a', b''),
    ],
)
def test_what_is_known_is_listed(tmp_path, name, content):
    (tmp_path / name).write_bytes(content)
    refused(
        tmp_path / name,
        'is no population that can be read: .*population.json; .*nds.*sweep_collect.py; .*jsonl',
    )


@pytest.mark.parametrize('name', ['a.csv', 'a.jsonl', 'a.json'])
def test_what_is_no_text_in_utf_8(tmp_path, name):
    for content in (
        'error\n5\n'.encode('utf-16'),
        gzip.compress(b'error\n5\n', mtime=0),
        b'error,note\n5,\xe9\n',
    ):
        (tmp_path / name).write_bytes(content)
        refused(tmp_path / name, 'must be a text in UTF-8, but its byte')


@pytest.mark.parametrize('name', ['a', 'a.csv', 'a.jsonl', 'a.json'])
def test_what_is_not_there(tmp_path, name):
    refused(tmp_path / name, 'cannot be read: No such file')


@pytest.mark.skipif(os.getuid() == 0, reason='root may read everything')
def test_what_must_not_be_read(tmp_path):
    (tmp_path / 'a.csv').touch(mode=0)
    refused(tmp_path / 'a.csv', 'cannot be read: Permission denied')


def test_a_folder_without_a_population(tmp_path):
    refused(tmp_path, 'there is no population in .*population.json is missing')


def test_json_that_is_cut_off(tmp_path):
    (tmp_path / 'a.json').write_text('[{"net": {}')
    refused(tmp_path / 'a.json', 'a.json cannot be read: Expecting')


def test_recipes_are_of_our_populations_only(tmp_path):
    (tmp_path / 'a.csv').write_text('error\n5\n')
    refused(
        tmp_path / 'a.csv',
        "a recipe can be chosen of a folder of this package's, but .* is none",
        recipe='short',
    )


def test_names(tmp_path):
    path = tmp_path / 'A B.CSV'
    path.write_text('error\n5\n')
    assert (
        read_records(path)[0].name == 'A B'
        and read_records(str(path), name='mine')[0].name == 'mine'
    )
    assert read_records(path)[0].source == str(path)


def test_the_examples_of_the_page(tmp_path):
    page = (ROOT / 'docs/reference/population_formats.md').read_text()
    for name, text, networks in zip(
        ('a.csv', 'a.jsonl'), re.findall(r'```\n(.*?)```', page, re.DOTALL), (2, 1)
    ):
        (tmp_path / name).write_text(text)
        (records,) = read_records(tmp_path / name)
        assert records.networks == ('a', 'b') and records.rated().sum() == networks
        assert (
            records.backbones[0]['widths'] == [32, 64, 160, 384]
            and records.columns['flops'][0] == 397678568
        )
