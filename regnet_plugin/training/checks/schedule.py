"""Is the training long enough for its schedules, its hooks and its first evaluation? If not, which
setting says so?

MMEngine asks when it builds them, and names no setting: 'end should be larger than begin, but got
begin=12, end=12'.
"""

from dataclasses import dataclass
from typing import Iterator, Optional, Tuple

from mmengine.config import Config

_NEVER = 10**9  # MMEngine's end of a schedule that goes on as long as the training
# epochs at which something of a hook begins; MMEngine never asks for these
_REACHED = ('switch_epoch', 'action_epoch')


@dataclass(frozen=True)
class Length:
    """How long a training is.

    Attributes:
        setting (str): of the config that says it, 'train_cfg.max_epochs' or 'train_cfg.max_iters'.
        epochs, iterations (int, optional): None where only the data tells.
    """

    setting: str
    epochs: Optional[int]
    iterations: Optional[int]

    @classmethod
    def of(cls, config: Config, batches: Optional[int] = None) -> 'Length':
        """Of a config, with the batches of an epoch where they are known."""
        loop = config.get('train_cfg') or {}
        if loop.get('by_epoch', True) and 'max_iters' not in loop:
            epochs = loop.get('max_epochs')
            known = epochs is not None and batches is not None
            return cls('train_cfg.max_epochs', epochs, epochs * batches if known else None)
        # MMEngine: a loop of iterations is one epoch
        return cls('train_cfg.max_iters', 1, loop.get('max_iters'))

    def in_units(self, by_epoch: bool) -> Optional[int]:
        return self.epochs if by_epoch else self.iterations

    def text(self, by_epoch: bool) -> str:
        """'train_cfg.max_epochs=12', '240 iterations in train_cfg.max_epochs=12'."""
        value, own = self.in_units(by_epoch), self.in_units(self.setting == 'train_cfg.max_epochs')
        if by_epoch == (self.setting == 'train_cfg.max_epochs'):
            return f'{self.setting}={value}'
        return f'{value} {"epoch" if by_epoch else "iterations"} in {self.setting}={own}'


def check_length(config: Config) -> None:
    """Check that there is something to train.

    Raises:
        ValueError: if the training ends before its first iteration.
    """
    loop = config.get('train_cfg') or {}
    for name in ('max_epochs', 'max_iters'):
        if loop.get(name) is not None and not loop[name] >= 1:
            raise ValueError(f'train_cfg.{name} must be at least 1, but it is {loop[name]}')


def check_schedules(config: Config, batches: Optional[int] = None) -> None:
    """Refuse a training that ends before one of its schedules, an average of its weights or its
    evaluation begins.

    Args:
        config (mmengine.Config): of a training; it is not changed.
        batches (int, optional): of an epoch. Default: None, not known; what is counted in
            iterations is not looked at then.

    Raises:
        ValueError: naming the setting, as ``--cfg-options`` takes it, and the one that says how
            long the training is.
    """
    length = Length.of(config, batches)
    for name, schedule in schedules_of(config):
        fault = schedule_fault(name, schedule, length, batches)
        if fault:
            raise ValueError(fault)
    for name, hook in _hooks_of(config):
        for key, by_epoch in (('begin_epoch', True), ('begin_iter', False)):
            most = length.in_units(by_epoch)
            if (
                most is not None
                and hook.get(key, 0) > most
                and _is_average(hook, config.get('default_scope'))
            ):
                raise ValueError(
                    f'{name}.{key} must be at most the length of the training, '
                    f'{length.text(by_epoch)}, but '
                    f'it is {hook[key]}'
                )
    _check_evaluation(config, length)


def schedules_of(config: Config) -> Iterator[Tuple[str, dict]]:
    """The entries of ``param_scheduler``, each with the name by which an option reaches it, such as
    'param_scheduler.1'.
    """
    yield from _named('param_scheduler', config.get('param_scheduler'))


