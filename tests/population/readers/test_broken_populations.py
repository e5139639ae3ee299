"""Populations of this package with files that are broken, foreign, or not whole yet."""

import json
import os
import shutil

import pytest
from broken_json import variants
from read_population import sampled, write

from regnet_plugin.population.exports.optuna import export_optuna
from regnet_plugin.population.ranking import best_networks
from regnet_plugin.population.readers import read_records
from regnet_plugin.population.runs.run import Run, RunFolder
from regnet_plugin.population.runs.standing import Watch
from regnet_plugin.population.store import PopulationError
from regnet_plugin.report.report import report


def test_a_line_that_is_being_written_is_left_out(population):
    text = population.path.read_text()
    for end in (1, 2, len(text.splitlines()[-1])):
        population.path.write_text(text[:-end])
        assert read_records(population.directory)[0].networks == ('000000', '000001', '000002')


def test_there_must_be_a_network(population):
    population.path.write_text('{"network": ')
    with pytest.raises(PopulationError, match='there is no network in .*digits yet'):
        read_records(population.directory)
    population.path.unlink()
    with pytest.raises(PopulationError, match='there is no network in .*digits yet'):
        read_records(population.directory)


def test_what_is_said_of_a_broken_line(population):
    good = population.path.read_text().splitlines()
    for line, rule in (
        ('{"network": ', 'Expecting value'),
        (good[0], 'once, but 000000 is there twice'),
        ('[1]', 'object'),
        ('null', 'object'),
        ('', 'Expecting value'),
        ('[' * 100_000, ''),
        (good[3].replace('"complexity"', '"cost"'), r"unknown: \['cost'\]"),
        (good[3].replace('"widths": [', '"widths": [-'), 'width must be a positive whole number'),
    ):
        population.path.write_text('\n'.join([*good[:3], line, '']))
        with pytest.raises(PopulationError, match=rf'architectures.jsonl:4: .*{rule}') as caught:
            read_records(population.directory)
        assert '\n' not in str(caught.value)


def test_no_value_of_the_wrong_kind_gets_further_than_its_line(population):
    """Whatever is put in whatever place, nothing but a refusal is raised.

    The rules of `Sample` refuse it, or it is read.
    """
    good = population.path.read_text().splitlines()
    refused = 0
    for broken in variants(json.loads(good[3])):
        population.path.write_text('\n'.join([*good[:3], json.dumps(broken), '']))
        try:
            (records,) = read_records(population.directory)
            assert len(records.networks) == 4
        except PopulationError as error:
            refused += 1
            assert 'architectures.jsonl:4: ' in str(error) and '\n' not in str(error), broken
    assert refused > 300


GOOD = (
    '{"network": "000000", "seed": 0, "recipe": "short", "status": "done", "last_error": %s, '
    '"format": %s}'
)


@pytest.mark.parametrize(
    'text',
    [
        '{"network"',
        '{}',
        '[]',
        '\x00',
        *(
            GOOD % (error, 1)
            for error in (-3, 100.001, '1e308', 'NaN', '-Infinity', '10' * 200, '"5"', 'true')
        ),
    ],
)
def test_a_broken_result_is_a_failure_of_its_run_alone(population, text):
    (write(population, '000000', error=5.0) / 'result.json').write_text(text)
    write(population, '000001', error=7.0)
    write(population, '000001', recipe='other', error=9.0)
    other, records = read_records(population.directory)
    assert (
        records.status.tolist() == ['failed', 'done', 'sampled', 'sampled']
        and records.reasons[0] == 'broken result'
    )
    assert records.last_error[1] == 7 and other.last_error[1] == 9 and not other.notes
    (note,) = records.notes
    assert f'short{os.sep}000000-0{os.sep}result.json: ' in note and '\n' not in note
    assert note.endswith('; tools/train_population.py puts it aside and trains the run again')
    run = RunFolder(population.directory / 'runs/short/000000-0')
    assert (
        run.forget_broken_result()
        and not run.ended
        and (run.folder / 'result.json.broken').read_text() == text
    )


