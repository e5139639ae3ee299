"""Addresses: what they stand for, and what is said of one that stands for nothing."""

import pickle

import numpy as np
import pytest
import torch
from loopback import without_hashes

from regnet_plugin.weights import published_files
from regnet_plugin.weights.addresses import read_checkpoint


def test_published_names_are_where_the_libraries_say():
    """Addresses typed from the projects' lists of models."""
    assert published_files.pycls_file('RegNetY-3.2GF') == (
        'https://dl.fbaipublicfiles.com/pycls/dds_baselines/160906834/RegNetY-3.2GF_dds_8gpu.pyth',
        'RegNetY-3.2GF_dds_8gpu.pyth',
    )
    assert (
        published_files.torchvision_file('regnet_y_400mf')[0]
        == 'https://download.pytorch.org/models/regnet_y_400mf-c65dace8.pth'
    )
    assert (
        published_files.torchvision_file('regnet_y_400mf.imagenet1k_v2')[1]
        == 'regnet_y_400mf-e6988f5f.pth'
    )
    assert published_files.timm_file('regnety_032.ra_in1k')[0] == (
        'https://huggingface.co/timm/regnety_032.ra_in1k/resolve/main/model.safetensors'
    )
    assert published_files.detectron2_file('mask_rcnn_regnetx_4gf_dds_FPN_100ep_LSJ')[0] == (
        'https://dl.fbaipublicfiles.com/detectron2/new_baselines/mask_rcnn_regnetx_4gf_dds_FPN_100ep_LSJ/42047771/'
        'model_final_b7fbab.pkl'
    )
    assert len(published_files._PYCLS_RUNS) == 24


@pytest.mark.parametrize(
    'address, message',
    [
        (
            'pycls://RegNetZ-1GF',
            'pycls:// must be followed by one of RegNetX-200MF, .* but it is RegNetZ-1GF',
        ),
        ('pycls://', 'but it is nothing'),
        (
            'timm://resnet50.a1_in1k',
            'timm:// must name a RegNet X, Y, V or Z .* such as regnety_032.ra_in1k',
        ),
        ('tv://regnet_x_3gf', 'tv:// must be followed by one of regnet_x_16gf'),
        (
            'tv://regnet_x_3_2gf.v9',
            'tv://regnet_x_3_2gf. must be followed by one of imagenet1k_v1, imagenet1k_v2',
        ),
        ('open-mmlab://regnety_3.2gf', 'open-mmlab:// must be followed by one of .*regnetx_3.2gf'),
        ('timm://regnety_032.rä_in1k', 'cannot be downloaded: HTTP Error 404'),
        (
            'torchvision://regnet_y_3_2gf',
            'must be named as tv://regnet_y_3_2gf, .* this is torchvision://regnet_y_3_2gf',
        ),
        (
            'TIMM://regnety_032.ra_in1k',
            'TIMM://regnety_032.ra_in1k must be a path, or an address that begins with pycls, timm',
        ),
        (
            'petrel://bucket/net.pth',
            'petrel://bucket/net.pth must be a path, or an address .* petrel',
        ),
        ('s3://bucket/net.pth', 's3://bucket/net.pth must be a path, or an address'),
        ('file://net.pth', 'file://net.pth must be a path'),
        ('a://b://c', 'a://b://c must be a path'),
    ],
)
def test_what_is_said_of_a_wrong_address(server, address, message):
    with pytest.raises(ValueError, match=message) as caught:
        read_checkpoint(address)
    assert '\n' not in str(caught.value)


def test_openmmlabs_alias_gives_what_is_in_the_file(server, kept, monkeypatch):
    from mmengine.runner.checkpoint import get_external_models

    without_hashes(monkeypatch)
    url = get_external_models()['regnetx_3.2gf']
    path = server.folder / url.removeprefix('https://')
    path.parent.mkdir(parents=True)
    weights = {'conv1.weight': torch.randn(32, 3, 3, 3), 'fc.bias': torch.randn(1000)}
    torch.save(dict(state_dict=weights), path)
    for _ in range(2):
        found = read_checkpoint('open-mmlab://regnetx_3.2gf')
    assert list(found) == list(weights) and torch.equal(
        found['conv1.weight'], weights['conv1.weight']
    )
    assert kept() == ['regnetx_3.2gf-c2599b0f.pth'] and len(server.asked) == 1


def test_an_address_with_more_than_a_name(server, kept):
    """The address is as browsers copy it from the Hugging Face hub.

    Two files of one name are not taken for each other.
    """
    from safetensors.torch import save_file

    for place in ('a', 'b'):
        (server.folder / place).mkdir()
        save_file(
            {'conv1.weight': torch.full((32, 3, 3, 3), ord(place))},
            server.folder / place / 'model.safetensors',
        )
    for place in ('a', 'b'):
        found = read_checkpoint(f'{server.address}/{place}/model.safetensors?download=true')
        assert found['conv1.weight'].unique().tolist() == [ord(place)]
    (server.folder / 'größe 1.pth').write_bytes(
        (server.folder / 'a/model.safetensors').read_bytes()
    )
    with pytest.raises(ValueError, match='what came'):  # it was found, but is of another format
        read_checkpoint(f'{server.address}/größe 1.pth')
    assert len(kept()) == 2 and len({name[:8] for name in kept()}) == 2


def test_detectron2s_arrays(tmp_path):
    names = {
        'backbone.bottom_up.stem.conv.weight': np.arange(27.0).reshape(1, 3, 3, 3),
        'proposal_generator.x': np.ones(3),
    }
    (tmp_path / 'net.pkl').write_bytes(
        pickle.dumps(dict(model=names, __author__='Detectron2 Model Zoo'))
    )
    found = read_checkpoint(f'detectron2://{tmp_path}/net.pkl')
    assert list(found) == ['backbone.conv1.weight']
    assert found['backbone.conv1.weight'][0, 0, 0].tolist() == [18, 19, 20]  # red comes first
