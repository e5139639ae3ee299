"""Exported files, run without the package, give the outputs of their networks.

They do so at any batch, height and width.
"""

import os

import onnxruntime
import pytest
import torch
from exported_files import check_outputs, in_onnxruntime, plain_model, preprocessing_in
from killing import ROOT
from mmcv.cnn import fuse_conv_bn
from mmengine.logging import HistoryBuffer
from mmengine.registry import MODELS
from parity import randomize
from torch import nn
from torch.nn import functional
from torch.nn.modules.batchnorm import _BatchNorm

from regnet_plugin.cli.errors import UserError
from regnet_plugin.export import exported_file, onnx
from regnet_plugin.export.exported_file import export
from regnet_plugin.export.network import ExportedNetwork, load_network
from regnet_plugin.weights.conversion import convert
from regnet_plugin.weights.files import write_weights
from regnet_plugin.weights.image_statistics import IMAGE_STATISTICS

LONG = pytest.mark.acceptance
ARCHS = dict(
    X=dict(depth=5, w_0=24, w_a=16, w_m=1.5, group_width=8),
    Y=dict(depth=5, w_0=24, w_a=16, w_m=1.5, group_width=8, se_ratio=0.25),
)
CLASSIFIER = """
default_scope = 'mmpretrain'
data_preprocessor = dict(mean=[1.0, 2.0, 3.0], std=[4.0, 5.0, 6.0], to_rgb=True)
model = dict(
    type='ImageClassifier',
    backbone=dict(type='regnet_plugin.RegNet', arch={arch}, out_indices=(1, 3), fast_path=True),
    neck=dict(type='GlobalAveragePooling'),
    head=dict(type='LinearClsHead', num_classes=10, in_channels=80))
"""
DETECTOR = """
_base_ = 'mmdet::retinanet/retinanet_r50_fpn_1x_coco.py'
model = dict(
    backbone=dict(
        _delete_=True, type='regnet_plugin.RegNet', arch={arch}, norm_cfg=dict(type='SyncBN'),
        with_cp=True),
    neck=dict(in_channels=[24, 32, 56, 80], out_channels=16), bbox_head=dict(in_channels=16))
"""


@pytest.fixture
def given(tmp_path):
    """Write a config and a checkpoint of its network, as MMEngine does.

    Both are returned, and the network.
    """

    def write(text, family='Y'):
        path, checkpoint = tmp_path / 'config.py', tmp_path / 'checkpoint.pth'
        path.write_text(text.format(arch=ARCHS[family]))
        model = plain_model(path)
        history = HistoryBuffer([0.5, 0.25], [1, 1])
        torch.save(
            dict(state_dict=model.state_dict(), meta=dict(seed=0), message_hub=dict(loss=history)),
            checkpoint,
        )
        return str(path), str(checkpoint), model

    return write


@pytest.mark.parametrize(
    'family, suffix',
    [
        ('Y', '.pt2'),
        *(
            pytest.param(family, suffix, marks=LONG)
            for family, suffix in (('X', '.onnx'), ('Y', '.onnx'), ('X', '.pt2'))
        ),
    ],
)
def test_a_classifier(given, tmp_path, run_tool, family, suffix):
    source, checkpoint, model = given(CLASSIFIER, family)
    path = tmp_path / f'network{suffix}'
    done = run_tool('export.py', source, checkpoint, '--out', path.name)
    assert done.returncode == 0 and 'arning' not in done.stderr, done.stderr
    weights, images, difference, written = (
        line.split(maxsplit=1)[1] for line in done.stdout.splitlines()
    )
    assert (weights, written) == (checkpoint, path.name) and float(difference.split()[0]) < 1e-5
    assert (
        images
        == '(N, 3, H, W), float32, (value from 0 to 255 - [1.0, 2.0, 3.0]) / [4.0, 5.0, 6.0], '
        'channels RGB'
    )
    check_outputs(
        path, lambda images: [model(images)], shapes=[(1, 224, 224), (5, 101, 200), (64, 32, 24)]
    )
    assert preprocessing_in(path) == dict(mean=[1.0, 2.0, 3.0], std=[4.0, 5.0, 6.0], channels='RGB')
    assert sorted(os.listdir(tmp_path)) == ['checkpoint.pth', 'config.py', f'network{suffix}']
    assert b'site-packages' not in path.read_bytes() and str(ROOT).encode() not in path.read_bytes()


