"""Networks of timm, torchvision and pycls, loaded by address.

They are published on this machine as those publish theirs.

In tests/acceptance all sizes.
"""

import pytest
import timm
import torch
from foreign_weights import OTHER_WIDTHS, differences, network, publish, torchvision_peer
from loopback import without_hashes
from mmengine.registry import MODELS
from parity import IN_TIMM

from regnet_plugin.weights.addresses import read_address
from regnet_plugin.weights.conversion import convert
from regnet_plugin.weights.matching import own_weights


@pytest.fixture(autouse=True)
def published_names(monkeypatch):
    without_hashes(monkeypatch)


@pytest.mark.parametrize(
    'library, name',
    [
        ('timm', 'regnetx_200mf'),
        ('timm', 'regnety_200mf'),
        ('torchvision', 'regnetx_800mf'),
        ('torchvision', 'regnety_400mf'),
        ('pycls', 'regnety_200mf'),
    ],
)
def test_outputs_are_those_of_the_source(server, library, name):
    peer, address, paths = publish(library, name, server.folder)
    places = [
        f'{address.partition("://")[0]}://{server.address}/{path.relative_to(server.folder)}'
        for path in paths
    ]
    assert max(max(differences(peer, name, place)) for place in [address, *places]) <= 1e-5
    assert len(server.asked) == 1 + len(places)  # once each: they were kept


def test_torchvisions_other_widths_fit_an_anynet_of_them_only(server):
    name = 'regnetx_400mf'
    peer, address, _ = publish('torchvision', name, server.folder)
    assert max(differences(peer, OTHER_WIDTHS[name], address)) <= 1e-5
    backbone = MODELS.build(
        dict(network(name), init_cfg=dict(type='Pretrained', checkpoint=address))
    )
    message = 'of another shape, first layer4.0.downsample.0.weight is 400x160x1x1, not 384x160'
    with pytest.raises(ValueError, match=message):
        backbone.init_weights()


# What timm has beside the published ones: torchvision's other widths, another normalization, a size
# of its own.
BEYOND = {
    'regnetx_004_tv': OTHER_WIDTHS['regnetx_400mf'],
    'regnety_008_tv': OTHER_WIDTHS['regnety_800mf'],
    'regnety_080_tv': OTHER_WIDTHS['regnety_8.0gf'],
    'regnety_2560': dict(w_0=640, w_a=230.83, w_m=2.53, depth=27, group_width=373, se_ratio=0.25),
}


def test_which_networks_timm_has():
    assert set(timm.list_models('regnet[xy]*')) == {*IN_TIMM.values(), *BEYOND, 'regnety_040_sgn'}


@pytest.mark.parametrize('name', BEYOND)
def test_timms_other_networks_are_networks_of_ours(name):
    with torch.device('meta'):
        theirs = timm.create_model(name).state_dict()
        arch = BEYOND[name]
        config = network(arch) if 'widths' in arch else dict(type='regnet_plugin.RegNet', arch=arch)
        own = MODELS.build(config).state_dict()
    found = convert(theirs, 'timm', 'ours')
    assert {key: value.shape for key, value in found.items() if not key.startswith('head.')} == {
        f'backbone.{key}': value.shape for key, value in own.items()
    }


@pytest.mark.parametrize(
    'name, message',
    [
        (
            'regnetz_b16',
            'names must be those of a RegNet of timm, but .* are not, first stages.0.0',
        ),
        ('resnet50', 'names must be those of a RegNet of timm, but .* are not, first conv1.weight'),
    ],
)
def test_timms_other_blocks_are_refused(tmp_path, name, message):
    with torch.device('meta'):
        weights = timm.create_model(name).state_dict()
    torch.save({key: torch.zeros(1) for key in weights}, tmp_path / 'net.pth')
    with pytest.raises(ValueError, match=message) as caught:
        read_address(f'timm://{tmp_path}/net.pth')
    assert '\n' not in str(caught.value)
    with pytest.raises(ValueError, match='timm:// must name a RegNet X, Y, V or Z'):
        read_address(f'timm://{name}.ra3_in1k')


@pytest.mark.parametrize(
    'name, arch, message',
    [
        ('regnety_040_sgn', 'regnety_4.0gf', 'are missing, first bn1.running_mean'),
        (
            'regnetz_040',
            dict(
                w_0=48,
                w_a=14.5,
                w_m=2.226,
                depth=28,
                group_width=8,
                bottleneck_ratio=1 / 4,
                se_ratio=1 / 4,
            ),
            'are missing, first layer1.0.downsample.0.weight',
        ),
    ],
)  # Z has no projections
def test_timms_other_networks_with_the_same_names_are_refused(tmp_path, name, arch, message):
    with torch.device('meta'):
        weights = timm.create_model(name).state_dict()
        backbone = MODELS.build(dict(type='regnet_plugin.RegNet', arch=arch))
    torch.save(
        {key: torch.zeros([1] * value.dim()) for key, value in weights.items()},
        tmp_path / 'net.pth',
    )
    with pytest.raises(ValueError, match=message):
        own_weights(backbone, read_address(f'timm://{tmp_path}/net.pth'))


def test_what_torchvision_rounds_otherwise():
    """The widths typed above, and that the paper's are others."""
    for name, arch in OTHER_WIDTHS.items():
        if name == 'regnety_8.0gf':  # takes a second
            continue
        peer = torchvision_peer(name)
        stages = [list(stage.children()) for stage in peer.trunk_output.children()]
        assert [len(stage) for stage in stages] == arch['depths']
        assert [stage[0].proj[0].out_channels for stage in stages] == arch['widths']
        assert {stage[0].f.b[0].in_channels // stage[0].f.b[0].groups for stage in stages} == set(
            arch['group_widths']
        )
