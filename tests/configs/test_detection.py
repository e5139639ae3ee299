"""The detectors on COCO: their weights' images, widths and published AP.

Their recipes are mmdet's and detectron2's.
"""

import json
import re
from copy import deepcopy
from functools import cache
from pathlib import Path
from unittest.mock import patch

import mmdet
import mmengine
import pytest
import torch
import yaml
from killing import ROOT
from mmdet.testing import demo_mm_inputs
from mmengine.config import Config
from mmengine.config import utils as config_utils
from mmengine.model import revert_sync_batchnorm
from mmengine.optim import build_optim_wrapper
from mmengine.registry import MODELS, init_default_scope
from own_files import own_files
from published_tables import DETECTRON2_AP, MMDET_AP, WRONG_IN_MMDET
from tiny_coco import write_coco

from regnet_plugin.core.arch_argument import architecture_of
from regnet_plugin.models.module_complexity import OnMeta
from regnet_plugin.training.checks.widths import check_widths
from regnet_plugin.weights.published_files import published_url

LONG = pytest.mark.acceptance
THEIRS = Path(mmdet.__file__).parent / '.mim/configs'
PATHS = {path.stem: path for path in own_files('configs/detection', '*_coco.py')}
METAFILE = yaml.safe_load((ROOT / 'configs/detection/metafile.yml').read_text())
META = {Path(model['Config']).stem: model for model in METAFILE['Models']}


def ours(row, family='x'):
    detector, size, schedule = row.split()
    return f'{detector}_regnet{family}_{size}_fpn_{schedule}_coco'


def mmdets(row):
    detector, size, schedule = row.split()
    size = size.replace('.0gf', 'gf').replace('gf', 'GF').replace('mf', 'MF')
    return f'{detector}_regnetx-{size}_fpn_{schedule}_coco'


def lsj(row):
    network, epochs = row.split()
    return f'mask-rcnn_{network}_fpn_lsj-{epochs}e_coco'


RTMDET = 'rtmdet_regnety_4.0gf_8xb32-300e_coco'
AP = {ours(row): ap for row, ap in MMDET_AP.items()} | {
    lsj(row): ap for row, ap in DETECTRON2_AP.items()
}
TWINS = [ours(row, 'y') for row in MMDET_AP]
_read = cache(config_utils.load)


@cache
def load(path):
    """A config; mmdet's hundred metafiles are read once, not for every `mmdet::` anew."""
    with patch.object(config_utils, 'load', _read):
        return Config.fromfile(path)


def their(name):
    return load(THEIRS / f'{name}.py')


def leaves(value, key=''):
    """Yield what a config says by its dotted keys; a list is one value.

    MMEngine's notes of scopes are left out.
    """
    if isinstance(value, dict):
        for name in value.keys() - {'_scope_'}:
            yield from leaves(value[name], f'{key}.{name}'.lstrip('.'))
    else:
        yield (
            key,
            json.dumps(value, sort_keys=True, default=str)
            .replace(', "_scope_": "mmdet"', '')
            .replace('"_scope_": "mmdet", ', ''),
        )


def differences(one, other):
    """The dotted keys of what two configs do not say alike.

    The variables that bases leave behind are not compared.
    """
    one, other = dict(leaves(one.to_dict())), dict(leaves(other.to_dict()))
    keys = {key for key in one.keys() | other.keys() if one.get(key) != other.get(key)}
    return {
        key
        for key in keys
        if key.split('.')[0]
        not in ('images', 'regnet', 'max_epochs', 'train_pipeline', 'img_scales')
    }


def test_there_is_a_config_for_all_that_is_published_and_a_regnety_beside_mmdets():
    assert sorted(PATHS) == sorted([*AP, *TWINS, RTMDET]) == sorted(META)
    assert sorted(mmdets(row) for row in MMDET_AP) == sorted(
        path.stem for path in (THEIRS / 'regnet').glob('*.py')
    )


