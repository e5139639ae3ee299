"""A config's model run once without memory: do backbone, neck and head fit together, and can its
optimizer be built?
"""

import logging
from contextlib import contextmanager, suppress
from copy import deepcopy
from math import ceil

import torch
from mmengine.config import ConfigDict
from mmengine.optim import build_optim_wrapper
from mmengine.registry import MODELS, PARAM_SCHEDULERS, DefaultScope

from regnet_plugin.cli.errors import in_one_line
from regnet_plugin.models.module_complexity import OnMeta
from regnet_plugin.training.checks.schedule import (
    Length,
    check_schedules,
    schedule_fault,
    schedules_of,
)
from regnet_plugin.training.image_size import stated_side

_SIDE = 224  # where a config does not say the side of its images
_DENSE_HEADS = ('bbox_head', 'rpn_head')
# of optim_wrapper; what is around it may need a GPU
_OPTIMIZER = ('constructor', 'optimizer', 'paramwise_cfg')
# iterations, to build schedules with, also those of parts of an epoch: how many it has, only the
# data tells
_EPOCH = 1000
# What is said where values, a GPU, other processes or a head's `forward` are missing.
_NOT_HERE = (
    'meta',
    'Meta',
    'must be a CPU tensor',
    'process group',
    'missing the required "forward"',
)


def rehearse(config):
    """Build the model of a config on the meta device and send an image through backbone, neck and
    first heads.

    A classifier's head and a detector's dense head are run, and the maps' strides compared with
    those of its anchors or points. What needs values ends the rehearsal, and nothing is said of
    what follows: compiled ops of mmcv, heads that take annotations. Of each stage two blocks are
    made, since all others are as the second. Optimizer and schedules are built for the model, where
    the config has them.

    Args:
        config (mmengine.Config): with an `AnyNet` as ``model.backbone``; it is not changed.

    Raises:
        ValueError: which part does not take what it is given.
        Exception: whatever parts of the model raise when they are built.
    """
    model = build_small(config)
    if model is None:
        return
    with suppress(_End):
        _build_optimizer(model, config)
        side = _padded_side(config)
        _run(
            model,
            torch.empty(1, config.model.backbone.get('in_channels', 3), *side, device='meta'),
            side,
        )


def build_small(config):
    """Build the model with two blocks in each stage, on the meta device; return None where it
    cannot be built there.

    Raises:
        ValueError: if the widths do not suit the model.
        Exception: whatever parts of the model raise when they are built.
    """
    described = deepcopy(config.model)
    described.backbone.depths = [min(depth, 2) for depth in described.backbone.depths]
    try:
        return _build(described, config.get('default_scope'))
    except _End:
        return None


def _build(described, scope):
    try:
        with _ends_where_it_must(), DefaultScope.overwrite_default_scope(scope), OnMeta():
            return MODELS.build(described).to('meta').eval()
    except AssertionError as error:
        raise ValueError(
            f'the model must take the widths {described.backbone.widths} of the stages '
            f'{list(described.backbone.out_indices)}, but {in_one_line(error)} fails'
        ) from error


def _build_optimizer(model, config):
    """As `Runner` builds optimizer and schedules: `Runner` does so when it has the data, and then
    of each run by itself.
    """
    if not config.get('optim_wrapper'):
        return
    described = {
        name: config.optim_wrapper[name] for name in _OPTIMIZER if name in config.optim_wrapper
    }
    with (
        suppress(_End),
        _quiet(),
        DefaultScope.overwrite_default_scope(config.get('default_scope')),
    ):
        with _must_be_built('optim_wrapper', described.get('optimizer')):
            optimizer = build_optim_wrapper(model, ConfigDict(type='OptimWrapper', **described))
        length = Length.of(config)
        for name, schedule in schedules_of(config):
            with _must_be_built(name, schedule, schedule_fault(name, schedule, length)):
                _build_schedule(schedule, optimizer, length)
        check_schedules(config)


