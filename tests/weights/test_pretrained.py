"""A backbone's `init_cfg`: whose weights load, by which names, and what never loads by halves."""

import re

import pytest
import torch
from mmengine.registry import MODELS
from torch import nn

from regnet_plugin.weights.conversion import convert

ARCH = dict(depth=5, w_0=24, w_a=16, w_m=1.5, group_width=8)
OTHER = dict(ARCH, w_0=32)
DEEPER = dict(ARCH, depth=6)


def backbone(arch=ARCH, **kwargs):
    return MODELS.build(dict(type='regnet_plugin.RegNet', arch=arch, **kwargs))


def initialized(path, prefix=None, arch=ARCH, **kwargs):
    """As MMEngine initializes a backbone before a training."""
    init_cfg = dict(
        type='Pretrained', checkpoint=str(path), **(dict(prefix=prefix) if prefix else {})
    )
    network = backbone(arch, init_cfg=init_cfg, **kwargs)
    network.init_weights()
    return network


def saved(path, weights, place='state_dict'):
    torch.save({place: weights, 'meta': dict(epoch=3)} if place else weights, path)
    return path


def prefixed(weights, prefix):
    return {prefix + name: value for name, value in weights.items()}


@pytest.fixture
def weights():
    """Of a backbone, none of them at its first value."""
    generator = torch.Generator().manual_seed(0)
    return {
        name: torch.rand(value.shape, generator=generator)
        if value.is_floating_point()
        else value + 7
        for name, value in backbone().state_dict().items()
    }


@pytest.mark.parametrize('prefix_in_file', ['', 'backbone.', 'module.', 'module.backbone.'])
@pytest.mark.parametrize('others', [[], ['fc.weight', 'fc.bias'], ['head.fc.weight']])
def test_whatever_the_prefix_all_of_it_is_loaded(tmp_path, weights, prefix_in_file, others):
    file = {**prefixed(weights, prefix_in_file), **dict.fromkeys(others, torch.ones(3))}
    network = initialized(saved(tmp_path / 'net.pth', file))
    assert all(torch.equal(value, weights[name]) for name, value in network.state_dict().items())


@pytest.mark.parametrize('place', ['state_dict', None])
def test_a_detectors_backbone_with_and_without_its_prefix(tmp_path, weights, place):
    detector = {
        **prefixed(weights, 'backbone.'),
        'neck.lateral_convs.0.conv.weight': torch.ones(3),
        'rpn_head.rpn_conv.weight': torch.ones(3),
        'roi_head.bbox_head.fc_cls.weight': torch.ones(3),
    }
    path = saved(tmp_path / 'net.pth', detector, place)
    for prefix in (None, 'backbone.', 'backbone'):
        network = initialized(path, prefix)
        assert all(
            torch.equal(value, weights[name]) for name, value in network.state_dict().items()
        )


def test_counters_of_batches_need_not_be_there(tmp_path, weights):
    few = {name: value for name, value in weights.items() if 'num_batches_tracked' not in name}
    network = initialized(saved(tmp_path / 'net.pth', few))
    assert torch.equal(network.conv1.weight, weights['conv1.weight'])


def test_deformable_convs_and_plugins_start_as_new(tmp_path, weights):
    path = saved(tmp_path / 'net.pth', weights)
    network = initialized(path, dcn=dict(type='DCNv2'), stage_with_dcn=(False, True, True, True))
    assert torch.equal(network.layer2[0].conv2.weight, weights['layer2.0.conv2.weight'])
    assert not network.layer2[0].conv2.conv_offset.weight.any()
    plugins = [dict(cfg=dict(type='ContextBlock', ratio=1 / 4), position='after_conv3')]
    assert torch.equal(initialized(path, plugins=plugins).conv1.weight, weights['conv1.weight'])