def schedule_fault(
    name: str, schedule: dict, length: Length, batches: Optional[int] = None
) -> Optional[str]:
    """Why a schedule has no step in the training, as a sentence; None where it has one, or that is
    not known.
    """
    by_epoch = schedule.get('by_epoch', True)
    begin, end = schedule.get('begin', 0), schedule.get('end', length.in_units(by_epoch))
    if not all(isinstance(value, (int, float)) for value in (begin, end)):
        return None
    vanishes = (
        schedule.get('convert_to_iter_based')
        and batches
        and int(end * batches) <= int(begin * batches)
    )
    if end > begin and not vanishes:
        return None
    if end > begin:
        return f'{name} must last an iteration at least, of which an epoch has {batches}, but begin={begin} and end={end}'
    if 'end' in schedule:
        return f'{name}.end must be larger than {name}.begin, but end={end} and begin={begin}'
    return (
        f'{name}.begin must be smaller than the length of the training, {length.text(by_epoch)}, '
        f'but it is {begin}; '
        'train longer, or let it begin earlier'
    )


def never_reached(config: Config) -> Iterator[str]:
    """Say, a sentence each, what is planned for an epoch that the training does not have."""
    length = Length.of(config)
    if length.setting != 'train_cfg.max_epochs' or length.epochs is None:
        return
    for name, hook in _hooks_of(config):
        inner = (
            (f'{name}.schedule.{number}', entry)
            for number, entry in enumerate(hook.get('schedule') or ())
        )
        for place, entry in ((name, hook), *inner):
            for key in _REACHED:
                if (
                    isinstance(entry, dict)
                    and isinstance(entry.get(key), int)
                    and entry[key] > length.epochs
                ):
                    yield f'{place}.{key}={entry[key]} is never reached, for the training ends at {length.text(True)}'


def unfinished(config: Config, batches: Optional[int] = None) -> Iterator[str]:
    """Say, a sentence each, which schedules do not come to their end, such as a warm-up that is as
    long as the training.
    """
    length = Length.of(config, batches)
    for name, schedule in schedules_of(config):
        by_epoch, named = (
            schedule.get('by_epoch', True),
            f'{name}, {str(schedule["type"]).rpartition(".")[2]},',
        )
        if by_epoch and length.setting == 'train_cfg.max_iters':
            yield f'{named} never moves, since it is by epochs, and the training is by iterations'
            continue
        last, end = length.in_units(by_epoch), _end_of(schedule)
        if last is not None and end > last:
            unit = 'epoch' if by_epoch else 'iteration'
            yield f'{named} comes to its end in {unit} {end:g}, but the training ends in {unit} {last}'


def _end_of(schedule: dict) -> float:
    """The epoch or iteration at which a schedule has come to its end; 0 where it takes that of the
    training.
    """
    end, period = schedule.get('end') or 0, schedule.get('T_max')
    marks = [0 if end >= _NEVER else end, *(schedule.get('milestones') or ())]
    return max(marks + [schedule.get('begin', 0) + period] if period else marks)


def _named(name: str, entries) -> Iterator[Tuple[str, dict]]:
    if isinstance(entries, dict) and 'type' in entries:
        yield name, entries
    elif isinstance(entries, dict):  # by optimizer
        for key, some in entries.items():
            yield from _named(f'{name}.{key}', some)
    elif isinstance(entries, (list, tuple)):
        for number, entry in enumerate(entries):
            yield from _named(f'{name}.{number}', entry)


def _hooks_of(config: Config) -> Iterator[Tuple[str, dict]]:
    yield from _named('default_hooks', dict(config.get('default_hooks') or {}))
    yield from _named('custom_hooks', config.get('custom_hooks'))


def _is_average(hook: dict, scope: Optional[str]) -> bool:
    """Whether a hook keeps an average of the weights: only these must begin within the training."""
    from mmengine.hooks import EMAHook  # imports torch, which who reads configs only does not need
    from mmengine.registry import HOOKS, DefaultScope

    kind = hook['type']
    if isinstance(kind, str):
        with DefaultScope.overwrite_default_scope(scope):
            kind = HOOKS.get(kind)
    return isinstance(kind, type) and issubclass(kind, EMAHook)


def _check_evaluation(config: Config, length: Length) -> None:
    loop = config.get('train_cfg') or {}
    by_epoch = length.setting == 'train_cfg.max_epochs'
    most = length.in_units(by_epoch)
    if config.get('val_dataloader') and most is not None and loop.get('val_begin', 1) > most:
        raise ValueError(
            'train_cfg.val_begin must be at most the length of the training, '
            f'{length.text(by_epoch)}, or '
            f'nothing is evaluated, but it is {loop["val_begin"]}'
        )
