import pytest
import torch
from hypothesis import given, settings
from hypothesis import strategies as st
from mmengine.registry import MODELS as ROOT_MODELS
from random_networks import architectures
from torch import nn

from regnet_plugin.core.architecture import Architecture
from regnet_plugin.core.vocabulary import BLOCKS
from regnet_plugin.models import AnyNet, RegNet

SMALL = dict(
    depths=[1, 2, 1, 1],
    widths=[16, 32, 48, 64],
    bottleneck_ratios=[1, 2, 1, 0.5],
    group_widths=[8, 8, 16, 16],
)
IMAGES = torch.randn(2, 3, 64, 64, generator=torch.Generator().manual_seed(0))


@pytest.mark.parametrize('block', BLOCKS)
@settings(max_examples=10, deadline=None)
@given(data=st.data())
def test_every_architecture_runs_forward_and_backward(block, data):
    network = data.draw(architectures(blocks=(block,)))
    model = AnyNet(**network.to_dict())
    outputs = model(IMAGES)
    sum(output.square().mean() for output in outputs).backward()
    assert (
        tuple(output.shape[1] for output in outputs) == network.output_widths == model.out_channels
    )
    assert all(
        parameter.grad is not None and parameter.grad.isfinite().all()
        for parameter in model.parameters()
    )


def test_keys_are_those_of_openmmlab():
    keys = AnyNet(**SMALL).state_dict().keys()
    norm = ('weight', 'bias', 'running_mean', 'running_var', 'num_batches_tracked')
    block = ['conv1.weight', 'conv2.weight', 'conv3.weight'] + [
        f'bn{i}.{name}' for i in (1, 2, 3) for name in norm
    ]
    assert {key for key in keys if key.startswith('layer2.1.')} == {
        f'layer2.1.{key}' for key in block
    }
    projection = ['downsample.0.weight'] + [f'downsample.1.{name}' for name in norm]
    assert {key for key in keys if key.startswith('layer2.0.')} == {
        f'layer2.0.{key}' for key in block + projection
    }
    assert {key for key in keys if not key.startswith('layer')} == {
        'conv1.weight',
        *(f'bn1.{name}' for name in norm),
    }


def test_se_adds_keys():
    added = AnyNet(**SMALL, block='Y').state_dict().keys() - AnyNet(**SMALL).state_dict().keys()
    assert {key for key in added if key.startswith('layer1.')} == {
        f'layer1.0.se.{layer}.{name}' for layer in ('fc1', 'fc2') for name in ('weight', 'bias')
    }


@pytest.mark.parametrize(
    'norm_cfg, layer',
    [
        (dict(type='BN'), nn.BatchNorm2d),
        (dict(type='SyncBN'), nn.SyncBatchNorm),
        (dict(type='GN', num_groups=4), nn.GroupNorm),
    ],
)
def test_names_do_not_depend_on_the_normalization(norm_cfg, layer):
    model = AnyNet(**SMALL, norm_cfg=norm_cfg)
    assert isinstance(model.layer1[0].bn2, layer)
    assert {
        key for key in AnyNet(**SMALL).state_dict() if key.endswith('weight')
    } <= model.state_dict().keys()
    model(IMAGES)[-1].mean().backward()


@pytest.mark.parametrize(
    'act_cfg, layer',
    [
        (dict(type='ReLU'), nn.ReLU),
        (dict(type='SiLU'), nn.SiLU),
        (dict(type='SiLU', inplace=True), nn.SiLU),
    ],
)
def test_activation(act_cfg, layer):
    model = AnyNet(**SMALL, act_cfg=act_cfg)
    assert {
        type(module) for module in model.modules() if 'activation' in type(module).__module__
    } == {layer}
    model(IMAGES)[-1].mean().backward()


def test_swish_and_silu_are_one_function():
    swish, silu = (AnyNet(**SMALL, act_cfg=dict(type=name)) for name in ('Swish', 'SiLU'))
    silu.load_state_dict(swish.state_dict())
    torch.testing.assert_close(swish(IMAGES), silu(IMAGES))


