"""The backbones inside mmdet's detectors: equal to mmdet's own RegNet.

Every option goes forward and backward, X and Y.
"""

import copy
from pathlib import Path

import mmdet
import pytest
import torch
from mmengine.config import Config
from mmengine.optim import build_optim_wrapper
from mmengine.registry import MODELS, init_default_scope
from parity import randomize
from small_detectors import ARCH, DETECTORS, WIDTHS, batch, build_detector, detect, loss, train

from regnet_plugin.weights.conversion import convert

LONG = pytest.mark.acceptance
MMDETS_CONFIGS = sorted((Path(mmdet.__file__).parent / '.mim/configs/regnet').glob('*.py'))
AS_PUBLISHED = dict(
    norm_cfg=dict(type='BN', requires_grad=True), style='pytorch', out_indices=(0, 1, 2, 3)
)
LATER_STAGES = (False, True, True, True)
DCN = dict(
    dcn=dict(type='DCN', deform_groups=2, fallback_on_stride=False), stage_with_dcn=LATER_STAGES
)
DCNV2 = dict(
    dcn=dict(type='DCNv2', deform_groups=1, fallback_on_stride=False), stage_with_dcn=LATER_STAGES
)
PLUGINS = dict(
    plugins=[
        dict(
            cfg=dict(type='NonLocal2d', reduction=2),
            position='after_conv1',
            stages=(False, False, False, True),
        ),
        dict(
            cfg=dict(type='ContextBlock', ratio=0.25), position='after_conv2', stages=LATER_STAGES
        ),
        dict(cfg=dict(type='ContextBlock', ratio=0.25, postfix='_1'), position='after_conv3'),
        dict(cfg=dict(type='ContextBlock', ratio=0.5, postfix='_2'), position='after_conv3'),
    ]
)
FAMILIES = dict(X=ARCH, Y=dict(ARCH, se_ratio=0.25))


def both(detector, **options):
    """mmdet's own RegNet and ours in one detector with the same weights."""
    networks = [
        build_detector(
            detector, dict(type=kind, arch=ARCH, **AS_PUBLISHED, **copy.deepcopy(options))
        )
        for kind in ('RegNet', 'regnet_plugin.RegNet')
    ]
    theirs, ours = networks
    theirs.init_weights()
    randomize(theirs.backbone, torch.float32)
    ours.load_state_dict(theirs.state_dict())  # strict: no key is missing, none is too many
    return theirs, ours


@pytest.mark.filterwarnings('ignore:torch.utils.checkpoint. the use_reentrant parameter')
@pytest.mark.parametrize(
    'detector',
    [
        name if name.startswith('retinanet') else pytest.param(name, marks=LONG)
        for name in DETECTORS
    ],
)
@pytest.mark.parametrize(
    'options',
    [
        dict(norm_eval=False),
        dict(norm_eval=True, frozen_stages=1),
        dict(norm_eval=False, **DCN),
        dict(norm_eval=False, **DCNV2),
        dict(norm_eval=False, **PLUGINS),
        # without norm_eval mmdet's would update the statistics twice
        dict(norm_eval=True, with_cp=True),
        dict(norm_eval=True, strides=(2, 2, 2, 1), dilations=(1, 1, 1, 2)),
    ],
    ids=['plain', 'frozen', 'DCN', 'DCNv2', 'plugins', 'with_cp', 'dilated'],
)
def test_losses_gradients_and_detections_are_those_of_mmdets_regnet(detector, options):
    theirs, ours = both(detector, **options)
    expected, losses = train(theirs), train(ours)
    assert losses == expected and all(value.isfinite() for value in losses.values())
    gradients = {name: parameter.grad for name, parameter in theirs.named_parameters()}
    for name, parameter in ours.named_parameters():
        assert (parameter.grad is None) == (gradients[name] is None), name
        if parameter.grad is not None:
            assert (parameter.grad - gradients[name]).abs().max() <= 1e-5 * gradients[
                name
            ].abs().max(), name
    for name, value in theirs.state_dict().items():
        assert torch.equal(ours.state_dict()[name], value), name
    for found, wanted in zip(detect(ours), detect(theirs)):
        assert len(wanted[0]) and all(map(torch.equal, found, wanted))


