"""The tools as a user runs them."""

import json
import os
import pickle
import re
import subprocess
import sys

import pytest
import torch
from killing import ROOT
from small_population import python_path

DIGITS = ROOT / 'configs/regnetx_6.5mf_digits.py'
MINIATURE = (
    '--cfg-options',
    'train_cfg.max_epochs=2',
    'model.backbone.arch.depth=4',
    'model.head.in_channels=120',
    'model.backbone.strides=(1,2,2)',
    'model.backbone.out_indices=(2,)',
    'train_dataloader.batch_size=96',
)
WITHOUT_OPS = dict(os.environ, PYTHONPATH=python_path(ROOT / 'tests/without_ops'))


@pytest.fixture(scope='module')
def trained(tmp_path_factory):
    """Classification needs no compiled ops of mmcv."""
    work_dir = tmp_path_factory.mktemp('trained')
    done = subprocess.run(
        [sys.executable, ROOT / 'tools/train.py', DIGITS, '--work-dir', work_dir, *MINIATURE],
        capture_output=True,
        text=True,
        timeout=300,
        env=WITHOUT_OPS,
    )
    assert done.returncode == 0, done.stderr
    return work_dir, done.stdout


def test_training_ends_with_the_accuracy_and_where_things_are(trained):
    work_dir, output = trained
    *_, accuracy, log, checkpoint, best, curves = output.splitlines()
    assert 'OneDL' not in output  # a package that nobody asked for
    assert accuracy.startswith('accuracy/top1: ') and 'best' in accuracy
    for line, suffix in (
        (log, '.log'),
        (checkpoint, 'epoch_2.pth'),
        (best, '.pth'),
        (curves, 'curves.png'),
    ):
        path = line.split()[-1]
        assert path.startswith(str(work_dir)) and path.endswith(suffix)
    assert (work_dir / 'curves.png').read_bytes().startswith(b'\x89PNG')


def test_testing_gives_the_accuracy_of_training(trained, run_tool):
    work_dir, output = trained
    accuracy = output.splitlines()[-5].split()[1]
    done = run_tool(
        'test.py',
        DIGITS,
        work_dir / 'epoch_2.pth',
        '--out',
        'metrics.json',
        '--out-item',
        'metrics',
        '--work-dir',
        'tested',
        *MINIATURE,
    )
    assert done.returncode == 0, done.stderr
    assert f'accuracy/top1: {accuracy}' in done.stdout.splitlines()[-1]


def test_predictions_are_written(trained, run_tool, tmp_path):
    done = run_tool(
        'test.py',
        DIGITS,
        trained[0] / 'epoch_2.pth',
        '--out',
        'p.pkl',
        '--tta',
        '--work-dir',
        'tested',
        *MINIATURE,
    )
    assert done.returncode == 0, done.stderr
    predictions = pickle.loads((tmp_path / 'p.pkl').read_bytes())
    assert len(predictions) == 360 and len(predictions[0]['pred_score']) == 10


def test_weights_come_back_from_another_library(trained, run_tool):
    """Out as pycls's file, in by its address: the accuracy is the same."""
    work_dir, output = trained
    file = work_dir / 'net.pyth'
    done = run_tool(
        'convert_weights.py', work_dir / 'epoch_2.pth', file, '--from', 'ours', '--to', 'pycls'
    )
    assert done.returncode == 0 and f'{file}: ' in done.stdout, done.stderr
    done = run_tool('test.py', DIGITS, f'pycls://{file}', '--work-dir', 'tested', *MINIATURE)
    assert done.returncode == 0, done.stderr
    assert f'accuracy/top1: {output.splitlines()[-5].split()[1]}' in done.stdout.splitlines()[-1]


class _Harmful:
    def __reduce__(self):
        return print, ('harm was done',)


def _without(name):
    return lambda weights: {key: value for key, value in weights.items() if key != name}


