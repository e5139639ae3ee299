"""Weights by address at full size.

Every network that timm, torchvision and pycls publish goes through every tool.
"""

import pickle
import re
import shutil
import subprocess
import sys

import numpy as np
import pytest
import torch
from broken_weights import BROKEN, write_broken
from foreign_weights import (
    OTHER_WIDTHS,
    TORCHVISION_FILES,
    as_pycls,
    difference,
    differences,
    features,
    network,
    publish,
    scores_of,
)
from killing import ROOT
from loopback import all_hosts, environment_of, without_hashes
from mmengine.registry import MODELS
from parity import IN_TIMM, build_peer, images
from tiny_imagenet import make_tiny_imagenet

from regnet_plugin.weights.addresses import read_address

DIGITS = ROOT / 'configs/regnetx_6.5mf_digits.py'
PUBLISHED = [name for name in IN_TIMM if not name.endswith(('_64gf', '_128gf'))]
NETWORKS = [
    *(('timm', name) for name in IN_TIMM),
    *(('pycls', name) for name in PUBLISHED),
    *(('torchvision', name) for name in TORCHVISION_FILES),
]
WORST = []


@pytest.fixture
def server(tmp_path, monkeypatch):
    """Stands for all hosts; what is downloaded goes with what is served, since it is gigabytes."""
    without_hashes(monkeypatch)
    with all_hosts(tmp_path, monkeypatch) as server:
        yield server
    for folder in ('served', 'hub'):
        shutil.rmtree(tmp_path / folder, ignore_errors=True)


@pytest.mark.parametrize('library, name', NETWORKS)
def test_outputs_are_those_of_the_source(server, library, name, report):
    peer, address, paths = publish(library, name, server.folder)
    scheme = address.partition('://')[0]
    arch = OTHER_WIDTHS[name] if library == 'torchvision' and name in OTHER_WIDTHS else name
    found = max(differences(peer, arch, address))
    WORST.append(found)
    report(f'{address}: at most {found:.1e} of the largest output; worst so far {max(WORST):.1e}')
    assert found <= 1e-5
    by_name = read_address(address)
    for path in paths:
        by_place = read_address(f'{scheme}://{server.address}/{path.relative_to(server.folder)}')
        assert by_place.keys() == by_name.keys() and all(
            torch.equal(by_place[key], by_name[key]) for key in by_name
        )
    if arch is not name:
        backbone = MODELS.build(
            dict(network(name), init_cfg=dict(type='Pretrained', checkpoint=address))
        )
        with pytest.raises(
            ValueError, match=r'of another shape, first layer\d.0.\S+ is [\dx]+, not [\dx]+'
        ):
            backbone.init_weights()


@pytest.mark.parametrize(
    'name, detector, place',
    [  # typed from detectron2's MODEL_ZOO.md
        (
            'regnetx_4.0gf',
            'mask_rcnn_regnetx_4gf_dds_FPN_100ep_LSJ',
            '42047771/model_final_b7fbab.pkl',
        ),
        (
            'regnety_4.0gf',
            'mask_rcnn_regnety_4gf_dds_FPN_400ep_LSJ',
            '42045954/model_final_ef3a80.pkl',
        ),
    ],
)
@torch.inference_mode()
def test_the_backbone_of_a_detector_of_detectron2(server, name, detector, place, report):
    """Its files are arrays of NumPy in a pickle, without counters of batches."""
    peer = build_peer('timm', name, torch.float32).eval()
    weights = {
        f'backbone.bottom_up.{key}': value.numpy()
        for key, value in as_pycls(peer.state_dict()).items()
        if not key.startswith('head.') and not key.endswith('num_batches_tracked')
    }
    weights.update(
        {
            'backbone.fpn_lateral2.weight': np.ones((256, 80, 1, 1), np.float32),
            'roi_heads.x': np.ones(3),
        }
    )
    path = server.folder / f'dl.fbaipublicfiles.com/detectron2/new_baselines/{detector}/{place}'
    path.parent.mkdir(parents=True)
    path.write_bytes(pickle.dumps(dict(model=weights, __author__='Detectron2 Model Zoo')))
    backbone = MODELS.build(
        dict(network(name), init_cfg=dict(type='Pretrained', checkpoint=f'detectron2://{detector}'))
    ).eval()
    backbone.init_weights()
    batch = images(2, torch.float32)
    found = difference(backbone(batch)[-1], features(peer, batch))
    report(f'{detector}: {found:.1e} of the largest value')
    assert found <= 1e-5


@pytest.fixture(scope='module')
def imagenet(tmp_path_factory):
    # whose 12 classes may be of 1000
    return make_tiny_imagenet(tmp_path_factory.mktemp('imagenet'))[1]


