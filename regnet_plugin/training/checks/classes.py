"""Do labels, classes and heads fit? Asked of all data before the first batch; of detectors'
annotations and heads here.

mmdet drops labels that it does not know, or dies of them in the first batch.
"""

import re

from mmengine.hooks import Hook

from regnet_plugin.training.checks.classifiers import check_classifier
from regnet_plugin.training.checks.dataset_classes import check_same_classes, classes_of, parts_of

_HEAD = re.compile(r'(.*\.)?(bbox|mask)_head(\.\d+)?')  # others count stuff or background, too


class LabelHook(Hook):
    """Checks datasets, heads, losses and metrics before the first batch.

    Args:
        trained_classes (tuple[str]): those of the checkpoint that is tested. Default: not known.
    """

    def __init__(self, trained_classes=()):
        self._trained = _Trained(trained_classes)

    def before_train(self, runner):
        datasets, evaluators = dict(train_dataloader=runner.train_dataloader.dataset), {}
        if runner.val_loop is not None:
            datasets['val_dataloader'] = runner.val_loop.dataloader.dataset
            evaluators['val_evaluator'] = runner.val_loop.evaluator.metrics
        check_classes(runner.model, runner.cfg.model, datasets, evaluators)

    def before_test(self, runner):
        dataset = runner.test_loop.dataloader.dataset
        if classes_of(self._trained):
            check_same_classes({'the checkpoint': self._trained, 'test_dataloader': dataset})
        check_classes(
            runner.model,
            runner.cfg.model,
            dict(test_dataloader=dataset),
            dict(test_evaluator=runner.test_loop.evaluator.metrics),
        )


class _Trained:
    """Stands for the dataset of a training, of which only the names of the classes are known."""

    def __init__(self, classes):
        self.metainfo = dict(classes=tuple(classes))


def check_classes(model, described, datasets, evaluators):
    """Compare datasets with each other, and with the heads, losses and metrics that follow.

    Args:
        model (nn.Module): built; test-time augmentation and distribution may be around it.
        described (dict): its part of the config.
        datasets (dict[str, Dataset]): by the name of their loader.
        evaluators (dict[str, Sequence]): metrics by the name of their key.

    Raises:
        ValueError: which entry must be what.
    """
    while hasattr(model, 'module'):
        model, described = model.module, described.get('module', described)
    for dataset in datasets.values():
        check_labels(dataset)
        check_heads(model, dataset)
    # evaluated with other classes
    if not hasattr(model, 'prototype') and not hasattr(model, 'language_model'):
        check_same_classes(datasets)
    check_classifier(model, described, datasets, evaluators)


def check_labels(dataset):
    """Look for each class among the categories of a file of COCO's kind.

    Args:
        dataset (Dataset): with the ``cat_ids`` that were found, or around such; others are left
            alone.

    Raises:
        ValueError: which file it is, and how many classes it has.
    """
    for part in parts_of(dataset):
        expected = (getattr(part, 'metainfo', None) or {}).get('classes')
        if not hasattr(part, 'cat_ids') or not expected:
            continue
        if isinstance(expected, str):
            raise ValueError(
                f'metainfo.classes must be a list or tuple of names, such as ({expected!r}, ), but '
                'it is '
                f'{expected!r}'
            )
        if len(part.cat_ids) != len(expected):
            names = ', '.join(expected[:3]) + (', …' if len(expected) > 3 else '')
            raise ValueError(
                f'{part.ann_file} must have a category named like each of the classes, but it has '
                f'{len(part.cat_ids)} of the {len(expected)} ({names}); name yours: '
                'dataset.metainfo.classes'
            )


def check_heads(model, dataset):
    """Compare the number of classes of a detector's heads with the number that the labels have.

    Raises:
        ValueError: which head has another one. Of too few mmdet dies in training, of too many in
            the evaluation.
    """
    number = max(map(_number_of_labels, parts_of(dataset)))
    if not number or hasattr(model, 'language_model'):  # whose head counts words
        return
    for name, module in model.named_modules():
        classes = getattr(module, 'num_classes', number)
        if _HEAD.fullmatch(name) and classes != number:
            raise ValueError(
                f"model.{name}.num_classes must be the number of the dataset's classes, {number}, "
                'but it is '
                f'{classes}'
            )


def _number_of_labels(dataset):
    """0 for what is not labelled with categories; of a panoptic set only things are."""
    metainfo = getattr(dataset, 'metainfo', None) or {}
    return (
        len(metainfo.get('thing_classes') or metainfo.get('classes') or ())
        if hasattr(dataset, 'cat_ids')
        else 0
    )
