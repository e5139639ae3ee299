"""tools/convert_weights.py goes from every library to every other, into their own modules.

The outputs are the same.
"""

import runpy
import sys
from itertools import product

import pytest
import torch
from broken_weights import BROKEN
from foreign_weights import as_pycls, classifier, difference, features, save_pycls
from killing import ROOT
from mmengine.registry import MODELS, DefaultScope
from mmengine.runner import load_checkpoint
from parity import images, randomize
from timm.models.regnet import RegNet as OfTimm
from timm.models.regnet import RegNetCfg
from torchvision.models.regnet import BlockParams
from torchvision.models.regnet import RegNet as OfTorchvision

from regnet_plugin.core.arch_argument import architecture_of
from regnet_plugin.weights.files import read_weights

CLASSES = 10
X = dict(depth=6, w_0=24, w_a=40, w_m=2, group_width=8)  # sampled, not published
NETWORKS = {'X': X, 'Y': dict(X, se_ratio=0.25), 'in one group': dict(X, group_width=256)}


@pytest.fixture
def convert(monkeypatch, capsys):
    """Run the tool in this process; returns its exit code and what it said."""

    def run(*arguments):
        monkeypatch.setattr(sys, 'argv', ['convert_weights.py', *map(str, arguments)])
        try:
            runpy.run_path(str(ROOT / 'tools/convert_weights.py'), run_name='__main__')
            code = 0
        except SystemExit as end:
            code = end.code
        said = capsys.readouterr()
        return code, said.out + said.err

    return run


def modules(arch):
    """The network in each library, without weights.

    pycls, which is no package, computes what timm's does.
    """
    timms = RegNetCfg(
        depth=arch['depth'],
        w0=arch['w_0'],
        wa=arch['w_a'],
        wm=arch['w_m'],
        group_size=arch['group_width'],
        se_ratio=arch.get('se_ratio', 0.0),
    )
    found = {
        'timm': OfTimm(timms, num_classes=CLASSES),
        'torchvision': OfTorchvision(
            BlockParams.from_init_params(**{'se_ratio': None, **arch}), num_classes=CLASSES
        ),
        'ours': classifier(dict(type='regnet_plugin.RegNet', arch=arch), CLASSES),
    }
    if 'se_ratio' not in arch:  # OpenMMLab's has no squeeze-and-excitation
        with DefaultScope.overwrite_default_scope('mmpretrain'):
            found['openmmlab'] = MODELS.build(
                dict(
                    type='ImageClassifier',
                    neck=dict(type='GlobalAveragePooling'),
                    head=dict(
                        type='LinearClsHead',
                        num_classes=CLASSES,
                        in_channels=architecture_of(arch).widths[-1],
                    ),
                    backbone=dict(
                        type='RegNet',
                        out_indices=(3,),
                        arch=dict(
                            w0=arch['w_0'],
                            wa=arch['w_a'],
                            wm=arch['w_m'],
                            group_w=arch['group_width'],
                            depth=arch['depth'],
                            bot_mul=1.0,
                        ),
                    ),
                )
            )
    return {library: module.eval() for library, module in found.items()}


def load(module, library, path):
    """Strictly, as the library's users do."""
    if library == 'openmmlab' and path.suffix == '.pth':  # MMEngine reads no other
        load_checkpoint(module, str(path), map_location='cpu', strict=True)
    else:
        module.load_state_dict(read_weights(path), strict=True)


