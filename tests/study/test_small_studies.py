"""Studies with few networks, few seeds or keys of their own.

The page is written, and says what it cannot know.
"""

import json
import re

import pytest
from study_results import LIKE_THE_PAPER, made_up_results

from regnet_plugin.study.judging.findings import findings
from regnet_plugin.study.judging.judgement import NOT_STUDIED, OPEN
from regnet_plugin.study.page import write_page
from regnet_plugin.study.plan_file import read_plan
from regnet_plugin.study.questions import questions
from regnet_plugin.study.results import SELECTION, read_results
from regnet_plugin.study.statistics import rank_correlation, smallest_significant

ROW = (
    '{"network": "%06d", "last_error": %s, "best_error": 9, "flops": 1e6, "depths": [1, %d], '
    '"widths": [8, 16]}\n'
)


def page_of(results, folder):
    write_page(results, folder / 'README.md')
    text = (folder / 'README.md').read_text()
    assert not re.search(r'\b(nan|inf)\b', text)
    return text


@pytest.mark.filterwarnings('error::RuntimeWarning')
@pytest.mark.parametrize('size', [1, 3])
def test_a_study_of_few_networks(tmp_path, size):
    results = read_results(made_up_results(tmp_path, LIKE_THE_PAPER, size=size), tmp_path)
    text = page_of(results, tmp_path)
    assert f'exactly: none for {size} against {size}.' in text
    assert {found.verdict for found in findings(results)[:-1]} == {OPEN, NOT_STUDIED}


@pytest.mark.parametrize(
    'sizes, expected',
    [
        ((1, 1), None),
        ((3, 3), None),
        ((3, 4), None),
        ((4, 4), 1),
        ((3, 5), 1),
        ((5, 5), 1),
        ((6, 6), 5 / 6),
        ((8, 8), 0.75),
    ],
)
def test_the_smallest_significant_distance_of_few(sizes, expected):
    """The probabilities of the largest distances have closed forms.

    P(D = 1) = 2 / C(n + m, n), and of n against n P(D >= k / n) = 2 C(2n, n - k) / C(2n, n), where
    k > n / 2.
    """
    found = smallest_significant(*sizes)
    assert found == (None if expected is None else pytest.approx(expected))


@pytest.mark.parametrize(
    'values, errors', [([], []), ([1.0], [2.0]), ([1.0, 1.0, 1.0], [1.0, 2.0, 3.0])]
)
def test_a_rank_correlation_that_is_not_defined(values, errors):
    import numpy as np

    found = rank_correlation(np.array(values), np.array(errors))
    assert np.isnan([found.value, found.low, found.high]).all()


def test_networks_that_failed_in_one_of_two_trainings_are_left_out_of_both(tmp_path):
    keys = ('anynetx_a', 'regnetx', 'anynetx_a_enhanced', 'regnetx_enhanced')
    plan = made_up_results(tmp_path, {key: LIKE_THE_PAPER[key] for key in keys}, size=6)
    for key, failed in (('regnetx', 1), ('regnetx_enhanced', 2)):
        path = tmp_path / f'{key}.jsonl'
        rows = [json.loads(line) for line in path.read_text().splitlines()]
        rows[failed] = dict(network=rows[failed]['network'], status='failed', reason='diverged')
        path.write_text(''.join(json.dumps(row) + '\n' for row in rows))
    assert re.search(
        r'RegNetX: better training lowers .*paired, n = 4\)',
        page_of(read_results(plan, tmp_path), tmp_path),
    )


def test_a_selection_of_one_seed_and_one_that_failed(tmp_path):
    plan = made_up_results(tmp_path, dict(regnetx=22))
    path = tmp_path / SELECTION
    path.write_text(path.read_text().replace('5 5.5 4.5 5 5', '5').replace('7 8 9 8 8', ''))
    results = read_results(plan, tmp_path)
    assert findings(results)[12].verdict == OPEN
    text = page_of(results, tmp_path)
    assert (
        '| RegNetX 000003, best of 25 | 5.00 | – | 1 |' in text
        and '| resnet50+950000 | – | – | 0 |' in text
    )


def own_plan(folder, second='Mine, wider'):
    for name in ('space', 'recipe'):
        (folder / f'{name}.py').write_text("_base_ = 'regnetx.py'\n" if name == 'space' else '')
    (folder / 'regnetx.py').write_text(
        "design_space = dict(type='regnet_plugin.RegNetSpace', depth=[4, 8], w_0=[8, 16], w_a=[8, "
        '16, 32], w_m=2,'
        'bottleneck_ratio=1, group_width=8)\n'
    )
    path = folder / 'plan.py'
    part = "space='space.py', recipe='recipe.py', flops=(1e6, 2e6), size=5"
    path.write_text(
        f"parts = [dict(key='mine', name='Mine', {part}), dict(key='wider', name={second!r}, "
        f'{part})]\n'
    )
    return path


def test_populations_of_other_keys_are_compared_and_the_papers_findings_named_once(tmp_path):
    plan = read_plan(own_plan(tmp_path))
    for key, mean in (('mine', 30), ('wider', 20)):
        (tmp_path / f'{key}.jsonl').write_text(
            ''.join(ROW % (n, mean + n, n + 1) for n in range(5))
        )
    results = read_results(plan, tmp_path)
    text = page_of(results, tmp_path)
    assert [section.key for section in questions(results)] == ['read', 'depths', 'spaces']
    assert text.count('not studied') == 0 and text.count('None of them is studied') == 1
    assert 'Mine, wider is better than Mine' in text


def test_two_parts_of_one_name_are_refused(tmp_path):
    plan = read_plan(own_plan(tmp_path, second='Mine'))
    with pytest.raises(
        ValueError, match='each part must have a name of its own, but they are Mine, Mine'
    ):
        read_results(plan, tmp_path)
