"""Results of runs: one for each, whoever writes it, and what is said of a wrong one."""

import errno
import json
import os
import time
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import numpy as np
import pytest
from written_results import ENDLESS, result

from regnet_plugin.population.runs.results import curve_summary, digest_of, read_result
from regnet_plugin.population.runs.run import RunFolder
from regnet_plugin.population.runs.standing import Watch

IN_A_RESULT = [
    ('network', '[]'),
    ('seed', '"0"'),
    ('seed', '-1'),
    ('seed', 'true'),
    ('recipe', 'null'),
    ('status', '[]'),
    ('reason', '[]'),
    ('message', '5'),
    ('metric', '5'),
    ('last_error', '"x"'),
    ('last_error', '9' * 400),
    ('best_error', 'NaN'),
    ('last_epoch', '1.5'),
    ('loss', '1e999'),
    ('curve', '5'),
    ('curve', '[5]'),
    ('curve', '[{"error": 1}]'),
    ('curve', '[{"epoch": 1, "error": "x"}]'),
    ('complexity', '[]'),
    ('complexity', '{"flops": "5"}'),
    ('complexity', '{"flops": ' + '9' * 400 + '}'),
    ('seconds', '1e300'),
    ('seconds', '-1'),
    ('peak_memory', '"1"'),
    ('device', '5'),
    ('versions', '[]'),
    ('attempts', '0'),
    ('finished', '5'),
    ('finished', '"foo"'),
    ('finished', '"0001-01-01T00:00:00"'),
]