def test_conv_cfg_replaces_the_convs():
    model = AnyNet(**SMALL, conv_cfg=dict(type='ConvWS'))
    assert type(model.layer2[0].conv2).__name__ == 'ConvWS2d'
    model(IMAGES)


def test_out_indices():
    model = AnyNet(**SMALL, out_indices=(0, 2)).eval()
    outputs = model(IMAGES)
    assert [tuple(output.shape) for output in outputs] == [(2, 16, 16, 16), (2, 48, 4, 4)]
    assert model.out_channels == (16, 48)
    assert len(AnyNet(**SMALL)(IMAGES)) == 4


def test_dilation_keeps_the_resolution():
    model = AnyNet(**SMALL, strides=(2, 2, 2, 1), dilations=(1, 1, 1, 2))
    assert model(IMAGES)[-1].shape[-2:] == (4, 4)


@pytest.mark.parametrize('frozen_stages', [-1, 0, 2, 4])
def test_frozen_stages_neither_learn_nor_update_statistics(frozen_stages):
    model = AnyNet(**SMALL, block='Y', frozen_stages=frozen_stages)
    assert model.train() is model
    before = {key: value.clone() for key, value in model.state_dict().items()}
    sum(output.mean() for output in model(IMAGES)).backward() if frozen_stages < 4 else model(
        IMAGES
    )
    frozen = (
        ('conv1', 'bn1', *(f'layer{i}' for i in range(1, frozen_stages + 1)))
        if frozen_stages >= 0
        else ()
    )
    for name, parameter in model.named_parameters():
        assert parameter.requires_grad != (name.split('.')[0] in frozen), name
        assert (parameter.grad is None) == (name.split('.')[0] in frozen), name
    for key, value in model.state_dict().items():
        if 'running' in key:
            assert torch.equal(value, before[key]) == (key.split('.')[0] in frozen), key


@pytest.mark.parametrize('norm_cfg', [dict(type='BN'), dict(type='SyncBN')])
def test_norm_eval_keeps_statistics_but_trains_scales(norm_cfg):
    model = AnyNet(**SMALL, norm_eval=True, norm_cfg=norm_cfg)
    assert model.train() is model and model.training
    before = model.bn1.running_mean.clone()
    model(IMAGES)[-1].mean().backward()
    assert torch.equal(model.bn1.running_mean, before) and model.bn1.weight.grad is not None
    assert not AnyNet(**SMALL).eval().training


def test_initialization_is_the_papers():
    torch.manual_seed(0)
    model = RegNet('regnety_3.2gf')
    for layer, fan_out in (
        (model.conv1, 9 * 32),
        (model.layer3[1].conv1, 576),
        (model.layer3[1].conv2, 9 * 576),
        (model.layer3[1].se.fc1, 144),
        (model.layer3[0].downsample[0], 576),
    ):
        assert layer.weight.std().item() == pytest.approx((2 / fan_out) ** 0.5, rel=0.05)
        assert abs(layer.weight.mean().item()) < 0.1 * (2 / fan_out) ** 0.5
    assert model.layer3[1].se.fc1.bias.abs().max() > 0  # PyTorch's default is left
    assert (model.layer3[1].bn3.weight == 1).all() and (model.layer3[1].bn3.bias == 0).all()


def test_zero_init_residual_zeroes_the_last_scale_of_each_block():
    for block, last in (('Y', 'bn3'), ('VR', 'bn1')):
        lists = (
            dict(SMALL, block=block)
            if block == 'Y'
            else dict(depths=[1, 2], widths=[8, 16], block=block)
        )
        model = AnyNet(**lists, zero_init_residual=True)
        for name, parameter in model.named_parameters():
            if name.endswith('.weight') and '.bn' in name:
                assert (parameter == (0 if f'.{last}.' in name else 1)).all(), name


def test_initialization_after_the_meta_device():
    with torch.device('meta'):
        model = AnyNet(**SMALL, block='Y')
    model.to_empty(device='cpu').init_weights()
    assert all(value.isfinite().all() for value in model.state_dict().values())
    assert (model.bn1.running_var == 1).all()


