"""Counts of detectors: published ones, those of detectors that run with values, and refusals."""

import json

import pytest
import torch
from killing import ROOT
from mmengine.config import Config
from mmengine.registry import MODELS, init_default_scope
from mmengine.structures import InstanceData
from short_trainings import succeeded
from small_detectors import FASTER_RCNN, RETINANET, WIDTHS
from torch.utils.flop_counter import FlopCounterMode

from regnet_plugin.config_spaces.base import forget_weights, read_base
from regnet_plugin.config_spaces.counting import build_on_meta, count_network, run_metered
from regnet_plugin.config_spaces.fitting import count_fitted
from regnet_plugin.config_spaces.meter import CannotCount, Meter
from regnet_plugin.population.runs.results import read_result
from regnet_plugin.population.store import Population

# Flops in G and parameters in M at 800 x 1280. Mask R-CNN with Swin-T: the table of the authors'
# repository Swin-Transformer-Object-Detection; with ConvNeXt-T, and Cascade Mask R-CNN with it:
# ConvNeXt (arXiv:2201.03545), table 3. RetinaNet: mmdet's guide of get_flops.py, 239.32, which
# counts two more for each normalized element and one for each of ReLU and pooling.
PUBLISHED = {
    'swin/mask-rcnn_swin-t-p4-w7_fpn_1x_coco': (267, 48),
    'convnext/mask-rcnn_convnext-t-p4-w7_fpn_amp-ms-crop-3x_coco': (262, 48),
    'convnext/cascade-mask-rcnn_convnext-t-p4-w7_fpn_4conv1fc-giou_amp-ms-crop-3x_coco': (741, 86),
    'retinanet/retinanet_r50_fpn_1x_coco': (239, 38),
}
BACKBONE = dict(
    type='regnet_plugin.RegNet',
    arch=dict(w_0=24, w_a=16, w_m=1.5, depth=5, group_width=8),
    out_indices=(0, 1, 2, 3),
)


def config_of(name, width_of_neck=16, **changes):
    """A small detector whose backbone, neck and head may not fit."""
    text = f"_base_ = 'mmdet::_base_/models/{name}.py'\ndefault_scope = 'mmdet'"
    config = Config.fromstring(text, '.py')
    small = FASTER_RCNN if 'faster' in name else RETINANET
    neck = dict(in_channels=list(WIDTHS), out_channels=width_of_neck)
    for change in (small, dict(neck=neck), changes):
        config.merge_from_dict(dict(model=change))
    config.model.backbone = BACKBONE
    forget_weights(config)
    return config


def two_stage(**changes):
    return config_of('faster-rcnn_r50_fpn', **changes)


@pytest.mark.parametrize('name', PUBLISHED)
def test_counts_are_the_published_ones(name):
    flops, parameters = PUBLISHED[name]
    model = build_on_meta(read_base(f'mmdet::{name}.py'))
    counts = run_metered(Meter(), model, torch.empty(1, 3, 800, 1280, device='meta')).complexity
    assert abs(counts.flops / 1e9 - flops) < 0.005 * flops
    assert round(counts.parameters / 1e6) == parameters


def test_a_two_stage_detector_costs_what_it_does_with_values():
    """It proposes as many as it may, as networks without training do."""
    config = two_stage()
    init_default_scope('mmdet')
    model = MODELS.build(config.model).eval()
    image = torch.rand(1, 3, 128, 128, generator=torch.Generator().manual_seed(0))
    proposals, biases = [], 0

    def watch(layer, _, output):
        nonlocal biases
        biases += output.numel() if layer.bias is not None else 0

    for layer in model.modules():
        if isinstance(layer, (torch.nn.Conv2d, torch.nn.Linear)):
            layer.register_forward_hook(watch)
    forward = model.roi_head.forward
    model.roi_head.forward = lambda maps, found, samples: (
        proposals.append(len(found[0].bboxes)) or forward(maps, found, samples)
    )
    from mmdet.structures import DetDataSample

    about = dict(img_shape=(128, 128), scale_factor=(1.0, 1.0), ori_shape=(128, 128))
    sample = DetDataSample(metainfo=about, gt_instances=InstanceData())
    with FlopCounterMode(display=False) as counter, torch.no_grad():
        model(image, [sample], mode='tensor')
    assert proposals == [config.model.test_cfg.rpn.max_per_img]
    counts = count_network(config, 128).complexity
    assert counts.flops == counter.get_total_flops() / 2 + biases
    assert counts.parameters == sum(parameter.numel() for parameter in model.parameters())


