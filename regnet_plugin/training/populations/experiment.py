"""A network and a recipe make an experiment: a full config that tools/train.py runs as it stands."""

from copy import deepcopy
from pathlib import Path

import numpy as np
from mmengine.config import Config, ConfigDict

from regnet_plugin.core.vocabulary import DEFAULT_ACTIVATION, STEMS, activation_config
from regnet_plugin.training.checks.widths import DEEPEST_FIRST
from regnet_plugin.training.image_size import set_image_side, type_name

# What the backbone of a recipe says about training; the rest of it is an architecture.
_KEPT = (
    'in_channels',
    'frozen_stages',
    'norm_eval',
    'conv_cfg',
    'norm_cfg',
    'act_cfg',
    'drop_path_rate',
    'zero_init_residual',
    'fast_path',
    'init_cfg',
)
_OF_WEIGHTS = ('init_cfg', 'frozen_stages', 'norm_eval')
_TAKES_MAPS = ('CSRAClsHead',)  # heads that pool themselves
# of a backbone, with the strides 4, 8, 16 and 32; a neck that takes n maps takes the last n of them
_LEVELS = 4


def experiment(network, recipe, *, seed):
    """Put a network into a recipe: a config for a classifier of mmpretrain or a detector of mmdet
    with another backbone.

    Of the recipe's backbone stays what is said about training: normalization, initialization,
    stochastic depth, the fast path, frozen stages. Weights do not stay, since they are those of
    another network: ``load_from`` and an ``init_cfg`` of type Pretrained go, and with it
    ``frozen_stages`` and ``norm_eval``, which would freeze random layers. Input widths of neck and
    head are derived. A classifier takes the last stage, pooled also where the recipe's backbone did
    that itself; a neck that took n maps gets those from the same stride on to the last stage. Paths
    in the recipe stay as they are, relative to where the training is started.

    Args:
        network (Sample | Architecture): a sample also decides activation, learning rate and weight
            decay where it has them (the rate is for the recipe's batch), and for a classifier the
            side of the images. Resolution and classes of a detector are the recipe's.
        recipe (str | Path | mmengine.Config): any config; it is not changed.
        seed (int): of the training.

    Returns:
        mmengine.Config: without bases and without ``work_dir``.

    Raises:
        ValueError: if the recipe has no place for such a network: no head or neck whose width
            follows from the backbone, other strides than its neck expects, other classes than the
            network was counted with, images of another side that it cannot resize.
    """
    config = Config.fromfile(recipe) if isinstance(recipe, (str, Path)) else deepcopy(recipe)
    backbone = config.model.get('backbone') if isinstance(config.get('model'), dict) else None
    if not isinstance(backbone, dict):
        raise ValueError(
            'a recipe must have model.backbone, a dict, whose place the network takes, but '
            + (f'it is {backbone!r}' if backbone else 'there is none')
        )
    _forget_weights(config.model)
    architecture = getattr(network, 'architecture', network)
    out_indices = _derive_widths(config.model, architecture)
    _pool(config.model)
    given = {name: value for name, value in architecture.to_dict().items() if value is not None}
    config.model.backbone = ConfigDict(
        type='regnet_plugin.AnyNet',
        **given,
        out_indices=out_indices,
        **_kept(config.model.backbone, getattr(network, 'activation', None)),
    )
    config.load_from, config.resume = None, False
    config.pop('work_dir', None)
    config.randomness = ConfigDict(config.get('randomness') or {}, seed=seed)
    if network is not architecture:
        _apply_settings(config, network)
    return config


def _forget_weights(model):
    """Take out the weights of whole model and head; the backbone's go with what belongs to them."""
    for part in (model, model.get('neck') or {}, model.get('head') or {}):
        if hasattr(part, 'pop') and not isinstance(part, list):
            part.pop('pretrained', None)
            if (
                isinstance(part.get('init_cfg'), dict)
                and part['init_cfg'].get('type') == 'Pretrained'
            ):
                part.pop('init_cfg')