def test_init_cfg_takes_over():
    model = AnyNet(**SMALL, init_cfg=dict(type='Constant', layer='Conv2d', val=0.5))
    model.init_weights()
    assert (model.layer1[0].conv2.weight == 0.5).all()


def test_pretrained_weights_are_loaded(tmp_path):
    source = AnyNet(**SMALL, block='Y')
    state_dict = {f'backbone.{key}': value for key, value in source.state_dict().items()}
    torch.save(dict(state_dict=state_dict), tmp_path / 'a.pth')
    model = AnyNet(
        **SMALL,
        block='Y',
        zero_init_residual=True,
        init_cfg=dict(type='Pretrained', checkpoint=str(tmp_path / 'a.pth'), prefix='backbone.'),
    )
    model.init_weights()
    assert all(
        torch.equal(value, source.state_dict()[key]) for key, value in model.state_dict().items()
    )


def test_drop_path_grows_linearly_and_is_off_in_evaluation():
    model = AnyNet(**SMALL, drop_path_rate=0.4)
    blocks = [block for name in model.stage_names for block in getattr(model, name)]
    rates = [block.drop_path.drop_prob if block.drop_path else 0 for block in blocks]
    assert rates == pytest.approx([0, 0.1, 0.2, 0.3, 0.4])
    plain = AnyNet(**SMALL)
    plain.load_state_dict(model.state_dict())
    torch.testing.assert_close(model.eval()(IMAGES), plain.eval()(IMAGES))
    model.train(), torch.manual_seed(0)
    assert not torch.equal(model(IMAGES)[-1], model(IMAGES)[-1])


@pytest.mark.acceptance
@pytest.mark.parametrize('block', ['X', 'Y'])
def test_compiles_without_graph_breaks(block):
    torch.manual_seed(0)
    model = AnyNet(**SMALL, block=block)
    expected = model(IMAGES)
    sum(output.square().mean() for output in expected).backward()
    gradients = {name: parameter.grad.clone() for name, parameter in model.named_parameters()}
    model.zero_grad()
    compiled = torch.compile(model, fullgraph=True)(IMAGES)
    sum(output.square().mean() for output in compiled).backward()
    torch.testing.assert_close(compiled, expected, rtol=1e-4, atol=1e-4)
    for name, parameter in model.named_parameters():
        torch.testing.assert_close(parameter.grad, gradients[name], rtol=1e-3, atol=1e-3)


def test_layers_are_numbered_as_mmpretrains_vision_transformer_does():
    transformer = ROOT_MODELS.build(
        dict(
            type='mmpretrain.VisionTransformer',
            arch=dict(embed_dims=8, num_layers=5, num_heads=1, feedforward_channels=8),
            img_size=32,
        )
    )
    model = AnyNet(**SMALL, block='Y')  # five blocks, too
    pairs = {
        'head.fc.weight': 'head.fc.weight',
        'backbone.conv1.weight': 'backbone.patch_embed.projection.weight',
    }
    blocks = ['layer1.0', 'layer2.0', 'layer2.1', 'layer3.0', 'layer4.0']
    pairs.update(
        (f'backbone.{name}.bn1.weight', f'backbone.layers.{k}.ln1.weight')
        for k, name in enumerate(blocks)
    )
    for ours, theirs in pairs.items():
        assert model.get_layer_depth(ours, 'backbone.') == transformer.get_layer_depth(
            theirs, 'backbone.'
        ), ours
    depths = [model.get_layer_depth(name)[0] for name, _ in model.named_parameters()]
    assert depths == sorted(depths) and set(depths) == set(range(6))


