"""What a recipe says of how its evaluations become errors: its evaluators, and the metric that
checkpoints are kept by.
"""

from typing import Any, Iterator, Mapping, Optional

from mmengine.config import Config
from mmengine.registry import METRICS

from regnet_plugin.population.measured_error import ErrorRule, Evaluator


def error_rule(config: Config) -> ErrorRule:
    """Read from a config how its evaluations become errors.

    Args:
        config (mmengine.Config): with ``val_evaluator``; ``save_best`` and ``rule`` of its
            CheckpointHook, and ``perfect_score``, the number for all right, where the evaluator is
            not one of mmpretrain or mmdet.

    Raises:
        ValueError: if no evaluator gives a number, or ``perfect_score`` is none.
    """
    perfect = config.get('perfect_score')
    if perfect is not None and not (isinstance(perfect, (int, float)) and perfect > 0):
        raise ValueError(f'perfect_score must be a positive number, but it is {perfect!r}')
    with METRICS.switch_scope_and_registry(config.get('default_scope')) as registry:
        evaluators = tuple(
            evaluator
            for evaluator in _evaluators(config.get('val_evaluator'), registry)
            if evaluator.gives_numbers
        )
    if not evaluators:
        raise ValueError(
            'val_evaluator must give a number, of which the error of a network is made, but it is '
            f'{config.get("val_evaluator")}'
        )
    hook = next((hook for hook in hooks_of(config, 'CheckpointHook') if hook.get('save_best')), {})
    wanted, rule = _first(hook.get('save_best')), _first(hook.get('rule'))
    return ErrorRule(
        evaluators,
        None if wanted == 'auto' else wanted,
        None if rule is None else rule == 'less',
        perfect,
    )


def hooks_of(config: Config, kind: str) -> Iterator[Mapping[str, Any]]:
    """Yield the configs of all hooks whose class has this name."""
    for hook in (
        *(config.get('default_hooks') or {}).values(),
        *(config.get('custom_hooks') or ()),
    ):
        if isinstance(hook, Mapping):
            found = hook.get('type')
            if (found if isinstance(found, str) else getattr(found, '__name__', '')).rpartition(
                '.'
            )[2] == kind:
                yield hook


def _first(value: Any) -> Optional[str]:
    return value[0] if isinstance(value, (list, tuple)) else value


def _evaluators(described: Any, registry: Any, task: str = '') -> Iterator[Evaluator]:
    """Each evaluator of a config, also those of several data sets or tasks; without those that only
    write files.
    """
    for one in described if isinstance(described, (list, tuple)) else [described]:
        if not isinstance(one, Mapping):
            continue
        if 'metrics' in one:  # of MMEngine's Evaluator, or mmdet's of several data sets
            yield from _evaluators(one['metrics'], registry, task)
        elif 'task_metrics' in one:
            for name, metrics in one['task_metrics'].items():
                yield from _evaluators(metrics, registry, f'{task}{name}_')
        elif not one.get('format_only'):
            yield _evaluator(one, registry, task)


def _evaluator(described: Mapping[str, Any], registry: Any, task: str) -> Evaluator:
    kind = described['type']
    kind = registry.get(kind) if isinstance(kind, str) else kind
    if kind is None:
        raise ValueError(f'an evaluator must be a registered one, but it is {described["type"]!r}')
    prefix = described.get('prefix') or getattr(kind, 'default_prefix', None)
    return Evaluator.of(kind, f'{task}{prefix}' if prefix else None)
