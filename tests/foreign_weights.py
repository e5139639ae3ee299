"""Files as other projects save them, and what their networks compute.

They are written without the package's own key maps.
"""

import re

import cv2
import numpy as np
import torch
import torchvision
from mmengine.registry import MODELS, DefaultScope
from mmengine.runner import load_checkpoint
from parity import build_peer, images, randomize
from timm.models._hub import save_for_hf

from regnet_plugin.benchmarks.library_networks import torchvision_name
from regnet_plugin.core.published import timm_name

# From timm's names to those of pycls (dev/model_zoo/), of which timm's are a revision.
_TO_PYCLS = [
    (r'\.se\.fc1\.', '.f.se.f_ex.0.'),
    (r'\.se\.fc2\.', '.f.se.f_ex.2.'),
    (r'\.conv1\.conv\.', '.f.a.'),
    (r'\.conv1\.bn\.', '.f.a_bn.'),
    (r'\.conv2\.conv\.', '.f.b.'),
    (r'\.conv2\.bn\.', '.f.b_bn.'),
    (r'\.conv3\.conv\.', '.f.c.'),
    (r'\.conv3\.bn\.', '.f.c_bn.'),
    (r'\.downsample\.conv\.', '.proj.'),
    (r'\.downsample\.bn\.', '.bn.'),
]

# Numbers of the authors' runs, typed from pycls's MODEL_ZOO.md.
_PYCLS_RUNS = {
    'RegNetX-200MF': 160905981,
    'RegNetX-400MF': 160905967,
    'RegNetX-600MF': 160906442,
    'RegNetX-800MF': 160906036,
    'RegNetX-1.6GF': 160990626,
    'RegNetX-3.2GF': 160906139,
    'RegNetX-4.0GF': 160906383,
    'RegNetX-6.4GF': 161116590,
    'RegNetX-8.0GF': 161107726,
    'RegNetX-12GF': 160906020,
    'RegNetX-16GF': 158460855,
    'RegNetX-32GF': 158188473,
    'RegNetY-200MF': 176245422,
    'RegNetY-400MF': 160906449,
    'RegNetY-600MF': 160981443,
    'RegNetY-800MF': 160906567,
    'RegNetY-1.6GF': 160906681,
    'RegNetY-3.2GF': 160906834,
    'RegNetY-4.0GF': 160906838,
    'RegNetY-6.4GF': 160907112,
    'RegNetY-8.0GF': 161160905,
    'RegNetY-12GF': 160907100,
    'RegNetY-16GF': 161303400,
    'RegNetY-32GF': 161277763,
}

# Files of the first training of each network, typed from torchvision's sources.
TORCHVISION_FILES = {
    'regnetx_400mf': 'regnet_x_400mf-adf1edd5',
    'regnetx_800mf': 'regnet_x_800mf-ad17e45c',
    'regnetx_1.6gf': 'regnet_x_1_6gf-e3633e7f',
    'regnetx_3.2gf': 'regnet_x_3_2gf-f342aeae',
    'regnetx_8.0gf': 'regnet_x_8gf-03ceed89',
    'regnetx_16gf': 'regnet_x_16gf-2007eb11',
    'regnetx_32gf': 'regnet_x_32gf-9d47f8d0',
    'regnety_400mf': 'regnet_y_400mf-c65dace8',
    'regnety_800mf': 'regnet_y_800mf-1b27b58c',
    'regnety_1.6gf': 'regnet_y_1_6gf-b11a554e',
    'regnety_3.2gf': 'regnet_y_3_2gf-b5a9779c',
    'regnety_8.0gf': 'regnet_y_8gf-d0d0e4a8',
    'regnety_16gf': 'regnet_y_16gf-9e6ed7dd',
    'regnety_32gf': 'regnet_y_32gf-4dee3f7a',
    'regnety_128gf': 'regnet_y_128gf_swag-c8ce3e52',
}
# others were trained by the authors
_TIMM_TRAININGS = {'regnety_64gf': 'seer_ft_in1k', 'regnety_128gf': 'swag_ft_in1k'}
# What torchvision rounds to other widths than the paper: depths, widths and group widths, as its
# modules have them.
OTHER_WIDTHS = {
    'regnetx_400mf': dict(depths=[1, 2, 7, 12], widths=[32, 64, 160, 400], group_widths=[16] * 4),
    'regnety_800mf': dict(
        depths=[1, 3, 8, 2], widths=[64, 144, 320, 784], group_widths=[16] * 4, se_ratio=0.25
    ),
    'regnety_8.0gf': dict(
        depths=[2, 4, 10, 1], widths=[224, 448, 896, 2016], group_widths=[56] * 4, se_ratio=0.25
    ),
}


def as_pycls(weights):
    """Weights of timm's network under the names of pycls, for images with blue first."""
    renamed = {}
    for name, value in weights.items():
        for pattern, replacement in _TO_PYCLS:
            name = re.sub(pattern, replacement, name)
        renamed[name] = value[:, [2, 1, 0]] if name == 'stem.conv.weight' else value
    assert len(renamed) == len(weights)
    return renamed