def test_layer_wise_decay_by_mmpretrains_constructor():
    from mmpretrain.registry import OPTIM_WRAPPER_CONSTRUCTORS

    plugins = [dict(cfg=dict(type='ContextBlock', ratio=0.25), position='after_conv2')]
    classifier = ROOT_MODELS.build(
        dict(
            type='mmpretrain.ImageClassifier',
            backbone=dict(type='regnet_plugin.AnyNet', plugins=plugins, **SMALL),
            head=dict(type='LinearClsHead', num_classes=10, in_channels=64),
        )
    )
    constructor = OPTIM_WRAPPER_CONSTRUCTORS.build(
        dict(
            type='mmpretrain.LearningRateDecayOptimWrapperConstructor',
            paramwise_cfg=dict(layer_decay_rate=0.5),
            optim_wrapper_cfg=dict(
                type='OptimWrapper', optimizer=dict(type='SGD', lr=1.0, weight_decay=0.1)
            ),
        )
    )
    rates = {
        group['param_name']: group['lr'] for group in constructor(classifier).optimizer.param_groups
    }
    assert rates.keys() == dict(classifier.named_parameters()).keys()
    order = [
        'backbone.conv1',
        'backbone.layer1.0',
        'backbone.layer2.0',
        'backbone.layer2.1',
        'backbone.layer3.0',
        'backbone.layer4.0',
        'head',
    ]
    for power, start in enumerate(reversed(order)):
        assert {rate for name, rate in rates.items() if name.startswith(f'{start}.')} == {
            0.5**power
        }, start


@pytest.mark.parametrize(
    'change, message',
    [
        (
            dict(out_indices=(0, 4)),
            'out_indices must be ascending stage numbers from 0 to 3, but out_indices=(0, 4)',
        ),
        (dict(out_indices=(-1,)), 'but out_indices=(-1,)'),
        (dict(out_indices=()), 'but out_indices=()'),
        (dict(out_indices=(1, 0)), 'but out_indices=(1, 0)'),
        (dict(out_indices=3), 'but out_indices=3'),
        (dict(out_indices=[[0]]), 'but out_indices=[[0]]'),
        (dict(frozen_stages=1.0), 'but frozen_stages=1.0'),
        (dict(drop_path_rate=None), 'but drop_path_rate=None'),
        (dict(in_channels=0), 'in_channels must be a positive whole number, but in_channels=0'),
        (dict(block='.X'), "but block='.X'"),
        (
            dict(frozen_stages=5),
            'frozen_stages must be -1 (none), 0 (stem) or up to 4, but frozen_stages=5',
        ),
        (dict(frozen_stages=-2), 'but frozen_stages=-2'),
        (
            dict(drop_path_rate=1),
            'drop_path_rate must be from 0 to less than 1, but drop_path_rate=1',
        ),
        (
            dict(style='caffe'),
            "style must be 'pytorch' (the stride is in the 3x3 conv), but style='caffe'",
        ),
        (
            dict(depth=50, num_stages=4),
            "arguments must be those of AnyNet, but depth=50, num_stages=4; what a config's base "
            'says of its own backbone stays unless ours has _delete_=True',
        ),
        (
            dict(widths=[20, 32, 48, 64]),
            'stage 1 has width=20, bottleneck_ratio=1, group_width=8; the nearest width that fits '
            'is 16',
        ),
        (dict(depths=[1, 2]), 'the lengths are depths: 2, widths: 4'),
        (
            dict(block='Q'),
            f'block must be one of {", ".join(BLOCKS)} or a name registered in MODELS, but '
            "block='Q'",
        ),
    ],
)
def test_bad_input(change, message):
    with pytest.raises(ValueError) as error:
        AnyNet(**{**SMALL, **change})
    assert message in str(error.value)


def test_arch_decides_what_it_decides():
    with pytest.raises(ValueError, match='but se_ratio=0.25 is given beside it'):
        RegNet('regnetx_200mf', se_ratio=0.25)


def test_drop_path_needs_a_residual():
    with pytest.raises(
        ValueError, match='blocks V and V2 have no residual to drop, but drop_path_rate=0.1'
    ):
        AnyNet(depths=[2], widths=[8], block='V', drop_path_rate=0.1)


def test_a_regnet_makes_its_architecture_once(monkeypatch):
    made = []
    check = Architecture.__post_init__

    def noted(architecture):
        made.append(architecture)
        check(architecture)

    monkeypatch.setattr(Architecture, '__post_init__', noted)
    network = RegNet('regnety_200mf')
    assert len(made) == 1 and network.architecture is made[0]
