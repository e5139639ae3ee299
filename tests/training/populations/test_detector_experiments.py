"""Configs of detectors: necks take the stages of any network, and learn."""

import numpy as np
import pytest
import torch
from experiments import built, recipe, samples, written
from mmengine.registry import MODELS, DefaultScope

from regnet_plugin.core.architecture import Architecture
from regnet_plugin.training.populations.experiment import experiment

FASTER_RCNN = "_base_ = 'mmdet::faster_rcnn/faster-rcnn_r50_fpn_1x_coco.py'"
RETINANET = "_base_ = 'mmdet::retinanet/retinanet_r50_fpn_1x_coco.py'"
YOLOX = "_base_ = 'mmdet::yolox/yolox_s_8xb8-300e_coco.py'"


@pytest.mark.parametrize(
    'space', ['regnetx', 'regnetx_3_stages', 'anynetx_a_5_stages', 'regnetx_lr_wd']
)
@pytest.mark.parametrize('text', [FASTER_RCNN, RETINANET])
def test_a_detectors_neck_takes_all_stages(text, space, tmp_path):
    for sample in samples(space, 2):
        config = written(experiment(sample, recipe(tmp_path, text), seed=4), tmp_path)
        model = built(config)
        assert model.backbone.architecture == sample.architecture
        assert (
            tuple(config.model.neck.in_channels)
            == sample.architecture.widths
            == model.backbone.out_channels
        )
        assert config.model.data_preprocessor.bgr_to_rgb and config.randomness.seed == 4
        assert config.optim_wrapper.optimizer.lr == sample.lr or sample.lr is None


def test_weights_of_another_network_go_and_what_froze_them(tmp_path):
    frozen = FASTER_RCNN + '\nmodel = dict(backbone=dict(norm_cfg=dict(requires_grad=False)))\n'
    backbone = experiment(samples('regnetx', 1)[0], recipe(tmp_path, frozen), seed=0).model.backbone
    assert not {'init_cfg', 'frozen_stages', 'norm_eval', 'depth', 'num_stages', 'style'} & set(
        backbone
    )
    assert backbone.norm_cfg == dict(type='BN', requires_grad=True)


def test_a_neck_of_three_maps_takes_those_from_stride_8(tmp_path):
    (sample,) = samples('regnetx', 1)
    config = experiment(sample, recipe(tmp_path, YOLOX), seed=0)
    assert config.model.backbone.out_indices == (1, 2, 3)
    assert config.model.neck.in_channels == list(sample.architecture.widths[1:])
    built(config)


@pytest.mark.parametrize(
    'text, stages, message',
    [
        (
            YOLOX,
            dict(depths=[1] * 5, widths=[8] * 5),
            'YOLOXPAFPN of 3 maps.* must be given 3, but of 5 stages there are 4',
        ),
        (
            YOLOX,
            dict(depths=[1] * 3, widths=[8] * 3),
            'must be given 3, but of 3 stages there are 2',
        ),
        (
            FASTER_RCNN,
            dict(depths=[1] * 6, widths=[8] * 6),
            'FPN of 4 maps.* must be given at most 5, but .* there are 6',
        ),
        (
            FASTER_RCNN,
            dict(depths=[1] * 2, widths=[8] * 2, strides=[1, 2]),
            r'4, 8, 16, .*, but they have \[2, 4\]',
        ),
    ],
)
def test_stages_that_do_not_fit_a_neck_are_refused(tmp_path, text, stages, message):
    with pytest.raises(ValueError, match=message):
        experiment(Architecture.from_lists(block='V', **stages), recipe(tmp_path, text), seed=0)


@pytest.mark.parametrize('space', ['regnetx_3_stages', 'regnetx', 'anynetx_a_5_stages'])
def test_a_detector_learns_from_an_image(space, tmp_path):
    from mmdet.structures import DetDataSample
    from mmengine.structures import InstanceData

    sample = min(samples(space, 20), key=lambda sample: sample.complexity.flops)
    config = written(experiment(sample, recipe(tmp_path, FASTER_RCNN), seed=0), tmp_path)
    torch.manual_seed(0)
    with DefaultScope.overwrite_default_scope('mmdet'):
        model = MODELS.build(config.model)
        model.init_weights()
        model.train()
        image = torch.from_numpy(
            np.random.default_rng(0).integers(0, 256, (3, 64, 64), dtype=np.uint8)
        )
        truth = DetDataSample(
            metainfo=dict(img_shape=(64, 64), ori_shape=(64, 64), batch_input_shape=(64, 64))
        )
        truth.gt_instances = InstanceData(
            bboxes=torch.tensor([[8.0, 8.0, 40.0, 40.0]]), labels=torch.tensor([3])
        )
        batch = model.data_preprocessor(
            dict(inputs=[image, image], data_samples=[truth, truth]), training=True
        )
        losses = model.parse_losses(model(**batch, mode='loss'))[0]
    assert torch.isfinite(losses)
    losses.backward()
    assert all(parameter.grad is not None for parameter in model.backbone.parameters())
