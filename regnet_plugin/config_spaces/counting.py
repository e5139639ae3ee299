"""What any network of a config costs, counted as it runs on the meta device.

Every product is seen where PyTorch does it, whatever layer asked for it. The conventions:

- flops: multiply-adds of convs, linear layers and attention, and a bias once per output, as
  `regnet_plugin.core.complexity` has them. ``attention`` is the share of products of two
  activations (queries with keys, weights with values): papers of transformers count it, mmengine's
  older counter did not. Normalization, activation functions, additions and pooling are free; what
  normalization would add, a multiply-add per normalized element, is ``normalization``.
- parameters: learnable scalars of the whole model.
- activations: elements of the outputs of convs, and of linear layers on maps or tokens, which are
  1x1 convs by another name. A linear layer that has one row per image, as a classifier has, adds to
  ``activations_with_classifier`` only. What attention weighs (queries x keys) is no output of a
  layer, and is left out.
"""

import inspect
from copy import deepcopy
from dataclasses import dataclass
from typing import Any

import torch
from mmengine.config import Config
from mmengine.logging import MMLogger
from mmengine.registry import MODELS, DefaultScope
from torch import Tensor, nn

from regnet_plugin.cli.errors import in_one_line
from regnet_plugin.config_spaces.detectors import run_without_values
from regnet_plugin.config_spaces.meter import OF_MODELS, CannotCount, Meter
from regnet_plugin.core.complexity import Complexity
from regnet_plugin.models.module_complexity import OnMeta


@dataclass(frozen=True)
class NetworkCounts:
    """What a network costs, for one image.

    Attributes:
        complexity: flops, parameters, activations.
        attention: flops that are products of two activations, of the flops above.
        normalization: elements that are normalized; not among the flops.
    """

    complexity: Complexity
    attention: int
    normalization: int


def build_on_meta(config: Config) -> nn.Module:
    """Build the model of a config without memory.

    Raises:
        CannotCount: if it cannot be built, or is a two-stage detector that has no number of
            proposals.
    """
    described = deepcopy(config.model)
    described.pop('data_preprocessor', None)
    with _Quiet():
        try:
            with DefaultScope.overwrite_default_scope(config.get('default_scope')), OnMeta():
                model: nn.Module = MODELS.build(described)
            model.to('meta').eval()
        except OF_MODELS as error:
            raise CannotCount(
                f'a network must be one that can be built, but {type(error).__name__}: '
                f'{in_one_line(error)}'
            ) from error
    if config.get('default_scope') == 'mmdet':
        run_without_values(config, model)
    return model


def image_for(config: Config, resolution: int | tuple[int, int]) -> Tensor:
    """Return a batch of one image for the model of a config, without values.

    Args:
        config: of the model.
        resolution: side of the image, or (height, width).
    """
    backbone = config.model.get('backbone')
    channels = backbone.get('in_channels', 3) if isinstance(backbone, dict) else 3
    height, width = (resolution, resolution) if isinstance(resolution, int) else resolution
    return torch.empty(1, channels, height, width, device='meta')


def run_metered(meter: Meter, model: nn.Module, image: Tensor) -> NetworkCounts:
    """Run a model, and return what it costs together with what was metered before.

    Args:
        meter: that has counted nothing, or parts of the model that give their outputs at once.
        model: on the meta device: of OpenMMLab, which is run in the mode 'tensor', or any module.
        image: a batch of one.

    Raises:
        CannotCount: if it cannot be run, such as for want of an operator that does without values.
    """
    of_mmengine: dict[str, Any] = {}
    if hasattr(model, 'data_preprocessor'):
        of_mmengine['mode'] = 'tensor'
        if 'data_samples' in inspect.signature(model.forward).parameters:
            of_mmengine['data_samples'] = None  # mmpose's has no default
    meter.output_of(model, image, **of_mmengine)
    counts = Complexity(
        flops=meter.flops,
        parameters=sum(parameter.numel() for parameter in model.parameters()),
        activations=meter.activations,
        activations_with_classifier=meter.activations + meter.other_outputs,
    )
    return NetworkCounts(counts, meter.attention, meter.normalization)


def count_network(config: Config, resolution: int | tuple[int, int]) -> NetworkCounts:
    """Count the model of a config as it stands.

    Args:
        config: of a classifier of mmpretrain, a detector of mmdet, or any model of MMEngine's that
            takes images in the mode 'tensor'; it is not changed.
        resolution: side of the image, or (height, width).

    Raises:
        CannotCount: if it cannot be built, or be run without values.
    """
    return run_metered(Meter(), build_on_meta(config), image_for(config, resolution))


class _Quiet:
    """Within it, OpenMMLab does not tell what it finds in each model that is built."""

    def __enter__(self) -> None:
        self._logger = MMLogger.get_current_instance()
        self._before = self._logger.level
        self._logger.setLevel('ERROR')

    def __exit__(self, *_: Any) -> None:
        self._logger.setLevel(self._before)