@pytest.mark.parametrize(
    'name, suffix',
    [
        ('X', 'pth'),
        ('Y', 'safetensors'),
        *(
            pytest.param(*case, marks=pytest.mark.acceptance)
            for case in [
                ('X', 'safetensors'),
                ('Y', 'pth'),
                ('in one group', 'pth'),
                ('in one group', 'safetensors'),
            ]
        ),
    ],
)
@torch.inference_mode()
def test_all_directions(tmp_path, convert, name, suffix):
    """Each library's file is made of timm's weights.

    Of each of these every other one is made.
    """
    networks, batch = modules(NETWORKS[name]), images(2, torch.float32)
    weights = randomize(networks['timm'], torch.float32).eval().state_dict()
    torch.save(weights, tmp_path / 'timm.pth')
    save_pycls(weights, tmp_path / 'pycls.pth')
    expected = networks['timm'](batch)
    for library in ('torchvision', 'openmmlab', 'ours'):
        code, said = convert(
            tmp_path / 'timm.pth', tmp_path / f'{library}.pth', '--from', 'timm', '--to', library
        )
        assert code == 0 and f'{len(weights)} tensors of timm with the names of {library}\n' in said
    libraries = ['timm', 'pycls', 'torchvision', 'openmmlab', 'ours']
    for source, target in product(libraries, libraries):
        path = tmp_path / f'{source}-{target}.{suffix}'
        code, said = convert(tmp_path / f'{source}.pth', path, '--from', source, '--to', target)
        assert code == 0, said
        if target == 'pycls':
            of_pycls, found = as_pycls(weights), read_weights(path)
            assert found.keys() == of_pycls.keys() and all(
                torch.equal(found[key], of_pycls[key]) for key in found
            )
        elif target in networks:
            load(randomize(networks[target], torch.float32).eval(), target, path)
            inputs = batch.flip(1) if target == 'openmmlab' else batch  # which takes blue first
            assert difference(networks[target](inputs), expected) <= 1e-5, (source, target)


@pytest.mark.parametrize('target', ['timm', 'torchvision', 'pycls'])
@torch.inference_mode()
def test_a_backbone_alone(tmp_path, convert, target):
    """Of ours, and of a detector of ours, whose neck nobody else has."""
    networks, batch = modules(X), images(2, torch.float32)
    own = randomize(networks['ours'], torch.float32).eval()
    backbone = own.backbone.state_dict()
    detector = {
        **{f'backbone.{name}': value for name, value in backbone.items()},
        'neck.convs.0.weight': torch.ones(3),
    }
    for name, file, left_out in (
        ('backbone', backbone, ''),
        ('detector', detector, '; 1 of a neck or heads are left out'),
    ):
        torch.save(dict(state_dict=file), tmp_path / f'{name}.pth')
        code, said = convert(
            tmp_path / f'{name}.pth', tmp_path / 'net.pth', '--from', 'ours', '--to', target
        )
        assert code == 0 and said.endswith(
            f'{len(backbone)} tensors of ours with the names of {target}{left_out}\n'
        )
        if target == 'pycls':
            code, said = convert(tmp_path / 'net.pth', tmp_path / 'back.pth')
            found = read_weights(tmp_path / 'back.pth')
            assert all(
                torch.equal(found[f'backbone.{name}'], value) for name, value in backbone.items()
            )
            continue
        theirs = randomize(networks[target], torch.float32).eval()
        missing, unexpected = theirs.load_state_dict(
            read_weights(tmp_path / 'net.pth'), strict=False
        )
        assert unexpected == [] and all('fc.' in name for name in missing) and len(missing) == 2
        assert difference(features(theirs, batch), own.backbone(batch)[-1]) <= 1e-5


