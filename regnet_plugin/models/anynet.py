"""AnyNet: stem and stages of any architecture, as a backbone of mmpretrain and mmdet."""

import re
from collections.abc import Callable, Sequence
from typing import Any

import numpy as np
from mmengine.model import BaseModule
from torch import Tensor, nn
from torch.nn.modules.batchnorm import _BatchNorm

from regnet_plugin.core.architecture import Architecture
from regnet_plugin.core.vocabulary import (
    DEFAULT_BLOCK,
    DEFAULT_STEM,
    DEFAULT_STEM_WIDTH,
    STEMS,
    activation_config,
    default_activation,
)
from regnet_plugin.models.backbone_arguments import (
    check_drop_path_rate,
    check_in_channels,
    checked_frozen_stages,
    checked_out_indices,
    refuse_unknown,
)
from regnet_plugin.models.blocks import block_class
from regnet_plugin.models.checkpointing import CheckpointedStage
from regnet_plugin.models.fast_path import FastPath
from regnet_plugin.models.initialization import initialize
from regnet_plugin.models.layers import Layers, layers_of_stages
from regnet_plugin.models.tracing import plain_graph
from regnet_plugin.registry import MODELS
from regnet_plugin.weights.input_channels import check_rgb_weights
from regnet_plugin.weights.matching import made_for
from regnet_plugin.weights.pretrained import with_own_pretrained