@pytest.mark.parametrize(
    'path',
    [path if 'mdconv' in path.stem else pytest.param(path, marks=LONG) for path in MMDETS_CONFIGS],
    ids=lambda path: path.stem,
)
def test_the_state_dicts_of_mmdets_published_detectors_load(path):
    """Nothing but the type of the backbone is changed in mmdet's own config.

    It has its deformable convs, too.
    """
    config = Config.fromfile(path)
    init_default_scope('mmdet')
    with torch.device('meta'):
        # it takes fallback_on_stride out of its config
        theirs = MODELS.build(copy.deepcopy(config.model))
        config.model.backbone.type = 'regnet_plugin.RegNet'
        ours = MODELS.build(config.model)
    assert (
        'mmdet' in type(theirs.backbone).__module__
        and 'regnet_plugin' in type(ours.backbone).__module__
    )
    ours.load_state_dict(theirs.state_dict(), assign=True)


def ours(family, detector='retinanet_r50_fpn', changes=None, **options):
    torch.manual_seed(0)
    backbone = dict(type='regnet_plugin.RegNet', arch=FAMILIES[family], **copy.deepcopy(options))
    built = build_detector(detector, backbone, **(changes or {}))
    torch.manual_seed(0)
    built.init_weights()
    return built


def check_trains(detector, without_gradient=()):
    """Check that losses and gradients are finite, and that the detector detects.

    Just what is named has no gradient.
    """
    assert all(value.isfinite() for value in train(detector).values())
    for name, parameter in detector.named_parameters():
        assert (parameter.grad is None) == name.startswith(tuple(without_gradient)), name
        assert parameter.grad is None or parameter.grad.isfinite().all(), name
    assert any(len(boxes) for boxes, _, _ in detect(detector))


@pytest.fixture(params=FAMILIES)
def family(request):
    return request.param


@pytest.mark.parametrize('options', [DCN, DCNV2], ids=['DCN', 'DCNv2'])
def test_deformable_convs(family, options):
    detector = ours(family, **options)
    check_trains(detector)
    offsets = [
        parameter.grad
        for name, parameter in detector.backbone.named_parameters()
        if 'conv_offset' in name
    ]
    assert len(offsets) == 2 * (1 + 1 + 2) and all(gradient.abs().max() > 0 for gradient in offsets)


def test_plugins(family):
    detector = ours(family, **PLUGINS)
    check_trains(detector)
    assert hasattr(detector.backbone.layer4[1], 'nonlocal_block')
    assert not hasattr(detector.backbone.layer1[0], 'context_block')


def test_checkpointing_changes_nothing(family):
    plain, checkpointed = ours(family), ours(family, with_cp=True)
    assert train(checkpointed) == train(plain)
    for (name, parameter), expected in zip(checkpointed.named_parameters(), plain.parameters()):
        assert torch.equal(parameter.grad, expected.grad), name
    for (name, value), expected in zip(
        checkpointed.state_dict().items(), plain.state_dict().values()
    ):
        assert torch.equal(value, expected), name
    for found, wanted in zip(detect(checkpointed), detect(plain)):
        assert all(map(torch.equal, found, wanted))


def test_everything_at_once(family):
    detector = ours(
        family,
        'faster-rcnn_r50_fpn',
        with_cp=True,
        norm_eval=True,
        frozen_stages=1,
        **DCNV2,
        **PLUGINS,
    )
    check_trains(
        detector, without_gradient=('backbone.conv1.', 'backbone.bn1.', 'backbone.layer1.')
    )


