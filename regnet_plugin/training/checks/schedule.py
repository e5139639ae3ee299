"""Is the training long enough for its schedules, its hooks and its first evaluation?

If not, which setting says so? MMEngine asks when it builds them, and names no setting: 'end should
be larger than begin, but got begin=12, end=12'.
"""

from collections.abc import Iterator, Mapping
from typing import Any

from mmengine.config import Config

from regnet_plugin.training.config.entries import class_name, named_hooks, named_schedules
from regnet_plugin.training.config.length import Length

_NEVER = 10**9  # MMEngine's end of a schedule that goes on as long as the training
# Arguments with the epoch at which something of a hook begins; MMEngine never asks for these.
_REACHED = ('switch_epoch', 'action_epoch')


def check_length(config: Config) -> None:
    """Check that there is something to train.

    Raises:
        ValueError: if the training ends before its first iteration.
    """
    loop = config.get('train_cfg') or {}
    for name in ('max_epochs', 'max_iters'):
        if loop.get(name) is not None and not loop[name] >= 1:
            raise ValueError(f'train_cfg.{name} must be at least 1, but it is {loop[name]}')


def check_schedules(config: Config, batches: int | None = None) -> None:
    """Refuse a training that ends before something of it begins.

    That is one of its schedules, an average of its weights or its evaluation.

    Args:
        config: of a training; it is not changed.
        batches: of an epoch. Default: None, not known; what is counted in iterations is not looked
            at then.

    Raises:
        ValueError: naming the setting, as ``--cfg-options`` takes it, and the one that says how
            long the training is.
    """
    length = Length.of(config, batches)
    for name, schedule in named_schedules(config):
        fault = schedule_fault(name, schedule, length, batches)
        if fault:
            raise ValueError(fault)
    _check_averages(config, length)
    _check_evaluation(config, length)


def schedule_fault(
    name: str, schedule: Mapping[str, Any], length: Length, batches: int | None = None
) -> str | None:
    """Say why a schedule has no step in the training.

    Args:
        name: of the schedule, as ``--cfg-options`` takes it.
        schedule: its config.
        length: of the training.
        batches: of an epoch. Default: None, not known.

    Returns:
        a sentence; None where the schedule has a step, or that is not known.
    """
    by_epoch = schedule.get('by_epoch', True)
    begin = schedule.get('begin', 0)
    end = schedule.get('end', length.in_units(by_epoch))
    if not isinstance(begin, (int, float)) or not isinstance(end, (int, float)):
        return None
    if end > begin:
        if schedule.get('convert_to_iter_based') and batches:
            # MMEngine cuts off parts of iterations.
            if int(end * batches) <= int(begin * batches):
                return (
                    f'{name} must last an iteration at least, of which an epoch has {batches}, but '
                    f'begin={begin} and end={end}'
                )
        return None
    if 'end' in schedule:
        return f'{name}.end must be larger than {name}.begin, but end={end} and begin={begin}'
    return (
        f'{name}.begin must be smaller than the length of the training, {length.text(by_epoch)}, '
        f'but it is {begin}; train longer, or let it begin earlier'
    )


def never_reached(config: Config) -> Iterator[str]:
    """Say, a sentence each, what is planned for an epoch that the training does not have."""
    length = Length.of(config)
    if not length.by_epoch or length.epochs is None:
        return
    for name, hook in named_hooks(config):
        for place, entry in _planned(name, hook):
            for key in _REACHED:
                epoch = entry.get(key)
                if isinstance(epoch, int) and epoch > length.epochs:
                    yield (
                        f'{place}.{key}={epoch} is never reached, for the training ends at '
                        f'{length.text(by_epoch=True)}'
                    )


def _planned(name: str, hook: Mapping[str, Any]) -> Iterator[tuple[str, Mapping[str, Any]]]:
    """A hook and the entries of its ``schedule``, each with its key."""
    yield name, hook
    for number, entry in enumerate(hook.get('schedule') or ()):
        if isinstance(entry, dict):
            yield f'{name}.schedule.{number}', entry


def unfinished(config: Config, batches: int | None = None) -> Iterator[str]:
    """Say, a sentence each, which schedules do not come to their end.

    Such is a warm-up that is as long as the training.

    Args:
        config: of a training.
        batches: of an epoch. Default: None, not known.
    """
    length = Length.of(config, batches)
    for name, schedule in named_schedules(config):
        by_epoch = schedule.get('by_epoch', True)
        named = f'{name}, {class_name(schedule)},'
        if by_epoch and not length.by_epoch:
            yield f'{named} never moves, since it is by epochs, and the training is by iterations'
            continue
        last, end = length.in_units(by_epoch), _end_of(schedule)
        if last is not None and end > last:
            unit = 'epoch' if by_epoch else 'iteration'
            yield (
                f'{named} comes to its end in {unit} {end:g}, but the training ends in {unit} '
                f'{last}'
            )


def _end_of(schedule: Mapping[str, Any]) -> float:
    """The epoch or iteration at which a schedule has come to its end.

    Returns:
        0 where it takes the end of the training.
    """
    end = schedule.get('end') or 0
    marks = [0 if end >= _NEVER else end, *(schedule.get('milestones') or ())]
    half_period = schedule.get('T_max')  # of a cosine, which has come down by then
    if half_period:
        marks.append(schedule.get('begin', 0) + half_period)
    return max(marks)


def _check_averages(config: Config, length: Length) -> None:
    """Check that averages of the weights begin within the training."""
    scope = config.get('default_scope')
    for name, hook in named_hooks(config):
        for key, by_epoch in (('begin_epoch', True), ('begin_iter', False)):
            most = length.in_units(by_epoch)
            if most is None or hook.get(key, 0) <= most or not _is_average(hook, scope):
                continue
            raise ValueError(
                f'{name}.{key} must be at most the length of the training, '
                f'{length.text(by_epoch)}, but it is {hook[key]}'
            )


def _is_average(hook: Mapping[str, Any], scope: str | None) -> bool:
    """Whether a hook keeps an average of the weights: only these must begin within the training."""
    from mmengine.hooks import EMAHook  # imports torch, which who reads configs only does not need
    from mmengine.registry import HOOKS, DefaultScope

    kind = hook['type']
    if isinstance(kind, str):
        with DefaultScope.overwrite_default_scope(scope):
            kind = HOOKS.get(kind)
    return isinstance(kind, type) and issubclass(kind, EMAHook)


def _check_evaluation(config: Config, length: Length) -> None:
    """Check that the first evaluation comes before the training ends."""
    loop = config.get('train_cfg') or {}
    most = length.in_units(length.by_epoch)
    if config.get('val_dataloader') and most is not None and loop.get('val_begin', 1) > most:
        raise ValueError(
            'train_cfg.val_begin must be at most the length of the training, '
            f'{length.text(length.by_epoch)}, or nothing is evaluated, but it is '
            f'{loop["val_begin"]}'
        )
