"""Every detector of mmdet with our backbones.

One config of each kind is edited as a user edits it, trained and asked.
"""

from copy import deepcopy
from functools import cache
from pathlib import Path

import mmdet
import pytest
import torch
from mmdet.testing import demo_mm_inputs, demo_mm_proposals
from mmengine.config import Config
from mmengine.logging import MessageHub
from mmengine.model import revert_sync_batchnorm
from mmengine.registry import MODELS, init_default_scope

from regnet_plugin.core.arch_argument import architecture_of
from regnet_plugin.models import RegNet
from regnet_plugin.training.checks.widths import check_widths

THEIRS = Path(mmdet.__file__).parent / '.mim'
NETWORKS = ('regnetx_400mf', 'regnety_400mf')
NOT_RUN = {
    'tridentnet': 'its backbone is the detector: a ResNet with three branches',
    'detectors': 'its neck runs a second backbone on what it made of the first, a ResNet of its '
    'own',
    'cornernet': 'its head wants two maps of one size, of an hourglass',
    'centripetalnet': 'the same',
    'misc': "detectron2's network in a wrapper",
    'glip': 'has a language model, which is downloaded',
    'grounding_dino': 'the same',
    'mm_grounding_dino': 'the same',
    'clrnet': 'finds lanes, on a data set of its own, and its neck does not fit its ResNet',
    'reid': 'a classifier',
    'lad': 'builds, but wants a trained teacher: mixture models are fitted to its scores',
    'ssd': "trains, but mmdet's head cannot predict, around its own backbone neither "
    '(mmdetection#11063)',
    'v3det': 'a Cascade R-CNN for 13,204 classes',
    'queryinst': 'trains, but finds boxes outside of the image, untrained, in which mmdet cannot '
    'draw masks',
    'guided_anchoring': 'trains, but mmcv has the operator that detects for GPUs alone',
    'carafe': 'builds, but mmcv has its operator for GPUs alone',
    **dict.fromkeys(
        ('bytetrack', 'deepsort', 'masktrack_rcnn', 'ocsort', 'qdtrack', 'sort', 'strongsort'),
        'tracks what one of the others finds',
    ),
    **dict.fromkeys(
        ('simple_copy_paste', 'strong_baselines'),
        'has MMSyncBN in its heads, which cannot be built in a single process; configs of ours are '
        'over it',
    ),
    'mask2former_vis': 'finds objects in videos',
}


def families():
    """A config of each folder, by the folder's name.

    It is one named like the folder, with a ResNet-50 and FPN, where there is one.
    """
    for folder in sorted((THEIRS / 'configs').iterdir()):
        names = sorted(path.name for path in folder.glob('*.py'))
        own = folder.name.replace('_', '')
        names.sort(
            key=lambda name: (
                own not in name.replace('-', ''),
                'r50_fpn' not in name,
                'r50' not in name,
            )
        )
        if folder.name not in ('_base_', 'common') and names:
            yield folder.name, folder / names[0]


FAMILIES = dict(families())
load = cache(Config.fromfile)


def parts(config):
    """The classes of a detector, its necks and heads, and what its backbone has beside a ResNet."""
    if isinstance(config, dict):
        yield config.get('type')
        for key in sorted(config):
            if key in ('detector', 'neck', 'dcn', 'plugins', 'cfg') or key.endswith('head'):
                yield from parts(config[key])
            elif key == 'backbone':
                yield from parts(
                    {
                        option: config[key][option]
                        for option in ('dcn', 'plugins')
                        if option in config[key]
                    }
                )
    elif isinstance(config, (list, tuple)):
        for part in config:
            yield from parts(part)


def kinds():
    """Of families with the same parts the first."""
    first = {}
    for name, path in FAMILIES.items():
        if name not in NOT_RUN:
            first.setdefault(tuple(parts(load(path).model)), name)
    return list(first.values())


