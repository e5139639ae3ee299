"""Blocks are what the vocabulary says of them; so are those of one's own."""

import pytest
import torch
from mmengine.registry import MODELS as ROOT_MODELS
from torch import nn

from regnet_plugin.core.vocabulary import BLOCKS
from regnet_plugin.models import AnyNet
from regnet_plugin.models.blocks import _BLOCKS
from regnet_plugin.models.module_complexity import count


def one_stage_of(block, **options):
    """A stage of two blocks of a kind, the first with a projection."""
    kind = BLOCKS[block]
    return AnyNet(
        depths=[2],
        widths=[16],
        bottleneck_ratios=[1] if kind.bottleneck else None,
        group_widths=[8] if kind.grouped else None,
        block=block,
        **options,
    )


@pytest.mark.parametrize('block', BLOCKS)
def test_a_block_has_the_convs_that_the_table_says(block):
    """In the stage's second block, which has no projection."""
    kind, second = BLOCKS[block], one_stage_of(block).layer1[1]
    convs = [module for module in second.modules() if isinstance(module, nn.Conv2d)]
    kernels = [conv.kernel_size for conv in convs]
    assert kernels.count((3, 3)) == kind.convs
    assert ((1, 1) in kernels) == kind.bottleneck
    assert (max(conv.groups for conv in convs) > 1) == kind.grouped


RESIDUAL = [name for name, kind in BLOCKS.items() if kind.shortcut and not kind.pre_activation]


@pytest.mark.parametrize('block', RESIDUAL)
def test_a_residual_block_begins_as_its_shortcut(block):
    first, second = one_stage_of(block, zero_init_residual=True).eval().layer1
    x = first(torch.randn(2, 32, 8, 8))
    assert torch.equal(second(x), x)


@pytest.mark.parametrize('block', BLOCKS)
def test_what_has_a_shortcut_drops_its_path_and_nothing_else_does(block):
    if not BLOCKS[block].shortcut:
        with pytest.raises(ValueError, match='no residual to drop, but drop_path_rate=0.1'):
            one_stage_of(block, drop_path_rate=0.1)
        return
    dropped = one_stage_of(block, drop_path_rate=1 - 1e-12).layer1[1].train()
    x = torch.rand(2, 16, 8, 8)
    kept = dropped.activation(dropped.bn1(x)) if BLOCKS[block].pre_activation else x
    assert torch.equal(dropped(x), kept)


class PlainBlock(nn.Module):
    """A block of one's own: a 1x1 conv."""

    def __init__(self, width_in, stage, *, stride, se_ratio, drop_path_rate, layers):
        super().__init__()
        self.conv = layers.conv(width_in, stage.width, 1, stride=stride)

    def forward(self, x):
        return self.conv(x)


def test_a_block_of_ones_own_is_named_and_counted():
    ROOT_MODELS.register_module(module=PlainBlock, force=True)
    with torch.device('meta'):
        model = AnyNet(depths=[2], widths=[64], block='PlainBlock')
    assert model.architecture.block == 'PlainBlock'
    counts = count(model, 32)
    assert counts.parameters == 9 * 3 * 32 + 2 * 32 + 32 * 64 + 64 * 64
    assert counts.flops == 16**2 * 27 * 32 + 8**2 * (32 * 64 + 64 * 64)
    assert counts.activations == 16**2 * 32 + 2 * 8**2 * 64


def test_every_block_of_the_vocabulary_is_built_and_no_other():
    assert set(_BLOCKS) == set(BLOCKS)