def test_a_result_of_another_version_is_left_to_that(population):
    path = write(population, '000000', error=5.0) / 'result.json'
    path.write_text(GOOD % (5, 99))
    (records,) = read_records(population.directory)
    (note,) = records.notes
    assert (
        records.reasons[0] == 'broken result'
        and 'its format must be 1, but it is 99' in note
        and 'trains' not in note
    )
    run = RunFolder(path.parent)
    assert run.forget_broken_result() is None and run.forget_failure() is None and path.exists()


def test_runs_of_another_population_are_refused(population, tmp_path):
    """They have the same recipe and the same numbers.

    What the results say of the networks' complexity is what tells them apart.
    """
    other = sampled(tmp_path / 'other', 'anynetx_a_digits')
    for there in (population, other):
        network = next(iter(there))
        write(there, network.name, error=5.0, complexity=network.sample.to_dict()['complexity'])
    read_records(population.directory), read_records(other.directory)
    foreign = population.directory / 'runs/short/000000-0/result.json'
    shutil.copy(other.directory / 'runs/short/000000-0/result.json', foreign)
    said = (
        'short/000000-0/result.json: it must be the result of network 000000 of this population, '
        'with '
    )
    run = Run(foreign.parent, next(iter(population)), 0)
    (records,) = read_records(population.directory)
    assert records.reasons[0] == 'broken result' and not records.rated().any()
    (note,) = records.notes
    assert said in note and '\n' not in note
    assert f'Caution: {note}.' in report(records).told
    assert export_optuna(population).studies == dict(
        short=dict(complete=0, failed=1, planned=1, sampled=4)
    )
    assert Watch((run,)).look().failed[0].message == note
    with pytest.raises(PopulationError, match='only 0 of 4 have an error'):
        best_networks(population, 'short', 1)
    assert 'of another population' in run.forget_broken_result() and run.result() is None
    assert foreign.with_name('result.json.broken').exists()


def test_a_key_that_is_there_twice(population):
    run = write(population, '000000', error=5.0)
    text = (run / 'result.json').read_text()
    (run / 'result.json').write_text(text.replace('"seed": 0', '"seed": 0, "last_error": 3', 1))
    (note,) = read_records(population.directory)[0].notes
    assert "result.json: each key must be there once, but 'last_error' is there twice" in note
    (run / 'result.json').write_text(text)
    lines = population.path.read_text()
    population.path.write_text(lines.replace('"draw"', '"network": "000009", "draw"', 1))
    with pytest.raises(
        PopulationError, match="jsonl:1: each key must be there once, but 'network' is there twice"
    ):
        read_records(population.directory)


def test_folders_of_the_users_are_no_runs(population):
    write(population, 'backup', error=5.0, seed=2)
    (records,) = read_records(population.directory)
    assert 'backup' not in records.networks


def test_runs_of_networks_that_the_population_does_not_have(population):
    write(population, '000009', error=5.0)
    with pytest.raises(
        PopulationError, match='short/000009-0 is a run of a network that .*digits does not have'
    ):
        read_records(population.directory)


def test_a_latency_that_cannot_be_read(population):
    good = json.dumps(
        dict(
            network='000000',
            device='a',
            threads=0,
            batch=1,
            resolution=32,
            inference=1.0,
            training=1.0,
        )
    )
    for line, rule in (
        ('{}', 'latency.jsonl:2: .*missing'),
        (good.replace('1.0', '"x"', 1), "latency must be a number from 0 to 1e100, but it is 'x'"),
        (good.replace('1.0', '-1', 1), 'latency must be a number from 0'),
        (
            good.replace('"a"', '["a"]'),
            r"latency.jsonl:2: device must be a text, but it is \['a'\]",
        ),
        (good.replace('32', '{}'), 'latency.jsonl:2: resolution must be a whole number'),
    ):
        (population.directory / 'latency.jsonl').write_text(f'{good}\n{line}\n')
        with pytest.raises(PopulationError, match=rule):
            read_records(population.directory)
    (population.directory / 'latency.jsonl').write_text(f'{good}\n{good[:-9]}')
    assert read_records(population.directory)[0].columns['latency'][0] == 1


@pytest.mark.parametrize(
    'text, message', [('', 'population.json cannot be read'), ('[]', 'it must be an object')]
)
def test_a_manifest_that_cannot_be_read(population, text, message):
    (population.directory / 'population.json').write_text(text)
    with pytest.raises(PopulationError, match=message):
        read_records(population.directory)
