"""The backbones in mmpretrain's and mmdet's configs, without the other library.

No custom_imports is needed.
"""

import subprocess
import sys

import pytest
import torch
from mmengine.config import Config
from mmengine.registry import MODELS, init_default_scope

BLOCKED = """
import sys
sys.modules[{blocked!r}] = None  # importing it raises ImportError
{code}
assert sys.modules[{blocked!r}] is None
"""

CLASSIFIER = """
import torch
from mmpretrain.registry import MODELS
from mmengine.registry import init_default_scope
init_default_scope('mmpretrain')
model = MODELS.build(dict(type='ImageClassifier',
    backbone=dict(type='regnet_plugin.RegNet', arch='regnety_400mf', out_indices=(3, )),
    neck=dict(type='GlobalAveragePooling'),
    head=dict(type='LinearClsHead', num_classes=10, in_channels=440,
        loss=dict(type='CrossEntropyLoss'))))
assert model(torch.randn(2, 3, 64, 64)).shape == (2, 10)
"""

DETECTOR = """
import torch
from mmengine.config import Config
from mmengine.registry import MODELS, init_default_scope
config = Config.fromfile(sys.argv[1])
init_default_scope(config.default_scope)
model = MODELS.build(config.model).eval()
assert type(model.backbone).__module__ == 'regnet_plugin.models.regnet'
features = model.extract_feat(torch.randn(1, 3, 128, 128))
shapes = [tuple(feature.shape[1:]) for feature in features]
assert shapes == [(256, 128 // s, 128 // s) for s in (4, 8, 16, 32, 64)]
"""

DETECTOR_CONFIG = """
_base_ = 'mmdet::faster_rcnn/faster-rcnn_r50_fpn_1x_coco.py'
model = dict(
    backbone=dict(_delete_=True, type='regnet_plugin.RegNet', arch='regnety_400mf',
        frozen_stages=1, norm_eval=True),
    neck=dict(in_channels=[48, 104, 208, 440]))
"""


def run_python(code, *args):
    return subprocess.run(
        [sys.executable, '-c', code, *map(str, args)], capture_output=True, text=True, timeout=300
    )


def test_classifier_without_mmdet():
    done = run_python(BLOCKED.format(blocked='mmdet', code=CLASSIFIER))
    assert done.returncode == 0, done.stderr


def test_detector_without_mmpretrain(tmp_path):
    (tmp_path / 'config.py').write_text(DETECTOR_CONFIG)
    done = run_python(BLOCKED.format(blocked='mmpretrain', code=DETECTOR), tmp_path / 'config.py')
    assert done.returncode == 0, done.stderr


def test_detector_trains(tmp_path):
    from mmdet.structures import DetDataSample
    from mmengine.structures import InstanceData

    (tmp_path / 'config.py').write_text(DETECTOR_CONFIG)
    config = Config.fromfile(tmp_path / 'config.py')
    init_default_scope(config.default_scope)
    model = MODELS.build(config.model).train()
    sample = DetDataSample(
        gt_instances=InstanceData(
            bboxes=torch.tensor([[8.0, 8.0, 90.0, 90.0]]), labels=torch.tensor([3])
        ),
        metainfo=dict(img_shape=(128, 128), pad_shape=(128, 128), batch_input_shape=(128, 128)),
    )
    losses = model.loss(torch.randn(1, 3, 128, 128), [sample])
    sum(
        value
        for values in losses.values()
        for value in (values if isinstance(values, list) else [values])
    ).backward()
    gradients = {
        name: parameter.grad is not None for name, parameter in model.backbone.named_parameters()
    }
    assert not any(
        has for name, has in gradients.items() if name.split('.')[0] in ('conv1', 'bn1', 'layer1')
    )
    assert all(
        has
        for name, has in gradients.items()
        if name.split('.')[0] in ('layer2', 'layer3', 'layer4')
    )


def test_an_unscoped_name_is_not_ours():
    init_default_scope('mmpretrain')
    assert MODELS.build(dict(type='RegNet', arch='regnetx_400mf')).__module__.startswith(
        'mmpretrain'
    )


@pytest.mark.parametrize(
    'backbone, message',
    [
        (
            dict(type='regnet_plugin.RegNet', arch='regnetz_400mf'),
            "there is no published RegNet called 'regnetz_400mf'",
        ),
        (
            dict(type='regnet_plugin.RegNet', arch='regnetx_400mf', out_indices=(4,)),
            'out_indices must be ascending',
        ),
    ],
)
def test_messages_come_through_the_registry(backbone, message):
    with pytest.raises(ValueError, match=message):
        MODELS.build(backbone)
