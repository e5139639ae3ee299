"""Addresses, against a server of this machine: real files of timm and torchvision, and what can be wrong with one."""
import http.server
import pickle
import threading

import numpy as np
import pytest
import torch
from mmengine.registry import MODELS
from mmengine.runner import CheckpointLoader
from parity import build_peer, ours_with_weights_of

from regnet_plugin.weights import addresses
from regnet_plugin.weights.addresses import read_checkpoint
from regnet_plugin.weights.layouts import convert


class Handler(http.server.SimpleHTTPRequestHandler):
    """Serves a folder; of a file whose name begins with 'half' it sends half, of 'page' a page."""

    def log_message(self, *_):
        pass

    def copyfile(self, source, output):
        data = source.read()
        output.write(data[:len(data) // 2] if 'half' in self.path else data)


@pytest.fixture
def served(tmp_path, monkeypatch):
    """A folder on a server, its address, and an empty folder of PyTorch's for what is downloaded."""
    folder = tmp_path / 'served'
    folder.mkdir()
    monkeypatch.setattr(torch.hub, 'get_dir', lambda: str(tmp_path / 'hub'))

    def handler(*args):
        return Handler(*args, directory=str(folder))

    with http.server.ThreadingHTTPServer(('127.0.0.1', 0), handler) as server:
        threading.Thread(target=server.serve_forever, daemon=True).start()
        yield folder, f'http://127.0.0.1:{server.server_port}'
        server.shutdown()


def kept(tmp_path):
    return sorted(path.name for path in (tmp_path / 'hub').rglob('*') if path.is_file())


@pytest.mark.parametrize('scheme, library, name', [
    ('timm', 'timm', 'regnety_200mf'), ('tv', 'torchvision', 'regnety_400mf'), ('pycls', 'timm', 'regnetx_200mf')])
def test_a_file_of_theirs_by_address(served, tmp_path, scheme, library, name):
    folder, server = served
    peer = build_peer(library, name, torch.float32).eval()
    weights = peer.state_dict()
    if scheme == 'pycls':  # as pycls saves a network
        weights = dict(epoch=99, model_state=convert(convert(weights, library, 'ours'), 'ours', 'pycls'), cfg='MODEL: …',
                       optimizer_state=dict(state={}, param_groups=[dict(lr=0.1)]))
    torch.save(weights, folder / 'net.pth')
    address = f'{scheme}://{server}/net.pth'
    network = ours_with_weights_of(name, library, peer)  # that it computes the same, test_parity shows
    found = CheckpointLoader.load_checkpoint(address)['state_dict']
    assert all(torch.equal(found[key], value) for key, value in network.state_dict().items()) and len(found) == len(
        network.state_dict())
    backbone = MODELS.build(dict(type='regnet_plugin.RegNet', arch=name,
                                 init_cfg=dict(type='Pretrained', checkpoint=address)))
    backbone.init_weights()
    assert all(torch.equal(value, network.backbone.state_dict()[key]) for key, value in backbone.state_dict().items())
    (folder / 'net.pth').unlink()  # it was kept
    read_checkpoint(address)
    assert len(kept(tmp_path)) == 1


def test_published_names_are_where_the_libraries_say():
    """Addresses typed from the projects' lists of models."""
    assert addresses._pycls('RegNetY-3.2GF') == (
        'https://dl.fbaipublicfiles.com/pycls/dds_baselines/160906834/RegNetY-3.2GF_dds_8gpu.pyth',
        'RegNetY-3.2GF_dds_8gpu.pyth')
    assert addresses._torchvision('regnet_y_400mf')[0] == 'https://download.pytorch.org/models/regnet_y_400mf-c65dace8.pth'
    assert addresses._torchvision('regnet_y_400mf.imagenet1k_v2')[1] == 'regnet_y_400mf-e6988f5f.pth'
    assert addresses._timm('regnety_032.ra_in1k')[0] == (
        'https://huggingface.co/timm/regnety_032.ra_in1k/resolve/main/model.safetensors')
    assert addresses._detectron2('mask_rcnn_regnetx_4gf_dds_FPN_100ep_LSJ')[0] == (
        'https://dl.fbaipublicfiles.com/detectron2/new_baselines/mask_rcnn_regnetx_4gf_dds_FPN_100ep_LSJ/42047771/'
        'model_final_b7fbab.pkl')
    assert len(addresses._PYCLS_NAMES) == 24


@pytest.mark.parametrize('address, message', [
    ('pycls://RegNetZ-1GF', 'pycls:// must be followed by one of RegNetX-200MF, .* but it is RegNetZ-1GF'),
    ('pycls://', 'but it is nothing'),
    ('timm://resnet50.a1_in1k', 'timm:// must name a RegNet X or Y and its training, such as regnety_032.ra_in1k'),
    ('tv://regnet_x_3gf', 'tv:// must be followed by one of regnet_x_16gf'),
    ('tv://regnet_x_3_2gf.v9', 'tv://regnet_x_3_2gf. must be followed by one of imagenet1k_v1, imagenet1k_v2'),
    ('open-mmlab://regnety_3.2gf', 'open-mmlab:// must be followed by one of .*regnetx_3.2gf'),
    ('pycls://http://127.0.0.1:9/x.pyth', 'http://127.0.0.1:9/x.pyth cannot be downloaded: .*refused'),
])
def test_what_is_said_of_a_wrong_address(served, address, message):
    with pytest.raises(ValueError, match=message) as caught:
        read_checkpoint(address)
    assert '\n' not in str(caught.value)


class _Harmful:
    def __reduce__(self):
        return print, ('harm was done', )


def broken_files(folder):
    good = {'conv1.weight': torch.randn(32, 3, 3, 3)}
    torch.save(good, folder / 'good.pth')
    whole = (folder / 'good.pth').read_bytes()
    (folder / 'half-sent.pth').write_bytes(whole)
    (folder / 'cut.pth').write_bytes(whole[:len(whole) // 2])
    (folder / 'page.pth').write_text('<!DOCTYPE html><html>Not Found, and some more that makes it long enough</html>')
    (folder / 'empty.pth').write_bytes(b'')
    torch.save(dict(good, x=_Harmful()), folder / 'harm.pth')
    (folder / 'harm.pkl').write_bytes(pickle.dumps(dict(model=_Harmful(), more='x' * 99)))
    torch.save(dict(epoch=3, note='x' * 99), folder / 'none.pth')
    (folder / 'cut.safetensors').write_bytes(whole)


@pytest.mark.parametrize('name, message', [
    ('half-sent.pth', r'the connection ended after [\d,]+ of [\d,]+ bytes'), ('cut.pth', 'no checkpoint, or was cut off'),
    ('page.pth', 'must be a checkpoint, but it is a page of HTML: .*Not Found'), ('empty.pth', 'but it has 0 bytes'),
    ('harm.pth', 'must hold weights, .* but it calls'), ('harm.pkl', 'must hold weights, .* but it calls'),
    ('none.pth', 'must hold a state dict'), ('cut.safetensors', 'no checkpoint, or was cut off'),
    ('gone.pth', 'cannot be downloaded: File not found')])
def test_files_that_are_refused(served, tmp_path, capfd, name, message):
    folder, server = served
    broken_files(folder)
    with pytest.raises(ValueError, match=message) as caught:
        read_checkpoint(f'{server}/{name}')
    assert '\n' not in str(caught.value) and 'harm was done' not in capfd.readouterr().out
    if name in ('half-sent.pth', 'page.pth', 'empty.pth', 'gone.pth'):
        assert kept(tmp_path) == []


def test_detectron2s_arrays(tmp_path):
    names = {'backbone.bottom_up.stem.conv.weight': np.arange(27.).reshape(1, 3, 3, 3), 'proposal_generator.x': np.ones(3)}
    (tmp_path / 'net.pkl').write_bytes(pickle.dumps(dict(model=names, __author__='Detectron2 Model Zoo')))
    found = read_checkpoint(f'detectron2://{tmp_path}/net.pkl')
    assert list(found) == ['backbone.conv1.weight']
    assert found['backbone.conv1.weight'][0, 0, 0].tolist() == [18, 19, 20]  # red comes first