@pytest.mark.acceptance
@pytest.mark.parametrize('suffix', ['.onnx', '.pt2'])
@pytest.mark.parametrize('family', ['X', 'Y'])
def test_the_features_of_a_classifier(given, tmp_path, family, suffix):
    source, checkpoint, model = given(CLASSIFIER, family)
    export(load_network(source, checkpoint, 'backbone'), tmp_path / f'maps{suffix}')
    check_outputs(tmp_path / f'maps{suffix}', model.backbone)


@pytest.mark.parametrize('suffix', ['.onnx', pytest.param('.pt2', marks=LONG)])
@pytest.mark.parametrize('family', [pytest.param('X', marks=LONG), 'Y'])
def test_backbone_and_neck_of_a_detector(given, tmp_path, family, suffix):
    source, checkpoint, model = given(DETECTOR, family)
    path = tmp_path / f'detector{suffix}'
    export(load_network(source, checkpoint), path)
    check_outputs(path, model.extract_feat)
    assert preprocessing_in(path) == dict(
        mean=[123.675, 116.28, 103.53],
        std=[58.395, 57.12, 57.375],
        channels='RGB',
        pad_size_divisor=32,
    )  # as mmdet's base has it


@pytest.mark.parametrize(
    'backbone',
    [
        dict(type='regnet_plugin.RegNet', arch=ARCHS['X']),
        dict(
            type='regnet_plugin.RegNet', arch=ARCHS['Y'], norm_cfg=dict(type='SyncBN'), with_cp=True
        ),
        *(
            dict(
                type='regnet_plugin.AnyNet',
                depths=[1, 2],
                widths=[16, 32],
                block=block,
                stem='resnet',
            )
            for block in ('V', 'VR', 'V2', 'VR2')
        ),
        dict(
            type='regnet_plugin.AnyNet',
            depths=[1, 2],
            widths=[16, 32],
            block='R',
            bottleneck_ratios=[0.5, 2],
            plugins=[dict(cfg=dict(type='ContextBlock', ratio=0.25), position='after_conv2')],
        ),
    ],
    ids=lambda backbone: backbone.get('block', backbone.get('norm_cfg', {}).get('type', 'X')),
)
def test_folding_in_python(backbone):
    """As test.py and export.py do it."""
    network = randomize(MODELS.build(backbone), torch.float32).eval()
    images = torch.randn(2, 3, 64, 96)
    with torch.no_grad():
        expected = network(images)
        folded = fuse_conv_bn(network)
        assert not any(isinstance(module, _BatchNorm) for module in folded.modules())
        for found, wanted in zip(folded(images), expected):
            torch.testing.assert_close(found, wanted, rtol=0, atol=1e-5 * float(wanted.abs().max()))


@pytest.mark.parametrize(
    'source, checkpoint, expected',
    [
        ('regnetx_200mf', None, {}),
        (
            str(ROOT / 'configs/regnetx_6.5mf_digits.py'),
            None,
            dict(mean=[80.0] * 3, std=[90.0] * 3, channels='as the dataset gives them'),
        ),
        (
            str(ROOT / 'configs/regnetx_200mf_imagenet.py'),
            None,
            dict(mean=[123.675, 116.28, 103.53], std=[58.395, 57.12, 57.375], channels='RGB'),
        ),
        pytest.param(
            str(ROOT / 'configs/detection/retinanet_regnetx_800mf_fpn_1x_coco.py'),
            None,
            dict(
                mean=[103.53, 116.28, 123.675],
                std=[57.375, 57.12, 58.395],
                channels='BGR',
                pad_size_divisor=32,
            ),
            marks=LONG,
        ),
    ],
)
def test_what_the_images_must_have_undergone(source, checkpoint, expected):
    assert load_network(source, checkpoint).preprocessing == expected


