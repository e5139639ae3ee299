"""Do the head, the loss and the metrics of a classifier speak of the same classes?"""

import json

import pytest
from checked_classes import check, linear, refused
from mmpretrain.datasets import MultiLabelDataset, MultiTaskDataset
from mmpretrain.evaluation import (
    Accuracy,
    ConfusionMatrix,
    MultiLabelMetric,
    MultiTasksMetric,
    SingleLabelMetric,
)
from mmpretrain.models import (
    ClsDataPreprocessor,
    CSRAClsHead,
    MultiLabelLinearClsHead,
    MultiTaskHead,
)


@pytest.fixture
def several(tmp_path):
    """Make a dataset of images with several labels each."""

    def make(*labels, classes=('a', 'b', 'c')):
        path = tmp_path / 'several.json'
        path.write_text(
            json.dumps(
                dict(
                    metainfo=dict(classes=classes),
                    data_list=[
                        dict(img_path=f'{number}.jpg', gt_label=label)
                        for number, label in enumerate(labels)
                    ],
                )
            )
        )
        return MultiLabelDataset(ann_file=str(path))

    return make


def test_several_labels_per_image(several):
    head = MultiLabelLinearClsHead(num_classes=3, in_channels=8)
    check(head, several([0, 2], [], [1]), metrics=[MultiLabelMetric(topk=3)])
    refused(
        'labels must be from 0 to 2, since model.head.num_classes=3, but one is 3 '
        '(train_dataloader, 1.jpg)',
        head,
        several([0], [1, 3]),
    )
    refused(
        'model.head must be made for several labels per image, such as MultiLabelLinearClsHead, or '
        'each image have one, but there is one with [0, 2] (train_dataloader, 0.jpg)',
        linear(3),
        several([0, 2]),
    )
    refused(
        'val_evaluator.topk must be at most the number of classes, model.head.num_classes=3, but '
        'it is 4',
        head,
        several([0]),
        metrics=[MultiLabelMetric(topk=4)],
    )
    refused(
        'model.head.topk must be at most the number of classes, 3, but it is 4',
        MultiLabelLinearClsHead(num_classes=3, in_channels=8, topk=4),
    )


def test_a_head_that_does_not_keep_its_number(several):
    head = CSRAClsHead(num_classes=4, in_channels=8, num_heads=1, lam=0.1)
    refused(
        "model.head.num_classes must be the number of train_dataloader's classes, 3 (a, b, c), but "
        'it is 4',
        head,
        several([0]),
        described=dict(num_classes=4),
    )


def test_several_tasks(tmp_path):
    path = tmp_path / 'tasks.json'
    path.write_text(
        json.dumps(
            dict(
                metainfo=dict(tasks=['age', 'kind']),
                data_list=[
                    dict(img_path='0.jpg', gt_label=dict(age=1, kind=5)),
                    dict(img_path='1.jpg', gt_label=dict(kind=0)),
                ],
            )
        )
    )
    dataset = MultiTaskDataset(ann_file=str(path), data_root=str(tmp_path))
    head = MultiTaskHead(
        {
            name: dict(type='LinearClsHead', num_classes=number, in_channels=8)
            for name, number in (('age', 2), ('kind', 5))
        }
    )
    refused(
        'labels must be from 0 to 4, since model.head.task_heads.kind.num_classes=5, but one is 5 '
        f'(train_dataloader, {tmp_path / "0.jpg"})',
        head,
        dataset,
    )
    metric = MultiTasksMetric(
        dict(age=[dict(type='Accuracy', topk=(1, 3))], kind=[dict(type='Accuracy', topk=(1, 3))])
    )
    refused(
        'val_evaluator.task_metrics.age.topk must be at most the number of classes, '
        'model.head.task_heads.age.num_classes=2, but it is (1, 3)',
        head,
        metrics=[metric],
    )


@pytest.mark.parametrize(
    'metric, said',
    [
        (
            Accuracy(topk=(1, 5)),
            'topk must be at most the number of classes, model.head.num_classes=4, but it is (1, '
            '5)',
        ),
        (
            Accuracy(topk=5),
            'topk must be at most the number of classes, model.head.num_classes=4, but it is (5,)',
        ),
        (
            ConfusionMatrix(num_classes=5),
            'num_classes must be model.head.num_classes, 4, but it is 5',
        ),
        (
            SingleLabelMetric(num_classes=3),
            'num_classes must be model.head.num_classes, 4, but it is 3',
        ),
    ],
)
def test_metrics_count_the_classes_of_the_head(metric, said):
    refused(f'val_evaluator.{said}', linear(4), metrics=[metric])
    refused(f'val_evaluator.1.{said}', linear(4), metrics=[Accuracy(), metric])


@pytest.mark.parametrize(
    'loss, said',
    [
        (
            dict(type='LabelSmoothLoss', label_smooth_val=0.1, num_classes=10),
            'num_classes must be that of the head, 4, but that of LabelSmoothLoss is 10',
        ),
        (
            dict(type='SeesawLoss'),
            'num_classes must be that of the head, 4, but that of SeesawLoss is 1000',
        ),
        (
            dict(type='CrossEntropyLoss', class_weight=[1.0, 2.0]),
            'class_weight must have an entry for each of the 4 classes, but it has 2',
        ),
    ],
)
def test_losses_count_the_classes_of_the_head(loss, said):
    refused(f'model.head.loss.{said}', linear(4, loss=loss))


def test_images_that_are_mixed_have_a_score_for_each_class():
    mixed = dict(
        batch_augments=dict(
            augments=[dict(type='Mixup', alpha=0.2), dict(type='CutMix', alpha=1.0)]
        )
    )
    check(linear(4), data_preprocessor=ClsDataPreprocessor(num_classes=4, **mixed))
    check(linear(4), data_preprocessor=ClsDataPreprocessor(num_classes=10))  # asked for by nobody
    for number in (10, None):
        refused(
            'data_preprocessor.num_classes must be model.head.num_classes, 4, where images are '
            f'mixed, but it is {number}',
            linear(4),
            data_preprocessor=ClsDataPreprocessor(num_classes=number, **mixed),
        )
    refused(
        'model.head.cal_acc must be off where images are mixed, since they have no label of their '
        'own, but it is on',
        linear(4, cal_acc=True),
        data_preprocessor=ClsDataPreprocessor(num_classes=4, **mixed),
    )


def test_a_head_that_measures_accuracy_has_as_many_classes_as_it_asks_for():
    refused(
        'model.head.topk must be at most the number of classes, 4, but it is (1, 5)',
        linear(4, cal_acc=True, topk=(1, 5)),
    )
