"""Deformable convs and plugins, as far as they can be seen in the backbone alone.

The rest is in test_in_detectors.py.
"""

import subprocess
import sys

import pytest
import torch
from mmcv.ops import DeformConv2dPack, ModulatedDeformConv2dPack
from mmengine.model import BaseModule
from torch import nn

from regnet_plugin.models import AnyNet
from regnet_plugin.models.blocks import VanillaBlock
from regnet_plugin.registry import MODELS

LISTS = dict(depths=[1, 2], widths=[16, 32])
BOTTLENECKS = dict(LISTS, bottleneck_ratios=[1, 2], group_widths=[8, 4])
NETWORKS = dict(
    X=dict(BOTTLENECKS),
    Y=dict(BOTTLENECKS, block='Y', se_ratio=0.25),
    R=dict(LISTS, bottleneck_ratios=[1, 2], block='R'),
    **{block: dict(LISTS, block=block) for block in ('V', 'VR', 'V2', 'VR2')},
)
DCN = dict(dcn=dict(type='DCN'), stage_with_dcn=(False, True))
IMAGES = torch.randn(2, 3, 64, 64, generator=torch.Generator().manual_seed(0))
CONTEXT = dict(type='ContextBlock', ratio=0.25)


@pytest.mark.parametrize('block', NETWORKS)
def test_without_offsets_a_deformable_conv_is_the_conv(block):
    """mmcv's DCN with the same weights computes the same.

    Groups, stride and dilation are therefore those of the plain network.
    """
    kwargs = dict(NETWORKS[block], dilations=[1, 2])
    plain, deformable = AnyNet(**kwargs), AnyNet(**kwargs, **DCN)
    missing, unexpected = deformable.load_state_dict(plain.state_dict(), strict=False)
    assert not unexpected and missing and all('conv_offset' in key for key in missing)
    assert {key.split('.')[0] for key in missing} == {'layer2'}
    for ours, expected in zip(deformable(IMAGES), plain(IMAGES)):
        torch.testing.assert_close(ours, expected, rtol=1e-3, atol=1e-4)


def test_only_3x3_convs_of_the_stage_are_deformable():
    dcn = dict(type='DCNv2', deform_groups=4, fallback_on_stride=False)
    model = AnyNet(**NETWORKS['Y'], dcn=dcn, stage_with_dcn=(False, True))
    deformable = [
        name
        for name, module in model.named_modules()
        if isinstance(module, ModulatedDeformConv2dPack)
    ]
    assert deformable == ['layer2.0.conv2', 'layer2.1.conv2']
    assert model.layer2[0].conv2.groups == 4 and model.layer2[0].conv2.deform_groups == 4
    # mmdet's changes it
    assert dcn == dict(type='DCNv2', deform_groups=4, fallback_on_stride=False)


def test_deformable_convs_start_as_the_paper_and_without_offsets():
    model = AnyNet(
        depths=[1],
        widths=[256],
        bottleneck_ratios=[1],
        group_widths=[64],
        dcn=dict(type='DCNv2'),
        stage_with_dcn=[True],
    )
    for module in model.modules():
        if isinstance(module, ModulatedDeformConv2dPack):
            nn.init.ones_(module.conv_offset.weight)
    for _ in range(2):  # from a constructor, and again
        model.init_weights()
        conv = model.layer1[0].conv2
        assert conv.weight.std().item() == pytest.approx((2 / (9 * 256)) ** 0.5, rel=0.05)
        assert not conv.conv_offset.weight.any() and not conv.conv_offset.bias.any()


def test_a_seed_gives_the_weights_of_the_plain_network():
    plain, deformable = AnyNet(**BOTTLENECKS), AnyNet(**BOTTLENECKS, **DCN)
    for model in (plain, deformable):
        torch.manual_seed(0)
        model.init_weights()
    assert all(
        torch.equal(deformable.state_dict()[key], value)
        for key, value in plain.state_dict().items()
    )


@MODELS.register_module()
class Probe(BaseModule):
    """Notes its width, and gives ones."""

    def __init__(self, in_channels):
        super().__init__()
        self.in_channels = in_channels

    def forward(self, x):
        assert x.shape[1] == self.in_channels
        return torch.ones_like(x)


