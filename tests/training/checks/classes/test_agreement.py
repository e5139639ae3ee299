"""Datasets and heads must count the same classes.

They are compared before anything is trained.
"""

import pytest
from checked_classes import check, linear, refused
from class_folders import write_folders
from killing import ROOT
from mmengine.dataset import ClassBalancedDataset, ConcatDataset, RepeatDataset
from mmpretrain.datasets import CustomDataset, KFoldDataset
from mmpretrain.evaluation import (
    Accuracy,
    ConfusionMatrix,
    SingleLabelMetric,
)
from mmpretrain.registry import MODELS

SAME = (
    'must have the classes of train_dataloader, in the same order, since labels are their '
    'positions, but it'
)
NAMED = '(dataset.metainfo.classes names them)'
DIGITS = ROOT / 'configs/regnetx_6.5mf_digits.py'


@pytest.fixture
def folders(tmp_path):
    """Make a dataset of class folders; by another name, so that there may be several."""

    def make(*names, name='train', **arguments):
        write_folders(tmp_path / name, names, images=2)
        return CustomDataset(data_prefix=str(tmp_path / name), **arguments)

    return make


@pytest.fixture
def listed(tmp_path):
    """Make a dataset of a file with labels."""

    def make(*labels, name='train', **arguments):
        (tmp_path / f'{name}.txt').write_text(
            ''.join(f'{number}.jpg {label}\n' for number, label in enumerate(labels))
        )
        return CustomDataset(
            data_prefix=str(tmp_path), ann_file=str(tmp_path / f'{name}.txt'), **arguments
        )

    return make


def test_what_fits_is_let_through(folders, listed):
    train = folders('cat', 'dog')
    check(
        linear(2, topk=(1, 5)),
        train,
        folders('cat', 'dog', name='val'),
        [Accuracy(), ConfusionMatrix()],
    )
    check(
        linear(2),
        ConcatDataset([train, train]),
        RepeatDataset(train, 2),
        [SingleLabelMetric(num_classes=2)],
    )
    check(linear(9), listed(0, 8), listed(1, name='val'), [Accuracy(topk=(1, 5))])
    check(
        MODELS.build(dict(type='LinearRegressionHead', num_classes=1, in_channels=8)), listed(0, 8)
    )


@pytest.mark.parametrize('number', [1, 3])
def test_a_head_has_a_class_for_each_folder(folders, number):
    train = folders('cat', 'dog')
    folds = KFoldDataset(dict(type='CustomDataset', data_prefix=train.img_prefix), num_splits=2)
    for dataset in (
        train,
        RepeatDataset(train, 2),
        ConcatDataset([train, train]),
        ClassBalancedDataset(train, 0.5),
        folds,
    ):
        refused(
            "model.head.num_classes must be the number of train_dataloader's classes, 2 (cat, "
            f'dog), but it is {number}',
            linear(number),
            dataset,
        )


def test_a_test_may_have_some_of_the_classes_but_no_others(folders):
    check(linear(3), val=folders('cat', 'dog'))
    refused(
        "model.head.num_classes must be the number of val_dataloader's classes, 3 (ant, bee, cow), "
        'but it is 2',
        linear(2),
        val=folders('ant', 'bee', 'cow', name='val'),
    )


def test_labels_have_a_class(listed, tmp_path):
    said = (
        'labels must be from 0 to 3, since model.head.num_classes=4, but one is {} ({}_dataloader, '
        '{})'
    )
    for label in (4, -1):
        refused(said.format(label, 'train', tmp_path / '1.jpg'), linear(4), listed(3, label))
        refused(
            said.format(label, 'val', tmp_path / '0.jpg'),
            linear(4),
            listed(3),
            listed(label, name='val'),
        )
        refused(
            said.format(label, 'train', tmp_path / '1.jpg'),
            linear(4),
            RepeatDataset(listed(3, label), 3),
        )


