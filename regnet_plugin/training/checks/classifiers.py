"""Do a classifier's data, head, loss and metrics speak of the same classes? If not, it dies after
an epoch, or lies.
"""

from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from torch import nn

from regnet_plugin.training.checks.dataset_classes import check_labels_within

_OF_CLASSES = ('class_weight', 'pos_weight')  # arguments of losses, with an entry for each class


def check_classifier(
    model: nn.Module,
    described: Mapping,
    datasets: Mapping[str, Any],
    evaluators: Mapping[str, Sequence],
) -> None:
    """Compare all that counts classes with the head of a classifier; other models are left alone.

    Args:
        model: built, without what wraps it.
        described: its part of the config, asked for what heads do not keep.
        datasets: by the name of their loader.
        evaluators: metrics by the name of their key.

    Raises:
        ValueError: which entry of the config must be what.
    """
    retrieves = hasattr(model, 'prototype')  # evaluated with images of other classes than it learns
    for key, head, task, number in _heads(
        getattr(model, 'head', None), described.get('head') or {}, 'model.head', None
    ):
        for loader, dataset in datasets.items():
            if loader == 'train_dataloader' or not retrieves:
                check_labels_within(
                    dataset,
                    loader,
                    key,
                    number,
                    single=not _is_a(head, 'MultiLabelClsHead'),
                    task=task,
                )
        _check_loss(getattr(head, 'loss_module', None), key, number)
        _check_topk(head, key, number)
        if task is None:
            _check_preprocessor(getattr(model, 'data_preprocessor', None), head, key, number)
        for name, metrics in evaluators.items() if not retrieves else ():
            for place, metric in _metrics(metrics, name, task):
                _check_metric(metric, place, key, number)


def _heads(
    head: Any, described: Mapping, key: str, task: str | None
) -> Iterator[tuple[str, Any, str | None, int]]:
    """The heads that classify, with their keys, tasks and numbers of classes."""
    for name, part in getattr(head, 'task_heads', {}).items():
        yield from _heads(
            part,
            (described.get('task_heads') or {}).get(name) or {},
            f'{key}.task_heads.{name}',
            name,
        )
    number = getattr(head, 'num_classes', described.get('num_classes'))  # some heads do not keep it
    if isinstance(number, int) and not _is_a(head, 'RegressionHead'):
        yield key, head, task, number


def _check_loss(loss: Any, key: str, number: int) -> None:
    for part in loss.modules() if isinstance(loss, nn.Module) else ():
        given = getattr(part, 'num_classes', None)
        if given not in (None, number):
            raise ValueError(
                f'{key}.loss.num_classes must be that of the head, {number}, but that of '
                f'{type(part).__name__} is {given}'
            )
        for name in _OF_CLASSES:
            weights = getattr(part, name, None)
            if hasattr(weights, '__len__') and len(weights) != number:
                raise ValueError(
                    f'{key}.loss.{name} must have an entry for each of the {number} classes, but '
                    'it has '
                    f'{len(weights)}'
                )


def _check_topk(head: Any, key: str, number: int) -> None:
    topk = getattr(head, 'topk', None)
    used = (
        getattr(head, 'thr', None) is None
        if _is_a(head, 'MultiLabelClsHead')
        else getattr(head, 'cal_acc', False)
    )
    if used and _highest(topk) > number:
        raise ValueError(
            f'{key}.topk must be at most the number of classes, {number}, but it is {topk}'
        )


def _check_preprocessor(preprocessor: Any, head: Any, key: str, number: int) -> None:
    """Mixed images have mixed labels, of as many scores as there are classes."""
    if not getattr(preprocessor, 'to_onehot', False):
        return
    if preprocessor.num_classes != number:
        raise ValueError(
            f'data_preprocessor.num_classes must be {key}.num_classes, {number}, where images are '
            'mixed, but '
            f'it is {preprocessor.num_classes}'
        )
    if getattr(preprocessor, 'batch_augments', None) is not None and getattr(
        head, 'cal_acc', False
    ):
        raise ValueError(
            f'{key}.cal_acc must be off where images are mixed, since they have no label of their '
            'own, but it '
            'is on'
        )


def _metrics(metrics: Sequence, name: str, task: str | None) -> Iterator[tuple[str, Any]]:
    """Metrics with their places in the config; those of a task, where there are several."""
    for index, metric in enumerate(metrics):
        place = name if len(metrics) == 1 else f'{name}.{index}'
        of_tasks = getattr(metric, '_metrics', None)
        if isinstance(of_tasks, dict):
            yield from _metrics(of_tasks.get(task) or (), f'{place}.task_metrics.{task}', task)
        else:
            yield place, metric


def _check_metric(metric: Any, place: str, key: str, number: int) -> None:
    topk, given = getattr(metric, 'topk', None), getattr(metric, 'num_classes', None)
    if getattr(metric, 'thr', None) is None and _highest(topk) > number:
        raise ValueError(
            f'{place}.topk must be at most the number of classes, {key}.num_classes={number}, but '
            'it is '
            f'{topk}'
        )
    if given not in (None, number):
        raise ValueError(
            f'{place}.num_classes must be {key}.num_classes, {number}, but it is {given}'
        )


def _highest(topk: Any) -> int:
    return (
        max(topk, default=0)
        if isinstance(topk, (list, tuple))
        else topk
        if isinstance(topk, int)
        else 0
    )


def _is_a(part: Any, name: str) -> bool:
    """By name: the library of the class may not be there."""
    return any(kind.__name__ == name for kind in type(part).__mro__)