@pytest.mark.parametrize(
    'change, message',
    [
        (
            _without('head.fc.bias'),
            'weights must be those of the whole network, but 1 are missing, first head.fc.bias',
        ),
        (_without('backbone.layer1.0.bn1.bias'), '1 is missing, first backbone.layer1.0.bn1.bias'),
        (
            lambda weights: dict(weights, x=_Harmful()),
            'must hold weights, and beside them only what these libraries write',
        ),
        (
            lambda weights: {'model.' + key: value for key, value in weights.items()},
            'missing, first backbone.conv1.weight',
        ),
    ],
)
def test_a_checkpoint_that_is_not_the_networks_is_one_line(
    trained, run_tool, tmp_path, change, message
):
    checkpoint = torch.load(trained[0] / 'epoch_2.pth', weights_only=False)
    torch.save(
        dict(checkpoint, state_dict=change(dict(checkpoint['state_dict']))), tmp_path / 'net.pth'
    )
    done = run_tool('test.py', DIGITS, 'net.pth', '--work-dir', 'tested', *MINIATURE)
    assert done.returncode == 2 and message in done.stderr.splitlines()[-1], done.stderr
    assert 'harm was done' not in done.stdout and 'Traceback' not in done.stderr


def test_a_training_begins_with_the_backbone_of_another_one(trained, run_tool):
    """With another head; but not with half a backbone."""
    begin = (
        'train.py',
        DIGITS,
        '--work-dir',
        'fine',
        *MINIATURE,
        f'load_from={trained[0]}/epoch_2.pth',
    )
    classes = '0,1,2,3,4,5,6,7,8,9,none'
    done = run_tool(
        *begin,
        'model.head.num_classes=11',
        f'train_dataloader.dataset.metainfo.classes={classes}',
        f'val_dataloader.dataset.metainfo.classes={classes}',
    )
    assert done.returncode == 0, done.stderr
    done = run_tool(*begin, 'model.backbone.arch.depth=5')
    assert done.returncode == 2 and 'missing' in done.stderr.splitlines()[-1], done.stderr


@pytest.mark.parametrize(
    'tool, arguments',
    [
        ('train.py', ['detector.py', '--work-dir', 'run']),
        *(
            pytest.param(*case, marks=pytest.mark.acceptance)
            for case in [
                ('test.py', ['detector.py', 'x.pth']),
                ('export.py', ['detector.py', '--out', 'x.onnx']),
                ('complexity.py', ['detector.py']),
                ('benchmark_detector.py', ['regnetx_400mf']),
                ('train_population.py', ['population', 'detector.py']),
            ]
        ),
    ],
)
def test_what_needs_the_ops_names_the_command_that_builds_them(run_tool, tmp_path, tool, arguments):
    (tmp_path / 'detector.py').write_text(
        "_base_ = 'mmdet::faster_rcnn/faster-rcnn_r50_fpn_1x_coco.py'\n"
        "train_dataloader = val_dataloader = dict(dataset=dict(data_root='.'))"
    )
    if 'population' in arguments:
        run_tool(
            'sample_population.py',
            ROOT / 'configs/design_spaces/regnetx.py',
            '--size',
            1,
            '--out',
            'population',
        )
    done = run_tool(tool, *arguments, env=WITHOUT_OPS)
    assert done.returncode == 2, done.stderr
    assert (
        'build them with: make ops' in done.stderr.splitlines()[-1]
        and 'Traceback' not in done.stderr
    )


def test_complexity_of_names_parameters_and_configs(run_tool, tmp_path):
    detector = tmp_path / 'detector.py'
    detector.write_text("_base_ = 'mmdet::retinanet/retinanet_r50_fpn_1x_coco.py'\n")
    resnet = tmp_path / 'resnet.py'
    resnet.write_text("_base_ = 'mmpretrain::resnet/resnet50_8xb32_in1k.py'\n")
    parameters = 'depth=24,w_0=32,w_a=8,w_m=2,group_width=16'
    done = run_tool('complexity.py', 'regnetx_400mf', parameters, resnet, detector, DIGITS)
    assert done.returncode == 0, done.stderr
    header, named, given, classifier, backbone, ours, _, *pasted = done.stdout.splitlines()
    assert header.split() == [
        'network',
        'resolution',
        'flops',
        'parameters',
        'activations',
        'depths',
        'widths',
    ]
    assert (
        named.split()
        == 'regnetx_400mf 224 397,678,568 5,157,512 3,142,272 1, 2, 7, 12 32, 64, 160, 384'.split()
    )
    assert given.split()[2:5] == ['313,555,944', '1,799,368', '3,675,392']
    # ResNet-50 of the paper's table 3
    assert classifier.split()[2:5] == ['4,089,185,256', '25,557,032', '11,113,984']
    assert backbone.split()[3] == '23,508,032'  # ResNet-50 without its classifier
    assert (
        pasted[0] == 'regnetx_400mf: neck.in_channels=[32, 64, 160, 384], head.in_channels=384'
        and len(pasted) == 3
    )


