"""All kinds of networks, exported as a user does.

They run where there is neither this package nor OpenMMLab.
"""

import os
import re
import signal
import subprocess
import sys
import time

import numpy as np
import pytest
import torch
from exported_files import SHAPES, check_outputs, plain_model
from killing import ROOT
from own_files import own_files
from parity import build_peer
from small_population import sampled

from regnet_plugin.cli.errors import UserError
from regnet_plugin.core.published import PUBLISHED
from regnet_plugin.export.exported_file import export
from regnet_plugin.export.network import load_network

SEVERAL = (
    'regnetx_200mf',
    'regnety_200mf',
    'regnetx_1.6gf',
    'regnety_1.6gf',
    'regnetx_8.0gf',
    'regnety_8.0gf',
)
CLASSIFIER = """
default_scope = 'mmpretrain'
model = dict(
    type='ImageClassifier',
    backbone={backbone},
    neck=dict(type='GlobalAveragePooling'),
    head=dict(type='LinearClsHead', num_classes=10, in_channels={width}))
"""
ARCH = dict(depth=5, w_0=24, w_a=16, w_m=1.5, group_width=8, se_ratio=0.25)  # widths 24, 32, 56, 80
REGNET = dict(type='regnet_plugin.RegNet', arch=ARCH)
ANYNET = dict(type='regnet_plugin.AnyNet', depths=[1, 2], widths=[16, 32])
PLUGINS = [
    dict(
        cfg=dict(type='ContextBlock', ratio=0.25),
        position='after_conv3',
        stages=(False, True, True, True),
    ),
    dict(cfg=dict(type='NonLocal2d'), position='after_conv2', stages=(False, False, False, True)),
]
KINDS = {
    'R': dict(ANYNET, block='R', bottleneck_ratios=[2, 2]),
    'V': dict(ANYNET, block='V'),
    'VR': dict(ANYNET, block='VR'),
    'V2': dict(ANYNET, block='V2', stem='cifar'),
    'VR2': dict(ANYNET, block='VR2', stem='resnet'),
    'Z': dict(ANYNET, block='Z', bottleneck_ratios=[0.25] * 2, group_widths=[8] * 2, head_width=32),
    'inverted and depthwise': dict(
        ANYNET, block='Y', bottleneck_ratios=[0.25] * 2, group_widths=[1] * 2, se_ratio=0.25
    ),
    'SyncBN': dict(REGNET, norm_cfg=dict(type='SyncBN')),
    'GN': dict(REGNET, norm_cfg=dict(type='GN', num_groups=8)),
    'plugins': dict(REGNET, plugins=PLUGINS),
    'as it is trained': dict(
        REGNET,
        with_cp=True,
        frozen_stages=2,
        norm_eval=True,
        drop_path_rate=0.3,
        zero_init_residual=True,
    ),
    'on the fast path': dict(REGNET, fast_path=True),
    'several maps': dict(REGNET, out_indices=(0, 3)),
    'dilated': dict(REGNET, strides=(2, 2, 2, 1), dilations=(1, 1, 1, 2)),
    'swish, grey images': dict(REGNET, act_cfg=dict(type='SiLU'), in_channels=1),
}
WITHOUT_US = (
    'import sys; sys.modules.update(dict.fromkeys({modules})); import numpy; images = '
    'numpy.load("images.npy"); {run}; numpy.save("outputs.npy", outputs)'
)
BLOCKED = ['regnet_plugin', 'mmengine', 'mmcv', 'mmpretrain', 'mmdet']


def largest_difference(found, wanted):
    return max(
        float(np.abs(mine - its.numpy()).max() / its.abs().max())
        for mine, its in zip(found, wanted)
    )


@pytest.mark.parametrize('suffix', ['.onnx', '.pt2'])
@pytest.mark.parametrize('name', SEVERAL)
def test_published_networks(tmp_path, name, suffix, report):
    network = load_network(name)
    difference = export(network, tmp_path / f'network{suffix}')
    report(f'{name}{suffix}: {difference:.1e} of the largest output')
    assert difference < 1e-5
    check_outputs(tmp_path / f'network{suffix}', lambda images: [network.module(images)])


@pytest.mark.parametrize('name', [name for name in PUBLISHED if name not in SEVERAL])
def test_all_others(tmp_path, name, report):
    """By turns in either format; RegNetY-128GF has its weights beside the ONNX file."""
    suffix = '.onnx' if list(PUBLISHED).index(name) % 2 else '.pt2'
    difference = export(load_network(name), tmp_path / f'network{suffix}')
    report(f'{name}{suffix}: {difference:.1e} of the largest output')
    assert difference < 1e-4
    beside = [f'network{suffix}.data'] if name == 'regnety_128gf' else []
    assert sorted(os.listdir(tmp_path)) == [f'network{suffix}', *beside]