def _kept(backbone, activation):
    """Arguments of the recipe's backbone that go on; ``activation`` replaces another one."""
    kept = {name: backbone[name] for name in _KEPT if name in backbone}
    init_cfg = kept.get('init_cfg') or []
    if any(
        rule.get('type') == 'Pretrained'
        for rule in ([init_cfg] if isinstance(init_cfg, dict) else init_cfg)
    ):
        kept = {name: value for name, value in kept.items() if name not in _OF_WEIGHTS}
        if 'requires_grad' in (kept.get('norm_cfg') or {}):
            kept['norm_cfg'] = dict(kept['norm_cfg'], requires_grad=True)
    default = activation_config(DEFAULT_ACTIVATION)
    if activation and kept.get('act_cfg', default)['type'] != activation:
        kept['act_cfg'] = activation_config(activation)
    return kept


def _derive_widths(model, architecture):
    """Set the widths that neck or head take, and return the stages whose outputs they are."""
    necks = model.get('neck') or {}
    neck = necks[0] if isinstance(necks, (list, tuple)) else necks
    head = model.get('head') or {}
    if isinstance(neck.get('in_channels'), (list, tuple)):
        stages = _pyramid(neck, architecture)
        order = reversed(stages) if type_name(neck) in DEEPEST_FIRST else stages
        neck.in_channels = [architecture.widths[stage] for stage in order]
        return stages
    for part in (neck, head):
        if isinstance(part.get('in_channels'), int):
            part.in_channels = architecture.widths[-1]
            return (len(architecture.stages) - 1,)
    raise ValueError(
        'a recipe must have model.neck.in_channels or model.head.in_channels, which follow from '
        'the network, '
        f'but they are {neck.get("in_channels")} and {head.get("in_channels")}'
    )


def _pool(model):
    """Pool before a classifier's head also where the recipe's backbone gave vectors or tokens: ours
    gives maps.
    """
    neck, head = model.get('neck'), model.get('head') or {}
    if 'num_classes' not in head or type_name(head) in _TAKES_MAPS:
        return
    if not neck:
        model.neck = dict(type='GlobalAveragePooling')
    elif isinstance(neck, dict) and type_name(neck) == 'GlobalAveragePooling':
        neck.pop('dim', None)  # 1 for tokens


def _pyramid(neck, architecture):
    """The stages for a neck; the heads behind it expect their strides."""
    taken, stages = len(neck.in_channels), range(len(architecture.stages))
    strides = (STEMS[architecture.stem].stride * np.cumprod(architecture.strides)).tolist()
    if strides != [4 * 2**stage for stage in stages]:
        raise ValueError(
            'stages for a neck must have the strides 4, 8, 16, … of the image, but they have '
            f'{strides}'
        )
    stages = tuple(stages)[max(0, _LEVELS - taken) :]
    room = neck.num_outs + neck.get('start_level', 0) if 'num_outs' in neck else taken
    if not stages or len(stages) > room or 'num_outs' not in neck and len(stages) < room:
        limit = f'at most {room}' if 'num_outs' in neck else room
        raise ValueError(
            f'a neck {neck.type} of {taken} maps, made for the last ones of {_LEVELS} stages, must '
            'be given '
            f'{limit}, but of {len(architecture.stages)} stages there are {len(stages)}'
        )
    return stages


def _apply_settings(config, sample):
    head = config.model.get('head') or {}
    if 'num_classes' in head:  # a classifier
        if head.num_classes != sample.num_classes:
            raise ValueError(
                f'a recipe must have the classes that a network was counted with, but it has '
                f'{head.num_classes} and the network {sample.num_classes}: sample a space that is '
                'meant for '
                'the data, such as configs/design_spaces/*_digits.py, or this one with '
                '--cfg-options '
                f'design_space.num_classes={head.num_classes}'
            )
        set_image_side(config, sample.resolution)
    optimizer = config.get('optim_wrapper', {}).get('optimizer')
    for name in ('lr', 'weight_decay'):
        value = getattr(sample, name)
        if value is None:
            continue
        if optimizer is None:
            raise ValueError(
                f'a recipe must have optim_wrapper.optimizer for a network with {name}={value}'
            )
        optimizer[name] = value