@torch.inference_mode()
def test_the_command_of_the_issue(server, imagenet, tmp_path, run_tool, report):
    """tools/test.py with an address predicts what timm's network does with these weights.

    The address is pycls://RegNetY-3.2GF.
    """
    peer, address, _ = publish('pycls', 'regnety_3.2gf', server.folder)
    assert address == 'pycls://RegNetY-3.2GF'
    for _ in range(2):
        done = run_tool(
            'test.py',
            ROOT / 'configs/regnety_3.2gf_imagenet.py',
            address,
            '--out',
            'p.pkl',
            '--cfg-options',
            f'test_dataloader.dataset.data_root={imagenet}',
            'test_dataloader.num_workers=0',
            'test_dataloader.batch_size=8',
            env=environment_of(server, tmp_path),
        )
        assert done.returncode == 0, done.stderr
    predictions = pickle.loads((tmp_path / 'p.pkl').read_bytes())
    pictures = [
        imagenet / 'val' / line.split()[0]
        for line in (imagenet / 'meta/val.txt').read_text().splitlines()
    ]
    assert len(predictions) == len(pictures) == 48 and len(server.asked) == 1
    worst = 0
    for picture, prediction in zip(pictures, predictions):
        found, expected = prediction['pred_score'], scores_of(peer, picture)
        worst = max(worst, difference(found, expected))
        assert found.argmax() == expected.argmax()
    report(
        f'48 predictions: at most {worst:.1e} of the largest score from timm; '
        f'{done.stdout.splitlines()[-2:]}'
    )
    assert worst <= 1e-4  # softmax multiplies what differs


def entrances(path):
    """Each tool with a checkpoint of this path."""
    config, options = DIGITS, ('--work-dir', 'work')
    return {
        'test.py CHECKPOINT': ['test.py', config, path, *options],
        'load_from': ['train.py', config, *options, '--cfg-options', f'load_from={path}'],
        '--resume': ['train.py', config, *options, '--resume', path],
        'resume in the config': [
            'train.py',
            config,
            *options,
            '--cfg-options',
            'resume=True',
            f'load_from={path}',
        ],
        'init_cfg': [
            'train.py',
            config,
            *options,
            '--cfg-options',
            'model.backbone.init_cfg.type=Pretrained',
            f'model.backbone.init_cfg.checkpoint={path}',
        ],
        'init_cfg with a prefix': [
            'train.py',
            config,
            *options,
            '--cfg-options',
            'model.backbone.init_cfg.type=mmengine.Pretrained',
            'model.backbone.init_cfg.prefix=backbone.',
            f'model.backbone.init_cfg.checkpoint={path}',
        ],
        'convert_weights.py': ['convert_weights.py', path, 'net.pth'],
        'export.py': ['export.py', 'regnetx_200mf', path, '--out', 'net.onnx'],
    }


@pytest.mark.parametrize('entrance', entrances(''))
@pytest.mark.parametrize('by', ['path', 'address'])
def test_broken_files_through_every_entrance(server, tmp_path, run_tool, entrance, by):
    write_broken(server.folder, tmp_path / 'trace')
    for name in (
        'cut.pth',
        'page.pth',
        'harm.pth',
        'harm.pyth',
        'harm-beside.pth',
        'cut.safetensors',
        'harm.pkl',
    ):
        if by == 'address' and '--resume' in entrance:
            continue  # takes a file
        path = server.folder / name if by == 'path' else f'{server.address}/{name}'
        done = run_tool(*entrances(path)[entrance])
        assert done.returncode == 2, done.stderr
        *_, last = done.stderr.splitlines()
        assert last.startswith('error: ') and 'Traceback' not in done.stderr, done.stderr
        said = 'must hold weights|no checkpoint' if 'resume' in entrance else BROKEN[name]
        assert re.search(f'{said}|page of HTML', last), last
        assert not (tmp_path / 'trace').exists() and not (tmp_path / 'net.pth').exists()


def two_ranks(checkpoint, server, tmp_path, *options):
    command = [
        ROOT / 'tools/dist_test.sh',
        DIGITS,
        checkpoint,
        '2',
        '--work-dir',
        tmp_path / 'work',
        *options,
    ]
    environment = environment_of(server, tmp_path, PYTHON=sys.executable, PORT='29653')
    return subprocess.run(
        list(map(str, command)),
        env=environment,
        cwd=tmp_path,
        text=True,
        capture_output=True,
        timeout=200,
    )


def test_two_ranks_download_once_and_fail_together(server, tmp_path, run_tool):
    work = tmp_path / 'trained'
    done = run_tool(
        'train.py', DIGITS, '--work-dir', work, '--cfg-options', 'train_cfg.max_epochs=2'
    )
    assert done.returncode == 0, done.stderr
    shutil.copy(work / 'epoch_2.pth', server.folder / 'net.pth')
    done = two_ranks(f'{server.address}/net.pth', server, tmp_path)
    assert done.returncode == 0 and len(server.asked) == 1, done.stderr
    shutil.copy(work / 'epoch_2.pth', server.folder / 'another.pth')
    for address, message in (
        (f'{server.address}/gone.pth', 'HTTP Error 404'),
        (f'{server.address}/half/another.pth', 'the connection ended after'),
    ):
        done = two_ranks(address, server, tmp_path)
        assert done.returncode != 0
        said = [line for line in done.stderr.splitlines() if re.match(r'(\[.*\]:)?error: ', line)]
        assert said and all(message in line for line in said), done.stderr
