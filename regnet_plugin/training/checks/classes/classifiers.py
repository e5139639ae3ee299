"""Do a classifier's data, head, loss and metrics speak of the same classes?

If not, it dies after an epoch, or lies.
"""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from torch import nn

from regnet_plugin.training.built_models import is_a
from regnet_plugin.training.checks.classes.dataset_classes import check_labels_within

_OF_CLASSES = ('class_weight', 'pos_weight')  # arguments of losses, with an entry for each class


@dataclass(frozen=True)
class _Head:
    """A head that classifies.

    Attributes:
        module: the head itself.
        key: its place in the config, such as 'model.head'.
        task: whose labels it gives, of a model with several; None where there is one.
        number: of its classes.
    """

    module: Any
    key: str
    task: str | None
    number: int

    @property
    def gives_several_labels(self) -> bool:
        """Whether an image may have several labels."""
        return is_a(self.module, 'MultiLabelClsHead')


def check_classifier(
    model: nn.Module,
    described: Mapping[str, Any],
    datasets: Mapping[str, Any],
    evaluators: Mapping[str, Sequence[Any]],
) -> None:
    """Compare all that counts classes with the head of a classifier; other models are left alone.

    Args:
        model: built, without what wraps it.
        described: its part of the config, asked for what heads do not keep.
        datasets: built ones, by the name of their loader.
        evaluators: built metrics, by the name of their key.

    Raises:
        ValueError: which entry of the config must be what.
    """
    retrieves = hasattr(model, 'prototype')  # evaluated with images of other classes than it learns
    described_head = described.get('head') or {}
    for head in _heads(getattr(model, 'head', None), described_head, 'model.head', None):
        for loader, dataset in datasets.items():
            if loader == 'train_dataloader' or not retrieves:
                check_labels_within(
                    dataset,
                    loader,
                    head.key,
                    head.number,
                    single=not head.gives_several_labels,
                    task=head.task,
                )
        _check_loss(head)
        _check_topk(head)
        if head.task is None:
            _check_preprocessor(getattr(model, 'data_preprocessor', None), head)
        if not retrieves:
            for name, metrics in evaluators.items():
                for place, metric in _metrics(metrics, name, head.task):
                    _check_metric(metric, place, head)


def _heads(
    module: Any, described: Mapping[str, Any], key: str, task: str | None
) -> Iterator[_Head]:
    """The heads that classify, of a head that may have some of several tasks in it."""
    described_parts = described.get('task_heads') or {}
    for name, part in getattr(module, 'task_heads', {}).items():
        described_part = described_parts.get(name) or {}
        yield from _heads(part, described_part, f'{key}.task_heads.{name}', name)
    # Some heads do not keep their number of classes.
    number = getattr(module, 'num_classes', described.get('num_classes'))
    if isinstance(number, int) and not is_a(module, 'RegressionHead'):
        yield _Head(module, key, task, number)


def _check_loss(head: _Head) -> None:
    """Compare what the parts of a loss have for each class."""
    loss = getattr(head.module, 'loss_module', None)
    if not isinstance(loss, nn.Module):
        return
    for part in loss.modules():
        given = getattr(part, 'num_classes', None)
        if given not in (None, head.number):
            raise ValueError(
                f'{head.key}.loss.num_classes must be that of the head, {head.number}, but that of '
                f'{type(part).__name__} is {given}'
            )
        for name in _OF_CLASSES:
            weights: Any = getattr(part, name, None)
            if hasattr(weights, '__len__') and len(weights) != head.number:
                raise ValueError(
                    f'{head.key}.loss.{name} must have an entry for each of the {head.number} '
                    f'classes, but it has {len(weights)}'
                )


def _check_topk(head: _Head) -> None:
    """Check that there are as many classes as the head looks for the right one in."""
    topk = getattr(head.module, 'topk', None)
    if head.gives_several_labels:
        is_used = getattr(head.module, 'thr', None) is None  # a threshold comes first
    else:
        is_used = getattr(head.module, 'cal_acc', False)
    if is_used and _highest(topk) > head.number:
        raise ValueError(
            f'{head.key}.topk must be at most the number of classes, {head.number}, but it is '
            f'{topk}'
        )


def _check_preprocessor(preprocessor: Any, head: _Head) -> None:
    """Mixed images have mixed labels, of as many scores as there are classes."""
    if not getattr(preprocessor, 'to_onehot', False):
        return
    if preprocessor.num_classes != head.number:
        raise ValueError(
            f'data_preprocessor.num_classes must be {head.key}.num_classes, {head.number}, where '
            f'images are mixed, but it is {preprocessor.num_classes}'
        )
    mixes = getattr(preprocessor, 'batch_augments', None) is not None
    if mixes and getattr(head.module, 'cal_acc', False):
        raise ValueError(
            f'{head.key}.cal_acc must be off where images are mixed, since they have no label of '
            'their own, but it is on'
        )


def _metrics(metrics: Sequence[Any], name: str, task: str | None) -> Iterator[tuple[str, Any]]:
    """Metrics with their places in the config; those of a task, where there are several."""
    for index, metric in enumerate(metrics):
        place = name if len(metrics) == 1 else f'{name}.{index}'
        of_tasks = getattr(metric, '_metrics', None)
        if isinstance(of_tasks, dict):
            yield from _metrics(of_tasks.get(task) or (), f'{place}.task_metrics.{task}', task)
        else:
            yield place, metric


def _check_metric(metric: Any, place: str, head: _Head) -> None:
    topk = getattr(metric, 'topk', None)
    if getattr(metric, 'thr', None) is None and _highest(topk) > head.number:
        raise ValueError(
            f'{place}.topk must be at most the number of classes, '
            f'{head.key}.num_classes={head.number}, but it is {topk}'
        )
    given = getattr(metric, 'num_classes', None)
    if given not in (None, head.number):
        raise ValueError(
            f'{place}.num_classes must be {head.key}.num_classes, {head.number}, but it is {given}'
        )


def _highest(topk: Any) -> int:
    """The highest of one or several numbers; 0 of what is none."""
    if isinstance(topk, (list, tuple)):
        return max(topk, default=0)
    return topk if isinstance(topk, int) else 0
