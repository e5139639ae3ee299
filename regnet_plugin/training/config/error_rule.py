"""What a recipe says of how its evaluations become errors.

That is its evaluators, and the metric that checkpoints are kept by.
"""

from collections.abc import Iterator, Mapping
from typing import Any

from mmengine.config import Config
from mmengine.registry import METRICS, Registry

from regnet_plugin.population.measured_error import ErrorRule, Evaluator
from regnet_plugin.training.config.entries import hooks_of


def error_rule(config: Config) -> ErrorRule:
    """Read from a config how its evaluations become errors.

    Args:
        config: with ``val_evaluator``; ``save_best`` and ``rule`` of its CheckpointHook, and
            ``perfect_score``, the number for all right, where the evaluator is not one of
            mmpretrain or mmdet.

    Raises:
        ValueError: if no evaluator gives a number, or ``perfect_score`` is none.
    """
    perfect = config.get('perfect_score')
    if perfect is not None and not (isinstance(perfect, (int, float)) and perfect > 0):
        raise ValueError(f'perfect_score must be a positive number, but it is {perfect!r}')
    with METRICS.switch_scope_and_registry(config.get('default_scope')) as registry:
        described = list(_evaluators(config.get('val_evaluator'), registry))
    evaluators = tuple(evaluator for evaluator in described if evaluator.gives_numbers)
    if not evaluators:
        raise ValueError(
            'val_evaluator must give a number, of which the error of a network is made, but it is '
            f'{config.get("val_evaluator")}'
        )
    wanted, rule = _kept_by(config)
    return ErrorRule(
        evaluators,
        wanted=None if wanted == 'auto' else wanted,
        lower_is_better=None if rule is None else rule == 'less',
        perfect_score=perfect,
    )


def _kept_by(config: Config) -> tuple[str | None, str | None]:
    """The first ``save_best`` and ``rule`` of the hook that keeps the best checkpoint."""
    for hook in hooks_of(config, 'CheckpointHook'):
        if hook.get('save_best'):
            return _first(hook['save_best']), _first(hook.get('rule'))
    return None, None


def _first(value: Any) -> str | None:
    """The value itself, or the first one of several."""
    return value[0] if isinstance(value, (list, tuple)) else value


def _evaluators(described: Any, registry: Registry, prefix: str = '') -> Iterator[Evaluator]:
    """Each evaluator of a config, also those of several data sets or tasks.

    Those that only write files are left out.

    Args:
        described: a dict, or several.
        registry: of their classes.
        prefix: that the names of their numbers begin with, of tasks: 'size_'.
    """
    for one in described if isinstance(described, (list, tuple)) else [described]:
        if not isinstance(one, Mapping):
            continue
        if 'metrics' in one:  # of MMEngine's Evaluator, or mmdet's of several data sets
            yield from _evaluators(one['metrics'], registry, prefix)
        elif 'task_metrics' in one:
            for task, metrics in one['task_metrics'].items():
                yield from _evaluators(metrics, registry, f'{prefix}{task}_')
        elif not one.get('format_only'):
            yield _evaluator(one, registry, prefix)


def _evaluator(described: Mapping[str, Any], registry: Registry, before: str) -> Evaluator:
    """An evaluator of a class that the registry knows.

    Raises:
        ValueError: if it does not know it.
    """
    given = described['type']
    kind = registry.get(given) if isinstance(given, str) else given
    if kind is None:
        raise ValueError(f'an evaluator must be a registered one, but it is {given!r}')
    prefix = described.get('prefix') or getattr(kind, 'default_prefix', None)
    return Evaluator.of(kind, f'{before}{prefix}' if prefix else None)