def test_what_weights_from_an_address_expect(tmp_path, monkeypatch):
    """Published weights of other libraries want RGB.

    Those of some do so even after their stem was turned; of a file nothing is known.
    """
    monkeypatch.setenv('TORCH_HOME', str(tmp_path))
    weights = load_network('regnetx_200mf').module.state_dict()
    downloaded = tmp_path / 'hub/checkpoints/RegNetX-200MF_dds_8gpu.pyth'
    downloaded.parent.mkdir(parents=True)
    write_weights(downloaded, convert(weights, 'ours', 'pycls'), 'pycls')
    published = dict(IMAGE_STATISTICS['RGB'], channels='RGB')
    for address, expected in (('pycls://RegNetX-200MF', published), (f'pycls://{downloaded}', {})):
        network = load_network('regnetx_200mf', address)
        assert network.preprocessing == expected
        assert all(
            torch.equal(value, weights[name]) for name, value in network.module.state_dict().items()
        )


@pytest.mark.acceptance
@pytest.mark.parametrize('name', ['regnetx_400mf', 'regnety_400mf'])
def test_published_networks_by_name(run_tool, tmp_path, name):
    done = run_tool('export.py', name, '--out', 'network.onnx')
    assert done.returncode == 0, done.stderr
    assert done.stdout.splitlines()[-1] == 'written:    network.onnx'
    session = onnxruntime.InferenceSession(tmp_path / 'network.onnx')
    assert [value.shape for value in session.get_inputs()] == [['batch', 3, 'height', 'width']]
    assert [value.shape for value in session.get_outputs()] == [['batch', 1000]]


@pytest.mark.acceptance
def test_the_modern_detector(tmp_path):
    """Its neck takes sides that are multiples of 32 only."""
    network = load_network(str(ROOT / 'configs/detection/rtmdet_regnety_4.0gf_8xb32-300e_coco.py'))
    assert export(network, tmp_path / 'rtmdet.onnx') < 1e-4
    assert len(in_onnxruntime(tmp_path / 'rtmdet.onnx', torch.randn(1, 3, 320, 192))) == 3
    assert export(network, tmp_path / 'rtmdet.pt2') < 1e-4


def test_what_cannot_be_exported_is_one_line(tmp_path):
    (tmp_path / 'empty.py').write_text('x = 1')
    with pytest.raises(
        UserError, match='empty.py: a config must have a model with a backbone, but this one has'
    ):
        load_network(str(tmp_path / 'empty.py'))


@pytest.mark.acceptance
def test_deformable_convs_are_refused(tmp_path):
    (tmp_path / 'dcn.py').write_text(
        DETECTOR.format(arch=ARCHS['X']).replace(
            'with_cp=True', "dcn=dict(type='DCN'), stage_with_dcn=[True] * 4"
        )
    )
    with pytest.raises(
        UserError, match="but 5 convs are mmcv's deformable ones, first 0.layer1.0.conv2"
    ):
        export(load_network(str(tmp_path / 'dcn.py')), tmp_path / 'dcn.onnx')


def test_a_file_that_computes_something_else_is_not_left_behind(tmp_path, monkeypatch):
    def spoil(module):
        module.backbone.layer1[0].bn1.running_mean += 1
        return module

    network = load_network('depth=2,w_0=16,w_a=16,w_m=2,group_width=8')
    left = tmp_path / f'.part-{"0" * 32}-right.pt2'
    left.mkdir()
    (left / 'right.pt2').write_text('half of it, when the last one was killed')
    assert export(network, tmp_path / 'right.pt2') < 1e-5
    check_outputs(tmp_path / 'right.pt2', lambda images: [network.module(images)])
    monkeypatch.setattr(exported_file, 'fuse_conv_bn', spoil)
    with pytest.raises(
        UserError, match='its outputs must be those of the network, but they differ by'
    ):
        export(network, tmp_path / 'wrong.pt2')
    assert os.listdir(tmp_path) == ['right.pt2']


@pytest.mark.parametrize(
    'change, message',
    [
        (lambda weights: weights.pop('head.fc.bias'), '1 is missing, first head.fc.bias'),
        (lambda weights: weights.update(other=torch.ones(1)), '1 is surplus, first other'),
        (
            lambda weights: weights.update({'backbone.bn1.bias': torch.ones(3)}),
            'shape, first backbone.bn1.bias is 3, not 32',
        ),
        (lambda weights: weights.clear(), ' must hold a state dict'),
    ],
)
def test_weights_of_another_network_are_refused(given, change, message):
    source, checkpoint, model = given(CLASSIFIER)
    weights = model.state_dict()
    change(weights)
    torch.save(weights, checkpoint)
    with pytest.raises(UserError) as error:
        load_network(source, checkpoint)
    assert str(error.value).startswith(checkpoint) and message in str(error.value)