@pytest.mark.parametrize('name', PATHS)
def test_ap_is_that_of_the_source_or_said_to_be_unpublished(name):
    text = PATHS[name].read_text().split('"""')[1]
    published = AP.get(name)
    results = {
        key: value
        for result in META[name].get('Results', ())
        for key, value in result['Metrics'].items()
    }
    if published is None:
        assert 'AP: not published.' in text and not results
        return
    box, mask = published
    assert (
        f'Box AP {box}{f", mask AP {mask}" if mask else ""} of ' in text
        and 'AP: not published' not in text
    )
    assert {key: f'{value:.1f}' for key, value in results.items()} == {
        'box AP': box,
        **({'mask AP': mask} if mask else {}),
    }


@pytest.mark.parametrize('name', PATHS)
def test_docstrings_and_metafile_tell_of_the_config(name):
    config, model, text = load(PATHS[name]), META[name], PATHS[name].read_text()
    family, size = re.search(r'regnet([xy])_([0-9.]+[mg]f)', name).groups()
    assert (
        config.model.backbone.arch == f'regnet{family}_{size}'
        and f'RegNet{family.upper()}-{size.upper()} ' in text
    )
    metadata = model['Metadata']
    dataset = config.train_dataloader.dataset
    assert metadata['Epochs'] == config.train_cfg.max_epochs * dataset.get('times', 1)
    assert f'{metadata["Epochs"]} epochs' in text
    assert metadata['Batch Size'] == config.auto_scale_lr.base_batch_size
    gpus = 32 if 'lsj' in name else 8
    assert metadata['Batch Size'] == gpus * config.train_dataloader.batch_size
    assert model['Name'] == name.replace('_regnetx_', '_regnetx-').replace('_regnety_', '_regnety-')
    assert model['In Collection'] in {collection['Name'] for collection in METAFILE['Collections']}


def test_detectors_that_mmdet_trained_on_other_images_are_marked():
    marked = [
        name
        for name, model in META.items()
        if any('Images' in weights for weights in model.get('Foreign Weights', ()))
    ]
    assert sorted(marked) == sorted(ours(row) for row in MMDET_AP if mmdets(row) in WRONG_IN_MMDET)


@pytest.mark.parametrize('name', PATHS)
def test_the_necks_widths_are_the_backbones(name):
    backbone = load(PATHS[name]).model.backbone
    widths = architecture_of(backbone.arch).widths
    assert load(PATHS[name]).model.neck.in_channels == [
        widths[index] for index in backbone.get('out_indices', range(4))
    ]


@pytest.mark.parametrize('name', PATHS)
def test_only_weights_that_exist_are_named_and_random_ones_are_not_frozen(name):
    aliases = json.loads((Path(mmengine.__file__).parent / 'hub/openmmlab.json').read_text())
    backbone = load(PATHS[name]).model.backbone
    if 'lsj' in name or name == RTMDET:
        assert not {'init_cfg', 'frozen_stages', 'norm_eval'} & set(
            backbone
        ) and backbone.norm_cfg == dict(type='SyncBN')
    else:
        size = backbone.arch.split('_')[1]
        address = (
            f'open-mmlab://{backbone.arch}'
            if '_regnetx_' in name
            else f'pycls://RegNetY-{size.upper()}'
        )
        assert backbone.init_cfg == dict(type='Pretrained', checkpoint=address)
        assert backbone.arch in aliases or published_url(address).startswith('https://')
        assert backbone.frozen_stages == 1 and backbone.norm_eval


@pytest.mark.parametrize('row', MMDET_AP)
def test_recipes_are_mmdets(row):
    """All is the same but three things.

    They are the type of the backbone, what its defaults already say, and what mmdet's config gets
    wrong.
    """
    config, published = load(PATHS[ours(row)]), their(f'regnet/{mmdets(row)}')
    expected = {'model.backbone.type'}
    for name, value in dict(
        out_indices=(0, 1, 2, 3), style='pytorch', norm_cfg=dict(type='BN', requires_grad=True)
    ).items():
        assert published.model.backbone[name] == value and name not in config.model.backbone
        expected |= {f'model.backbone.{key}' for key, _ in leaves({name: value})}
    if mmdets(row) in WRONG_IN_MMDET:
        expected |= {f'model.data_preprocessor.{key}' for key in ('mean', 'std', 'bgr_to_rgb')}
    if row.startswith('cascade'):  # masks are trained but not evaluated
        expected |= {'val_evaluator.metric', 'test_evaluator.metric'}
        assert config.val_evaluator.metric == config.test_evaluator.metric == ['bbox', 'segm']
    found = differences(config, published)
    if row.startswith('retinanet'):  # ours has test-time augmentation, of mmdet's other RetinaNets
        assert 'tta_model' not in published
        found = {key for key in found if not key.startswith('tta_')}
    assert found == expected


