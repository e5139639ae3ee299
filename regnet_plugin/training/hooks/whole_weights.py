"""A checkpoint must be of the network: MMEngine warns of what is missing, and loads the rest."""

from collections.abc import Mapping
from typing import Any

from mmengine.hooks import Hook
from mmengine.runner import Runner
from torch import Tensor, nn

from regnet_plugin.models.anynet import AnyNet
from regnet_plugin.training.built_models import unwrapped
from regnet_plugin.weights.conversion import renamed
from regnet_plugin.weights.matching import check_weights, made_for
from regnet_plugin.weights.name_advice import advice_on_names
from regnet_plugin.weights.state_dicts import plain_name


class WholeHook(Hook):
    """Refuses a checkpoint that is not of the network, when it is loaded.

    Args:
        backbone_only: heads may differ, as in a training that begins with another one's weights.
    """

    def __init__(self, backbone_only: bool) -> None:
        self.backbone_only = backbone_only

    def after_load_checkpoint(self, runner: Runner, checkpoint: dict[str, Any]) -> None:
        model, weights = unwrapped(runner.model), checkpoint['state_dict']
        if self.backbone_only:
            check_backbone(model, weights)
        else:
            load_whole(model, weights)


def load_whole(model: nn.Module, weights: Mapping[str, Tensor]) -> None:
    """Load weights into a model, unless some are missing or of another shape.

    Args:
        model: perhaps with an `AnyNet` as ``backbone``.
        weights: by their names, which may begin as those of a model for several GPUs.

    Raises:
        ValueError: how many are missing or do not fit, and the first.
    """
    own = check_backbone(model, weights)
    missing = [
        name
        for name in model.load_state_dict(own, strict=False).missing_keys
        if not name.endswith('num_batches_tracked')  # old checkpoints lack it, and nothing needs it
    ]
    if missing:
        raise ValueError(
            f'weights must be those of the whole network, but {len(missing)} are missing, first '
            f'{missing[0]}{advice_on_names(own)}'
        )


def check_backbone(model: nn.Module, weights: Mapping[str, Tensor]) -> dict[str, Tensor]:
    """Compare weights with those of a model's backbone, if that is an `AnyNet`.

    Args:
        model: that is to have them.
        weights: as in `load_whole`.

    Returns:
        them by the names of a model for one GPU.

    Raises:
        ValueError: how many are missing or do not fit, and the first.
    """
    own: dict[str, Tensor] = renamed(weights, plain_name)
    backbone = getattr(model, 'backbone', None)
    if isinstance(backbone, AnyNet):
        try:
            check_weights(backbone, made_for(backbone, own, 'backbone.'), 'backbone.')
        except ValueError as error:
            raise ValueError(f'{error}{advice_on_names(own)}') from None
    return own
