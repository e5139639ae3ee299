"""Do labels, classes and heads fit? Asked of all data before the first batch."""

from collections.abc import Mapping, Sequence
from typing import Any

from mmengine.hooks import Hook
from mmengine.runner import Runner
from torch import nn

from regnet_plugin.training.built_models import unwrapped
from regnet_plugin.training.checks.classes.classifiers import check_classifier
from regnet_plugin.training.checks.classes.dataset_classes import check_same_classes, classes_of
from regnet_plugin.training.checks.classes.detectors import check_categories, check_heads


class LabelHook(Hook):
    """Checks datasets, heads, losses and metrics before the first batch.

    Args:
        trained_classes: those of the checkpoint that is tested. Default: not known.
    """

    def __init__(self, trained_classes: Sequence[str] = ()) -> None:
        self._trained = _Trained(trained_classes)

    def before_train(self, runner: Runner) -> None:
        datasets = dict(train_dataloader=runner.train_dataloader.dataset)
        evaluators = {}
        if runner.val_loop is not None:
            datasets['val_dataloader'] = runner.val_loop.dataloader.dataset
            evaluators['val_evaluator'] = runner.val_loop.evaluator.metrics
        check_classes(runner.model, runner.cfg.model, datasets, evaluators)

    def before_test(self, runner: Runner) -> None:
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

    def __init__(self, classes: Sequence[str]) -> None:
        self.metainfo = dict(classes=tuple(classes))


def check_classes(
    model: nn.Module,
    described: Mapping[str, Any],
    datasets: Mapping[str, Any],
    evaluators: Mapping[str, Sequence[Any]],
) -> None:
    """Compare datasets with each other, and with the heads, losses and metrics that follow.

    Args:
        model: built; test-time augmentation and distribution may be around it.
        described: its part of the config.
        datasets: built ones, by the name of their loader.
        evaluators: built metrics, by the name of their key.

    Raises:
        ValueError: which entry must be what.
    """
    while hasattr(model, 'module'):
        model = unwrapped(model)
        described = described.get('module', described)
    for dataset in datasets.values():
        check_categories(dataset)
        check_heads(model, dataset)
    # Retrieval is evaluated with other classes than it learns, detection by words with any.
    if not hasattr(model, 'prototype') and not hasattr(model, 'language_model'):
        check_same_classes(datasets)
    check_classifier(model, described, datasets, evaluators)
