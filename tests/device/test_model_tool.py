"""tools/model_device.py: what it measures, fits, writes and refuses."""

import csv

import pytest
from killing import ROOT

from regnet_plugin.core.arch_argument import architecture_of
from regnet_plugin.core.layers.activation_memory import peak_bytes
from regnet_plugin.device.device_model import read_device_model
from regnet_plugin.device.packaged import device_model

TABLE = ROOT / 'regnet_plugin/device/tables/i7-12700h.csv'


def test_from_a_table(run_tool, tmp_path):
    done = run_tool('model_device.py', '--out', 'm/i7.json', '--from', TABLE, '--name', 'my i7')
    assert done.returncode == 0, done.stderr
    first, *_ = done.stdout.splitlines()
    assert first.startswith('my i7: median error 3.') and 'rank correlation 0.99' in first
    assert {path.name for path in (tmp_path / 'm').iterdir()} == {'i7.json', 'i7.csv', 'i7.png'}
    model = read_device_model(tmp_path / 'm/i7.json')
    assert model.name == 'my i7' and model.batch == 1 and model.error.networks == 26
    with open(tmp_path / 'm/i7.csv') as file:
        rows = {row['network']: row for row in csv.DictReader(file)}
    assert float(rows['regnetx_1.6gf']['seconds']) == pytest.approx(1 / 63.8)


def test_measured_here_then_sampled(run_tool, tmp_path):
    """Networks of 16 kinds, both spaces and resolutions, from 5 to 30 million flops, here."""
    done = run_tool(
        'model_device.py',
        *('--out', 'here.json', '--networks', 12, '--flops', '5e6', '3e7'),
        *('--resolution', 64, 96, '--rounds', 2, '--clock', 'cpu'),
    )
    assert done.returncode == 0, done.stderr
    steady, told, *_ = done.stdout.splitlines()
    assert steady.startswith('12 networks: spread ') and 'drift of the machine' in steady
    assert 'each of 12 networks predicted from the others' in told
    model = read_device_model(tmp_path / 'here.json')
    assert model.conditions['clock'] == 'cpu' and model.conditions['threads'] == 1
    assert 5e6 <= model.ranges['flops'][0] < model.ranges['flops'][1] <= 3.1e7
    assert model.ranges['resolution'] == (64, 96)
    refused = ' not good enough to constrain with' in f' {done.stdout.splitlines()[-1]}'
    assert refused == (not model.is_good_enough)


@pytest.mark.parametrize(
    'given, message',
    [
        (['--out', 'm.txt'], '--out must end in .json'),
        (['--out', 'm.json', '--networks', 7], '--networks must be at least 8, but it is 7'),
        (['--out', 'm.json', '--flops', 2, 1], '--flops must be an interval from low to high'),
        (['--out', 'm.json', '--from', 'nothing.csv'], 'nothing.csv'),
        (['--out', 'm.json', '--threads', 4096], 'threads must be from 1 to'),
    ],
)
def test_what_is_refused(run_tool, given, message):
    done = run_tool('model_device.py', *given)
    assert done.returncode == 2 and message in done.stderr


def test_the_time_of_a_detectors_backbone(run_tool):
    """What the tool says of a config is what the model says of its backbone, at that image."""
    config = ROOT / 'configs/detection/faster-rcnn_regnetx_400mf_fpn_ms-3x_coco.py'
    done = run_tool(
        'complexity.py', config, 'regnetx_400mf', '--resolution', 800, 1344, '--device', 'v100'
    )
    assert done.returncode == 0, done.stderr
    model, architecture = device_model('v100'), architecture_of('regnetx_400mf')
    *_, of_detector, of_classifier = done.stdout.splitlines()
    for line, classes in ((of_detector, 0), (of_classifier, 1000)):
        seconds = model.predict_one(architecture, (800, 1344), classes)
        peak = peak_bytes(architecture, resolution=(800, 1344), num_classes=classes)
        assert f': {1000 * seconds:.3g} ms (a guess: beyond what was measured)' in line
        assert f'peak of activations {peak:,} elements' in line
