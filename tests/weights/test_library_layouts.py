"""Names of other libraries, of which their own networks are the source.

What ours compute with their weights is the proof.
"""

import re

import pytest
import torch
from mmengine.registry import MODELS
from parity import build_peer

from regnet_plugin.core.published import PUBLISHED
from regnet_plugin.weights.conversion import convert, library_of
from regnet_plugin.weights.library_layouts import LIBRARY_LAYOUTS

# typed from pycls, dev/model_zoo: the first block of RegNetY with its projection, and the
# classifier
OF_PYCLS = [
    'stem.conv.weight',
    'stem.bn.weight',
    's1.b1.proj.weight',
    's1.b1.bn.running_mean',
    's1.b1.f.a.weight',
    's1.b1.f.a_bn.bias',
    's1.b1.f.b.weight',
    's1.b1.f.b_bn.weight',
    's1.b1.f.se.f_ex.0.weight',
    's1.b1.f.se.f_ex.2.bias',
    's1.b1.f.c.weight',
    's1.b1.f.c_bn.running_var',
    's4.b12.f.a.weight',
    'head.fc.bias',
]
OURS = [
    'backbone.conv1.weight',
    'backbone.bn1.weight',
    'backbone.layer1.0.downsample.0.weight',
    'backbone.layer1.0.downsample.1.running_mean',
    'backbone.layer1.0.conv1.weight',
    'backbone.layer1.0.bn1.bias',
    'backbone.layer1.0.conv2.weight',
    'backbone.layer1.0.bn2.weight',
    'backbone.layer1.0.se.fc1.weight',
    'backbone.layer1.0.se.fc2.bias',
    'backbone.layer1.0.conv3.weight',
    'backbone.layer1.0.bn3.running_var',
    'backbone.layer4.11.conv1.weight',
    'head.fc.bias',
]


@pytest.mark.parametrize('library', ['timm', 'torchvision'])
def test_their_names_are_all_there_and_back(library):
    """That a network computes the same with them, test_parity shows for all networks."""
    peer = build_peer(library, 'regnety_400mf', torch.float32)
    weights = peer.state_dict()
    back = convert(convert(weights, library, 'ours'), 'ours', library)
    assert list(back) == list(weights) and all(
        torch.equal(back[name], weights[name]) for name in weights
    )


@pytest.mark.parametrize('name', PUBLISHED)
def test_names_of_all_networks_go_there_and_back(name):
    with torch.device('meta'):
        own = {
            f'backbone.{key}': value
            for key, value in MODELS.build(dict(type='regnet_plugin.RegNet', arch=name))
            .state_dict()
            .items()
        }
    for library in LIBRARY_LAYOUTS:
        there = convert(own, 'ours', library)
        assert len(there) == len(own)
        assert list(convert(there, library, 'ours')) == list(own)
        assert library_of(there) == ('openmmlab' if library == 'ours' else library)


def test_names_of_pycls_and_the_order_of_colours():
    weights = {name: torch.randn(32, 3, 3, 3) for name in OF_PYCLS}
    ours = convert(weights, 'pycls', 'ours')
    assert list(ours) == OURS
    for theirs, own in zip(OF_PYCLS, OURS):
        assert torch.equal(
            ours[own],
            weights[theirs][:, [2, 1, 0]] if theirs == 'stem.conv.weight' else weights[theirs],
        )
    assert torch.equal(
        convert(weights, 'pycls', 'openmmlab')['backbone.conv1.weight'], weights['stem.conv.weight']
    )


def test_detectors_give_their_backbone():
    names = [
        'backbone.bottom_up.stem.conv.weight',
        'backbone.bottom_up.s2.b1.f.b_bn.weight',
        'backbone.fpn_lateral2.bias',
        'roi_heads.box_head.fc1.weight',
    ]
    found = convert({name: torch.ones(32, 3, 3, 3) for name in names}, 'detectron2', 'ours')
    assert list(found) == ['backbone.conv1.weight', 'backbone.layer2.0.bn2.weight']
    detector = [
        'backbone.conv1.weight',
        'backbone.layer1.0.bn1.bias',
        'neck.lateral_convs.0.conv.bias',
        'bbox_head.x',
    ]
    assert list(
        convert(dict.fromkeys(detector, torch.ones(32, 3, 3, 3)), 'openmmlab', 'pycls')
    ) == ['stem.conv.weight', 's1.b1.f.a_bn.bias']


def test_openmmlabs_file_of_a_backbone_alone():
    names = ['conv1.weight', 'layer3.1.downsample.0.weight', 'fc.bias']
    found = convert(dict.fromkeys(names, torch.ones(32, 3, 3, 3)), 'openmmlab', 'ours')
    assert list(found) == [
        'backbone.conv1.weight',
        'backbone.layer3.1.downsample.0.weight',
        'head.fc.bias',
    ]


@pytest.mark.parametrize(
    'names, source, message',
    [
        (
            ['stem.conv.weight', 's1.b1.x.weight'],
            'pycls',
            'of a RegNet of pycls, but 1 of 2 are not, first s1.b1.x.weight',
        ),
        (
            ['layer1.0.conv1.weight', 'layer1.0.conv9.weight'],
            'ours',
            'but 1 of 2 are not, first backbone.layer1.0.conv9',
        ),
        (['trunk_output.block1.block2-0.f.a.0.weight'], 'torchvision', 'but 1 of 1 are not'),
        ([], 'timm', 'but there is none'),
    ],
)
def test_names_of_nobody(names, source, message):
    with pytest.raises(ValueError, match=message):
        convert(dict.fromkeys(names, torch.ones(1)), source, 'ours')
    assert library_of(dict.fromkeys(names, torch.ones(1))) is None


@pytest.mark.parametrize(
    'first, second',
    [('s1.b1.f.a.weight', 's1.b01.f.a.weight'), ('s1.b1.proj.weight', 's01.b1.proj.weight')],
)
def test_two_tensors_of_one_place_are_refused(first, second):
    with pytest.raises(
        ValueError, match=f'{re.escape(first)} and {re.escape(second)} are both backbone.layer1.0'
    ):
        convert({first: 1, second: 2}, 'pycls', 'ours')


@pytest.mark.parametrize(
    'source, target', [('ours', 'pycls'), ('openmmlab', 'ours'), ('timm', 'torchvision')]
)
def test_a_stem_that_is_no_conv_is_refused(source, target):
    weights = {
        f'{LIBRARY_LAYOUTS[source].prefix}{LIBRARY_LAYOUTS[source].stem[0]}.weight': torch.zeros(32)
    }
    with pytest.raises(
        ValueError,
        match=r'the weights of the stem must be those of a conv, .* have the shape \(32,\)',
    ):
        convert(weights, source, target)
