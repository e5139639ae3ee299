"""What is said at the end of a training, of what it logged."""

import json
from types import SimpleNamespace

import pytest

from regnet_plugin.training.outcome.summary import Summary, summarize


@pytest.mark.parametrize(
    'rows, expected',
    [
        (
            [{'depth_mae': 0.5}, {'depth_mae': 0.25}, {'depth_mae': 0.75}],
            Summary('depth_mae', (0.75, 3), (0.25, 2)),
        ),
        ([{'own/loss': 3.0}, {'own/loss': 4.0}], Summary('own/loss', (4.0, 2), (3.0, 1))),
        (
            [
                {'eval_time': 9.0, 'matrix': [[1, 2]], 'score': 10.0},
                {'eval_time': 8.0, 'score': 5.0},
            ],
            Summary('score', (5.0, 2), (10.0, 1)),
        ),
        ([{'matrix': [[1, 2]]}], Summary()),
    ],
)
def test_the_best_evaluation_is_the_least_where_less_is_better(tmp_path, rows, expected):
    log = tmp_path / '20260101_000000/vis_data/scalars.json'
    log.parent.mkdir(parents=True)
    log.write_text(
        ''.join(json.dumps({**row, 'step': step}) + '\n' for step, row in enumerate(rows, 1))
    )
    runner = SimpleNamespace(
        work_dir=tmp_path, log_dir=tmp_path, timestamp='x', hooks=[], train_loop=None
    )
    found = summarize(runner)
    assert (found.metric, found.last[1], found.best[1]) == (
        expected.metric,
        expected.last[1],
        expected.best[1],
    )
    assert expected.metric is None or (found.last, found.best) == (expected.last, expected.best)
