from regnet_plugin.report.figures import training_curves

TRAINING = [dict(step=10, loss=2.0, lr=0.1), dict(step=20, loss=1.0, lr=0.05)]
VALIDATION = [{'step': 1, 'accuracy/top1': 50.0}, {'step': 2, 'accuracy/top1': 75.0}]


def test_curves_show_the_values(tmp_path):
    figure = training_curves(TRAINING, VALIDATION)
    loss, accuracy, rate = figure.axes
    assert loss.lines[0].get_xydata().tolist() == [[10, 2], [20, 1]]
    assert rate.lines[0].get_ydata().tolist() == [0.1, 0.05]
    assert (
        accuracy.lines[0].get_xydata().tolist() == [[1, 50], [2, 75]] and len(accuracy.lines) == 1
    )
    assert accuracy.get_legend().texts[0].get_text() == 'accuracy/top1: 75.00'
    figure.savefig(tmp_path / 'curves.png')


def test_without_validation_there_is_one_panel():
    # loss, and the learning rate on the same panel
    assert len(training_curves(TRAINING, []).axes) == 2


def test_what_coco_could_not_measure_is_no_value():
    """-1: there was no object of this size."""
    rows = [
        {'step': 1, 'coco/bbox_mAP': 0.0, 'coco/bbox_mAP_s': -1.0, 'correlation': -1.0},
        {
            'step': 2,
            'coco/bbox_mAP': 0.2,
            'coco/bbox_mAP_s': -1.0,
            'coco/AR@100': -1.0,
            'correlation': 0.0,
        },
        {'step': 3, 'coco/bbox_mAP': -1.0, 'coco/bbox_mAP_s': -1.0},
    ]
    axes = training_curves(TRAINING, rows).axes[1]
    drawn = {line.get_label().split(':')[0]: line.get_xydata().tolist() for line in axes.lines}
    assert drawn == {'coco/bbox_mAP': [[1, 0], [2, 0.2]], 'correlation': [[1, -1], [2, 0]]}
