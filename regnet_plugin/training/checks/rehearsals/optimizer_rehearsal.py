"""Can a config's optimizer and schedules be built?

MMEngine's Runner builds them when it has the data, and then of each run by itself.
"""

import logging
from collections.abc import Iterator, Mapping
from contextlib import contextmanager, suppress
from typing import Any

from mmengine.config import Config, ConfigDict
from mmengine.optim import OptimWrapper, build_optim_wrapper
from mmengine.registry import PARAM_SCHEDULERS, DefaultScope
from torch import nn

from regnet_plugin.cli.errors import in_one_line
from regnet_plugin.training.checks.rehearsals.small_model import CannotRunHere, ends_without_values
from regnet_plugin.training.checks.schedule import check_schedules, schedule_fault
from regnet_plugin.training.config.entries import named_schedules
from regnet_plugin.training.config.length import Length

# Of optim_wrapper; what is around it may need a GPU.
_OPTIMIZER = ('constructor', 'optimizer', 'paramwise_cfg')
# Iterations, to build schedules with, also those of parts of an epoch: how many it has, only the
# data tells.
_EPOCH = 1000


def rehearse_optimizer(model: nn.Module, config: Config) -> None:
    """Build the optimizer and the schedules of a config, where it has them.

    Args:
        model: on the meta device.
        config: it is not changed.

    Raises:
        ValueError: which of them cannot be built, and why.
    """
    wrapper = config.get('optim_wrapper')
    if not wrapper:
        return
    described = {name: wrapper[name] for name in _OPTIMIZER if name in wrapper}
    scope = config.get('default_scope')
    with suppress(CannotRunHere), _quiet(), DefaultScope.overwrite_default_scope(scope):
        with _must_be_built('optim_wrapper', described.get('optimizer')):
            optimizer = build_optim_wrapper(model, ConfigDict(type='OptimWrapper', **described))
        length = Length.of(config)
        for name, schedule in named_schedules(config):
            with _must_be_built(name, schedule, schedule_fault(name, schedule, length)):
                _build_schedule(schedule, optimizer, length)
        check_schedules(config)


def _build_schedule(schedule: Mapping[str, Any], optimizer: OptimWrapper, length: Length) -> None:
    end = length.in_units(schedule.get('by_epoch', True))
    ends = {} if end is None else dict(end=end)
    PARAM_SCHEDULERS.build(
        {**ends, **schedule}, default_args=dict(optimizer=optimizer, epoch_length=_EPOCH)
    )


@contextmanager
def _quiet() -> Iterator[None]:
    """Without the line that MMEngine logs for each parameter with a weight decay of its own."""
    before = logging.root.manager.disable
    logging.disable(logging.INFO)
    try:
        yield
    finally:
        logging.disable(before)


@contextmanager
def _must_be_built(name: str, described: Any, fault: str | None = None) -> Iterator[None]:
    """Say what cannot be built.

    Args:
        name: of the entry, as ``--cfg-options`` takes it.
        described: what stands there.
        fault: what is known to be wrong with it, and said if it cannot be built.

    Raises:
        ValueError: in the place of whatever is said where it is built.
    """
    try:
        with ends_without_values():
            yield
    except CannotRunHere:
        raise
    except Exception as error:  # whatever an optimizer's or schedule's constructor does
        said = f'{type(error).__name__}: {in_one_line(error)}'
        advice = ''
        if fault:
            advice = f': {fault}'
        elif 'keyword argument' in said:
            advice = '; settings of the base stay unless it has _delete_=True'
        raise ValueError(
            f'{name} must be such that it can be built, but {described} gives {said}{advice}'
        ) from error