def edited(name, arch):
    """The config's model with our backbone, and the widths typed anew where they were typed."""
    model = deepcopy(load(FAMILIES[name]).model)
    detector = model.get('detector', model)
    neck = detector.get('neck') or detector.panoptic_head
    neck = neck[0] if isinstance(neck, list) else neck
    taken = neck.in_channels
    stages = range(4)[-len(taken) :] if isinstance(taken, list) else (3,)
    widths = [architecture_of(arch).widths[stage] for stage in stages]
    backbone = dict(
        type='regnet_plugin.RegNet',
        arch=arch,
        out_indices=tuple(stages),
        frozen_stages=1,
        norm_eval=True,
    )
    for option in ('dcn', 'stage_with_dcn', 'plugins'):
        if option in detector.backbone:
            backbone[option] = detector.backbone[option]
    if detector.backbone.get('norm_cfg', {}).get('type') == 'GN':
        backbone['norm_cfg'] = dict(type='GN', num_groups=8)  # not all widths are multiples of 32
    detector.backbone = backbone
    if neck.type == 'YOLOV3Neck':
        widths.reverse()
    neck.in_channels = widths[0] if isinstance(taken, int) else widths
    for teacher in {'teacher_ckpt'} & set(model):
        model[teacher] = None
    return model


def dicts(config):
    """A config and all dicts in it."""
    if isinstance(config, dict):
        yield config
    for part in (
        config.values()
        if isinstance(config, dict)
        else config
        if isinstance(config, (list, tuple))
        else ()
    ):
        yield from dicts(part)


def shrink(model):
    """Make a config small: nothing to download, few regions, and detections though untrained.

    Most of the time goes into regions.
    """
    for config in dicts(model):
        if config.get('type') == 'Pretrained':
            config.update(type='Normal', layer='Conv2d')
            del config['checkpoint']
        if 'batch_augments' in config:  # padding to the size of a crop
            config['batch_augments'] = None
        for key, most in dict(
            num=16, max_per_img=100, nms_pre=100, num_queries=100, score_thr=0.0
        ).items():
            if isinstance(config.get(key), (int, float)):
                config[key] = min(config[key], most)


def build(name, arch, monkeypatch):
    monkeypatch.chdir(THEIRS)  # where a teacher's config is, by the path that the student's has
    init_default_scope('mmdet')
    config = edited(name, arch)
    shrink(config)
    model = revert_sync_batchnorm(MODELS.build(config))
    check_widths(model, name)
    model.init_weights()
    return model


@pytest.mark.parametrize('arch', NETWORKS)
@pytest.mark.parametrize('name', kinds())
def test_it_computes_losses_gradients_and_detections(name, arch, monkeypatch):
    torch.manual_seed(0)
    whole = build(name, arch, monkeypatch)
    model = getattr(whole, 'student', getattr(whole, 'detector', whole))
    assert isinstance(model.backbone, RegNet)
    side = 384 if name == 'ddod' else 128  # whose smallest maps are deformed
    # which some heads ask for
    MessageHub.get_current_instance().update_info_dict(dict(iter=0, epoch=0))
    data = demo_mm_inputs(
        2, (3, side, side), num_items=[3, 2], num_classes=2, with_mask=True, with_semantic=True
    )
    if not hasattr(model, 'rpn_head'):  # Fast R-CNN
        for sample, proposals in zip(
            data['data_samples'], demo_mm_proposals([(3, side, side)] * 2, 20)
        ):
            sample.proposals = proposals
    model.train()
    losses = model(**model.data_preprocessor(deepcopy(data), True), mode='loss')
    values = [
        value
        for name, group in losses.items()
        if 'loss' in name
        for value in (group if isinstance(group, (list, tuple)) else [group])
    ]
    assert values and all(value.isfinite().all() for value in values)
    sum(value.sum() for value in values).backward()
    for layer in (model.backbone.layer2[0].conv1, model.backbone.layer4[-1].conv3):
        assert layer.weight.grad.abs().max() > 0
    assert model.backbone.conv1.weight.grad is None
    model.eval()
    with torch.no_grad():
        found = model(**model.data_preprocessor(deepcopy(data), False), mode='predict')
    assert len(found) == 2 and all(
        {'pred_instances', 'pred_panoptic_seg'} & set(sample.keys()) for sample in found
    )


def test_no_folder_is_forgotten():
    assert set(NOT_RUN) < set(FAMILIES)
