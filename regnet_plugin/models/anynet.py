"""AnyNet: stem and stages of any architecture, as a backbone of mmpretrain and mmdet."""
import numpy as np
import torch
from mmengine.model import BaseModule
from torch import nn
from torch.nn.modules.batchnorm import _BatchNorm
from torch.nn.modules.conv import _ConvNd

from regnet_plugin.architecture import Architecture, is_count, is_real
from regnet_plugin.models.blocks import Layers, block_class
from regnet_plugin.models.fast_path import FastPath
from regnet_plugin.registry import MODELS

_STEMS = {'simple': (3, 2), 'cifar': (3, 1), 'resnet': (7, 2)}  # kernel and stride of the conv


@MODELS.register_module()
class AnyNet(BaseModule):
    """Backbone of section 3.2: a stem, then stages of identical blocks.

    State-dict keys are those of OpenMMLab's RegNet (``conv1``, ``layer1.0.conv2``, ``layer1.0.downsample.0``, …), whatever
    the normalization; squeeze-and-excitation adds ``se.fc1`` and ``se.fc2``. Nothing is repaired: what does not fit raises.

    Args:
        depths (Sequence[int]): Blocks per stage.
        widths (Sequence[int]): Output channels per stage.
        bottleneck_ratios (Sequence[float], optional): Width / bottleneck width per stage; None for blocks V and VR.
        group_widths (Sequence[int], optional): Channels per group per stage; None for blocks R, V and VR.
        strides (Sequence[int], optional): Stride of each stage's first block. Default: 2 each.
        dilations (Sequence[int], optional): Dilation of each stage's 3x3 convs. Default: 1 each.
        block (str): 'X', 'Y', 'R', 'V', 'VR', or the registered name of a block of one's own, built with the arguments
            that `regnet_plugin.models.blocks` describes. Default: 'X'.
        se_ratio (float): Squeeze width / width of the block's input; 0 for none. Default: 0.
        stem (str): 'simple', 'cifar' or 'resnet', see `regnet_plugin.architecture.Architecture`. Default: 'simple'.
        stem_width (int): Default: 32.
        in_channels (int): Channels of the image. Default: 3.
        out_indices (Sequence[int], optional): Stages whose outputs are returned, from 0. Default: None, all of them.
        frozen_stages (int): -1 freezes nothing, 0 the stem, k the stem and k stages: no gradients, no new running
            statistics. Default: -1.
        norm_eval (bool): Keep the running statistics of all BN layers; their scales and shifts still train. Default: False.
        conv_cfg (dict, optional): Of all convs but those of squeeze-and-excitation. Default: None, ``Conv2d``.
        norm_cfg (dict): Default: ``dict(type='BN')``.
        act_cfg (dict): Default: ``dict(type='ReLU', inplace=True)``.
        drop_path_rate (float): Stochastic depth, from 0 at the first block to this rate at the last. Default: 0.
        zero_init_residual (bool): Start with the scale of each block's last normalization at 0. Default: False.
        fast_path (bool | dict): Compute with the channels innermost, in bfloat16 and compiled, see
            `regnet_plugin.models.fast_path.FastPath`; outputs stay float32. A dict switches single parts off.
            Default: False.
        style (str): OpenMMLab's word for where the stride is; only 'pytorch', the 3x3 conv. Default: 'pytorch'.
        init_cfg (dict | list[dict], optional): MMEngine's initialization. Default: None, the paper's.

    Attributes:
        architecture (Architecture): what was built.
        out_channels (tuple[int]): widths of the outputs, ready for a neck's ``in_channels``.

    Raises:
        ValueError: the rule that is broken, then the values, before any layer is made.
    """

    def __init__(self, *, depths, widths, bottleneck_ratios=None, group_widths=None, strides=None, dilations=None,
                 block='X', se_ratio=0.0, stem='simple', stem_width=32, in_channels=3, out_indices=None,
                 frozen_stages=-1, norm_eval=False, conv_cfg=None, norm_cfg=dict(type='BN'),
                 act_cfg=dict(type='ReLU', inplace=True), drop_path_rate=0.0, zero_init_residual=False,
                 fast_path=False, style='pytorch', init_cfg=None):
        super().__init__(init_cfg=init_cfg)
        self.architecture = Architecture.from_lists(
            depths=depths, widths=widths, bottleneck_ratios=bottleneck_ratios, group_widths=group_widths,
            strides=strides, dilations=dilations, block=block, se_ratio=se_ratio, stem=stem, stem_width=stem_width)
        self.out_indices = self._checked_out_indices(out_indices)
        self.frozen_stages = self._checked_frozen_stages(frozen_stages)
        self.norm_eval = norm_eval
        self.zero_init_residual = zero_init_residual
        if not is_real(drop_path_rate) or not 0 <= drop_path_rate < 1:
            raise ValueError(f'drop_path_rate must be from 0 to less than 1, but drop_path_rate={drop_path_rate!r}')
        if not is_count(in_channels):
            raise ValueError(f'in_channels must be a positive whole number, but in_channels={in_channels!r}')
        if style != 'pytorch':
            raise ValueError(f"style must be 'pytorch' (the stride is in the 3x3 conv), but style={style!r}")
        self.out_channels = tuple(self.architecture.widths[i] for i in self.out_indices)
        self.fast_path = FastPath.from_config(fast_path)
        self._make_layers(Layers(conv_cfg, norm_cfg, act_cfg), in_channels, drop_path_rate)
        self.fast_path.prepare(self)
        self._freeze()
        if init_cfg is None:
            self._initialize()

    def _checked_out_indices(self, out_indices):
        stages = range(len(self.architecture.stages))
        indices = stages if out_indices is None else out_indices
        is_list = isinstance(indices, (list, tuple, range)) and all(type(index) is int for index in indices)
        if not is_list or not indices or list(indices) != sorted(set(indices) & set(stages)):
            raise ValueError(f'out_indices must be ascending stage numbers from 0 to {len(stages) - 1}, but '
                             f'out_indices={out_indices!r}')
        return tuple(indices)

    def _checked_frozen_stages(self, frozen_stages):
        if type(frozen_stages) is not int or not -1 <= frozen_stages <= len(self.architecture.stages):
            raise ValueError(f'frozen_stages must be -1 (none), 0 (stem) or up to {len(self.architecture.stages)}, but '
                             f'frozen_stages={frozen_stages!r}')
        return frozen_stages

    def _make_layers(self, layers, in_channels, drop_path_rate):
        architecture = self.architecture
        kernel, stride = _STEMS[architecture.stem]
        make_block = block_class(architecture.block)
        self.conv1 = layers.conv(in_channels, architecture.stem_width, kernel, stride=stride)
        self.bn1 = layers.norm(architecture.stem_width)
        self.activation = layers.activation()
        self.maxpool = nn.MaxPool2d(3, stride=2, padding=1) if architecture.stem == 'resnet' else None
        drop_path_rates = iter(np.linspace(0, drop_path_rate, architecture.depth).tolist())
        width_in = architecture.stem_width
        self.stage_names = []
        for number, stage in enumerate(architecture.stages, 1):
            blocks = []
            for index in range(stage.depth):
                blocks.append(make_block(width_in, stage, stride=stage.stride if index == 0 else 1, layers=layers,
                                         se_ratio=architecture.se_ratio, drop_path_rate=next(drop_path_rates)))
                width_in = stage.width
            self.stage_names.append(f'layer{number}')
            self.add_module(self.stage_names[-1], nn.Sequential(*blocks))

    def _initialize(self):
        """The authors' initialization: convs normal with variance 2 / (k * k * width), scales 1, shifts 0.

        The width is not divided by the groups. Biases (of squeeze-and-excitation) keep PyTorch's default.
        """
        for module in self.modules():
            if isinstance(module, _ConvNd):
                if module.bias is not None:
                    module.reset_parameters()
                # In the order of contiguous memory, so that a seed gives the same weights in any memory format.
                fresh = torch.empty_like(module.weight, memory_format=torch.contiguous_format)
                nn.init.kaiming_normal_(fresh, mode='fan_out', nonlinearity='relu')
                with torch.no_grad():
                    module.weight.copy_(fresh)
            elif isinstance(module, (_BatchNorm, nn.GroupNorm)):
                module.reset_parameters()
        if self.zero_init_residual:
            for module in self.modules():
                if hasattr(module, 'last_norm'):
                    nn.init.zeros_(module.last_norm.weight)

    def init_weights(self):
        """Initialize as ``init_cfg`` says, or as the paper's authors do where it is None."""
        if self.init_cfg is None:
            self._initialize()
        super().init_weights()

    def forward(self, x):
        """Compute the features of the stages in ``out_indices``.

        Args:
            x (torch.Tensor): images, shape (N, in_channels, H, W).

        Returns:
            tuple[torch.Tensor]: one of shape (N, width, H', W') per index; H' = H / 4, H / 8, … for the paper's strides.
        """
        with self.fast_path.precision(x):
            outputs = self._features(x)
        return tuple(output.float() for output in outputs) if self.fast_path.bfloat16 else outputs

    def _features(self, x):
        x = self.activation(self.bn1(self.conv1(x)))
        if self.maxpool is not None:
            x = self.maxpool(x)
        outputs = []
        for index, name in enumerate(self.stage_names):
            x = getattr(self, name)(x)
            if index in self.out_indices:
                outputs.append(x)
        return tuple(outputs)

    def _frozen(self):
        if self.frozen_stages < 0:
            return []
        return [self.conv1, self.bn1] + [getattr(self, name) for name in self.stage_names[:self.frozen_stages]]

    def _freeze(self):
        for module in self._frozen():
            module.requires_grad_(False)

    def train(self, mode=True):
        """Set the mode; frozen stages and, with ``norm_eval``, all BN layers stay in evaluation mode."""
        super().train(mode)
        if mode:
            for module in self._frozen():
                module.eval()
            if self.norm_eval:
                for module in self.modules():
                    if isinstance(module, _BatchNorm):
                        module.eval()
        return self