def _build_schedule(schedule, optimizer, length):
    end = length.in_units(schedule.get('by_epoch', True))
    ends = {} if end is None else dict(end=end)
    PARAM_SCHEDULERS.build(
        {**ends, **schedule}, default_args=dict(optimizer=optimizer, epoch_length=_EPOCH)
    )


@contextmanager
def _quiet():
    """Without the line that MMEngine logs for each parameter with a weight decay of its own."""
    before = logging.root.manager.disable
    logging.disable(logging.INFO)
    try:
        yield
    finally:
        logging.disable(before)


@contextmanager
def _must_be_built(name, described, fault=None):
    try:
        with _ends_where_it_must():
            yield
    except _End:
        raise
    except Exception as error:  # whatever is said where it is built
        said = f'{type(error).__name__}: {in_one_line(error)}'
        advice = (
            '; settings of the base stay unless it has _delete_=True'
            if 'keyword argument' in said
            else ''
        )
        advice = f': {fault}' if fault else advice
        raise ValueError(
            f'{name} must be such that it can be built, but {described} gives {said}{advice}'
        ) from error


class _End(Exception):
    """Nothing more can be run here."""


@contextmanager
def _ends_where_it_must():
    try:
        yield
    except Exception as error:
        if any(symptom in str(error) for symptom in _NOT_HERE):
            raise _End from error
        raise


def _padded_side(config):
    side = stated_side(config) or _SIDE
    width, height = (side, side) if isinstance(side, int) else side
    divisor = (config.model.get('data_preprocessor') or {}).get('pad_size_divisor', 1)
    return ceil(height / divisor) * divisor, ceil(width / divisor) * divisor


def _run(model, image, side):
    maps = _outputs('backbone', model.backbone, image)
    if getattr(model, 'neck', None) is not None:
        maps = _outputs('neck', model.neck, maps)
    head = getattr(model, 'head', None)
    if hasattr(head, 'num_classes'):
        scores = _outputs('head', head, maps)
        if isinstance(scores, torch.Tensor) and scores.shape != (1, head.num_classes):
            raise ValueError(
                f'model.head must give a score per class, {head.num_classes}, but {_kind(head)} '
                'gives '
                f'{_shapes(scores)} for {_shapes(maps)}'
            )
    for name in _DENSE_HEADS:
        head = getattr(model, name, None)
        if any(kind.__name__ == 'BaseDenseHead' for kind in type(head).__mro__):
            _check_strides(name, head, maps, side)
            _outputs(name, head, maps)


def _outputs(name, part, given):
    """Call ``forward`` itself, which is never compiled, unlike the module on the fast path."""
    try:
        with _ends_where_it_must():
            return part.forward(given)
    except _End:
        raise
    except Exception as error:  # whatever a part says of what it cannot take
        raise ValueError(
            f'model.{name} must take what it is given, but {_kind(part)} cannot take '
            f'{_shapes(given)}: '
            f'{type(error).__name__}: {in_one_line(error)}'
        ) from error


def _check_strides(name, head, maps, side):
    strides = [
        stride[0] for stride in getattr(getattr(head, 'prior_generator', None), 'strides', ())
    ]
    found = [level.shape[-1] for level in maps]
    if strides and (
        len(strides) != len(found)
        or any(abs(width * stride - side[1]) >= stride for width, stride in zip(found, strides))
    ):
        raise ValueError(
            f'model.{name} must be given maps of its strides, {strides}, but the sides of the maps '
            'for '
            f'{side[1]} pixels are {found}'
        )


def _kind(part):
    parts = part if isinstance(part, torch.nn.Sequential) else [part]
    return ' and '.join(type(part).__name__ for part in parts)


def _shapes(given):
    """Channels and sides, without the batch: '440x7x7'."""
    tensors = given if isinstance(given, (list, tuple)) else [given]
    return ', '.join(
        'x'.join(map(str, tensor.shape[1:]))
        if isinstance(tensor, torch.Tensor)
        else type(tensor).__name__
        for tensor in tensors
    )