@pytest.mark.parametrize('kind', KINDS)
def test_all_kinds_of_backbones(tmp_path, kind):
    """The classifier as ONNX, the maps of the backbone as a program."""
    backbone = dict(KINDS[kind])
    last = 3 if backbone['type'].endswith('RegNet') else 1
    backbone.setdefault('out_indices', (last,))
    path, checkpoint = tmp_path / 'config.py', tmp_path / 'checkpoint.pth'
    path.write_text(CLASSIFIER.format(backbone=backbone, width=80 if last == 3 else 32))
    model = plain_model(path)
    torch.save(model.state_dict(), checkpoint)
    # softmax of large values
    in_channels, tolerance = backbone.get('in_channels', 3), 1e-4 if kind == 'plugins' else 1e-5
    export(load_network(str(path), str(checkpoint)), tmp_path / 'scores.onnx')
    check_outputs(
        tmp_path / 'scores.onnx', lambda images: [model(images)], in_channels, tolerance=tolerance
    )
    export(load_network(str(path), str(checkpoint), 'backbone'), tmp_path / 'maps.pt2')
    check_outputs(tmp_path / 'maps.pt2', model.backbone, in_channels, tolerance=tolerance)


def test_a_network_of_a_population(tmp_path, run_tool):
    sampled(tmp_path / 'population', 1)
    done = run_tool('write_configs.py', 'population', ROOT / 'configs/recipes/dds_10e_digits.py')
    assert done.returncode == 0, done.stderr
    config = tmp_path / 'population/runs/dds_10e_digits/000000-0/config.py'
    model = plain_model(config)
    torch.save(dict(state_dict=model.state_dict()), tmp_path / 'checkpoint.pth')
    done = run_tool('export.py', config, 'checkpoint.pth', '--out', 'network.onnx')
    assert done.returncode == 0, done.stderr
    check_outputs(
        tmp_path / 'network.onnx', lambda images: [model(images)], shapes=[*SHAPES, (7, 32, 32)]
    )


@pytest.mark.parametrize(
    'library, scheme, suffix', [('timm', 'timm', '.safetensors'), ('torchvision', 'tv', '.pth')]
)
@pytest.mark.parametrize('name', ['regnetx_800mf', 'regnety_400mf'])
def test_weights_of_other_libraries_by_address(tmp_path, run_tool, name, library, scheme, suffix):
    """The exported file gives the outputs of that library's own module."""
    peer = build_peer(library, name, torch.float32).eval()
    file = tmp_path / f'net{suffix}'
    if suffix == '.safetensors':
        from safetensors.torch import save_file

        save_file(peer.state_dict(), file, metadata=dict(format='pt'))
    else:
        torch.save(peer.state_dict(), file)
    done = run_tool('export.py', name, f'{scheme}://{file}', '--out', 'network.onnx')
    assert done.returncode == 0, done.stderr
    check_outputs(tmp_path / 'network.onnx', lambda images: [peer(images)])
    assert '[123.675, 116.28, 103.53]) / [58.395, 57.12, 57.375], channels RGB' in done.stdout


@pytest.mark.parametrize(
    'name',
    [
        'faster-rcnn_regnetx_6.5mf_fpn_digits',
        'mask-rcnn_regnetx_6.5mf_fpn_digits',
        'retinanet_regnety_800mf_fpn_1x_coco',
        'mask-rcnn_regnety_4.0gf_fpn_lsj-100e_coco',
    ],
)
@pytest.mark.parametrize('suffix', ['.onnx', '.pt2'])
def test_detectors(tmp_path, name, suffix):
    config = ROOT / f'configs/detection/{name}.py'
    model = plain_model(config)
    torch.save(dict(state_dict=model.state_dict()), tmp_path / 'checkpoint.pth')
    export(
        load_network(str(config), str(tmp_path / 'checkpoint.pth')), tmp_path / f'detector{suffix}'
    )
    check_outputs(
        tmp_path / f'detector{suffix}',
        model.extract_feat,
        shapes=[(1, 224, 288), (2, 193, 251)],
        # random weights, 22 blocks: plain float32 is a ten thousandth from float64
        tolerance=5e-4,
    )