@pytest.mark.parametrize('block', ['X', 'Y', 'R'])
@pytest.mark.parametrize(
    'position, expected',
    [
        (
            'after_conv1',
            lambda block, ones: block.bn3(
                block.conv3(
                    (block.se or nn.Identity())(block.activation(block.bn2(block.conv2(ones[0]))))
                )
            ),
        ),
        # squeeze-and-excitation comes before it
        ('after_conv2', lambda block, ones: block.bn3(block.conv3(ones[0]))),
        ('after_conv3', lambda block, ones: ones[1]),
    ],
)
def test_positions(block, position, expected):
    cfg = dict(type='regnet_plugin.Probe')
    model = AnyNet(
        **NETWORKS[block], plugins=[dict(cfg=cfg, position=position, stages=(False, True))]
    ).eval()
    assert not hasattr(model.layer1[0], 'probe') and all(
        hasattr(block, 'probe') for block in model.layer2
    )
    block = model.layer2[1]  # of width 32 and bottleneck width 16
    x, ones = torch.randn(1, 32, 5, 5), (torch.ones(1, 16, 5, 5), torch.ones(1, 32, 5, 5))
    torch.testing.assert_close(block(x), (expected(block, ones) + x).relu())


def test_plugins_initialize_themselves():
    model = AnyNet(**BOTTLENECKS, plugins=[dict(cfg=CONTEXT, position='after_conv3')])
    for _ in range(2):
        last = model.layer1[0].context_block.channel_add_conv[-1]
        assert not last.weight.any() and not last.bias.any()  # so that it begins as the identity
        model.init_weights()


def test_the_config_is_not_changed_and_names_are_mmcvs():
    cfg = dict(CONTEXT, postfix='_2')
    model = AnyNet(**BOTTLENECKS, plugins=[dict(cfg=cfg, position='after_conv1')])
    assert (
        cfg == dict(CONTEXT, postfix='_2')
        and 'layer2.1.context_block_2.conv_mask.weight' in model.state_dict()
    )


@MODELS.register_module()
class OwnBlock(VanillaBlock):
    pass


def test_a_block_of_ones_own_has_deformable_convs_if_its_layers_make_its_convs():
    model = AnyNet(
        **LISTS,
        bottleneck_ratios=[1, 1],
        group_widths=[16, 32],
        block='regnet_plugin.OwnBlock',
        **DCN,
    )
    assert [type(model.layer1[0].conv1), type(model.layer2[0].conv1)] == [
        nn.Conv2d,
        DeformConv2dPack,
    ]


def test_plugins_and_checkpointing_on_the_fast_path():
    options = dict(BOTTLENECKS, with_cp=True, plugins=[dict(cfg=CONTEXT, position='after_conv2')])
    plain, fast = (
        AnyNet(**options, fast_path=fast_path) for fast_path in (False, dict(compile=False))
    )
    fast.load_state_dict(plain.state_dict())
    for ours, expected in zip(fast(IMAGES), plain(IMAGES)):
        assert (ours - expected).norm() < 0.03 * expected.norm()
    fast(IMAGES)[-1].mean().backward()
    assert fast.conv1.weight.grad.isfinite().all()


PLUGIN = dict(cfg=CONTEXT, position='after_conv2')