def test_weights_of_a_backbone_are_enough_for_it(given):
    source, checkpoint, model = given(CLASSIFIER)
    torch.save(model.backbone.state_dict(), checkpoint)
    with pytest.raises(UserError, match='are missing, first backbone.conv1.weight'):
        load_network(source, checkpoint)
    loaded = load_network(source, checkpoint, 'backbone').module.state_dict()
    assert all(
        torch.equal(value, loaded[name]) for name, value in model.backbone.state_dict().items()
    )


def test_missing_packages_are_named(monkeypatch, tmp_path):
    monkeypatch.setattr(onnx, '_PACKAGES', ('onnx', 'surely_not_installed'))
    with pytest.raises(
        UserError,
        match=r"but surely_not_installed cannot be found: pip install 'regnet_plugin\[export\]'",
    ):
        export(load_network('depth=2,w_0=16,w_a=16,w_m=2,group_width=8'), tmp_path / 'network.onnx')


@pytest.mark.parametrize(
    'arguments, message',
    [
        (
            ('regnetx_400mf', '--out', 'x.pth'),
            'error: an exported file must end in .onnx or .pt2, but it is x.pth',
        ),
        (
            ('regnetx_400mf', '--out', 'no/x.onnx'),
            'must be in a folder that exists, but no does not',
        ),
        (
            ('regnetx_400mf', '--out', 'folder.onnx'),
            'an exported file must be a file, but folder.onnx is a folder',
        ),
        (('regnetx_400mf', '--out', 'x.onnx', '--part', 'neck'), "--part: invalid choice: 'neck'"),
        # nobody can write there
        pytest.param(('regnetx_200mf', '--out', '/proc/x.pt2'), 'error: /proc/x.pt2: ', marks=LONG),
        pytest.param(
            ('regnetx_200mf', 's3://nowhere/x.pth', '--out', 'x.pt2'),
            'error: s3://nowhere/x.pth must be a path, or an address',
            marks=LONG,
        ),
        pytest.param(
            (ROOT / 'configs/design_spaces/regnetx.py', '--out', 'x.pt2'),
            'must have a model with a backbone',
            marks=LONG,
        ),
        pytest.param(
            ('regnetx_3gf', '--out', 'x.onnx'),
            "no published RegNet called 'regnetx_3gf'",
            marks=LONG,
        ),
        pytest.param(
            ('regnetx_200mf', 'missing.pth', '--out', 'x.onnx'), 'missing.pth', marks=LONG
        ),
    ],
)
def test_bad_arguments_are_one_line(run_tool, tmp_path, arguments, message):
    (tmp_path / 'folder.onnx').mkdir()
    done = run_tool('export.py', *arguments)
    assert (
        done.returncode == 2
        and message in done.stderr.splitlines()[-1]
        and 'Traceback' not in done.stderr
    )
    assert os.listdir(tmp_path) == ['folder.onnx']


class Gather(nn.Module):
    """As mmdet's BFP: maps are brought to the size of one of them by adaptive pooling."""

    def forward(self, maps):
        return tuple(functional.adaptive_max_pool2d(one, maps[-1].shape[2:]) for one in maps)


@pytest.mark.parametrize(
    'suffix, message',
    [
        ('.pt2', 'its outputs must have the shapes of the network, .*, but they have '),
        (
            '.onnx',
            'ONNX must have all operators of a network, but has none for aten.adaptive_max_pool2d',
        ),
    ],
)
def test_a_neck_that_cannot_be_exported_is_named_with_what_can(tmp_path, suffix, message):
    backbone = MODELS.build(dict(type='regnet_plugin.RegNet', arch=ARCHS['X']))
    network = ExportedNetwork(
        nn.Sequential(backbone, nn.Sequential(nn.Identity(), Gather())).eval(), 3
    )
    with pytest.raises(
        UserError,
        match=f'{message}.*; the neck is Identity and Gather, and --part backbone leaves it out',
    ):
        export(network, tmp_path / f'detector{suffix}')
    assert not list(tmp_path.iterdir())
