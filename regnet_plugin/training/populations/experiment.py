"""A network and a recipe make an experiment: a config that tools/train.py runs as it stands."""

from collections.abc import Mapping
from copy import deepcopy
from pathlib import Path
from typing import Any, Protocol

import numpy as np
from mmengine.config import Config, ConfigDict

from regnet_plugin.core.architecture import Architecture
from regnet_plugin.core.vocabulary import STEMS, activation_config, default_activation
from regnet_plugin.training.checks.widths import DEEPEST_FIRST
from regnet_plugin.training.config.entries import class_name
from regnet_plugin.training.config.image_resizing import set_image_side
from regnet_plugin.training.config.keyed_values import set_value

# What the backbone of a recipe says about training; the rest of it is an architecture.
_KEPT = (
    'in_channels',
    'rgb_weights',
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
# Of these, what only makes sense with pretrained weights: random layers must not be frozen.
_OF_WEIGHTS = ('init_cfg', 'frozen_stages', 'norm_eval')
_POOLING_HEADS = ('CSRAClsHead',)  # heads of classifiers that take maps, and pool these themselves
# Outputs of the backbones that recipes are written for, with the strides 4, 8, 16 and 32: a neck
# that takes n maps takes the last n of them.
_LEVELS = 4


class SampleLike(Protocol):
    """What is taken of a sample, which knows more of its training than an architecture does.

    Attributes:
        architecture: of the network; None where a config says what it is.
        config: settings of that config by their keys; none of a network with an architecture.
        resolution: side of the images, in pixels.
        num_classes: that the network was counted with.
        activation: its name in MMEngine's registry.
        lr, weight_decay: of the optimizer; None where the recipe says them.
    """

    @property
    def architecture(self) -> Architecture | None: ...
    @property
    def config(self) -> Mapping[str, Any]: ...
    @property
    def resolution(self) -> int: ...
    @property
    def num_classes(self) -> int: ...
    @property
    def activation(self) -> str: ...
    @property
    def lr(self) -> float | None: ...
    @property
    def weight_decay(self) -> float | None: ...


def experiment(
    network: SampleLike | Architecture, recipe: str | Path | Config, *, seed: int
) -> Config:
    """Put a network into a recipe: the recipe's config with another backbone.

    It is one for a classifier of mmpretrain or a detector of mmdet.

    Of the recipe's backbone stays what is said about training: normalization, initialization,
    stochastic depth, the fast path, frozen stages. Weights do not stay, since they are those of
    another network: ``load_from`` and an ``init_cfg`` of type Pretrained go, and with it
    ``frozen_stages`` and ``norm_eval``, which would freeze random layers. Input widths of neck and
    head are derived. A classifier takes the last stage, pooled also where the recipe's backbone did
    that itself; a neck that took n maps gets those from the same stride on to the last stage. Paths
    in the recipe stay as they are, relative to where the training is started.

    Args:
        network: a `Sample` also decides activation, learning rate and weight decay where it has
            them (the rate is for the recipe's batch), and for a classifier the side of the images.
            Resolution and classes of a detector are the recipe's.
        recipe: any config, or the path of one; it is not changed.
        seed: of the training.

    Returns:
        mmengine.Config: without bases and without ``work_dir``.

    Raises:
        ValueError: if the recipe has no place for such a network: no head or neck whose width
            follows from the backbone, other strides than its neck expects, other classes than the
            network was counted with, images of another side that it cannot resize.
    """
    config = Config.fromfile(recipe) if isinstance(recipe, (str, Path)) else deepcopy(recipe)
    sample = None if isinstance(network, Architecture) else network
    architecture = network if isinstance(network, Architecture) else network.architecture
    if sample is not None and architecture is None:
        return _varied(config, sample, seed)
    assert architecture is not None
    _check_has_backbone(config)
    model = config.model
    _forget_weights(model)
    out_indices = _derive_widths(model, architecture)
    _pool(model)
    structure = {name: value for name, value in architecture.to_dict().items() if value is not None}
    model.backbone = ConfigDict(
        type='regnet_plugin.AnyNet',
        **structure,
        out_indices=out_indices,
        **_kept_settings(
            model.backbone,
            None if sample is None else sample.activation,
            default_activation(architecture.block),
        ),
    )
    _begin_anew(config, seed)
    if sample is not None:
        _apply_image_settings(config, sample)
        _apply_optimizer_settings(config, sample)
    return config


def _begin_anew(config: Config, seed: int) -> None:
    """Let a training start from nothing, in a folder that is not said yet."""
    config.load_from, config.resume = None, False
    config.pop('work_dir', None)
    config.randomness = ConfigDict(config.get('randomness') or {}, seed=seed)


def _varied(config: Config, sample: SampleLike, seed: int) -> Config:
    """Set what a sample says of a recipe that has the model of its space's base.

    Raises:
        ValueError: if the recipe has no such key, other classes, or images that it cannot resize.
    """
    _begin_anew(config, seed)
    _apply_image_settings(config, sample)  # which keys of the pipelines may change again
    for key, value in sample.config.items():
        try:
            set_value(config, key, value)
        except KeyError:
            raise ValueError(
                f'a recipe must have the keys that a network sets, but there is no place for '
                f'{key}={value!r}'
            ) from None
    return config


def _check_has_backbone(config: Config) -> None:
    """Check that a recipe has a backbone, whose place a network can take.

    Raises:
        ValueError: if it has none.
    """
    backbone = config.model.get('backbone') if isinstance(config.get('model'), dict) else None
    if not isinstance(backbone, dict):
        found = f'it is {backbone!r}' if backbone else 'there is none'
        raise ValueError(
            f'a recipe must have model.backbone, a dict, whose place the network takes, but {found}'
        )


def _forget_weights(model: ConfigDict) -> None:
    """Take out the weights of whole model, neck and head.

    Those of the backbone go with what belongs to them, see `_kept_settings`.
    """
    for part in (model, model.get('neck'), model.get('head')):
        if not isinstance(part, dict):  # such as None, or a list of necks
            continue
        part.pop('pretrained', None)
        init_cfg = part.get('init_cfg')
        if isinstance(init_cfg, dict) and init_cfg.get('type') == 'Pretrained':
            part.pop('init_cfg')


def _kept_settings(
    backbone: Mapping[str, Any], activation: str | None, default: str
) -> dict[str, Any]:
    """The arguments of a recipe's backbone that go on.

    Args:
        backbone: of the recipe.
        activation: of the network, which replaces another one; None leaves it to the recipe.
        default: the activation of the network's block where nobody says one.
    """
    kept = {name: backbone[name] for name in _KEPT if name in backbone}
    if _is_pretrained(kept.get('init_cfg')):
        kept = {name: value for name, value in kept.items() if name not in _OF_WEIGHTS}
        if 'requires_grad' in (kept.get('norm_cfg') or {}):
            kept['norm_cfg'] = dict(kept['norm_cfg'], requires_grad=True)
    described = kept.get('act_cfg', activation_config(default))
    if activation and described['type'] != activation:
        kept['act_cfg'] = activation_config(activation)
    return kept


def _is_pretrained(init_cfg: Any) -> bool:
    """Whether an ``init_cfg``, one rule or several, loads weights."""
    rules = [init_cfg] if isinstance(init_cfg, dict) else init_cfg or []
    return any(rule.get('type') == 'Pretrained' for rule in rules)


def _derive_widths(model: ConfigDict, architecture: Architecture) -> tuple[int, ...]:
    """Set the widths that neck or head take; return the numbers of the stages that give them.

    Raises:
        ValueError: if neither has such a width, or the stages do not fit the neck.
    """
    necks = model.get('neck') or {}
    neck = necks[0] if isinstance(necks, (list, tuple)) else necks
    head = model.get('head') or {}
    if isinstance(neck.get('in_channels'), (list, tuple)):
        stages = _stages_for_neck(neck, architecture)
        widths = [architecture.output_widths[stage] for stage in stages]
        neck['in_channels'] = widths[::-1] if class_name(neck) in DEEPEST_FIRST else widths
        return stages
    for part in (neck, head):
        if isinstance(part.get('in_channels'), int):
            part['in_channels'] = architecture.output_widths[-1]
            return (len(architecture.stages) - 1,)
    raise ValueError(
        'a recipe must have model.neck.in_channels or model.head.in_channels, which follow from '
        f'the network, but they are {neck.get("in_channels")} and {head.get("in_channels")}'
    )


def _pool(model: ConfigDict) -> None:
    """Pool before a classifier's head, since our backbone gives maps.

    Recipes do without where their backbone gives vectors, and pool otherwise where it gives tokens.
    """
    neck, head = model.get('neck'), model.get('head') or {}
    if 'num_classes' not in head or class_name(head) in _POOLING_HEADS:
        return
    if not neck:
        model.neck = dict(type='GlobalAveragePooling')
    elif isinstance(neck, dict) and class_name(neck) == 'GlobalAveragePooling':
        neck.pop('dim', None)  # 1 for tokens


def _stages_for_neck(neck: ConfigDict, architecture: Architecture) -> tuple[int, ...]:
    """The numbers of the stages that a neck takes; the heads behind it expect their strides.

    Raises:
        ValueError: if the stages have other strides than 4, 8, 16 and so on, or the neck cannot
            take as many as there are.
    """
    taken = len(neck.in_channels)  # maps that the neck takes in the recipe
    count = len(architecture.stages)
    strides = (STEMS[architecture.stem].stride * np.cumprod(architecture.strides)).tolist()
    if strides != [4 * 2**stage for stage in range(count)]:
        raise ValueError(
            'stages for a neck must have the strides 4, 8, 16, … of the image, but they have '
            f'{strides}'
        )
    first = max(0, _LEVELS - taken)
    stages = tuple(range(first, count))
    # A neck with num_outs gives so many maps, and makes those that it is not given itself; of what
    # it is given it leaves out the first start_level ones. Another one takes as many as it gives.
    makes_maps = 'num_outs' in neck
    most = neck.num_outs + neck.get('start_level', 0) if makes_maps else taken
    least = 1 if makes_maps else taken
    if not max(1, least) <= len(stages) <= most:
        limit = f'at most {most}' if makes_maps else most
        raise ValueError(
            f'a neck {neck.type} of {taken} maps, made for the last ones of {_LEVELS} stages, must '
            f'be given {limit}, but of {count} stages there are {len(stages)}'
        )
    return stages


def _apply_image_settings(config: Config, sample: SampleLike) -> None:
    """Give a classifier the images of a sample; a detector keeps those of the recipe.

    Raises:
        ValueError: if the recipe has other classes, or images that it cannot resize.
    """
    head = config.model.get('head') or {}
    if 'num_classes' not in head:  # a detector
        return
    if head['num_classes'] != sample.num_classes:
        raise ValueError(
            'a recipe must have the classes that a network was counted with, but it has '
            f'{head["num_classes"]} and the network {sample.num_classes}: sample a space that is '
            'meant for the data, such as configs/design_spaces/*_digits.py, or this one with '
            f'--cfg-options design_space.num_classes={head["num_classes"]}'
        )
    set_image_side(config, sample.resolution)


def _apply_optimizer_settings(config: Config, sample: SampleLike) -> None:
    """Set what of the optimizer was drawn with a sample.

    Raises:
        ValueError: if the recipe has no optimizer in which it could be set.
    """
    optimizer = config.get('optim_wrapper', {}).get('optimizer')
    for name, value in (('lr', sample.lr), ('weight_decay', sample.weight_decay)):
        if value is None:
            continue
        if optimizer is None:
            raise ValueError(
                f'a recipe must have optim_wrapper.optimizer for a network with {name}={value}'
            )
        optimizer[name] = value