@pytest.mark.parametrize(
    'options, message',
    [
        (
            dict(dcn=dict(type='DCN')),
            'stage_with_dcn must be True or False for each of 2 stages, but stage_with_dcn=None',
        ),
        (
            dict(DCN, stage_with_dcn=(True,) * 4),
            'for each of 2 stages, but stage_with_dcn=(True, True, True, True)',
        ),
        (dict(DCN, stage_with_dcn=(0, 2)), 'but stage_with_dcn=(0, 2)'),
        (dict(DCN, stage_with_dcn=True), 'but stage_with_dcn=True'),
        (
            dict(stage_with_dcn=(True, False)),
            'dcn must be a dict of type DCN or DCNv2, but dcn=None, stage_with_dcn=(True, F',
        ),
        (dict(DCN, dcn='DCN'), "but dcn='DCN'"),
        (dict(DCN, dcn=dict(type='Conv2d')), "but dcn={'type': 'Conv2d'}"),
        (
            dict(DCN, dcn=dict(type='DCN', fallback_on_stride=True)),
            'fallback_on_stride=True means something else in each',
        ),
        (
            dict(DCN, dcn=dict(type='DCNv2', deform_groups=3)),
            "dcn's deform_groups must divide the width of each 3x3 conv's input, but "
            'deform_groups=3, width=16',
        ),
        (dict(DCN, dcn=dict(type='DCNv2', deform_groups=0)), 'but deform_groups=0, width=16'),
        (
            dict(DCN, conv_cfg=dict(type='ConvWS')),
            "dcn and conv_cfg exclude each other, but dcn={'type': 'DCN'}, conv_cfg=",
        ),
        (
            dict(DCN, fast_path=dict(bfloat16=False, compile=False)),
            'dcn and fast_path exclude each other, but fast_path=',
        ),
        (
            dict(with_cp=True, fast_path=True),
            'with_cp goes with fast_path only where it does not compile, but fast_path=',
        ),
        (dict(plugins=PLUGIN), "plugins must be a list, but plugins={'cfg'"),
        (
            dict(plugins=['ContextBlock']),
            'plugins must be a list of dict(cfg=, position=, stages=None) with a cfg whose type is '
            "registered in MODELS, but one is 'ContextBlock'",
        ),
        (dict(plugins=[dict(PLUGIN, stage=(True, True))]), "'stage': (True, True)"),
        (dict(plugins=[dict(cfg=CONTEXT)]), 'but one is'),
        (dict(plugins=[dict(PLUGIN, cfg=dict(ratio=0.25))]), "but one is {'cfg': {'ratio': 0.25}"),
        (
            dict(plugins=[dict(PLUGIN, cfg=dict(type='NoBlock'))]),
            "but one is {'cfg': {'type': 'NoBlock'}",
        ),
        (
            dict(plugins=[dict(PLUGIN, cfg=dict(type='.NoBlock'))]),
            "but one is {'cfg': {'type': '.NoBlock'}",
        ),
        (
            dict(plugins=[dict(PLUGIN, position='after_conv4')]),
            "a plugin's position must be one of after_conv1, after_conv2, after_conv3, but "
            "position='after_conv4'",
        ),
        (
            dict(plugins=[dict(PLUGIN, stages=(True,))]),
            'stages must be True or False for each of 2 stages, but st',
        ),
        (
            dict(plugins=[PLUGIN, PLUGIN]),
            'must differ in the postfix of their cfg, but context_block is there twice',
        ),
    ],
)
def test_bad_input(options, message):
    with pytest.raises(ValueError) as error:
        AnyNet(**BOTTLENECKS, **options)
    assert message in str(error.value)


def test_plugins_need_three_convs():
    with pytest.raises(ValueError, match=r'only blocks of three convs \(X, Y, R\) take plugins'):
        AnyNet(**LISTS, block='VR', plugins=[PLUGIN])


def test_mmcv_without_operators(monkeypatch):
    # importing it raises ImportError, as in mmcv-lite
    monkeypatch.setitem(sys.modules, 'mmcv.ops', None)
    with pytest.raises(
        ValueError,
        match=r"dcn needs mmcv's compiled operators \(mmcv, not mmcv-lite.*mmcv.ops says: ",
    ):
        AnyNet(**BOTTLENECKS, **DCN)
    AnyNet(**BOTTLENECKS)


def test_deformable_convs_without_mmdet():
    """mmcv registers them when its operators are imported.

    mmdet does that, and mmpretrain does not.
    """
    code = (
        "import sys; sys.modules['mmdet'] = None; from mmengine.registry import MODELS; "
        f"MODELS.build(dict(type='regnet_plugin.AnyNet', **{dict(BOTTLENECKS, **DCN)!r}))"
    )
    done = subprocess.run([sys.executable, '-c', code], capture_output=True, text=True, timeout=300)
    assert done.returncode == 0, done.stderr