@MODELS.register_module()
class AnyNet(BaseModule):
    """Backbone of section 3.2: a stem, then stages of identical blocks.

    State-dict keys are those of OpenMMLab's RegNet (``conv1``, ``layer1.0.conv2``,
    ``layer1.0.downsample.0``, …), whatever the normalization; squeeze-and-excitation adds
    ``se.fc1`` and ``se.fc2``. Nothing is repaired: what does not fit raises.

    Args:
        depths (Sequence[int]): Blocks per stage.
        widths (Sequence[int]): Output channels per stage.
        bottleneck_ratios (Sequence[float], optional): Width / bottleneck width per stage; None for
            blocks V and VR.
        group_widths (Sequence[int], optional): Channels per group per stage; None for blocks R, V
            and VR.
        strides (Sequence[int], optional): Stride of each stage's first block. Default: 2 each.
        dilations (Sequence[int], optional): Dilation of each stage's 3x3 convs. Default: 1 each.
        block (str): 'X', 'Y', 'R', 'V', 'VR', 'Z', 'PreY', or the registered name of a block of
            one's own, built with the arguments that `regnet_plugin.models.blocks` describes.
            Default: 'X'.
        se_ratio (float): Squeeze width / width of the block's input; 0 for none. Default: 0, of
            'Y', 'Z' and 'PreY' 1/4.
        stem (str): 'simple', 'cifar' or 'resnet', see
            `regnet_plugin.core.architecture.Architecture`. Default: 'simple'.
        stem_width (int): Default: 32.
        head_width (int): Channels of a 1x1 conv (``final_conv``, ``final_bn``) behind the last
            stage, whose output then is this conv's, as in RegNetZ; 0 for none. Default: 0.
        final_activation (bool, optional): Activation of the last stage's output, where no conv
            follows. Default: None, for blocks that end without one and begin with it ('PreY').
        avg_down (bool): Average pooling in the place of the projections' stride, as in timm's
            RegNetV-6.4GF and ResNet-D. Default: False.
        in_channels (int): Channels of the image. Default: 3.
        rgb_weights (str): What becomes of the stem's weights for three channels, wherever they are
            loaded from, where ``in_channels`` is another number: 'repeat' (one channel: their sum;
            more: repeated and scaled by 3 / channels, as timm does), 'mean' or 'zero' (further
            channels have the mean, or 0). Default: 'repeat'.
        out_indices (Sequence[int], optional): Stages whose outputs are returned, from 0. Default:
            None, all of them.
        truncate (bool): Build no stages behind the last one whose output is returned; weights of
            the whole network load all the same. Default: False.
        frozen_stages (int): -1 freezes nothing, 0 the stem, k the stem and k stages: no gradients,
            no new running statistics. Default: -1.
        norm_eval (bool): Keep the running statistics of all BN layers; their scales and shifts
            still train. Default: False.
        conv_cfg (dict, optional): Of all convs but those of squeeze-and-excitation. Default: None,
            ``Conv2d``.
        norm_cfg (dict): Default: ``dict(type='BN')``.
        act_cfg (dict, optional): Default: None, ``dict(type='ReLU', inplace=True)``, of blocks
            'Z' and 'PreY' SiLU.
        drop_path_rate (float): Stochastic depth, from 0 at the first block to this rate at the
            last. Default: 0.
        zero_init_residual (bool): Start with the scale of each block's last normalization at 0.
            Default: False.
        fast_path (bool | dict): Compute with the channels innermost, in bfloat16 and compiled, see
            `regnet_plugin.models.fast_path.FastPath`; outputs stay float32. A dict switches single
            parts off; ``channels_last='cpu'`` is for CPUs alone. Default: False.
        dcn (dict, optional): mmcv's deformable conv, ``dict(type='DCN' | 'DCNv2',
            deform_groups=1)``, in place of the 3x3 convs of the blocks in some stages; groups,
            stride and dilation stay. It starts with offsets 0. Needs mmcv's compiled operators;
            excludes ``conv_cfg`` and ``fast_path``. Default: None.
        stage_with_dcn (Sequence[bool], optional): which stages; must be given with ``dcn``.
        plugins (list[dict], optional): mmdet's ``dict(cfg=dict(type=, …), position='after_conv1' |
            'after_conv2' | 'after_conv3', stages=None)``: layers made by mmcv's
            ``build_plugin_layer`` with the width as ``in_channels``, in all stages or in those
            whose bool in ``stages`` is True; several of one type in a block need a ``postfix`` in
            their ``cfg``. After squeeze-and-excitation where the block has it after the same conv.
            Blocks X, Y, R. Default: None.
        with_cp (bool): Gradient checkpointing of each block: less memory, more time, the same
            results; excludes compilation. Default: False.
        style (str): OpenMMLab's word for where the stride is; only 'pytorch', the 3x3 conv.
            Default: 'pytorch'.
        init_cfg (dict | list[dict], optional): MMEngine's initialization. Default: None, the
            paper's.

    Attributes:
        architecture (Architecture): what was built.
        out_channels (tuple[int]): widths of the outputs, ready for a neck's ``in_channels``.

    Raises:
        ValueError: the rule that is broken, then the values, before any layer is made; also for
            unknown arguments.
    """

    def __init__(
        self,
        *,
        depths: Sequence[int],
        widths: Sequence[int],
        bottleneck_ratios: Sequence[float] | None = None,
        group_widths: Sequence[int] | None = None,
        strides: Sequence[int] | None = None,
        dilations: Sequence[int] | None = None,
        block: str = DEFAULT_BLOCK,
        se_ratio: float = 0.0,
        stem: str = DEFAULT_STEM,
        stem_width: int = DEFAULT_STEM_WIDTH,
        head_width: int = 0,
        final_activation: bool | None = None,
        avg_down: bool = False,
        in_channels: int = 3,
        rgb_weights: str = 'repeat',
        out_indices: Sequence[int] | None = None,
        truncate: bool = False,
        frozen_stages: int = -1,
        norm_eval: bool = False,
        conv_cfg: dict[str, Any] | None = None,
        norm_cfg: dict[str, Any] = dict(type='BN'),
        act_cfg: dict[str, Any] | None = None,
        drop_path_rate: float = 0.0,
        zero_init_residual: bool = False,
        fast_path: bool | dict[str, bool | str] = False,
        dcn: dict[str, Any] | None = None,
        stage_with_dcn: Sequence[bool] | None = None,
        plugins: Sequence[dict[str, Any]] | None = None,
        with_cp: bool = False,
        style: str = 'pytorch',
        init_cfg: dict[str, Any] | list[dict[str, Any]] | None = None,
        **unknown: Any,
    ) -> None:
        refuse_unknown(type(self).__name__, unknown)
        super().__init__(init_cfg=with_own_pretrained(init_cfg))
        whole = Architecture.from_lists(
            depths=depths,
            widths=widths,
            bottleneck_ratios=bottleneck_ratios,
            group_widths=group_widths,
            strides=strides,
            dilations=dilations,
            block=block,
            se_ratio=se_ratio,
            stem=stem,
            stem_width=stem_width,
            head_width=head_width,
        )
        num_stages = len(whole.stages)
        self.out_indices = checked_out_indices(out_indices, num_stages)
        self.architecture = whole.truncated(self.out_indices[-1] + 1) if truncate else whole
        built = len(self.architecture.stages)
        self.left_out = tuple(f'layer{number}' for number in range(built + 1, num_stages + 1))
        self.frozen_stages = checked_frozen_stages(frozen_stages, num_stages)
        self.norm_eval = norm_eval
        self.zero_init_residual = zero_init_residual
        check_drop_path_rate(drop_path_rate)
        check_in_channels(in_channels)
        check_rgb_weights(rgb_weights, in_channels)
        self.rgb_weights = rgb_weights
        if style != 'pytorch':
            raise ValueError(
                f"style must be 'pytorch' (the stride is in the 3x3 conv), but style={style!r}"
            )
        self.out_channels = tuple(self.architecture.output_widths[i] for i in self.out_indices)
        make_block = block_class(self.architecture.block)
        if act_cfg is None:
            act_cfg = activation_config(default_activation(self.architecture.block))
        layers = Layers(conv_cfg, norm_cfg, act_cfg, avg_down=avg_down)
        stage_layers = layers_of_stages(
            layers,
            num_stages,
            dcn=dcn,
            stage_with_dcn=stage_with_dcn,
            plugins=plugins,
            positions=getattr(make_block, 'plugin_positions', ()),
        )
        self.fast_path = FastPath.from_config(fast_path)
        self.fast_path.check(
            deformable=any(stage.dcn for stage in stage_layers), checkpointed=with_cp
        )
        self._make_stem(layers, in_channels)
        make_stage = CheckpointedStage if with_cp else nn.Sequential
        drop_path_rates = np.linspace(0, drop_path_rate, whole.depth).tolist()
        self._make_stages(make_block, stage_layers, make_stage, drop_path_rates)
        self._make_head(layers, final_activation)
        self.fast_path.prepare(self)
        self._freeze()
        if init_cfg is None:
            initialize(self, self.zero_init_residual)

    def _make_stem(self, layers: Layers, in_channels: int) -> None:
        """Make ``conv1``, ``bn1``, the activation and, in ResNet's stem, the pooling.

        Blocks that begin with normalization and activation do without those of the stem.
        """
        stem, width = STEMS[self.architecture.stem], self.architecture.stem_width
        self.conv1 = layers.conv(in_channels, width, stem.kernel, stride=stem.conv_stride)
        self.bn1 = None if self._is_pre_activated else layers.norm(width)
        self.activation = layers.activation()
        self.maxpool = nn.MaxPool2d(3, stride=2, padding=1) if stem.pooled else None

    def _make_stages(
        self,
        make_block: Callable[..., nn.Module],
        stage_layers: Sequence[Layers],
        make_stage: Callable[..., nn.Module],
        drop_path_rates: Sequence[float],
    ) -> None:
        """Make the stages ``layer1``, ``layer2``, …; stochastic depth grows from block to block."""
        architecture = self.architecture
        rates = iter(drop_path_rates)
        width_in = architecture.stem_width
        self.stage_names = []
        for number, (stage, layers) in enumerate(zip(architecture.stages, stage_layers), 1):
            blocks = []
            for index in range(stage.depth):
                block = make_block(
                    width_in,
                    stage,
                    stride=stage.stride if index == 0 else 1,
                    layers=layers,
                    se_ratio=architecture.se_ratio,
                    drop_path_rate=next(rates),
                )
                blocks.append(block)
                width_in = stage.width
            name = f'layer{number}'
            self.stage_names.append(name)
            self.add_module(name, make_stage(*blocks))

    def _make_head(self, layers: Layers, final_activation: bool | None) -> None:
        """Make what follows the last stage: ``final_conv`` and ``final_bn``, or an activation."""
        width = self.architecture.head_width
        if width:
            self.final_conv = layers.conv(self.architecture.widths[-1], width, 1)
            self.final_bn = layers.norm(width)
        if final_activation is None:
            final_activation = self._is_pre_activated
        self.final_activation = final_activation and not width

    @property
    def _is_pre_activated(self) -> bool:
        kind = self.architecture.kind
        return kind is not None and kind.pre_activation

    def init_weights(self) -> None:
        """Initialize as ``init_cfg`` says, or as the paper's authors do where it is None."""
        if self.init_cfg is None:
            initialize(self, self.zero_init_residual)
        super().init_weights()

    def __call__(self, x: Tensor) -> tuple[Tensor, ...]:
        """As of any module, but layer by layer where the fast path is set aside."""
        outputs: tuple[Tensor, ...]
        if self.fast_path.is_set_aside(self, x):
            outputs = self._call_impl(x)
        else:
            outputs = super().__call__(x)
        return outputs

    def __prepare_scriptable__(self) -> nn.Module:
        """What torch.jit.script compiles instead: it reads the Python of plain layers only."""
        return plain_graph(self)

    def forward(self, x: Tensor) -> tuple[Tensor, ...]:
        """Compute the features of the stages in ``out_indices``.

        Args:
            x: images, shape (N, in_channels, H, W).

        Returns:
            Maps of shape (N, width, H', W'), one per index; H' = H / 4, H / 8, … for the paper's
            strides.
        """
        if self.fast_path.is_set_aside(self, x):
            return self.fast_path.released(self._features(x))
        with self.fast_path.precision(x):
            outputs = self._features(x)
        return self.fast_path.released(outputs)

    def _features(self, x: Tensor) -> tuple[Tensor, ...]:
        """The outputs of the stages in ``out_indices``, in whatever precision they compute."""
        x = self.conv1(x)
        if self.bn1 is not None:
            x = self.activation(self.bn1(x))
        if self.maxpool is not None:
            x = self.maxpool(x)
        outputs = []
        for index, name in enumerate(self.stage_names):
            x = getattr(self, name)(x)
            if index in self.out_indices:
                outputs.append(x)
        if len(self.stage_names) - 1 in self.out_indices:
            outputs[-1] = self._head(x)
        return tuple(outputs)

    def _head(self, x: Tensor) -> Tensor:
        """What is made of the last stage's output."""
        if self.architecture.head_width:
            x = self.activation(self.final_bn(self.final_conv(x)))
        elif self.final_activation:
            x = self.activation(x)
        return x

    def get_layer_depth(self, param_name: str, prefix: str = '') -> tuple[int, int]:
        """Say which layer a parameter belongs to, for mmpretrain's decay of rates by layers.

        That is ``LearningRateDecayOptimWrapperConstructor``. As in mmpretrain's vision transformers
        the stem is layer 0, each block a layer, and all that follows the backbone the last one.
        mmpretrain's ResNet puts several blocks into a layer: a rate of decay chosen for it is to be
        raised here.

        Args:
            param_name: name of the parameter.
            prefix: what the backbone's names begin with, such as 'backbone.'.

        Returns:
            The layer, from 0, and the number of layers, the network's depth + 2.
        """
        num_layers = self.architecture.depth + 2
        if not param_name.startswith(prefix):
            return num_layers - 1, num_layers
        name = param_name[len(prefix) :]
        if name.startswith('final_'):
            return num_layers - 1, num_layers
        block = re.match(r'layer(\d+)\.(\d+)\.', name)
        if block is None:
            return 0, num_layers
        stage, index = int(block[1]), int(block[2])
        blocks_before = sum(self.architecture.depths[: stage - 1])
        return 1 + blocks_before + index, num_layers

    def _load_from_state_dict(self, state_dict: dict[str, Any], prefix: str, *args: Any) -> None:
        """Load as any module does, what is `made_for` this one."""
        own = made_for(self, state_dict, prefix)
        for name in set(state_dict) - set(own):  # in place: what is loaded next looks there, too
            del state_dict[name]
        state_dict.update(own)
        super()._load_from_state_dict(state_dict, prefix, *args)

    def _frozen(self) -> list[nn.Module]:
        """The stem and the stages that do not train."""
        if self.frozen_stages < 0:
            return []
        stages = [getattr(self, name) for name in self.stage_names[: self.frozen_stages]]
        stem = [self.conv1] if self.bn1 is None else [self.conv1, self.bn1]
        return [*stem, *stages]

    def _freeze(self) -> None:
        for module in self._frozen():
            module.requires_grad_(False)

    def train(self, mode: bool = True) -> 'AnyNet':
        """Set the mode; frozen stages stay in evaluation mode.

        So do all BN layers with ``norm_eval``.
        """
        super().train(mode)
        if mode:
            for module in self._frozen():
                module.eval()
            if self.norm_eval:
                for module in self.modules():
                    if isinstance(module, _BatchNorm):
                        module.eval()
        return self
