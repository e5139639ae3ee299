"""What recipes say of errors, and what becomes of the numbers that real evaluators give."""

import math

import mmdet.evaluation  # noqa: F401 - registers
import numpy as np
import pytest
import torch
from mmdet.registry import METRICS as OF_MMDET
from mmengine.config import Config
from mmengine.evaluator import BaseMetric, Evaluator
from mmengine.registry import METRICS, DefaultScope
from mmpretrain.evaluation import Accuracy
from mmpretrain.registry import METRICS as OF_MMPRETRAIN
from mmpretrain.structures import DataSample

from regnet_plugin.population import measured_error
from regnet_plugin.population.measured_error import Measured
from regnet_plugin.training.config.error_rule import error_rule

PERCENT = {
    'Accuracy',
    'SingleLabelMetric',
    'MultiLabelMetric',
    'VOCMultiLabelMetric',
    'AveragePrecision',
    'VOCAveragePrecision',
    'RetrievalRecall',
    'RetrievalAveragePrecision',
    'VQAAcc',
    'CocoPanopticMetric',
    'SemSegMetric',
    'RefSegMetric',
}
FRACTIONS = {
    'ANLS',
    'GQAAcc',
    'ScienceQAMetric',
    'ShapeBiasMetric',
    'VisualGroundingMetric',
    'CityScapesMetric',
    'CocoMetric',
    'CocoOccludedSeparatedMetric',
    'CocoVideoMetric',
    'FasterCocoMetric',
    'LVISMetric',
    'OVCocoMetric',
    'CrowdHumanMetric',
    'DODCocoMetric',
    'Flickr30kMetric',
    'LVISFixedAPMetric',
    'OpenImagesMetric',
    'ReIDMetrics',
    'RefExpMetric',
    'VOCMetric',
    'YouTubeVISMetric',
    'gRefCOCOMetric',
}
NO_NUMBERS = {
    'ConfusionMatrix',
    'NocapsSave',
    'ReportVQA',
    'DumpDetResults',
    'DumpODVGResults',
    'DumpProposals',
}
UNBOUNDED = {
    'COCOCaption',
    'COCOCaptionMetric',
    'RegressionMetric',
    'CULaneMetric',
    'MOTChallengeMetric',
    'MultiTasksMetric',
}


class Own(BaseMetric):
    """Gives what it is told to."""

    def __init__(self, gives=(), **kwargs):
        super().__init__(**kwargs)
        self.gives = gives

    def process(self, data_batch, data_samples):
        """Nothing to keep."""

    def compute_metrics(self, results):
        return dict(self.gives)


class OwnAccuracy(Accuracy):
    """A subclass gives what its base gives, here as tensors."""

    def compute_metrics(self, results):
        return {
            name: torch.tensor(value) for name, value in super().compute_metrics(results).items()
        }


def rule(evaluator, scope='mmpretrain', save_best=None, **settings):
    hook = dict(type='CheckpointHook', save_best=save_best)
    hook.update((name, settings.pop(name)) for name in ('rule',) if name in settings)
    hooks = dict(checkpoint=hook)
    return error_rule(
        Config(dict(default_scope=scope, val_evaluator=evaluator, default_hooks=hooks, **settings))
    )


def measured(metrics, evaluator, *args, before=None, **settings):
    return rule(evaluator, *args, **settings).measured(metrics, before)


@pytest.mark.parametrize('registry', [OF_MMPRETRAIN, OF_MMDET])
def test_the_scale_of_each_evaluator_of_both_libraries(registry):
    for name, kind in registry.module_dict.items():
        found = measured_error.Evaluator.of(kind)
        expected = 100 if name in PERCENT else 1 if name in FRACTIONS else None
        assert (found.scale, found.gives_numbers) == (expected, name not in NO_NUMBERS), name
        assert name in PERCENT | FRACTIONS | NO_NUMBERS | UNBOUNDED, f'{name}: which scale has it?'


def evaluated(described, samples):
    with DefaultScope.overwrite_default_scope('mmpretrain'):
        evaluator = Evaluator(described)
    evaluator.process(samples)
    return evaluator.evaluate(len(samples))


def samples(scores, labels):
    return [
        DataSample().set_pred_score(torch.tensor(score)).set_gt_label(label)
        for score, label in zip(scores, labels)
    ]


