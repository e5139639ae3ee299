"""Weights by the names of models: mmpretrain's hub and inferencers, and what mim downloads."""

import re

import cv2
import numpy as np
import pytest
import requests
import torch
import yaml
from every_config import METAFILES
from foreign_weights import publish
from killing import ROOT
from loopback import without_hashes
from mim.commands.download import download
from mmengine.config import Config
from mmengine.registry import MODELS, DefaultScope
from mmengine.runner import load_checkpoint
from parity import images

from regnet_plugin.weights.addresses import read_checkpoint
from regnet_plugin.weights.image_statistics import colour_order_of
from regnet_plugin.weights.published_files import library_at, published_url

METAFILE = yaml.safe_load((ROOT / 'configs/metafile.yml').read_text())
OURS = [
    model
    for model in METAFILE['Models']
    if model['In Collection'] in ('RegNet', 'RegNet, recipe of 2021')
]


@pytest.fixture
def hub():
    """mmpretrain knows our models; a registration lasts."""
    from regnet_plugin.weights.mmpretrain_hub import register_models

    register_models()


def test_every_network_has_the_file_of_its_publisher_on_rgb_images():
    assert len(OURS) == 28
    for model in OURS:
        url = model['Weights']
        assert library_at(url) == ('pycls' if 'dds' in model['Name'] else 'torchvision')
        assert colour_order_of(url) == 'RGB'
        if 'dds' in model['Name']:
            addresses = [entry['Address'] for entry in model['Foreign Weights']]
            (own,) = [address for address in addresses if address.startswith('pycls://')]
            assert published_url(own) == url


def test_all_weights_of_metafiles_may_be_used_for_anything():
    """pycls's are under MIT, torchvision's BSD but for SWAG's and SEER's, mmdet's Apache 2."""
    named = [
        model['Weights']
        for metafile in METAFILES
        for model in metafile['Models']
        if model.get('Weights')
    ]
    of_mmdet = [
        url for url in named if url.startswith('https://download.openmmlab.com/mmdetection')
    ]
    assert len(named) == len(OURS) + len(of_mmdet)
    for url in set(named) - set(of_mmdet):
        assert library_at(url) and not re.search('swag|seer', url)


def test_a_name_gives_a_network_with_weights(server, monkeypatch, hub):
    import mmpretrain

    peer, _, _ = publish('pycls', 'regnety_200mf', server.folder)
    model = mmpretrain.get_model('regnety-200mf_8xb128-dds_in1k', pretrained=True).eval()
    batch = images(2, torch.float32)
    with torch.inference_mode():
        expected = peer.eval()(batch)
        assert (model(batch) - expected).abs().max() <= 1e-5 * expected.abs().max()
    assert model.data_preprocessor.mean.flatten().tolist() == pytest.approx(
        [123.675, 116.28, 103.53]
    )
    weights = read_checkpoint(published_url('pycls://RegNetY-200MF'))
    assert torch.equal(weights['backbone.bn1.weight'], model.backbone.bn1.weight)
    assert len(server.asked) == 1  # it was kept


def test_of_the_recipe_of_2021(server, monkeypatch, hub):
    import mmpretrain

    name = 'regnety-400mf_8xb128-modern-600e_in1k'
    (url,) = [model['Weights'] for model in OURS if model['Name'] == name]
    without_hashes(monkeypatch)
    from foreign_weights import torchvision_peer

    peer = torchvision_peer('regnety_400mf')
    path = server.folder / url.removeprefix('https://')
    path.parent.mkdir(parents=True, exist_ok=True)
    torch.save(peer.state_dict(), path)
    model = mmpretrain.get_model(name, pretrained=True).eval()
    batch = images(2, torch.float32)
    with torch.inference_mode():
        expected = peer(batch)
        found = model(batch)
        assert (found - expected).abs().max() <= 1e-5 * expected.abs().max()


def test_inferencers_take_the_name(server, tmp_path, hub):
    from mmpretrain import ImageClassificationInferencer

    publish('pycls', 'regnety_200mf', server.folder)
    cv2.imwrite(str(tmp_path / 'image.png'), np.zeros((64, 64, 3), np.uint8))
    inferencer = ImageClassificationInferencer('regnety-200mf_8xb128-dds_in1k', pretrained=True)
    (result,) = inferencer(str(tmp_path / 'image.png'))
    assert np.shape(result['pred_scores']) == (1000,)


def test_mim_downloads_weights_and_config(server, tmp_path, monkeypatch):
    """As `mim download regnet_plugin --config NAME --dest FOLDER` of the installed package does."""

    class Here(requests.adapters.HTTPAdapter):
        def send(self, request, **options):
            request.url = f'{server.address}/{request.url.removeprefix("https://")}'
            return super().send(request, **{**options, 'proxies': {}})

    monkeypatch.setattr(requests.sessions, 'HTTPAdapter', Here)
    peer, _, _ = publish('pycls', 'regnety_200mf', server.folder)
    name = 'regnety-200mf_8xb128-dds_in1k'
    files = download('regnet_plugin', [name], str(tmp_path / 'zoo'))
    assert files == ['RegNetY-200MF_dds_8gpu.pyth'] and len(server.asked) == 1
    config = Config.fromfile(tmp_path / f'zoo/{name}.py')
    assert config.data_preprocessor.to_rgb and config.data_preprocessor.mean[0] == 123.675
    with DefaultScope.overwrite_default_scope('mmpretrain'):
        model = MODELS.build(config.model).eval()
    load_checkpoint(model, f'pycls://{tmp_path}/zoo/{files[0]}', map_location='cpu', strict=True)
    batch = images(2, torch.float32)
    with torch.inference_mode():
        expected = peer.eval()(batch)
        assert (model(batch) - expected).abs().max() <= 1e-5 * expected.abs().max()