@pytest.mark.parametrize(
    'others, said',
    [
        (('cat', 'dog'), 'lacks cow'),
        (('cat', 'cow', 'dog', 'emu'), 'has emu'),
        (('cat', 'dog', 'emu'), 'lacks cow and has emu'),
    ],
)
def test_validation_has_the_classes_of_training(folders, others, said):
    refused(
        f'val_dataloader {SAME} {said} {NAMED}',
        linear(3),
        folders('cat', 'cow', 'dog'),
        folders(*others, name='val'),
    )


def test_validation_has_the_order_of_training(listed):
    train = listed(0, 1, metainfo=dict(classes=('cat', 'dog')))
    refused(
        f'val_dataloader {SAME} has dog as number 0, where cat is expected {NAMED}',
        linear(2),
        train,
        listed(0, 1, name='val', metainfo=dict(classes=('dog', 'cat'))),
    )


def test_folders_are_compared_also_where_both_are_given_other_names(folders):
    named = dict(metainfo=dict(classes=('Katze', 'Hund')))
    refused(
        f'val_dataloader {SAME} lacks dog and has ape {NAMED}'.replace(
            'the classes', 'the folders of classes'
        ),
        linear(2),
        folders('cat', 'dog', **named),
        folders('ape', 'cat', name='val', **named),
    )


def test_names_are_in_the_order_of_the_folders(folders):
    refused(
        "train_dataloader's metainfo.classes must be in the order of its folders, cat, dog, since "
        'labels are their positions, but they are dog, cat',
        linear(2),
        folders('cat', 'dog', metainfo=dict(classes=('dog', 'cat'))),
    )


@pytest.fixture
def own(tmp_path):
    """A config of folders of one's own, and the options that change it."""
    for split, first in (('train', 0), ('val', 2)):
        write_folders(tmp_path / split, ['cat', 'dog', 'emu'], images=2, first=first)
    path = tmp_path / 'own.py'
    path.write_text(f"""_base_ = {str(DIGITS)!r}
dataset = dict(_delete_=True, type='CustomDataset', data_root={str(tmp_path)!r},
               pipeline=[dict(type='LoadImageFromFile'), dict(type='PackInputs')])
train_dataloader = dict(batch_size=2, dataset=dict(dataset, data_prefix='train'))
val_dataloader = dict(dataset=dict(dataset, data_prefix='val'))
test_dataloader = val_dataloader
model = dict(head=dict(num_classes=3))
""")
    return path


def test_train_and_test_refuse_in_one_line_before_the_first_step(own, run_tool, tmp_path):
    done = run_tool(
        'train.py', own, '--work-dir', 'run', '--cfg-options', 'val_evaluator.topk=(1,5)'
    )
    assert done.returncode == 2 and 'Traceback' not in done.stderr, done.stderr
    assert done.stderr.splitlines()[-1] == (
        f'error: {own}: val_evaluator.topk must be at most the number of classes, '
        'model.head.num_classes=3, but it is (1, 5)'
    )
    assert not list(tmp_path.glob('run/*.pth'))
    done = run_tool('train.py', own, '--work-dir', 'run', '--cfg-options', 'train_cfg.max_epochs=2')
    assert done.returncode == 0, done.stderr
    (tmp_path / 'val/emu').rename(tmp_path / 'val/ant')
    done = run_tool('test.py', own, 'run/epoch_2.pth', '--work-dir', 'tested')
    assert done.returncode == 2 and done.stderr.splitlines()[-1] == (
        f'error: {own}: test_dataloader must have the classes of the checkpoint, in the same '
        'order, since labels are their positions, but it lacks emu and has ant '
        '(dataset.metainfo.classes names them)'
    )


def test_a_population_refuses_before_its_first_network(own, run_tool, tmp_path):
    run_tool(
        'sample_population.py',
        ROOT / 'configs/design_spaces/regnetx_digits.py',
        '--size',
        1,
        '--out',
        'population',
        '--cfg-options',
        'design_space.num_classes=3',
    )
    (tmp_path / 'val/zebra').mkdir()
    done = run_tool('train_population.py', 'population', own)
    assert done.returncode == 2 and done.stderr.splitlines()[-1] == (
        f'error: {own}, network 000000: val_dataloader {SAME} has zebra {NAMED}'
    )
    assert not (tmp_path / 'population/runs').exists()