def save_pycls(weights, path, **more):
    """A checkpoint of pycls, with what it saves beside the weights."""
    optimizer = dict(
        state={0: dict(momentum_buffer=torch.zeros(3))}, param_groups=[dict(lr=0.1, params=[0])]
    )
    torch.save(
        dict(
            epoch=99,
            test_err=21.1,
            ema_err=21.0,
            model_state=as_pycls(weights),
            optimizer_state=optimizer,
            cfg='MODEL:\n  TYPE: regnet\n',
            **more,
        ),
        path,
    )


def torchvision_peer(name):
    """torchvision's network with random weights and statistics, in evaluation mode."""
    return randomize(
        torchvision.models.get_model(torchvision_name(name), weights=None), torch.float32
    ).eval()


def publish(library, name, folder):
    """Build a network of a library, and save it where the library's own are.

    Its weights and statistics are random.

    Args:
        library (str): 'timm', 'torchvision' or 'pycls', whose weights are those of timm's network.
        name (str): ours.
        folder (Path): of a server that stands for all hosts.

    Returns:
        tuple[nn.Module, dict[str, str]]: the network, in evaluation mode; the address by name, and
        what stands behind each address by place: the path of a file in the folder.
    """
    if library == 'torchvision':
        peer, address = torchvision_peer(name), f'tv://{torchvision_name(name)}'
        paths = [folder / f'download.pytorch.org/models/{TORCHVISION_FILES[name]}.pth']
    else:
        peer = build_peer('timm', name, torch.float32).eval()
    if library == 'timm':
        model = f'{timm_name(name)}.{_TIMM_TRAININGS.get(name, "pycls_in1k")}'
        address, place = f'timm://{model}', folder / f'huggingface.co/timm/{model}/resolve/main'
        paths = [place / 'model.safetensors', place / 'net.pth']
    if library == 'pycls':
        theirs = f'RegNet{name[6].upper()}-{name.partition("_")[2].upper()}'
        address, place = (
            f'pycls://{theirs}',
            folder / f'dl.fbaipublicfiles.com/pycls/dds_baselines/{_PYCLS_RUNS[theirs]}',
        )
        paths = [place / f'{theirs}_dds_8gpu.pyth']
    paths[0].parent.mkdir(parents=True)
    if library == 'torchvision':
        torch.save(peer.state_dict(), paths[0])
    elif library == 'pycls':
        save_pycls(peer.state_dict(), paths[0])
    else:
        save_for_hf(peer, paths[0].parent, safe_serialization='both')
        (paths[0].parent / 'pytorch_model.bin').rename(paths[1])
    return peer, address, paths


def network(name):
    """The config of our backbone that a library's network of this name is."""
    if isinstance(name, dict):
        return dict(type='regnet_plugin.AnyNet', bottleneck_ratios=[1] * 4, **name)
    return dict(type='regnet_plugin.RegNet', arch=name)


def classifier(backbone, num_classes=1000):
    """Ours of mmpretrain, with weights of its own."""
    with DefaultScope.overwrite_default_scope('mmpretrain'):
        with torch.device('meta'):
            width = MODELS.build(dict(backbone, out_indices=(3,))).out_channels[-1]
        return MODELS.build(
            dict(
                type='ImageClassifier',
                backbone=dict(backbone, out_indices=(3,)),
                neck=dict(type='GlobalAveragePooling'),
                head=dict(type='LinearClsHead', num_classes=num_classes, in_channels=width),
            )
        ).eval()


def features(peer, batch):
    """The last map of a network of timm or torchvision."""
    return (
        peer.forward_features(batch)
        if hasattr(peer, 'forward_features')
        else peer.trunk_output(peer.stem(batch))
    )


def difference(found, expected):
    """The largest difference, as a fraction of the largest value."""
    assert found.shape == expected.shape and expected.abs().max() > 1e-3
    return float((found - expected).abs().max() / expected.abs().max())


@torch.inference_mode()
def differences(peer, name, address):
    """What ours make of the weights at an address, compared with the library's network.

    Returns:
        tuple[float, float]: of the scores of a classifier, as ``load_from`` and the tools load it;
        of the last map of a backbone with this ``init_cfg``.
    """
    batch, config = images(2, torch.float32), network(name)
    whole = classifier(config)
    load_checkpoint(whole, address, map_location='cpu', strict=True)
    scores = whole(batch)
    del whole  # two of the largest are too many
    backbone = MODELS.build(
        dict(config, init_cfg=dict(type='Pretrained', checkpoint=address))
    ).eval()
    backbone.init_weights()
    return difference(scores, peer(batch)), difference(backbone(batch)[-1], features(peer, batch))


def scores_of(peer, image):
    """Scores of a picture in a file, prepared as all prepare ImageNet's.

    It is the centre 224 of 256, in RGB, less the mean and divided by the deviation.
    """
    pixels = cv2.resize(cv2.imread(str(image)), (256, 256), interpolation=cv2.INTER_LINEAR)[
        16:240, 16:240, ::-1
    ]
    values = (pixels / 255 - np.array([0.485, 0.456, 0.406])) / np.array([0.229, 0.224, 0.225])
    return peer(torch.from_numpy(values.transpose(2, 0, 1)[None].astype(np.float32)))[0].softmax(0)