@pytest.mark.parametrize(
    'change, message',
    [
        (
            lambda file: file.pop('layer1.0.conv1.weight'),
            r'1 is missing, first layer1\.0\.conv1\.weight',
        ),
        (
            lambda file: file.update({'conv1.weight': torch.ones(32, 3, 5, 5)}),
            r'1 is of another shape, first conv1\.weight is 32x3x5x5, not 32x3x3x3',
        ),
        (
            lambda file: file.update({'layer4.9.conv1.weight': torch.ones(1)}),
            r'1 is surplus, first layer4\.9\.conv1',
        ),
        (
            lambda file: (
                [file.pop(name) for name in list(file)] and file.update(dict(x=torch.ones(1)))
            ),
            'are missing, first conv1',
        ),
    ],
)
@pytest.mark.parametrize('prefix_in_file', ['', 'backbone.'])
def test_what_is_missing_of_another_shape_or_surplus_is_said(
    tmp_path, weights, change, message, prefix_in_file
):
    change(weights)
    path = saved(tmp_path / 'net.pth', prefixed(weights, prefix_in_file))
    with pytest.raises(ValueError, match=message) as caught:
        initialized(path)
    assert str(path) in str(caught.value) and '\n' not in str(caught.value)


def test_what_else_initializes_does_not_come_after(tmp_path, weights):
    """MMEngine has pretrained weights last, too, wherever they stand in the list."""
    pretrained = dict(type='Pretrained', checkpoint=str(saved(tmp_path / 'net.pth', weights)))
    for init_cfg in (
        [pretrained, dict(type='Constant', val=3, layer='Conv2d')],
        [dict(type='Constant', val=3, layer='Conv2d'), pretrained],
    ):
        network = backbone(init_cfg=init_cfg)
        network.init_weights()
        assert all(
            torch.equal(value, weights[name]) for name, value in network.state_dict().items()
        )


@pytest.mark.parametrize(
    'kind', ['Pretrained', 'PretrainedInit', 'mmengine.Pretrained', 'mmpretrain.PretrainedInit']
)
def test_under_whatever_name_it_is_whole_or_refused(tmp_path, weights, kind):
    network = backbone(
        DEEPER, init_cfg=dict(type=kind, checkpoint=str(saved(tmp_path / 'net.pth', weights)))
    )
    with pytest.raises(ValueError, match='missing'):
        network.init_weights()


def test_numbers_of_half_the_length_are_loaded_and_whole_ones_refused(tmp_path, weights):
    half = {
        name: value.half() if value.is_floating_point() else value
        for name, value in weights.items()
    }
    network = initialized(saved(tmp_path / 'net.pth', half))
    assert network.conv1.weight.dtype == torch.float32 and torch.equal(
        network.conv1.weight, half['conv1.weight'].float()
    )
    weights['conv1.weight'] = (127 * weights['conv1.weight']).to(torch.int8)
    with pytest.raises(ValueError, match='1 is of another kind of number, first conv1.weight'):
        initialized(saved(tmp_path / 'net.pth', weights))


def test_a_classifier_of_mmpretrain(tmp_path):
    """The classifier is as mmpretrain's Runner saves it.

    Whichever way it comes in, the maps are those of mmpretrain's own network.
    """
    from mmengine.registry import DefaultScope
    from mmengine.runner import load_checkpoint, save_checkpoint

    from regnet_plugin.weights.addresses import WEIGHTS_ONLY

    def classifier(backbone):
        with DefaultScope.overwrite_default_scope('mmpretrain'):
            return MODELS.build(
                dict(
                    type='ImageClassifier',
                    neck=dict(type='GlobalAveragePooling'),
                    backbone=backbone,
                    head=dict(type='LinearClsHead', num_classes=3, in_channels=80),
                )
            ).eval()

    theirs = dict(w0=24, wa=16, wm=1.5, group_w=8, depth=5, bot_mul=1.0)
    peer = classifier(dict(type='RegNet', arch=theirs, out_indices=(3,)))
    for name, value in peer.state_dict().items():
        if 'running_var' in name:
            value.uniform_(0.5, 1.5)
    path = tmp_path / 'net.pth'
    save_checkpoint(
        dict(meta=dict(dataset_meta=dict(classes=['a', 'b', 'c'])), state_dict=peer.state_dict()),
        str(path),
    )
    own = dict(type='regnet_plugin.RegNet', arch=theirs, out_indices=(3,))
    whole = classifier(own)
    load_checkpoint(whole, WEIGHTS_ONLY + str(path), strict=True)  # as load_from does
    backbones = [
        whole.backbone,
        initialized(path, arch=theirs).eval(),
        initialized(path, 'backbone.', theirs).eval(),
    ]
    images = torch.randn(2, 3, 64, 64)
    with torch.inference_mode():
        for network in backbones:
            assert torch.allclose(
                network(images)[-1], peer.backbone(images)[-1], rtol=1e-5, atol=1e-5
            )


