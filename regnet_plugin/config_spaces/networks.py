"""Networks of mmpretrain with arguments for what its own classes have fixed.

A config has them by ``custom_imports``, as it has anybody's own.
"""

from collections.abc import Sequence
from typing import Any

from mmpretrain.models import ConvNeXt, MobileNetV2
from mmpretrain.models.backbones.convnext import ConvNeXtBlock

from regnet_plugin.registry import MODELS


@MODELS.register_module()
class VariedConvNeXt(ConvNeXt):
    """ConvNeXt whose kernel and hidden width vary.

    Args:
        kernel_size (int): of the depthwise convs, odd. Default: 7.
        mlp_ratio (float): hidden width of a block / its width. Default: 4.
        **convnext: arguments of mmpretrain's ConvNeXt.

    Raises:
        ValueError: if the kernel has no middle.
    """

    def __init__(self, *, kernel_size: int = 7, mlp_ratio: float = 4.0, **convnext: Any) -> None:
        super().__init__(**convnext)
        if kernel_size % 2 == 0:
            raise ValueError(f'kernel_size must be odd, but kernel_size={kernel_size}')
        conv = dict(kernel_size=kernel_size, padding=kernel_size // 2)
        for stage in self.stages:
            for place, block in enumerate(stage):
                width = block.depthwise_conv.in_channels
                stage[place] = ConvNeXtBlock(width, dw_conv_cfg=conv, mlp_ratio=mlp_ratio)
                stage[place].drop_path = block.drop_path


@MODELS.register_module()
class InvertedResiduals(MobileNetV2):
    """MobileNetV2 whose stages vary.

    Args:
        stages (Sequence): for each stage expansion, width, blocks and stride, as table 2 of
            MobileNetV2 has them (arXiv:1801.04381); widths are multiples of 8. Default: those of
            MobileNetV2.
        **mobilenet: arguments of mmpretrain's MobileNetV2.
    """

    def __init__(
        self,
        *,
        stages: Sequence[Sequence[int]] = MobileNetV2.arch_settings,
        **mobilenet: Any,
    ) -> None:
        self.arch_settings = [list(stage) for stage in stages]
        super().__init__(out_indices=(len(stages),), **mobilenet)