@pytest.mark.parametrize('row', MMDET_AP)
def test_a_regnety_has_the_recipe_of_the_regnetx_beside_it(row):
    found = differences(load(PATHS[ours(row, 'y')]), load(PATHS[ours(row)]))
    assert 'model.backbone.arch' in found and all(
        re.match(r'model\.(backbone|data_preprocessor|neck\.in_channels)', key) for key in found
    )


@pytest.mark.parametrize('row', DETECTRON2_AP)
def test_large_scale_jitter_is_detectron2s(row):
    """Numbers are typed from detectron2's config of 100 epochs, which the RegNets' import.

    That is configs/new_baselines/mask_rcnn_R_50_FPN_100ep_LSJ.py.
    """
    config, epochs = load(PATHS[lsj(row)]), int(row.split()[1])
    times = epochs // 100
    dataset = config.train_dataloader.dataset
    assert config.train_cfg.max_epochs * dataset.times == epochs
    iterations = config.train_cfg.max_epochs * dataset.times * 118_000 / 64
    assert iterations == pytest.approx(184_375 * times, rel=1e-3)
    warm_up, steps = config.param_scheduler
    assert (warm_up.start_factor, warm_up.end, warm_up.by_epoch) == (0.067, 500 * times, False)
    for milestone, theirs in zip(steps.milestones, (163_889, 177_546)):
        assert milestone / config.train_cfg.max_epochs == pytest.approx(theirs / 184_375, abs=0.01)
    assert steps.gamma == 0.1 and steps.end == config.train_cfg.max_epochs > steps.milestones[-1]
    assert config.optim_wrapper.optimizer == dict(
        type='SGD', lr=0.1, momentum=0.9, weight_decay=4e-5
    )
    assert (
        config.optim_wrapper.paramwise_cfg == dict(norm_decay_mult=0.0)
        and config.env_cfg.cudnn_benchmark
    )
    resize, crop = dataset.dataset.pipeline[2:4]
    assert (resize.type, resize.scale, resize.ratio_range) == (
        'RandomResize',
        (1024, 1024),
        (0.1, 2.0),
    )
    assert (crop.type, crop.crop_size, crop.recompute_bbox) == ('RandomCrop', (1024, 1024), True)
    model = config.model
    assert (
        model.rpn_head.num_convs == 2 and model.roi_head.bbox_head.type == 'Shared4Conv1FCBBoxHead'
    )
    parts = (model.backbone, model.neck, model.roi_head.bbox_head, model.roi_head.mask_head)
    assert all(part.norm_cfg.type == 'SyncBN' for part in parts)


def test_rtmdet_is_mmdets_but_for_backbone_widths_order_and_the_batch_of_its_rate():
    found = differences(load(PATHS[RTMDET]), their('rtmdet/rtmdet_l_8xb32-300e_coco'))
    rest = {key for key in found if not key.startswith('model.backbone.')}
    assert rest == {
        'model.neck.in_channels',
        'auto_scale_lr.base_batch_size',
        *(f'model.data_preprocessor.{key}' for key in ('mean', 'std', 'bgr_to_rgb')),
    }


def build(name):
    """Build a detector as a Runner in a single process does.

    For speed it has few regions of interest and small images.
    """
    model = deepcopy(load(PATHS[name]).model)
    model.data_preprocessor.batch_augments = None
    stages = model.train_cfg.get('rcnn', [])
    for stage in stages if isinstance(stages, list) else [stages]:
        stage.sampler.num = 16
    init_default_scope('mmdet')
    return revert_sync_batchnorm(MODELS.build(model))


