"""Whether what is written can train: which part of a recipe does not take the network."""

from dataclasses import replace

import pytest
import torch
from mmengine.config import Config
from mmengine.registry import MODELS, DefaultScope
from spaces import networks_of, space_of

from regnet_plugin.models.module_complexity import OnMeta
from regnet_plugin.training.checks.rehearsals.model_rehearsal import rehearse
from regnet_plugin.training.checks.widths import check_widths
from regnet_plugin.training.populations.experiment import experiment

RESNET = 'mmpretrain::resnet/resnet50_8xb32_in1k.py'
RETINANET = 'mmdet::retinanet/retinanet_r50_fpn_1x_coco.py'


@pytest.fixture(scope='module')
def sample():
    return networks_of(space_of('regnetx'), 1)[0]


def put(sample, tmp_path, base, text=''):
    path = tmp_path / 'recipe.py'
    path.write_text(f'_base_ = {base!r}\n{text}')
    return experiment(sample, path, seed=0)


@pytest.mark.parametrize(
    'base',
    [
        RESNET,
        'mmpretrain::convnext/convnext-tiny_32xb128_in1k.py',
        'mmpretrain::deit/deit-tiny_4xb256_in1k.py',
        'mmpretrain::t2t_vit/t2t-vit-t-14_8xb64_in1k.py',
        'mmpretrain::mlp_mixer/mlp-mixer-base-p16_64xb64_in1k.py',
        'mmpretrain::csra/resnet101-csra_1xb16_voc07-448px.py',
        'mmdet::yolo/yolov3_d53_8xb8-320-273e_coco.py',
        'mmdet::detr/detr_r50_8xb2-150e_coco.py',
        'mmdet::centernet/centernet_r18_8xb16-crop512-140e_coco.py',
        'mmdet::reppoints/reppoints-moment_r50_fpn_1x_coco.py',
        'mmdet::cascade_rpn/cascade-rpn_faster-rcnn_r50-caffe_fpn_1x_coco.py',
        'mmdet::carafe/faster-rcnn_r50_fpn-carafe_1x_coco.py',
    ],
)
def test_recipes_that_take_it(base, sample, tmp_path):
    if 'csra' in base:
        sample = replace(sample, num_classes=20)
    config = put(sample, tmp_path, base)
    before = config.to_dict()
    rehearse(config)
    assert config.to_dict() == before
    with DefaultScope.overwrite_default_scope(config.default_scope), OnMeta():
        check_widths(MODELS.build(config.model), 'config.py')


def test_a_pooling_comes_before_the_head_of_a_backbone_that_pooled_itself(sample, tmp_path):
    model = put(sample, tmp_path, 'mmpretrain::convnext/convnext-tiny_32xb128_in1k.py').model
    assert model.neck == dict(type='GlobalAveragePooling')
    assert put(sample, tmp_path, RESNET).model.neck == dict(type='GlobalAveragePooling')
    maps = put(
        replace(sample, num_classes=20),
        tmp_path,
        'mmpretrain::csra/resnet101-csra_1xb16_voc07-448px.py',
    )
    assert maps.model.neck is None


def test_yolov3s_neck_takes_the_deepest_map_first(sample, tmp_path):
    model = put(sample, tmp_path, 'mmdet::yolo/yolov3_d53_8xb8-320-273e_coco.py').model
    assert model.backbone.out_indices == (1, 2, 3)
    assert tuple(model.neck.in_channels) == sample.architecture.widths[:0:-1]


@pytest.mark.parametrize(
    'base, text, message',
    [
        (
            'mmdet::ssd/ssd300_coco.py',
            '',
            r'must take the widths .* assert in_channels == out_channels.* fails',
        ),
        (
            'mmdet::detectors/cascade-rcnn_r50-rfp_1x_coco.py',
            '',
            r'model\.neck must take .*RFP cannot take \d+x200x336, .*: '
            r'AssertionError: assert len\(inputs\)',
        ),
        (
            'mmpretrain::deit/deit-base-distilled_16xb32_in1k-384px.py',
            '',
            'model.head must take .* DeiTClsHead cannot take',
        ),
        (
            'mmpretrain::twins/twins-svt-base_8xb128_in1k.py',
            '',
            r'model\.backbone must .* normalized_shape=\[32\]',
        ),
        (
            RETINANET,
            'model = dict(bbox_head=dict(anchor_generator=dict(strides=[4, 8, 16, 32, 64])))',
            r'model\.bbox_head must be given maps of its strides, \[4, 8, 16, 32, 64\], but .* '
            r'\[168, 84, 42, 21, 11\]',
        ),
        (
            RETINANET,
            'model = dict(bbox_head=dict(anchor_generator=dict(strides=[8, 16, 32, 64])))',
            'of its strides',
        ),
        (
            RETINANET,
            'model = dict(bbox_head=dict(in_channels=128))',
            r'model\.bbox_head must .* RetinaHead cannot take 256x',
        ),
        (RESNET, "model = dict(head=dict(type='Hat'))", 'Hat is not in the'),
        (
            RESNET,
            "model = dict(backbone=dict(norm_cfg=dict(type='GN', num_groups=7)))",
            'divisible by num_groups',
        ),
        (
            RESNET,
            'model = dict(backbone=dict(frozen_stages=5))',
            'frozen_stages must be .* up to 4, but frozen_stages=5',
        ),
        (
            RESNET,
            'model = dict(backbone=dict(drop_path_rate=1.5))',
            'drop_path_rate must be .* but drop_path_rate=1.5',
        ),
        (
            RESNET,
            'model = dict(backbone=dict(fast_path=5))',
            'fast_path must be True, .* but fast_path=5',
        ),
    ],
)
def test_recipes_that_do_not(base, text, message, sample, tmp_path):
    config = put(sample, tmp_path, base, text)
    with pytest.raises(Exception, match=message):
        rehearse(config)