def test_a_detector_starts_from_the_authors_weights_by_address_and_keeps_what_is_frozen(tmp_path):
    """Of RegNetY only the authors and timm have weights.

    Here they are in a file of the authors' kind.
    """
    classifier = torch.nn.ModuleDict(
        dict(
            backbone=ours('Y').backbone,
            head=torch.nn.ModuleDict(dict(fc=torch.nn.Linear(WIDTHS[-1], 10))),
        )
    )
    randomize(classifier['backbone'], torch.float32)
    torch.save(
        dict(epoch=99, model_state=convert(classifier.state_dict(), 'ours', 'pycls')),
        tmp_path / 'net.pyth',
    )
    detector = ours(
        'Y',
        frozen_stages=1,
        norm_eval=True,
        init_cfg=dict(type='Pretrained', checkpoint=f'pycls://{tmp_path}/net.pyth'),
    )
    before = copy.deepcopy(detector.backbone.state_dict())
    assert before.keys() == classifier['backbone'].state_dict().keys()
    assert all(
        torch.equal(value, before[name])
        for name, value in classifier['backbone'].state_dict().items()
    )
    check_trains(
        detector, without_gradient=('backbone.conv1.', 'backbone.bn1.', 'backbone.layer1.')
    )
    assert all(
        torch.equal(value, before[name]) for name, value in detector.backbone.state_dict().items()
    )


def test_frozen_stages(family):
    detector = ours(family, frozen_stages=2)
    before = copy.deepcopy(detector.backbone.state_dict())
    frozen = ('conv1', 'bn1', 'layer1', 'layer2')
    check_trains(detector, without_gradient=[f'backbone.{name}.' for name in frozen])
    for name, value in detector.backbone.state_dict().items():
        if 'running' in name:
            assert torch.equal(value, before[name]) == name.startswith(frozen), name


def test_norm_eval(family):
    detector = ours(family, norm_eval=True)
    before = copy.deepcopy(detector.backbone.state_dict())
    check_trains(detector)
    assert all(
        torch.equal(value, before[name]) for name, value in detector.backbone.state_dict().items()
    )


def test_a_dilated_last_stage(family):
    anchors = dict(anchor_generator=dict(strides=[8, 16, 16, 32, 64]))
    detector = ours(
        family, changes=dict(bbox_head=anchors), strides=(2, 2, 2, 1), dilations=(1, 1, 1, 2)
    )
    levels = detector.extract_feat(batch()[0])
    assert [tuple(level.shape[-2:]) for level in levels] == [
        (12, 16),
        (6, 8),
        (6, 8),
        (3, 4),
        (2, 2),
    ]
    check_trains(detector)


def test_sync_bn_in_a_single_process_is_bn(family):
    synchronized, plain = (
        ours(family, norm_cfg=dict(type=kind, requires_grad=True)) for kind in ('SyncBN', 'BN')
    )
    assert isinstance(synchronized.backbone.bn1, torch.nn.SyncBatchNorm)
    losses, expected = loss(synchronized), loss(plain)
    assert all(torch.equal(losses[name], value) for name, value in expected.items())
    check_trains(synchronized)


def layer_decay(detector, **optimizer):
    return build_optim_wrapper(
        detector,
        dict(
            type='OptimWrapper',
            optimizer=dict(type='SGD', lr=1.0, **optimizer),
            constructor='regnet_plugin.LayerDecayOptimWrapperConstructor',
            paramwise_cfg=dict(layer_decay_rate=0.5),
        ),
    )


def test_layer_wise_decay(family):
    detector = ours(family, 'faster-rcnn_r50_fpn', frozen_stages=1, **PLUGINS)
    wrapper = layer_decay(detector, weight_decay=0.1)
    rates = {group['param_name']: group['lr'] for group in wrapper.optimizer.param_groups}
    trained = {name for name, parameter in detector.named_parameters() if parameter.requires_grad}
    assert rates.keys() == trained
    expected = {
        'backbone.layer2.0.': 0.5**4,
        'backbone.layer3.0.': 0.5**3,
        'backbone.layer4.0.': 0.5**2,
        'backbone.layer4.1.': 0.5,
        'neck.': 1,
        'rpn_head.': 1,
        'roi_head.': 1,
    }
    assert trained == {name for name in trained if name.startswith(tuple(expected))}
    for start, rate in expected.items():
        assert {found for name, found in rates.items() if name.startswith(start)} == {rate}, start
    with pytest.raises(
        ValueError, match="weight_decay, 0 for none, but it is {'type': 'SGD', 'lr': 1.0}"
    ):
        layer_decay(detector)