def test_numbers_of_real_evaluators():
    right = samples([[0.9, 0.1]] * 45, [0] * 45)
    found = evaluated(dict(type='Accuracy', topk=(1,)), right)
    assert found['accuracy/top1'] > 100  # in float32
    assert measured(found, dict(type='Accuracy')) == Measured('accuracy/top1', 0.0, '%')
    three_of_four = samples([[0.9, 0.1], [0.9, 0.1], [0.2, 0.8], [0.2, 0.8]], [0, 0, 1, 0])
    assert (
        measured(evaluated(dict(type=OwnAccuracy), three_of_four), dict(type=OwnAccuracy)).error
        == 25
    )
    found = evaluated(dict(type='AveragePrecision'), samples([[0.9, 0.1], [0.2, 0.8]], [[0], [1]]))
    assert measured(found, dict(type='AveragePrecision')) == Measured('multi-label/mAP', 0.0)
    # Of one image the first class is right and the best, of the other it is the second best: 100%
    # and 50%.
    ranked = samples([[0.9, 0.1, 0.0], [0.4, 0.5, 0.1]], [[0], [0]])
    described = dict(type='RetrievalAveragePrecision', topk=2)
    assert measured(evaluated(described, ranked), described) == Measured('retrieval/mAP@2', 25.0)
    named = [
        dict(type='SingleLabelMetric', items=('support', 'recall')),
        dict(type='ConfusionMatrix'),
    ]
    assert measured(evaluated(named[::-1], three_of_four), named[::-1]) == Measured(
        'single-label/recall', pytest.approx(100 - (100 * 2 / 3 + 100) / 2)
    )


@pytest.mark.parametrize(
    'kind, name, value, error',
    [
        ('LVISMetric', 'lvis/bbox_AP', 0.31, 69),
        ('VOCMetric', 'pascal_voc/mAP', np.float32(0.5), 50),
        ('CityScapesMetric', 'cityscapes/mAP', np.array(1.0), 0),
        ('CocoMetric', 'coco/bbox_mAP', 0.0, 100),
        ('CocoPanopticMetric', 'coco_panoptic/PQ', 40.0, 60),
        ('SemSegMetric', 'mIoU', np.float64(62.5), 37.5),
        ('CocoOccludedSeparatedMetric', 'coco/occluded_recall', 30.0, 70),
    ],
)
def test_scales_of_detection(kind, name, value, error):
    evaluator = dict(type=kind) if 'Occluded' not in kind else dict(type=OF_MMDET.get(kind))
    found = measured({name: value}, evaluator, 'mmdet', save_best=name, rule='greater')
    assert (found.metric, found.unit, found.error) == (name, '%', pytest.approx(error))


@pytest.mark.parametrize(
    'kind, name, value, error',
    [
        ('mmseg.IoUMetric', 'mIoU', 62.5, 37.5),
        ('mmpose.PCKAccuracy', 'PCK', 0.75, 25),
        ('mmpose.CocoMetric', 'coco/AP', 0.5, 50),
        ('mmpose.NME', 'NME', 0.5, 0.5),
    ],
)
def test_scales_of_segmentation_and_pose(kind, name, value, error):
    rule = measured_error.ErrorRule((measured_error.Evaluator((kind,)),), wanted=name)
    assert rule.guessed is None
    assert rule.measured({name: value}).error == error


def test_mpiis_points_are_percentages_though_its_base_gives_fractions():
    kinds = ('mmpose.MpiiPCKAccuracy', 'mmpose.PCKAccuracy')
    rule = measured_error.ErrorRule((measured_error.Evaluator(kinds),), wanted='PCK')
    assert rule.measured({'PCK': 0.5}).error == 99.5


def test_several_data_sets_and_tasks():
    several = dict(
        type='MultiDatasetsEvaluator', metrics=[dict(type='CocoMetric')], dataset_prefixes=['a']
    )
    assert measured({'a/coco/bbox_mAP': 0.25}, several, 'mmdet').error == 75
    tasks = dict(
        type='MultiTasksMetric',
        task_metrics=dict(kind=[dict(type='Accuracy')], size=[dict(type='Accuracy')]),
    )
    assert measured({'kind_accuracy/top1': 80.0, 'size_accuracy/top1': 10.0}, tasks).error == 20


@pytest.mark.parametrize(
    'value', [62.5, torch.tensor(62.5), torch.tensor([62.5]), np.float32(62.5), np.array([[62.5]])]
)
def test_tensors_and_arrays_are_numbers_and_times_are_no_errors(value):
    given = {
        'eval_time': 0.25,
        'data_time': 0.125,
        'matrix': torch.ones(2, 2),
        'note': 'x',
        'right': True,
        'score': value,
    }
    assert measured(given, dict(type=Own)) == Measured('score', 37.5, '%')


@pytest.mark.parametrize(
    'save_best, expected',
    [
        ('accuracy/top5', Measured('accuracy/top5', 10.0)),
        (['accuracy/top5', 'accuracy/top1'], Measured('accuracy/top5', 10.0)),
        ('auto', Measured('accuracy/top1', 30.0)),
        (None, Measured('accuracy/top1', 30.0)),
    ],
)
def test_the_metric_is_that_of_save_best_or_the_first(save_best, expected):
    given = {'accuracy/top1': 70.0, 'accuracy/top5': 90.0, 'val_loss': 0.5}
    assert measured(given, dict(type='Accuracy'), save_best=save_best) == expected