class TestResults:
    @pytest.fixture
    def run(self, tmp_path):
        folder = tmp_path / 'recipe/000000-0'
        folder.mkdir(parents=True)
        return folder

    def test_one_is_written_and_read_again(self, run):
        written = result(
            last_error=5.5, curve=(dict(epoch=1, loss=0.5, error=5.5),), versions=dict(torch='2')
        )
        assert written.write(run) and not result(last_error=1.0).write(run)
        found = read_result(run)
        assert found.last_error == 5.5 and found.finished == written.finished
        assert [path.name for path in run.iterdir()] == ['result.json']

    def test_of_many_that_write_at_once_one_does(self, tmp_path):
        with ThreadPoolExecutor(16) as pool:
            written = list(pool.map(lambda number: result(seed=number).write(tmp_path), range(64)))
        assert sum(written) == 1
        assert json.loads((tmp_path / 'result.json').read_text())['seed'] == written.index(True)

    def test_none_is_none(self, run):
        assert read_result(run) is None

    @pytest.mark.parametrize(
        'text',
        [
            '',
            '{"network": "0',
            '[]',
            '{"network": "000000"}',
            ENDLESS,
            '\udcff\udcfe',
            '{"network": "0", "seed": 0, "recipe": "r", "status": "well"}',
        ],
    )
    def test_a_broken_one_is_named(self, run, text):
        (run / 'result.json').write_bytes(text.encode(errors='surrogateescape'))
        with pytest.raises(ValueError, match='result.json: '):
            read_result(run)

    @pytest.mark.parametrize('name, value', IN_A_RESULT)
    def test_a_value_of_another_kind_is_named_and_the_file_put_aside(self, run, name, value):
        assert result().write(run)
        text = (run / 'result.json').read_text()
        values = {**json.loads(text), name: 'here'}
        (run / 'result.json').write_text(json.dumps(values).replace('"here"', value))
        with pytest.raises(ValueError, match='result.json: ') as caught:
            read_result(run)
        assert '\n' not in str(caught.value) and len(str(caught.value)) < 500
        for _ in range(2):
            assert RunFolder(run).forget_broken_result() == str(caught.value)
            assert not (run / 'result.json').exists()
            (run / 'result.json').write_text((run / 'result.json.broken').read_text())
        assert sorted(path.name for path in run.iterdir()) == [
            'result.json',
            'result.json.broken',
            'result.json.broken-2',
        ]

    def test_one_that_cannot_be_read_now_is_not_broken(self, run, unreadable):
        result(last_error=5.5).write(run)
        for look in (
            lambda: read_result(run),
            RunFolder(run).forget_broken_result,
            Watch((RunFolder(run),)).look,
        ):
            with unreadable(run / 'result.json'), pytest.raises(OSError, match='result.json'):
                look()
        assert [path.name for path in run.iterdir()] == ['result.json'] and read_result(
            run
        ).last_error == 5.5

    def test_one_whose_recipe_cannot_be_read_now_is_not_broken(self, run, unreadable):
        (run.parent / 'recipe.py').write_text('a = 1')
        result(recipe_digest=digest_of('a = 1')).write(run)
        with unreadable(run.parent / 'recipe.py'), pytest.raises(OSError, match='recipe.py'):
            RunFolder(run).forget_broken_result()
        assert [path.name for path in run.iterdir()] == ['result.json']

    def test_one_behind_a_folder_that_cannot_be_entered_now_is_not_missing(self, run, monkeypatch):
        def refuse(path, **_):
            raise PermissionError(errno.EACCES, 'Permission denied', str(path))

        result(last_error=5.5).write(run)
        with monkeypatch.context() as fault:
            for name in ('lstat', 'stat'):
                fault.setattr(f'os.{name}', refuse)
            with pytest.raises(PermissionError, match='result.json'):
                RunFolder(run).ended
            with pytest.raises(PermissionError, match='result.json'):
                read_result(run)

    def test_what_is_replaced_on_another_machine_while_it_is_read_is_read_again(
        self, run, monkeypatch
    ):
        result(last_error=5.5).write(run)
        answers = [OSError(errno.ESTALE, 'Stale file handle'), (run / 'result.json').read_text()]

        def answer(*_, **__):
            said = answers.pop(0)
            if isinstance(said, OSError):
                raise said
            return said

        monkeypatch.setattr(Path, 'read_text', answer)
        assert read_result(run).last_error == 5.5

    def test_a_pipe_is_not_waited_for(self, run):
        os.mkfifo(run / 'result.json')
        with pytest.raises(ValueError, match='result.json: it is no file'):
            read_result(run)

    @pytest.mark.parametrize(
        'make',
        [
            lambda path: path.mkdir(),
            lambda path: path.symlink_to('nowhere'),
            lambda path: path.symlink_to(path),
        ],
    )
    def test_what_is_no_file_has_ended_and_is_put_aside(self, run, make):
        make(run / 'result.json')
        assert RunFolder(run).ended and 'result.json: it' in RunFolder(run).forget_broken_result()
        assert not RunFolder(run).ended

    @pytest.mark.parametrize(
        'other', [dict(network='000001'), dict(seed=1), dict(recipe_digest='0123456789ab')]
    )
    def test_that_of_another_run_is_broken(self, run, other):
        (run.parent / 'recipe.py').write_text('a = 1')
        result(**other).write(run)
        with pytest.raises(
            ValueError, match='result.json: it must be the result of .*, but it is that of'
        ):
            read_result(run)

    def test_that_of_the_recipe_beside_it_is_read_whatever_its_folder_is_called_now(self, run):
        (run.parent / 'recipe.py').write_text('a = 1')
        result(recipe='before', recipe_digest=digest_of('a = 1')).write(run)
        assert read_result(run).recipe == 'before'

    @pytest.mark.acceptance  # seconds of a processor, which others may share
    def test_five_hundred_are_read_in_no_time(self, tmp_path):
        (tmp_path / 'recipe.py').write_text(200 * 'a = dict(b=1)\n')
        curve = tuple(dict(epoch=epoch, loss=0.5, error=5.5) for epoch in range(1, 11))
        runs = [tmp_path / f'{number:06d}-0' for number in range(500)]
        for run in runs:
            run.mkdir()
            result(
                network=run.name[:6], curve=curve, recipe_digest=digest_of(200 * 'a = dict(b=1)\n')
            ).write(run)
        start = time.process_time()
        assert all([read_result(run) for run in runs])
        assert time.process_time() - start < 0.3  # 0.07 s, and room for a busy machine

    @pytest.mark.parametrize(
        'values, message',
        [
            (dict(status='well'), 'status must be'),
            (dict(status='failed'), 'a failure has one of the reasons'),
            (dict(reason='killed'), 'a failure has one of the reasons'),
            (
                dict(last_error=float('nan')),
                'last_error must be a finite number, or none, but it is nan',
            ),
        ],
    )
    def test_there_are_no_invalid_ones(self, values, message):
        with pytest.raises(ValueError, match=message):
            result(**values)

    def test_whole_numbers_are_those_of_64_bits(self):
        """As counts of networks are, and as arrays of results hold them."""
        largest = int(np.iinfo(np.int64).max)
        kept = result(seed=largest, complexity=dict(flops=largest))
        assert (kept.seed, kept.complexity['flops']) == (largest, largest)
        for values in (dict(seed=largest + 1), dict(complexity=dict(flops=largest + 1))):
            with pytest.raises(ValueError, match=r'from 0 to 2\*\*63 - 1, but it is '):
                result(**values)

    def test_last_and_best_epoch_are_told_apart(self):
        curve = [
            dict(epoch=1, loss=3.0),
            dict(epoch=2, loss=2.0, error=10.0),
            dict(epoch=3, loss=1.0, error=20.0),
        ]
        found = curve_summary(curve)
        assert (
            found['last_error'],
            found['last_epoch'],
            found['best_error'],
            found['best_epoch'],
        ) == (20, 3, 10, 2)
        assert found['loss'] == 1.0
        assert curve_summary([])['last_error'] is None