@pytest.mark.parametrize(
    'text, message',
    [
        (
            "optim_wrapper = dict(optimizer=dict(type='AdamW', lr=0.001))",
            "optim_wrapper must .* unexpected keyword argument 'momentum'; settings of the base "
            'stay unless it has _delete_=True',
        ),
        (
            "optim_wrapper = dict(optimizer=dict(type='AdamQ'))",
            "optim_wrapper must .* {'type': 'AdamQ', 'lr': .* gives ",
        ),
        (
            'train_cfg = dict(max_epochs=30)\nparam_scheduler = dict(_delete_=True, '
            "type='CosineAnnealingLR', begin=30)",
            'param_scheduler must .* end should be larger than begin, but got begin=30, end=30',
        ),
    ],
)
def test_optimizers_and_schedules_that_cannot_be_built(text, message, sample, tmp_path):
    config = put(sample, tmp_path, RESNET, text)
    with pytest.raises(ValueError, match=message):
        rehearse(config)


PER_PARAMETER = 'paramwise_cfg=dict(norm_decay_mult=0)'


@pytest.mark.parametrize(
    'text',
    [
        "optim_wrapper = dict(type='AmpOptimWrapper', loss_scale='dynamic', "
        f'clip_grad=dict(max_norm=1), {PER_PARAMETER})',
        "optim_wrapper = dict(optimizer=dict(_delete_=True, type='AdamW', lr=0.001, fused=True))",
        "optim_wrapper = dict(optimizer=dict(_delete_=True, type='ZeroRedundancyOptimizer', "
        "optimizer_type='SGD', lr=0.1))",
        'train_cfg = dict(_delete_=True, by_epoch=False, max_iters=9)\n'
        "param_scheduler = dict(_delete_=True, type='CosineAnnealingLR', by_epoch=False, begin=5)",
        "param_scheduler = [dict(type='LinearLR', end=5, start_factor=0.1, "
        "convert_to_iter_based=True), dict(type='CosineAnnealingLR', begin=5, "
        'convert_to_iter_based=True)]',
    ],
)
def test_what_needs_a_gpu_other_processes_or_the_data_is_not_refused(
    text, sample, tmp_path, capsys
):
    rehearse(put(sample, tmp_path, RESNET, text))
    assert 'paramwise' not in ''.join(capsys.readouterr())


def test_an_unknown_activation(sample, tmp_path):
    with pytest.raises(
        ValueError, match="act_cfg must be a dict of a type registered in MODELS.*{'type': 'RLU'}"
    ):
        rehearse(put(replace(sample, activation='RLU'), tmp_path, RESNET))


def test_the_fast_path_is_not_compiled(sample, tmp_path, monkeypatch):
    """It would take half a minute."""
    monkeypatch.setattr(torch, 'compile', lambda *args, **kwargs: lambda x: pytest.fail('compiled'))
    rehearse(put(sample, tmp_path, RESNET, 'model = dict(backbone=dict(fast_path=True))'))


def test_all_networks_of_a_regime_fit(tmp_path):
    for sample in networks_of(space_of('regnety'), 5, flops=(3.6e9, 4e9)):
        rehearse(put(sample, tmp_path, RESNET))


def test_a_class_in_place_of_a_name(sample):
    """As MMEngine's lazy configs have it."""
    from mmpretrain.models import LinearClsHead

    rehearse(
        experiment(
            sample,
            Config(
                dict(
                    default_scope='mmpretrain',
                    test_dataloader=dict(dataset=dict(image_size=sample.resolution)),
                    model=dict(
                        type='ImageClassifier',
                        backbone=dict(type='ResNet', depth=50),
                        head=dict(type=LinearClsHead, num_classes=1000, in_channels=2048),
                    ),
                )
            ),
            seed=0,
        )
    )


@pytest.mark.parametrize(
    'text, message',
    [
        (
            'train_cfg = dict(max_epochs=5)\n'
            "param_scheduler = [dict(type='LinearLR', end=5), dict(type='CosineAnnealingLR', "
            'begin=5)]',
            r'param_scheduler\.1 must .*param_scheduler\.1\.begin must be smaller than .* '
            r'train_cfg\.max_epochs=5, but it is 5',
        ),
        (
            "train_cfg = dict(max_epochs=5)\ncustom_hooks = [dict(type='EMAHook', begin_epoch=6)]",
            r'custom_hooks\.0\.begin_epoch must be at most .* train_cfg\.max_epochs=5, but it is 6',
        ),
    ],
)
def test_a_training_that_is_too_short_names_the_setting(text, message, sample, tmp_path):
    with pytest.raises(ValueError, match=message):
        rehearse(put(sample, tmp_path, RESNET, text))


def test_a_schedule_of_half_an_epoch_is_not_refused(sample, tmp_path):
    rehearse(
        put(
            sample,
            tmp_path,
            RESNET,
            "param_scheduler = [dict(type='LinearLR', begin=0, end=0.5, "
            'convert_to_iter_based=True)]',
        )
    )
