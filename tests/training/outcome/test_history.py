import json

import pytest

from regnet_plugin.training.outcome.history import read_history


def write(folder, time, rows, tail=''):
    path = folder / time / 'vis_data' / 'scalars.json'
    path.parent.mkdir(parents=True)
    path.write_text('\n'.join([*map(json.dumps, rows), tail]))
    return path


def train(*steps, loss=1.0):
    return [dict(step=step, loss=loss) for step in steps]


def test_a_resumption_overrides_from_its_first_step_on(tmp_path):
    write(tmp_path, '1', train(10, 20, 30) + [dict(step=1, top1=50, time=0.1, data_time=0.1)])
    write(tmp_path, '2', train(20, 30, 40, loss=0.5) + [dict(step=2, top1=60)], tail='{"step": 5')
    history = read_history(tmp_path)
    assert [(row['step'], row['loss']) for row in history.training] == [
        (10, 1),
        (20, 0.5),
        (30, 0.5),
        (40, 0.5),
    ]
    assert history.validation == (dict(step=1, top1=50), dict(step=2, top1=60))


def test_a_new_training_in_the_same_folder_replaces_the_old_one(tmp_path):
    write(tmp_path, '1', train(10, 20, 30))
    write(tmp_path, '2', train(10, loss=0.5))
    assert [row['loss'] for row in read_history(tmp_path).training] == [0.5]


def test_a_broken_line_is_named(tmp_path):
    path = write(tmp_path, '1', train(10), tail='{"step"\n{"step": 20, "loss": 1}')
    with pytest.raises(ValueError, match=f'{path}:2: not a line of JSON'):
        read_history(tmp_path)


def test_an_evaluation_without_metrics_has_no_row(tmp_path):
    write(tmp_path, '1', [dict(step=1, time=0.1, data_time=0.1), dict(step=2, time=0.1, ap=0.5)])
    assert read_history(tmp_path).validation == (dict(step=2, ap=0.5),)


@pytest.mark.parametrize(
    'name', ['coco/bbox_mAP', 'coco/segm_mAP_s', 'coco/AR@100', 'coco/AR_l@1000', 'lvis/bbox_APr']
)
def test_what_could_not_be_measured_is_not_there(tmp_path, name):
    write(
        tmp_path,
        '1',
        [
            {'step': 1, name: -1.0},
            {'step': 2, name: 0.5},
            {'step': 3, name: -1.0, 'loss_bbox': -1.0},
        ],
    )
    assert read_history(tmp_path).validation == (
        {'step': 2, name: 0.5},
        {'step': 3, 'loss_bbox': -1.0},
    )


def test_nothing_logged(tmp_path):
    assert read_history(tmp_path).training == ()