def test_complexity_of_a_config_with_a_wrong_width_names_the_right_one(run_tool, tmp_path):
    (tmp_path / 'wrong.py').write_text(
        f'_base_ = {str(DIGITS)!r}\nmodel = dict(head=dict(in_channels=256))'
    )
    done = run_tool('complexity.py', tmp_path / 'wrong.py')
    assert (
        done.returncode == 2
        and "the width of the backbone's last output, 272, but it is 256" in done.stderr
    )


def test_metrics_file_is_json(trained, run_tool, tmp_path):
    done = run_tool(
        'test.py',
        DIGITS,
        trained[0] / 'epoch_2.pth',
        '--out',
        'm.json',
        '--out-item',
        'metrics',
        *MINIATURE,
    )
    assert done.returncode == 0 and set(json.loads((tmp_path / 'm.json').read_text())) == {
        'accuracy/top1'
    }


@pytest.mark.acceptance
def test_a_folded_network_has_the_same_metrics(trained, run_tool):
    plain, folded = (
        run_tool('test.py', DIGITS, trained[0] / 'epoch_2.pth', *flags, *MINIATURE)
        for flags in ([], ['--fuse-conv-bn'])
    )
    assert folded.returncode == 0, folded.stderr
    assert folded.stdout.splitlines()[-1] == plain.stdout.splitlines()[-1]


@pytest.mark.acceptance
def test_the_fast_path_of_a_config_trains_and_is_evaluated(run_tool, tmp_path):
    done = run_tool(
        'train.py',
        DIGITS,
        '--work-dir',
        tmp_path,
        *MINIATURE,
        'model.backbone.fast_path=True',
        # a smaller batch would be compiled for itself
        'train_dataloader.drop_last=True',
    )
    assert done.returncode == 0, done.stderr
    assert float(re.search(r'accuracy/top1: ([0-9.]+) at the end', done.stdout)[1]) > 20


@pytest.mark.acceptance
def test_benchmark_of_steps_and_of_a_loader(run_tool):
    done = run_tool(
        'benchmark.py',
        'regnety_200mf',
        '--path',
        'eager',
        'channels_last',
        '--batch',
        2,
        '--resolution',
        64,
        '--rounds',
        '1',
        '--loader',
        ROOT / 'configs/regnetx_400mf_imagenet.py',
        '--workers',
        '0',
    )
    assert done.returncode == 0, done.stderr
    rows = [line.split() for line in done.stdout.splitlines() if line.startswith('regnety_200mf')]
    assert {tuple(row[1:4]) for row in rows} >= {
        ('inference', 'eager', 'ours'),
        ('training', 'channels_last', 'timm'),
    }
    assert "scikit-learn's photographs" in done.stdout and re.search(r'cv2 +0 +[1-9]', done.stdout)


@pytest.mark.acceptance
def test_benchmark_of_detectors(run_tool):
    done = run_tool(
        'benchmark_detector.py', 'regnetx_200mf', '--batch', 1, '--size', 64, 64, '--rounds', 1
    )
    said = "the library's own network, which does not know this arch"  # mmdet has it not
    assert done.returncode == 2 and said in done.stderr.splitlines()[-1]
    done = run_tool(
        'benchmark_detector.py', 'regnetx_400mf', '--batch', 1, '--size', 64, 64, '--rounds', 1
    )
    assert done.returncode == 0, done.stderr
    rows = [line.split() for line in done.stdout.splitlines() if line.startswith('regnetx_400mf')]
    assert [(row[1], row[2]) for row in rows] == [
        (step, name) for step in ('inference', 'training') for name in ('ours', 'mmdet', 'ours')
    ]
    assert rows[0][-1] == rows[3][-1] == '1.000' and all(0.5 < float(row[-1]) < 2 for row in rows)