@pytest.mark.parametrize(
    'suffix, blocked, run',
    [
        (
            '.pt2',
            BLOCKED,
            'import torch; outputs = '
            'torch.export.load("network.pt2").module()(torch.from_numpy(images)).detach().numpy()',
        ),
        (
            '.onnx',
            [*BLOCKED, 'torch'],
            'import onnxruntime; outputs = onnxruntime.InferenceSession("network.onnx").run(None, '
            'dict(images=images))[0]',
        ),
    ],
)
def test_where_there_is_no_openmmlab(tmp_path, suffix, blocked, run):
    network = load_network('depth=5,w_0=24,w_a=16,w_m=1.5,group_width=8,se_ratio=0.25')
    export(network, tmp_path / f'network{suffix}')
    images = torch.randn(3, 3, 160, 96)
    np.save(tmp_path / 'images.npy', images.numpy())
    code = WITHOUT_US.format(modules=blocked, run=run)
    done = subprocess.run(
        [sys.executable, '-c', code], cwd=tmp_path, capture_output=True, text=True
    )
    assert done.returncode == 0, done.stderr
    with torch.no_grad():
        assert (
            largest_difference([np.load(tmp_path / 'outputs.npy')], [network.module(images)]) < 1e-5
        )


@pytest.mark.parametrize(
    'path', own_files('configs/comparisons', '*.py'), ids=lambda path: path.stem
)
def test_the_networks_that_the_paper_compares_with(tmp_path, path):
    """They are mmpretrain's; EfficientNet's padding depends on the sides of the image."""
    network = load_network(str(path))
    assert export(network, tmp_path / 'network.onnx') < 1e-5
    check_outputs(
        tmp_path / 'network.onnx', lambda images: [network.module(images)], tolerance=1e-4
    )


def test_in_openvino(tmp_path):
    """It computes in bfloat16 where the processor can, unless float32 is asked for."""
    openvino = pytest.importorskip('openvino')
    network = load_network('regnety_200mf')
    export(network, tmp_path / 'network.onnx')
    exact = {'INFERENCE_PRECISION_HINT': 'f32'}
    for options, tolerance in ((exact, 1e-5), ({}, 0.05)):
        compiled = openvino.Core().compile_model(tmp_path / 'network.onnx', 'CPU', options)
        for count, *sides in SHAPES:
            images = torch.randn(count, 3, *sides)
            with torch.no_grad():
                wanted = network.module(images)
            found = compiled([images.numpy()])[0]
            assert largest_difference([found], [wanted]) < tolerance


def start_export(folder, *arguments):
    return subprocess.Popen(
        [sys.executable, ROOT / 'tools/export.py', *arguments],
        cwd=folder,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
    )


@pytest.mark.parametrize('suffix', ['.onnx', '.pt2'])
def test_a_killed_export_leaves_what_was_there(tmp_path, suffix):
    """Also at the last moment, when the file is written and being compared."""
    file = tmp_path / f'network{suffix}'
    file.write_text('of yesterday')
    for number in range(2):
        process = start_export(tmp_path, 'regnety_3.2gf', '--out', file.name)
        unfinished = f'.part-*/{file.name}' if number else '.part-*'
        while not list(tmp_path.glob(unfinished)):
            assert process.poll() is None, process.communicate()[0]
            time.sleep(0.01)
        process.send_signal(signal.SIGKILL)
        process.communicate()
        assert file.read_text() == 'of yesterday'
        (left,) = set(tmp_path.iterdir()) - {file}
        assert re.fullmatch(rf'\.part-[0-9a-f]{{32}}-network{suffix}', left.name)
    process = start_export(tmp_path, 'regnety_200mf', '--out', file.name)
    output, _ = process.communicate()
    assert process.returncode == 0, output
    assert list(tmp_path.iterdir()) == [file]


@pytest.mark.parametrize('suffix', ['.onnx', '.pt2'])
def test_a_neck_of_libra_r_cnn_is_refused_with_what_can_be_exported(tmp_path, suffix):
    (tmp_path / 'libra.py').write_text(
        "_base_ = 'mmdet::libra_rcnn/libra-faster-rcnn_r50_fpn_1x_coco.py'\n"
        "model = dict(backbone=dict(_delete_=True, type='regnet_plugin.RegNet', "
        "arch='regnetx_200mf'), neck=[\n"
        "    dict(type='FPN', in_channels=[24, 56, 152, 368], out_channels=256, num_outs=5),\n"
        "    dict(type='BFP', in_channels=256, num_levels=5, refine_level=2, "
        "refine_type='non_local')])\n"
    )
    network = load_network(str(tmp_path / 'libra.py'))
    with pytest.raises(
        UserError, match='the neck is FPN and BFP, and --part backbone leaves it out'
    ):
        export(network, tmp_path / f'libra{suffix}')