@pytest.mark.parametrize(
    'kwargs, message',
    [
        (
            dict(arch=OTHER),
            r'80 are of another shape, first layer1\.0\.downsample\.0\.weight is 24x32x1x1, '
            'not 32x32x1x1',
        ),
        (dict(arch=DEEPER), 'missing'),
        (dict(arch=dict(ARCH, se_ratio=0.25)), r'missing, first layer1\.0\.se\.fc1\.weight'),
        (dict(prefix='encoder.'), 'are missing'),
        (dict(norm_cfg=dict(type='GN', num_groups=8)), r'surplus, first bn1\.running_mean'),
    ],
)
def test_another_network_is_refused(tmp_path, weights, kwargs, message):
    with pytest.raises(ValueError, match=message):
        initialized(saved(tmp_path / 'net.pth', weights), **kwargs)


def test_no_file_is_one_line(tmp_path):
    with pytest.raises(OSError, match='gone.pth'):
        initialized(tmp_path / 'gone.pth')


@pytest.mark.parametrize('before', ['encoder.', 'module.encoder.backbone.', 'a.b.c.'])
def test_names_behind_others_are_told_with_the_prefix_that_loads_them(tmp_path, weights, before):
    path = saved(tmp_path / 'net.pth', prefixed(weights, before))
    with pytest.raises(
        ValueError, match='their names are ours.*: an init_cfg with prefix='
    ) as caught:
        initialized(path)
    network = initialized(path, re.search("prefix='([^']+)'", str(caught.value))[1])
    assert torch.equal(network.conv1.weight, weights['conv1.weight'])


@pytest.mark.parametrize(
    'library, scheme', [('timm', 'timm'), ('pycls', 'pycls'), ('torchvision', 'tv')]
)
def test_a_file_of_another_library_is_told_with_the_address_that_loads_it(
    tmp_path, weights, library, scheme
):
    file = convert(prefixed(weights, 'backbone.'), 'ours', library)
    path = saved(tmp_path / 'net.pth', file, place=None)
    with pytest.raises(
        ValueError,
        match=f'their names are those of {library}: {scheme}://PATH in the place of PATH',
    ):
        initialized(path)
    assert torch.equal(initialized(f'{scheme}://{path}').bn1.weight, weights['bn1.weight'])


def test_a_program_of_torchscript_is_told_with_what_writes_its_weights(tmp_path):
    network = nn.Sequential(nn.Conv2d(3, 8, 3))
    torch.jit.script(network).save(str(tmp_path / 'net.pth'))
    with pytest.raises(
        ValueError, match=r'a program of TorchScript.*torch\.jit\.load\(path\)\.state_dict\(\)'
    ):
        initialized(tmp_path / 'net.pth')


@pytest.mark.parametrize(
    'network',
    [
        dict(type='regnet_plugin.RegNet', arch=ARCH),
        dict(type='regnet_plugin.AnyNet', depths=[1], widths=[16], block='V'),
    ],
)
def test_the_pretrained_of_mmsegmentation_is_told_with_what_says_so_here(network):
    with pytest.raises(
        ValueError,
        match=r"init_cfg=dict\(type='Pretrained', checkpoint='open-mmlab://x'\).*pretrained=None",
    ):
        MODELS.build(dict(network, pretrained='open-mmlab://x'))
    assert MODELS.build(dict(network, pretrained=None))