@torch.inference_mode()
def test_blocks_r_are_groups_of_the_whole_width(tmp_path, convert):
    depths, widths = [1, 2, 1, 1], [24, 32, 48, 64]
    own = randomize(
        classifier(
            dict(
                type='regnet_plugin.AnyNet',
                depths=depths,
                widths=widths,
                block='R',
                bottleneck_ratios=[2] * 4,
            ),
            CLASSES,
        ),
        torch.float32,
    ).eval()
    theirs = OfTorchvision(
        BlockParams(
            depths,
            widths,
            group_widths=[width // 2 for width in widths],
            bottleneck_multipliers=[0.5] * 4,
            strides=[2] * 4,
        ),
        num_classes=CLASSES,
    ).eval()
    torch.save(dict(state_dict=own.state_dict()), tmp_path / 'own.pth')
    code, said = convert(
        tmp_path / 'own.pth', tmp_path / 'net.pth', '--from', 'ours', '--to', 'torchvision'
    )
    assert code == 0, said
    load(theirs, 'torchvision', tmp_path / 'net.pth')
    assert difference(theirs(images(2, torch.float32)), own(images(2, torch.float32))) <= 1e-5


@pytest.mark.parametrize(
    'change, first',
    [
        (dict(block='V'), 'backbone.layer1.0.conv2.weight'),
        (dict(block='VR'), 'backbone.layer1.0.conv2.weight'),
        (dict(block='V2'), 'backbone.layer1.0.conv3.weight'),
        (dict(block='VR2'), 'backbone.layer1.0.conv3.weight'),
        (
            dict(block='R', bottleneck_ratios=[1] * 4, norm_cfg=dict(type='GN', num_groups=4)),
            'backbone.bn1.running_mean',
        ),
    ],
)
@pytest.mark.parametrize('target', ['timm', 'torchvision', 'pycls'])
def test_what_the_others_have_not_is_refused(tmp_path, convert, change, first, target):
    own = MODELS.build(dict(type='regnet_plugin.AnyNet', depths=[1] * 4, widths=[8] * 4, **change))
    torch.save(own.state_dict(), tmp_path / 'own.pth')
    code, said = convert(
        tmp_path / 'own.pth', tmp_path / 'net.pth', '--from', 'ours', '--to', target
    )
    assert (
        code == 2
        and said.startswith(f'error: networks of {target} have blocks of three convs')
        and first in said
    )
    assert said.count('\n') == 1 and not (tmp_path / 'net.pth').exists()
    code, said = convert(
        tmp_path / 'own.pth', tmp_path / 'net.pth', '--from', 'ours', '--to', 'openmmlab'
    )
    assert code == 0, said  # the names are the same: ours for blue first


@pytest.mark.parametrize('name', BROKEN)
def test_broken_files_are_one_line(broken, tmp_path, convert, name):
    code, said = convert(broken / name, tmp_path / 'net.pth')
    assert code == 2 and said.startswith('error: ') and said.count('\n') == 1
    assert not (tmp_path / 'net.pth').exists() and not (broken / 'trace').exists()


@pytest.mark.parametrize(
    'arguments, message',
    [
        (['gone.pth', 'net.pth'], "No such file or directory: 'gone.pth'"),
        (['.', 'net.pth'], "Is a directory: '.'"),
        (['good.pth', 'net.pth'], 'names of OpenMMLab are ours, too: --from openmmlab'),
        (
            ['good.pth', 'net.pth', '--from', 'timm'],
            'names must be those of a RegNet of timm, but 1 of 1 are not',
        ),
        (['good.pth', 'no/net.pth', '--from', 'ours'], 'no/net.pth'),
        (['good.pth', '.', '--from', 'ours'], 'error: '),
        (
            ['good.pth', 'net.pkl', '--from', 'ours'],
            'a .pkl is a file of detectron2, which is only read',
        ),
        (
            ['other.pth', 'net.pth'],
            'names must be those of a RegNet of ours, openmmlab, pycls, detectron2, timm, '
            'torchvision',
        ),
        (['tv://regnet_z_1gf', 'net.pth'], 'tv:// must be followed by one of regnet_x_16gf'),
    ],
)
def test_bad_arguments_are_one_line(tmp_path, monkeypatch, convert, arguments, message):
    monkeypatch.chdir(tmp_path)
    torch.save({'conv1.weight': torch.ones(32, 3, 3, 3)}, 'good.pth')
    torch.save({'encoder.weight': torch.ones(32, 3, 3, 3)}, 'other.pth')
    code, said = convert(*arguments)
    assert code == 2 and message in said.splitlines()[-1] and 'Traceback' not in said, said
    assert sorted(path.name for path in tmp_path.iterdir()) == ['good.pth', 'other.pth']
