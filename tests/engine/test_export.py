"""Exported files, run without the package, give the outputs of their networks, at any batch, height and width."""
import os

import numpy as np
import onnx
import onnxruntime
import pytest
import torch
from killing import ROOT
from mmengine.config import Config
from mmengine.logging import HistoryBuffer
from mmengine.registry import MODELS, DefaultScope
from parity import randomize

from regnet_plugin.engine import export as exporting
from regnet_plugin.engine.errors import UserError
from regnet_plugin.engine.export import export, load_network

LONG = pytest.mark.acceptance
ARCHS = dict(X=dict(depth=5, w_0=24, w_a=16, w_m=1.5, group_width=8),
             Y=dict(depth=5, w_0=24, w_a=16, w_m=1.5, group_width=8, se_ratio=0.25))
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
    backbone=dict(_delete_=True, type='regnet_plugin.RegNet', arch={arch}, norm_cfg=dict(type='SyncBN'), with_cp=True),
    neck=dict(in_channels=[24, 32, 56, 80], out_channels=16), bbox_head=dict(in_channels=16))
"""


@pytest.fixture
def given(tmp_path):
    """Write a config and a checkpoint of the network it describes, as MMEngine does; return both and the network."""

    def write(text, family='Y'):
        path, checkpoint = tmp_path / 'config.py', tmp_path / 'checkpoint.pth'
        path.write_text(text.format(arch=ARCHS[family]))
        config = Config.fromfile(path)
        config.model.backbone.pop('fast_path', None)
        with DefaultScope.overwrite_default_scope(config.default_scope):
            model = randomize(MODELS.build(config.model), torch.float32).eval()
        history = HistoryBuffer([0.5, 0.25], [1, 1])
        torch.save(dict(state_dict=model.state_dict(), meta=dict(seed=0), message_hub=dict(loss=history)), checkpoint)
        return str(path), str(checkpoint), model

    return write


def in_onnxruntime(path, images):
    model = onnx.load(path)
    onnx.checker.check_model(model)
    assert not any(node.op_type == 'BatchNormalization' for node in model.graph.node)
    session = onnxruntime.InferenceSession(path, providers=['CPUExecutionProvider'])
    return session.run(None, {'images': images.numpy()})


def in_pytorch(path, images):
    program = torch.export.load(path)
    assert not any('batch_norm' in str(node.target) for node in program.graph.nodes)
    outputs = program.module()(images)
    return [output.detach().numpy() for output in ([outputs] if isinstance(outputs, torch.Tensor) else outputs)]


def check_outputs(run, path, expected_of):
    for shape in ((1, 3, 224, 224), (5, 3, 192, 200)):
        images = torch.randn(shape)
        with torch.no_grad():
            expected = expected_of(images)
        outputs = run(path, images)
        assert len(outputs) == len(expected)
        for found, wanted in zip(outputs, expected):
            np.testing.assert_allclose(found, wanted, rtol=0, atol=1e-5 * float(wanted.abs().max()))


@pytest.mark.acceptance
@pytest.mark.parametrize('suffix, run', [('.onnx', in_onnxruntime), ('.pt2', in_pytorch)])
@pytest.mark.parametrize('family', ['X', 'Y'])
def test_a_classifier(given, tmp_path, family, suffix, run):
    source, checkpoint, model = given(CLASSIFIER, family)
    network = load_network(source, checkpoint)
    assert export(network, tmp_path / f'network{suffix}') < 1e-5
    check_outputs(run, tmp_path / f'network{suffix}', lambda images: [model(images)])
    assert network.preprocessing == '(value - [1.0, 2.0, 3.0]) / [4.0, 5.0, 6.0], channels RGB'
    assert sorted(os.listdir(tmp_path)) == ['checkpoint.pth', 'config.py', f'network{suffix}']


@pytest.mark.acceptance
@pytest.mark.parametrize('suffix, run', [('.onnx', in_onnxruntime), ('.pt2', in_pytorch)])
@pytest.mark.parametrize('family', ['X', 'Y'])
def test_the_features_of_a_classifier(given, tmp_path, family, suffix, run):
    source, checkpoint, model = given(CLASSIFIER, family)
    export(load_network(source, checkpoint, 'backbone'), tmp_path / f'maps{suffix}')
    check_outputs(run, tmp_path / f'maps{suffix}', model.backbone)


@pytest.mark.parametrize('suffix, run', [('.onnx', in_onnxruntime), pytest.param('.pt2', in_pytorch, marks=LONG)])
@pytest.mark.parametrize('family', [pytest.param('X', marks=LONG), 'Y'])
def test_backbone_and_neck_of_a_detector(given, tmp_path, family, suffix, run):
    source, checkpoint, model = given(DETECTOR, family)
    export(load_network(source, checkpoint), tmp_path / f'detector{suffix}')
    check_outputs(run, tmp_path / f'detector{suffix}', model.extract_feat)


@pytest.mark.acceptance
@pytest.mark.parametrize('name', ['regnetx_400mf', 'regnety_400mf'])
def test_published_networks_by_name(run_tool, tmp_path, name):
    done = run_tool('export.py', name, '--out', 'network.onnx')
    assert done.returncode == 0 and done.stderr == '', done.stderr
    assert done.stdout.splitlines()[-1] == 'written:    network.onnx'
    session = onnxruntime.InferenceSession(tmp_path / 'network.onnx')
    assert [value.shape for value in session.get_inputs()] == [['batch', 3, 'height', 'width']]
    assert [value.shape for value in session.get_outputs()] == [['batch', 1000]]


@pytest.mark.acceptance
def test_the_modern_detector(tmp_path):
    network = load_network(str(ROOT / 'configs/detection/rtmdet_regnety_4.0gf_8xb32-300e_coco.py'))
    assert export(network, tmp_path / 'rtmdet.onnx') < 1e-4
    assert len(in_onnxruntime(tmp_path / 'rtmdet.onnx', torch.randn(1, 3, 320, 192))) == 3


def test_what_cannot_be_exported_is_one_line(tmp_path):
    (tmp_path / 'empty.py').write_text('x = 1')
    with pytest.raises(UserError, match='empty.py: a config must have a model with a backbone, but this one has'):
        load_network(str(tmp_path / 'empty.py'))


@pytest.mark.acceptance
def test_deformable_convs_are_refused(tmp_path):
    (tmp_path / 'dcn.py').write_text(
        DETECTOR.format(arch=ARCHS['X']).replace('with_cp=True', "dcn=dict(type='DCN'), stage_with_dcn=[True] * 4"))
    with pytest.raises(UserError, match="but 5 convs are mmcv's deformable ones, first 0.layer1.0.conv2"):
        export(load_network(str(tmp_path / 'dcn.py')), tmp_path / 'dcn.onnx')


def test_a_file_that_computes_something_else_is_not_left_behind(tmp_path, monkeypatch):
    def spoil(module):
        module.backbone.layer1[0].bn1.running_mean += 1
        return module

    network = load_network('depth=2,w_0=16,w_a=16,w_m=2,group_width=8')
    assert export(network, tmp_path / 'right.pt2') < 1e-5
    check_outputs(in_pytorch, tmp_path / 'right.pt2', lambda images: [network.module(images)])
    monkeypatch.setattr(exporting, 'fuse_conv_bn', spoil)
    with pytest.raises(UserError, match='its outputs must be those of the network, but they differ by'):
        export(network, tmp_path / 'wrong.pt2')
    assert os.listdir(tmp_path) == ['right.pt2']


@pytest.mark.parametrize('change, message', [
    (lambda weights: weights.pop('head.fc.bias'), '1 is missing, first head.fc.bias'),
    (lambda weights: weights.update(other=torch.ones(1)), '1 is surplus, first other'),
    (lambda weights: weights.update({'backbone.bn1.bias': torch.ones(3)}), 'shape, first backbone.bn1.bias is 3, not 32'),
    (lambda weights: weights.clear(), ' must hold a state dict'),
])
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
    assert all(torch.equal(value, loaded[name]) for name, value in model.backbone.state_dict().items())


def test_missing_packages_are_named(monkeypatch, tmp_path):
    monkeypatch.setattr(exporting, '_ONNX', ('onnx', 'surely_not_installed'))
    with pytest.raises(UserError, match=r"pip install 'regnet_plugin\[export\]'"):
        export(load_network('depth=2,w_0=16,w_a=16,w_m=2,group_width=8'), tmp_path / 'network.onnx')


@pytest.mark.parametrize('arguments, message', [
    (('regnetx_400mf', '--out', 'x.pth'), '--out must end in .onnx or .pt2, but it is x.pth'),
    (('regnetx_400mf', '--out', 'no/x.onnx'), '--out must be in a folder that exists, but no does not'),
    pytest.param(('regnetx_3gf', '--out', 'x.onnx'), "no published RegNet called 'regnetx_3gf'", marks=LONG),
    pytest.param(('regnetx_200mf', 'missing.pth', '--out', 'x.onnx'), 'missing.pth', marks=LONG),
])
def test_bad_arguments_are_one_line(run_tool, arguments, message):
    done = run_tool('export.py', *arguments)
    assert done.returncode == 2 and message in done.stderr.splitlines()[-1] and 'Traceback' not in done.stderr
