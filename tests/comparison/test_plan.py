"""What a comparison is planned of; what is refused before anything is written."""

import pytest
from made_trainings import SPACES, planned

from regnet_plugin.comparison import plan_comparison


def test_looks_follow_from_the_trainings():
    plan = planned(trainings=95, size=60)
    assert (plan.looks, plan.of_each) == (4, 40)
    assert planned('anynetx_c', 'anynetx_d', 'anynetx_e', trainings=95).looks == 3
    assert plan.names == ('anynetx_d_digits', 'anynetx_e_digits')
    assert plan.seed_of('anynetx_d_digits') != plan.seed_of('anynetx_e_digits')


@pytest.mark.parametrize(
    'changes, message',
    [
        (dict(trainings=19), 'at least 10 of each space, 20 in all, but they are 19'),
        (dict(trainings=-5), 'but they are -5'),
        (dict(size=30), 'size must be at least the 40 trainings of each space, but it is 30'),
        (dict(margin=0.0), 'margin must be a number above 0, but it is 0.0'),
        (dict(margin=-1.0), 'margin must be a number above 0'),
        (dict(confidence=1.0), 'confidence must be between 0 and 1, but it is 1.0'),
        (dict(statistic='mode'), 'mean, median, best:N'),
    ],
)
def test_numbers_that_are_refused(changes, message):
    with pytest.raises(ValueError, match=message):
        planned(**changes)


def test_spaces_that_are_refused(tmp_path):
    given = dict(flops=(2e6, 8e6), trainings=40, size=40)
    path = SPACES / 'anynetx_d_digits.py'
    with pytest.raises(ValueError, match='two spaces or more, but it is of 1 space'):
        plan_comparison([path], 'recipe.py', **given)
    with pytest.raises(ValueError, match='must differ, but anynetx_d_digits and anynetx_d_digits'):
        plan_comparison([path, path], 'recipe.py', **given)
    (tmp_path / 'copy.py').write_text(f'_base_ = {str(path)!r}\n')
    with pytest.raises(ValueError, match='must differ, but anynetx_d_digits and copy are the same'):
        plan_comparison([path, tmp_path / 'copy.py'], 'recipe.py', **given)
    other = tmp_path / path.name
    other.write_text(f'_base_ = {str(SPACES / "anynetx_e_digits.py")!r}\n')
    with pytest.raises(ValueError, match='names of their own, but two are called anynetx_d_digits'):
        plan_comparison([path, other], 'recipe.py', **given)