STEPS = [
    'retinanet_regnetx_800mf_fpn_1x_coco',
    'mask-rcnn_regnety_400mf_fpn_ms-poly-3x_coco',
    RTMDET,
]
SMALLEST = [
    'faster-rcnn_regnetx_400mf_fpn_ms-3x_coco',
    'cascade-mask-rcnn_regnety_400mf_fpn_ms-3x_coco',
    'mask-rcnn_regnety_3.2gf-mdconv-c3-c5_fpn_1x_coco',
    lsj('regnety_4.0gf 100'),
]


@pytest.mark.parametrize('name', [*STEPS, *(pytest.param(name, marks=LONG) for name in SMALLEST)])
def test_a_training_step(name):
    model = build(name)
    wrapper = build_optim_wrapper(model, load(PATHS[name]).optim_wrapper)
    before = {
        key: parameter.detach().clone() for key, parameter in model.backbone.named_parameters()
    }
    losses = model.train_step(
        demo_mm_inputs(2, (3, 96, 96), num_classes=80, with_mask='mask' in name), wrapper
    )
    assert losses['loss'].isfinite()
    frozen = ('conv1.', 'bn1.', 'layer1.') if 'lsj' not in name and name != RTMDET else ()
    for key, parameter in model.backbone.named_parameters():
        assert torch.equal(parameter, before[key]) == key.startswith(frozen), key


@LONG
@pytest.mark.parametrize('name', PATHS)
def test_it_builds_and_its_widths_fit(name):
    init_default_scope('mmdet')
    with OnMeta():
        model = MODELS.build(load(PATHS[name]).model)
    assert type(model.backbone).__module__ == 'regnet_plugin.models.regnet'
    check_widths(model, name)


@LONG
@pytest.mark.parametrize(
    'name, metrics, options',
    [
        (
            RTMDET,
            ['bbox'],
            [
                'train_cfg.max_epochs=2',
                'custom_hooks.1.switch_epoch=1',
                'train_cfg.val_interval=2',
                'train_cfg.dynamic_intervals=None',
                'model.test_cfg.nms_pre=100',
            ],
        ),
        (
            'cascade-mask-rcnn_regnety_400mf_fpn_ms-3x_coco',
            ['bbox', 'segm'],
            [
                'train_cfg.max_epochs=1',
                'train_dataloader.dataset.times=1',
                'model.test_cfg.rcnn.score_thr=0.0',
                'model.backbone.init_cfg=None',
            ],
        ),
    ],
    ids=['RTMDet, both of its pipelines', 'boxes and masks'],
)
def test_it_trains_and_is_evaluated(run_tool, tmp_path, name, metrics, options):
    write_coco(tmp_path / 'data/coco', images=2)
    loaders = (
        'train_dataloader.num_workers=0',
        'val_dataloader.num_workers=0',
        'train_dataloader.batch_size=2',
    )
    done = run_tool(
        'train.py', PATHS[name], '--work-dir', 'run', '--cfg-options', *loaders, *options
    )
    assert done.returncode == 0, done.stderr[-2000:]
    rows = [
        json.loads(line)
        for path in tmp_path.glob('run/*/vis_data/scalars.json')
        for line in path.read_text().splitlines()
    ]
    assert all(row['loss'] > 0 for row in rows[:-1]) and {
        f'coco/{metric}_mAP' for metric in metrics
    } <= set(rows[-1])


def test_the_config_of_the_page_builds_and_its_files_exist(tmp_path):
    page = (ROOT / 'docs/how_to/detection.md').read_text()
    (tmp_path / 'config.py').write_text(re.search(r'```python\n(.*?)```', page, re.DOTALL)[1])
    init_default_scope('mmdet')
    with OnMeta():
        model = MODELS.build(load(tmp_path / 'config.py').model)
    check_widths(model, 'config.py')
    assert type(model.backbone).__module__ == 'regnet_plugin.models.regnet'
    paths = re.findall(r'\b(?:tools|configs)/[\w./-]+\.(?:py|sh)\b', page)
    assert len(paths) > 5 and all((ROOT / path).is_file() for path in paths)
