"""What is exported: a network, or a part of it, with its weights."""

import os
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

import torch
from mmengine.config import Config
from mmengine.registry import MODELS, DefaultScope
from torch import nn

from regnet_plugin.cli.errors import blame, not_ended, refused
from regnet_plugin.core.arch_argument import arch_of_text, architecture_of
from regnet_plugin.core.vocabulary import DEFAULT_NUM_CLASSES
from regnet_plugin.export.preprocessing import (
    Preprocessing,
    preprocessing_of_config,
    preprocessing_of_weights,
)
from regnet_plugin.models.anynet import AnyNet
from regnet_plugin.training.checks.widths import check_widths
from regnet_plugin.weights.addresses import read_checkpoint
from regnet_plugin.weights.conversion import renamed
from regnet_plugin.weights.matching import check_weights, made_for, own_weights
from regnet_plugin.weights.name_advice import advice_on_names
from regnet_plugin.weights.state_dicts import plain_name


@dataclass(frozen=True)
class ExportedNetwork:
    """A network as it is exported.

    Attributes:
        module: in evaluation mode, from images (N, in_channels, H, W) to a tensor or a tuple of
            them.
        in_channels: of the images.
        preprocessing: what the images must have undergone. Default: empty, not known.
    """

    module: nn.Module
    in_channels: int
    preprocessing: Preprocessing = field(default_factory=Preprocessing)


def load_network(
    source: str, checkpoint: str | None = None, part: str = 'network'
) -> ExportedNetwork:
    """Build what a config or a name describes, and take the part of it that is exported.

    Args:
        source: path of a config of mmpretrain or mmdet, a published name, or parameters such as
            'depth=22,w_0=24,w_a=24.48,w_m=2.54,group_width=16'; the latter two mean a classifier of
            1000 classes.
        checkpoint: address or file of the weights, as in `regnet_plugin.weights.addresses`: of all
            of it, or for the backbone alone at least of that. Default: None, new ones.
        part: 'network', of a classifier the scores before softmax and of a detector the maps of the
            neck; or 'backbone', the maps that the backbone gives.

    Returns:
        The network without the fast path, which is for PyTorch.

    Raises:
        UserError: if it cannot be built, or the weights are not of it.
    """
    with blame(source), not_ended():
        is_config = source.endswith('.py') or os.path.isfile(source)
        config = Config.fromfile(source) if is_config else _classifier_config(source, part)
        if 'backbone' not in config.get('model', {}):
            raise ValueError('a config must have a model with a backbone, but this one has none')
        config.model.backbone.pop('fast_path', None)
        with DefaultScope.overwrite_default_scope(config.get('default_scope')):
            model = MODELS.build(config.model)
        check_widths(model, source)
    if checkpoint is not None:
        with blame(checkpoint):
            with refused(ValueError, OSError):
                weights = read_checkpoint(checkpoint)
            _load(model, weights, part)
    return ExportedNetwork(
        _part_of(model, part).eval(),
        config.model.backbone.get('in_channels', 3),
        preprocessing_of_config(config) if is_config else preprocessing_of_weights(str(checkpoint)),
    )


def _classifier_config(network: str, part: str) -> Config:
    """The config of the paper's classifier.

    Args:
        network: a published name, or parameters.
        part: where this is 'backbone', the maps of all stages are given.
    """
    arch = arch_of_text(network)
    widths = architecture_of(arch).output_widths
    last = len(widths) - 1
    backbone = dict(
        type='regnet_plugin.RegNet',
        arch=arch,
        out_indices=tuple(range(len(widths))) if part == 'backbone' else (last,),
    )
    model = dict(
        type='ImageClassifier',
        backbone=backbone,
        neck=dict(type='GlobalAveragePooling'),
        head=dict(type='LinearClsHead', num_classes=DEFAULT_NUM_CLASSES, in_channels=widths[-1]),
    )
    return Config(dict(default_scope='mmpretrain', model=model))


def _load(model: Any, weights: Mapping[str, torch.Tensor], part: str) -> None:
    """Load all weights of the part.

    Counters of batches, which some libraries leave out, do not matter.
    """
    network: nn.Module = model.backbone if part == 'backbone' else model
    weights = renamed(weights, plain_name)
    if part == 'backbone':
        weights = own_weights(network, weights)
    elif isinstance(model.backbone, AnyNet):
        weights = made_for(model.backbone, weights, 'backbone.')
    try:
        check_weights(network, weights)
    except ValueError as error:
        raise ValueError(f'{error}{advice_on_names(weights)}') from None
    counters = {
        name: value
        for name, value in network.state_dict().items()
        if name.endswith('num_batches_tracked')
    }
    network.load_state_dict({**counters, **weights})


def _part_of(model: Any, part: str) -> nn.Module:
    """The module that gives what is exported."""
    if part == 'backbone':
        return model.backbone
    # a classifier of mmpretrain; mmdet has no head of that name
    if isinstance(getattr(model, 'head', None), nn.Module):
        return model
    neck = getattr(model, 'neck', None)
    return model.backbone if neck is None else nn.Sequential(model.backbone, neck)
