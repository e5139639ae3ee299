"""What it will take: from first trainings, or from tables of errors."""

import re

import numpy as np
import pytest
from killing import ROOT
from made_trainings import MadeTrainings, planned

from regnet_plugin.analysis import trainings_at_once
from regnet_plugin.comparison import compare_spaces
from regnet_plugin.comparison.forecast import forecast_lines, known_spaces

D, E = 'anynetx_d_digits', 'anynetx_e_digits'


def table(path, errors, seconds=None):
    columns = ['error', *(['seconds'] if seconds else [])]
    rows = [[error, *([seconds] if seconds else [])] for error in errors]
    lines = [','.join(columns), *(','.join(map(str, row)) for row in rows)]
    path.write_text('\n'.join(lines) + '\n')
    return path


def test_tables_tell_what_a_difference_takes(tmp_path):
    draw = np.random.default_rng(0)
    one, other = 20 + 2 * draw.standard_normal(50), 20 + 3 * draw.standard_normal(40)
    tables = [table(tmp_path / 'd.csv', one, 36), table(tmp_path / 'e.csv', other, 36)]
    plan = planned()
    known = known_spaces(plan, tmp_path / 'none', tables)
    assert [(space.name, space.trained) for space in known] == [(D, 50), (E, 40)]
    (_, _, line) = forecast_lines(plan, known, [2.0], workers=2)
    variance = one.var(ddof=1) + other.var(ddof=1)
    plain = 2 * trainings_at_once(2.0, variance)
    assert line.endswith(f'a plain comparison would need {plain}')
    mean, most = map(float, re.search(r'([\d.]+) hours in the mean and ([\d.]+)', line).groups())
    planned_number = int(re.search(r'if ([\d,]+) are planned', line)[1])
    assert most == pytest.approx(planned_number * 36 / 3600 / 2, rel=0.01) and mean < most
    assert not (tmp_path / 'none').exists()


def test_first_trainings_tell_it_too_and_what_is_known_of_the_others(no_page, tmp_path):
    plan = planned(trainings=40, size=40)
    compare_spaces(plan, tmp_path, MadeTrainings(plan, {D: 30.0, E: 29.5}))
    known = known_spaces(plan, tmp_path)
    assert [space.trained for space in known] == [20, 20]
    assert all(0 < space.left <= 1 and space.seconds == 36 for space in known)
    lines = list(forecast_lines(plan, known, [1.0, 1e-3], workers=1))
    assert len(lines) == 4 and 'by no hundred looks' in lines[-1]


def test_one_table_may_be_for_all(tmp_path):
    path = table(tmp_path / 'all.csv', range(10, 30))
    known = known_spaces(planned(), tmp_path, [path])
    assert known[0].variance == known[1].variance == pytest.approx(35)
    assert 'hours' not in list(forecast_lines(planned(), known, [5.0], workers=1))[-1]


@pytest.mark.parametrize(
    'errors, tables, message',
    [
        (None, 0, 'first trainings in .*, or a table of errors .*, but of anynetx_d_digits there'),
        ([10, 20, 30], 1, '5 different errors are needed, but of anynetx_d_digits .* has 3'),
        ([10] * 8, 1, 'has 8, all alike'),
        ([10, 20, 30, 40, 50], 3, 'in one table, or in one for each of 2 spaces, but there are 3'),
    ],
)
def test_what_is_refused(tmp_path, errors, tables, message):
    paths = [table(tmp_path / 'x.csv', errors)] * tables if errors else []
    with pytest.raises(ValueError, match=message):
        known_spaces(planned(), tmp_path / 'none', paths)


def test_the_study_is_read(tmp_path):
    tables = [ROOT / f'docs/study/anynetx_{letter}.jsonl' for letter in 'de']
    known = known_spaces(planned(), tmp_path, tables)
    assert [space.trained for space in known] == [100, 100]
