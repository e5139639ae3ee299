"""The course of a comparison: who is trained, when, what is written, and how it goes on."""

import json

import pytest
from made_trainings import MadeTrainings, planned

from regnet_plugin.cli.errors import UserError
from regnet_plugin.comparison import compare_spaces
from regnet_plugin.population.readers import read_records

D, E = 'anynetx_d_digits', 'anynetx_e_digits'


def test_it_ends_when_it_is_decided_and_says_what_it_found(tmp_path):
    plan = planned()
    train = MadeTrainings(plan, {D: 30.0, E: 20.0})
    told = []
    found = compare_spaces(plan, tmp_path / 'c', train, told.append)
    assert train.calls == [(D, 10), (E, 10)]
    (verdict,) = found.decision.verdicts
    assert (verdict.better, verdict.other, verdict.outcome) == (E, D, 'better')
    assert found.text.startswith(
        f'{E} is better than {D} by {verdict.difference:.2f} points '
        f'({verdict.low:.2f} to {verdict.high:.2f}), after 20 trainings; a plain comparison would '
    )
    assert told[-1] == found.text
    assert (tmp_path / 'c/comparison.txt').read_text() == f'{found.text}\n'
    page = found.page.read_text()
    assert found.text in page and 'as if nobody had looked at' in page
    rows = (tmp_path / 'c/report_files/looks_table.csv').read_text().splitlines()
    assert len(rows) == 2 and rows[1].startswith(f'1,10,{E},{D},')
    for name in (D, E):
        (records,) = read_records(tmp_path / 'c' / name)
        assert records.is_random_part and records.rated().sum() == 10
        assert (records.status == 'sampled').sum() == 50


def test_trainings_alternate_until_they_are_spent(no_page, tmp_path):
    plan = planned(trainings=40, size=40)
    train = MadeTrainings(plan, {D: 30.0, E: 29.5})
    found = compare_spaces(plan, tmp_path, train)
    assert train.calls == [(D, 10), (E, 10), (D, 20), (E, 20)]
    (verdict,) = found.decision.verdicts
    assert verdict.outcome == 'undecided' and verdict.look == 2
    assert found.text.startswith(f'no difference of {verdict.better} and {verdict.other} is shown')
    assert 'after 40 trainings' in found.text and 'goes on' not in found.text


def test_equal_within_the_margin(no_page, tmp_path):
    plan = planned(margin=8.0)
    found = compare_spaces(plan, tmp_path, MadeTrainings(plan, {D: 30.0, E: 30.0}))
    assert 'are equal within 8.00 points: ' in found.text and 'after 20 trainings' in found.text


def test_the_same_again_goes_on_with_what_is_there(no_page, tmp_path):
    """Nothing is trained twice, and looks are taken again from the results."""
    plan, means = planned(trainings=40, size=40), {D: 30.0, E: 29.5}

    class Killed(Exception):
        pass

    class Dying(MadeTrainings):
        def __call__(self, population, trainings):
            if trainings == 20:
                raise Killed
            super().__call__(population, trainings)

    with pytest.raises(Killed):
        compare_spaces(plan, tmp_path, Dying(plan, means))
    assert 'it goes on, to 20 of each at most' in (tmp_path / 'comparison.txt').read_text()
    before = {path: path.stat().st_mtime_ns for path in tmp_path.rglob('result.json')}
    assert len(before) == 20
    found = compare_spaces(plan, tmp_path, MadeTrainings(plan, means))
    assert all(path.stat().st_mtime_ns == time for path, time in before.items())
    again = compare_spaces(plan, tmp_path, MadeTrainings(plan, means))
    assert again.text == found.text and again.decision == found.decision
    assert found.text == compare_spaces(plan, tmp_path / 'new', MadeTrainings(plan, means)).text


@pytest.mark.parametrize(
    'change, name',
    [
        (dict(margin=1.0), 'margin'),
        (dict(trainings=60), 'trainings'),
        (dict(statistic='median'), 'statistic'),
        (dict(seed=5), 'seed'),
        (dict(flops=(2e6, 7e6)), 'spaces'),
    ],
)
def test_another_plan_needs_another_folder(no_page, tmp_path, change, name):
    plan = planned()
    compare_spaces(plan, tmp_path, MadeTrainings(plan, {D: 30.0, E: 20.0}))
    with pytest.raises(UserError, match=f'goes on as it was planned, but in .* {name} is '):
        compare_spaces(planned(**change), tmp_path, MadeTrainings(plan, {}))


def test_of_three_spaces_the_worst_is_trained_no_further(no_page, tmp_path):
    c = 'anynetx_c_digits'
    plan = planned('anynetx_c', 'anynetx_d', 'anynetx_e', trainings=60, size=40)
    train = MadeTrainings(plan, {c: 50.0, D: 30.0, E: 29.5})
    found = compare_spaces(plan, tmp_path, train)
    assert train.calls == [(c, 10), (D, 10), (E, 10), (D, 20), (E, 20)]
    beaten, undecided = found.decision.verdicts
    assert (beaten.other, beaten.outcome, beaten.look) == (c, 'better', 1)
    assert undecided.outcome == 'undecided' and undecided.look == 2
    assert '; ' in found.text and 'after 50 trainings' in found.text


def test_failed_networks_are_counted_and_said(no_page, tmp_path):
    plan = planned()
    train = MadeTrainings(plan, {D: 30.0, E: 20.0}, failures=2)
    text = compare_spaces(plan, tmp_path, train).text
    assert f'failed, and not counted: 2 of {D}, 2 of {E}' in text


def test_a_space_whose_trainings_all_fail_ends_it(no_page, tmp_path):
    plan = planned()
    train = MadeTrainings(plan, {D: 30.0, E: 20.0}, failing=E)
    with pytest.raises(UserError, match=f'but of .*{E} 10 trainings failed and none has an error'):
        compare_spaces(plan, tmp_path, train)


@pytest.mark.parametrize(
    'statistic, words',
    [
        ('median', 'points of the median error ('),
        ('below:25', 'points of the share of networks below 25 ('),
        ('best:2', 'points of the expected error of the best of 2 ('),
    ],
)
def test_other_statistics(no_page, tmp_path, statistic, words):
    plan = planned(statistic=statistic)
    found = compare_spaces(plan, tmp_path, MadeTrainings(plan, {D: 40.0, E: 20.0}))
    assert found.text.startswith(f'{E} is better than {D} by ') and words in found.text
    assert json.loads((tmp_path / 'comparison.json').read_text())['statistic'] == statistic