def test_each_proposal_costs_the_same():
    flops = [
        count_network(two_stage(test_cfg=dict(rpn=dict(max_per_img=number))), 128).complexity.flops
        for number in (10, 20, 30)
    ]
    assert flops[2] - flops[1] == flops[1] - flops[0] > 0


def test_heads_get_the_widths_of_the_neck():
    _, widths = count_fitted(two_stage(width_of_neck=24), 128)
    assert widths == {
        'model.rpn_head.in_channels': 24,
        'model.roi_head.bbox_head.in_channels': 24,
        'model.roi_head.bbox_roi_extractor.out_channels': 24,
    }


def test_stages_of_a_cascade_get_them_too():
    config = read_base('mmdet::cascade_rcnn/cascade-rcnn_r50_fpn_1x_coco.py')
    config.model.neck.out_channels = 64
    counts, widths = count_fitted(config, 256)
    assert counts.complexity.flops > 0
    assert widths['model.roi_head.bbox_head.2.in_channels'] == 64 and len(widths) == 5


@pytest.mark.parametrize(
    'name, changes, message',
    [
        ('fast_rcnn/fast-rcnn_r50_fpn_1x_coco', {}, 'no rpn_head: its proposals come with the'),
        ('htc/htc-without-semantic_r50_fpn_1x_coco', {}, 'those of a HybridTaskCascadeRoIHead do'),
        (
            'faster_rcnn/faster-rcnn_r50_fpn_1x_coco',
            {'model.test_cfg.rpn.max_per_img': 0},
            'model.test_cfg.rpn.max_per_img must be from 1, but it is 0',
        ),
        (
            'guided_anchoring/ga-faster-rcnn_r50-caffe_fpn_1x_coco',
            {},
            'runs without values, on the meta device, but',
        ),
    ],
)
def test_what_has_no_count_is_refused_in_a_line(name, changes, message):
    config = read_base(f'mmdet::{name}.py')
    config.merge_from_dict(changes)
    with pytest.raises(CannotCount, match=message) as error:
        count_network(config, 256)
    assert '\n' not in str(error.value)


def test_a_population_of_detectors_is_trained_on_photographs(folder, tool):
    """Their error is what their average precision lacks to 100."""
    space = ROOT / 'configs/design_spaces/of_configs/retinanet_digits.py'
    population = folder / 'detectors'
    smaller = 'design_space.parameters.resolution=128'
    sampling = 'sample_population.py', space, '--size', 2, '--out', population
    succeeded(tool(*sampling, '--cfg-options', smaller))
    short = (
        'train_cfg.max_epochs=1',
        'train_cfg.val_interval=1',
        'train_dataloader.dataset.indices=16',
        'val_dataloader.dataset.indices=10',
        'model.test_cfg.score_thr=0.0',  # so that a beginner detects something
    )
    training = 'train_population.py', population, population / 'base.py', '--workers', 1
    succeeded(tool(*training, '--cfg-options', *short))
    necks = set()
    for network in Population.open(population):
        run = population / f'runs/base/{network.name}-0'
        (scalars,) = run.glob('*/vis_data/scalars.json')
        rows = [json.loads(line) for line in scalars.read_text().splitlines()]
        (precision,) = [row['coco/bbox_mAP'] for row in rows if 'coco/bbox_mAP' in row]
        result = read_result(run)
        assert result.metric == 'coco/bbox_mAP' and result.status == 'done'
        assert result.last_error == pytest.approx(100 - 100 * precision)
        config = (run / 'config.py').read_text()
        neck, convs = (network.sample.parameters[key] for key in ('out_channels', 'stacked_convs'))
        assert f'out_channels={neck},' in config and f'stacked_convs={convs},' in config
        necks.add(neck)
    assert len(necks) == 2
