"""Learning rates that fall from layer to layer towards the image, for any model."""

from functools import partial
from typing import Any

from mmpretrain.engine.optimizers import LearningRateDecayOptimWrapperConstructor
from torch import nn

from regnet_plugin.registry import OPTIM_WRAPPER_CONSTRUCTORS


@OPTIM_WRAPPER_CONSTRUCTORS.register_module()
class LayerDecayOptimWrapperConstructor(LearningRateDecayOptimWrapperConstructor):
    """mmpretrain's constructor, for any model with one of our backbones.

    mmpretrain's asks the model for the layer of a parameter, and mmdet's detectors have no answer;
    mmdet's own knows ConvNeXt only. So the backbone is asked. ``paramwise_cfg`` is mmpretrain's:
    with ``layer_decay_rate=r`` a block has r times the rate of the block after it, and the last
    block r times that of neck and head, which have the whole rate.
    """

    def add_params(self, params: list[dict[str, Any]], module: nn.Module, **kwargs: Any) -> None:
        """Add the parameters of a model, or of a part of one.

        mmpretrain calls it again for each part of a part.

        Args:
            params (list[dict]): groups of parameters, to which those of the module are added.
            module (nn.Module): the model or the part.
            **kwargs: of mmpretrain; ``get_layer_depth`` is the backbone's from the model on.

        Raises:
            ValueError: if the optimizer has no ``weight_decay``, over which mmpretrain stumbles.
        """
        if self.base_wd is None:
            raise ValueError(
                'an optimizer whose rates decay by layer must be given its weight_decay, 0 for '
                f'none, but it is {self.optimizer_cfg}'
            )
        backbone: Any = getattr(module, 'backbone', None)
        if hasattr(backbone, 'get_layer_depth'):
            kwargs.setdefault(
                'get_layer_depth', partial(backbone.get_layer_depth, prefix='backbone.')
            )
        super().add_params(params, module, **kwargs)
