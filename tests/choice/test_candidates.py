from pathlib import Path

import pytest
from killing import ROOT
from mmengine.config import Config

from regnet_plugin.choice.candidates import Budget, Candidate, Choice, pareto, priced, within
from regnet_plugin.choice.config import write_config
from regnet_plugin.choice.published import KINDS, published_candidates
from regnet_plugin.core.complexity import complexity
from regnet_plugin.core.layers.activation_memory import peak_bytes
from regnet_plugin.device.packaged import device_model
from regnet_plugin.models import AnyNet
from regnet_plugin.registry import MODELS


def candidate(accuracy, name='net', **fields):
    given = dict(
        network=name,
        accuracy=accuracy,
        metric='top-1',
        recipe='some',
        kind='some',
        source='me',
        weights=None,
        config='x.py',
        architecture=None,
        resolution=224,
        flops=0,
        parameters=0,
    )
    return Candidate(**{**given, **fields})


def test_the_front_by_hand():
    """Six networks of two costs: those that none beats, typed."""
    rows = {'a': (80, 9, 9), 'b': (79, 5, 9), 'c': (78, 6, 9), 'd': (77, 9, 1), 'e': (77, 9, 2)}
    choices = [
        Choice(candidate(accuracy, name), dict(flops=flops, memory=memory))
        for name, (accuracy, flops, memory) in rows.items()
    ]
    assert [choice.candidate.network for choice in pareto(choices)] == ['a', 'b', 'd']
    budgets = [Budget('flops', 6), Budget('memory', 9)]
    assert [choice.candidate.network for choice in within(choices, budgets)] == ['b', 'c']


@pytest.fixture(scope='module')
def classifiers():
    return published_candidates(ROOT, 'classification')


def test_all_accuracies_of_the_model_zoo(classifiers):
    """Every accuracy of a test, typed for some, from the page that is written of the metafiles."""
    page = (ROOT / 'docs/reference/model_zoo.md').read_text()
    of_weights = [one for one in classifiers if one.weights]
    assert all(f'{one.accuracy:.2f}' in page and one.weights in page for one in of_weights)
    assert {one.source for one in of_weights} == {'pycls', 'timm', 'torchvision', 'OpenMMLab'}
    assert {one.kind for one in classifiers} == set(KINDS)
    assert {one.network[:7] for one in of_weights} == {'regnetx', 'regnety', 'regnetz', 'regnetv'}
    found = {
        (one.network, one.resolution): one.accuracy
        for one in classifiers
        if one.weights == 'timm://regnety_032.ra_in1k'
    }
    assert found['regnety_3.2gf', 288] == 82.724
    paper = {one.network: one.accuracy for one in classifiers if 'figures 15' in one.source}
    assert paper['regnetx_200mf'] == 68.9 and len(paper) == 24


def test_costs(classifiers):
    (one,) = [one for one in classifiers if one.weights == 'tv://regnet_y_400mf.imagenet1k_v2']
    device = device_model('v100')
    assert Budget('flops', 1).cost_of(one) == complexity(one.architecture).flops == one.flops
    assert Budget('latency', 1, device).cost_of(one) == device.predict_one(one.architecture)
    assert Budget('memory', 1, element='fp32').cost_of(one) == peak_bytes(one.architecture, 'fp32')
    larger = [one for one in classifiers if one.resolution == 384]
    assert all(one.flops > 2.9 * complexity(one.architecture).flops for one in larger) and larger
    unknown = [one.network for one in classifiers if one.architecture is None]
    assert 'resnet50' in unknown and not any('regnet' in name for name in unknown)
    passed_over = {one.network for one in classifiers} - {
        choice.candidate.network for choice in priced(classifiers, [Budget('latency', 1, device)])
    }
    assert passed_over == {
        *unknown,
        *(one.network for one in classifiers if one.network[:7] in ('regnetz', 'regnetv')),
    }


def test_detectors_cost_what_their_backbones_do():
    detectors = published_candidates(ROOT, 'detection')
    (one,) = [one for one in detectors if one.network == 'faster-rcnn_regnetx_3.2gf_fpn_1x_coco']
    assert one.accuracy == 39.9 and one.metric == 'box AP'
    assert one.weights.startswith('https://download.openmmlab.com/mmdetection')
    assert one.flops == complexity(one.architecture, (800, 1344), 0).flops
    assert not any('mdconv' in one.network or 'rtmdet' in one.network for one in detectors)


@pytest.mark.parametrize(
    'weights, side',
    [
        ('timm://regnety_032.ra_in1k', 288),
        ('tv://regnet_y_800mf.imagenet1k_v2', 224),
        ('timm://regnetz_040_h.ra3_in1k', 320),
        (
            'https://download.openmmlab.com/mmclassification/v0/regnet/'
            'regnetx-400mf_8xb128_in1k_20211213-89bfc226.pth',
            224,
        ),
    ],
)
def test_configs_stand_alone_and_build(classifiers, tmp_path, weights, side):
    (one,) = [one for one in classifiers if (one.weights, one.resolution) == (weights, side)]
    path = tmp_path / 'far/away.py'
    write_config(one, ROOT, path)
    config = Config.fromfile(path)
    assert config.load_from == weights
    _, resize, crop, *_ = config.test_dataloader.dataset.pipeline
    assert (resize.scale, crop.crop_size) == (one.test['Resize'], side)
    assert config.data_preprocessor.to_rgb == ('openmmlab' not in weights)
    backbone = MODELS.build(config.model.backbone)
    built = AnyNet(**one.architecture.to_dict())
    assert {name: tensor.shape for name, tensor in backbone.state_dict().items()} == {
        name: tensor.shape for name, tensor in built.state_dict().items()
    }
    assert config.model.head.in_channels == one.architecture.output_widths[-1]
    assert str(Path(ROOT)) not in path.read_text()


def test_a_detectors_config(tmp_path):
    detectors = published_candidates(ROOT, 'detection')
    one = next(one for one in detectors if one.colours == 'RGB')
    write_config(one, ROOT, tmp_path / 'one.py')
    config = Config.fromfile(tmp_path / 'one.py')
    assert config.load_from == one.weights
    assert config.model.data_preprocessor.bgr_to_rgb is True
    assert config.model.data_preprocessor.mean == [123.675, 116.28, 103.53]