@pytest.mark.parametrize(
    'name, settings',
    [
        ('val_loss', {}),
        ('loss', dict(save_best='loss')),
        ('own/MAE', {}),
        ('own/top1_error', {}),
        ('l1_distance', {}),
        ('depth_rmse', {}),
        ('quality', dict(save_best='quality', rule='less')),
        ('FID', {}),
    ],
)
@pytest.mark.parametrize('value', [0.25, 250.0, -3.0])
def test_what_is_better_when_lower_stands_for_itself(name, settings, value):
    assert measured({name: torch.tensor(value)}, dict(type=Own), **settings) == Measured(
        name, value, ''
    )


def test_a_scale_that_nobody_says_is_not_guessed():
    for value, error in ((97.5, 2.5), (0.0, 100.0), (1.5, 98.5)):
        assert measured({'score': value}, dict(type=Own)).error == error
    for value in (0.975, 1.0, 0.01):
        with pytest.raises(
            ValueError, match=rf'known scale, but it is {value:g} of \w+\.Own, .*perfect_score=1 or'
        ):
            measured({'score': value}, dict(type=Own))
    assert measured({'score': 0.975}, dict(type=Own), perfect_score=1).error == pytest.approx(2.5)
    assert measured({'score': 0.5}, dict(type=Own), perfect_score=100).error == 99.5
    assert measured({'score': 4.0}, dict(type=Own), perfect_score=5).error == pytest.approx(20)
    assert rule(dict(type=Own)).guessed.endswith('.Own')
    assert (
        rule([dict(type='ConfusionMatrix'), dict(type='Accuracy'), dict(type=Own)]).guessed is None
    )
    assert (
        rule(dict(type=Own), perfect_score=1).guessed
        is rule(dict(type=Own), save_best='loss').guessed
        is None
    )


@pytest.mark.parametrize(
    'evaluator, scope, name, value',
    [
        ('Accuracy', 'mmpretrain', 'accuracy/top1', 100.1),
        ('Accuracy', 'mmpretrain', 'accuracy/top1', -0.1),
        ('AveragePrecision', 'mmpretrain', 'multi-label/mAP', 9057.94),
        ('CocoMetric', 'mmdet', 'coco/bbox_mAP', 1.01),
        ('CocoMetric', 'mmdet', 'coco/bbox_mAP_l', -1.0),
        ('Accuracy', 'mmpretrain', 'accuracy/top1', math.nan),
        ('Accuracy', 'mmpretrain', 'accuracy/top1', math.inf),
        ('Accuracy', 'mmpretrain', 'val_loss', math.nan),
        ('Accuracy', 'mmpretrain', 'val_loss', 1e308),
    ],
)
def test_what_is_out_of_range_is_refused(evaluator, scope, name, value):
    with pytest.raises(ValueError, match=f'^{name} must be a .*number') as caught:
        measured({name: value}, dict(type=evaluator), scope, save_best=name)
    assert f'{value:g}' in str(caught.value) or f'{value}' in str(caught.value)
    assert ('nothing of its kind to find' in str(caught.value)) == (value == -1)


def test_a_detector_that_finds_nothing_finds_nothing_right():
    box = dict(type='CocoMetric')
    assert measured({}, box, 'mmdet') == Measured(None, 100.0, '%')
    assert measured({}, box, 'mmdet', before='coco/bbox_mAP') == Measured('coco/bbox_mAP', 100.0)
    assert measured({'val_loss': 3.0}, box, 'mmdet', save_best='coco/bbox_mAP').error == 100
    with pytest.raises(
        ValueError,
        match='metric that decides, coco/segm_mAP, as a number, but it gives coco/bbox_mAP$',
    ):
        measured({'coco/bbox_mAP': 0.5}, box, 'mmdet', save_best='coco/segm_mAP')
    with pytest.raises(ValueError, match='must give a number, but it gives none'):
        measured({}, dict(type='Accuracy'))


def test_the_metric_stays_the_same():
    given = {'first': 10.0, 'second': 20.0}
    assert measured(given, dict(type=Own), before='second') == Measured('second', 80.0)
    with pytest.raises(ValueError, match='must give the metric that decides, third'):
        measured(given, dict(type=Own), before='third')


@pytest.mark.parametrize(
    'settings, message',
    [
        (dict(evaluator=None), 'val_evaluator must give a number'),
        (dict(evaluator=dict(type='ConfusionMatrix')), 'must give a number'),
        (
            dict(evaluator=dict(type='CocoMetric', format_only=True), scope='mmdet'),
            'must give a number',
        ),
        (
            dict(evaluator=dict(type='Accuracy'), perfect_score='1'),
            "perfect_score must be a positive number, but it is '1'",
        ),
        (dict(evaluator=dict(type='NoMetric')), "must be a registered one, but it is 'NoMetric'"),
    ],
)
def test_what_a_recipe_says_wrong(settings, message):
    with pytest.raises(ValueError, match=message):
        rule(**settings)
    assert METRICS.get('NoMetric') is None
