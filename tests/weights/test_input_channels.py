"""Weights for three channels in networks for others: timm's rule, and ours by choice."""

import pytest
import timm
import torch
from mmengine.registry import MODELS
from mmengine.runner import Runner, load_checkpoint
from parity import randomize
from small_detectors import ARCH, HEIGHT, WIDTH, build_detector
from timm.models import adapt_input_conv

from regnet_plugin.models import AnyNet
from regnet_plugin.training.hooks.whole_weights import check_backbone, load_whole
from regnet_plugin.training.running.runners import load_safely
from regnet_plugin.weights.conversion import convert

NETWORK = dict(depths=[1, 1], widths=[16, 32], group_widths=[8, 8], bottleneck_ratios=[1, 1])
KERNELS = torch.randn(32, 3, 3, 3, generator=torch.Generator().manual_seed(0))


def network(**options):
    return AnyNet(**NETWORK, **options)


@pytest.fixture
def weights():
    return {**network().state_dict(), 'conv1.weight': KERNELS}


@pytest.fixture
def path(tmp_path, weights):
    torch.save(dict(state_dict=weights), tmp_path / 'rgb.pth')
    return str(tmp_path / 'rgb.pth')


def initialized(path, **options):
    backbone = network(init_cfg=dict(type='Pretrained', checkpoint=path), **options)
    backbone.init_weights()
    return backbone


@pytest.mark.parametrize('channels', [1, 2, 4, 5, 6, 12])
def test_the_rule_is_timms(path, channels):
    expected = adapt_input_conv(channels, KERNELS)
    assert torch.allclose(initialized(path, in_channels=channels).conv1.weight, expected)


def test_a_grey_image_gives_what_it_gave_three_times_over(path):
    grey = torch.randn(2, 1, 32, 32)
    one, three = initialized(path, in_channels=1).eval(), initialized(path).eval()
    torch.testing.assert_close(one(grey), three(grey.repeat(1, 3, 1, 1)), atol=1e-5, rtol=1e-5)


def test_with_zeros_the_outputs_begin_as_those_of_rgb(path):
    images = torch.randn(2, 5, 32, 32)
    more = initialized(path, in_channels=5, rgb_weights='zero').eval()
    torch.testing.assert_close(more(images), initialized(path).eval()(images[:, :3]))


@pytest.mark.parametrize('channels', [4, 7])
def test_with_means_those_of_rgb_stay(path, channels):
    found = initialized(path, in_channels=channels, rgb_weights='mean').conv1.weight
    assert torch.equal(found[:, :3], KERNELS)
    assert torch.allclose(found[:, 3:], KERNELS.mean(1, keepdim=True))


def test_with_means_of_fewer_channels_the_scale_stays(path):
    two = initialized(path, in_channels=2, rgb_weights='mean').conv1.weight
    assert torch.allclose(two.sum(1), KERNELS.sum(1))


def test_outputs_are_those_of_timm_with_as_many_channels(tmp_path):
    peer = randomize(timm.create_model('regnetx_002'), torch.float32)
    torch.save(peer.state_dict(), tmp_path / 'timm.pth')
    for channels in (1, 4):
        expected = timm.create_model('regnetx_002', in_chans=channels).eval()
        adapted = dict(peer.state_dict())
        adapted['stem.conv.weight'] = adapt_input_conv(channels, adapted['stem.conv.weight'])
        expected.load_state_dict(adapted)
        init_cfg = dict(type='Pretrained', checkpoint=f'timm://{tmp_path}/timm.pth')
        backbone = MODELS.build(
            dict(
                type='regnet_plugin.RegNet',
                arch='regnetx_200mf',
                in_channels=channels,
                out_indices=(3,),
                init_cfg=init_cfg,
            )
        ).eval()
        backbone.init_weights()
        images = torch.randn(2, channels, 64, 64)
        wanted = expected.forward_features(images)
        assert (backbone(images)[0] - wanted).abs().max() <= 1e-5 * wanted.abs().max()


@pytest.mark.parametrize('strict', [True, False])
def test_in_models_and_by_any_loader(tmp_path, weights, strict):
    """A detector's checkpoint, as ``load_from`` has it loaded."""
    whole = {f'backbone.{name}': value for name, value in weights.items()}
    torch.save(dict(state_dict=whole), tmp_path / 'net.pth')
    model = torch.nn.ModuleDict(dict(backbone=network(in_channels=4)))
    load_checkpoint(model, str(tmp_path / 'net.pth'), strict=strict)
    expected = adapt_input_conv(4, KERNELS)
    assert torch.allclose(model.backbone.conv1.weight, expected)
    again = network(in_channels=4)
    again.load_state_dict(weights, strict=strict)
    assert torch.allclose(again.conv1.weight, expected)
    assert weights['conv1.weight'] is KERNELS  # whose are not changed
    check_backbone(model, whole)  # before a training begins with them
    load_whole(model, whole)


@pytest.mark.parametrize('way', ['init_cfg', 'load_from'])
def test_a_detector_of_five_channels_starts_from_rgb(tmp_path, way):
    """As a training does, from the weights of a backbone and from those of a detector."""
    backbone = dict(type='regnet_plugin.RegNet', arch=ARCH)
    rgb = build_detector('retinanet_r50_fpn', backbone)
    rgb.init_weights()
    whole = rgb.state_dict()
    weights = rgb.backbone.state_dict() if way == 'init_cfg' else whole
    torch.save(dict(state_dict=weights), tmp_path / 'rgb.pth')
    init_cfg = dict(type='Pretrained', checkpoint=str(tmp_path / 'rgb.pth'))
    more = dict(in_channels=5, init_cfg=init_cfg if way == 'init_cfg' else None)
    detector = build_detector('retinanet_r50_fpn', dict(backbone, **more))
    if way == 'init_cfg':
        detector.init_weights()
    else:
        runner = Runner(model=detector, work_dir=str(tmp_path), experiment_name='five_channels')
        load_safely(runner, tmp_path / 'rgb.pth', backbone_only=True)
        runner.load_or_resume()
        assert torch.equal(detector.bbox_head.retina_cls.weight, rgb.bbox_head.retina_cls.weight)
    expected = adapt_input_conv(5, whole['backbone.conv1.weight'])
    assert torch.allclose(detector.backbone.conv1.weight, expected)
    later = 'backbone.layer4.1.conv3.weight'
    assert torch.equal(detector.state_dict()[later], whole[later])
    assert len(detector.extract_feat(torch.randn(1, 5, HEIGHT, WIDTH))) == 5


def test_what_has_its_own_number_of_channels_is_taken_as_it_is(tmp_path):
    source, target = network(in_channels=4), network(in_channels=4)
    target.load_state_dict(source.state_dict())
    assert torch.equal(source.conv1.weight, target.conv1.weight)
    with pytest.raises(RuntimeError, match='size mismatch for conv1.weight'):
        network(in_channels=5).load_state_dict(source.state_dict())


def test_blue_first_or_red_first_is_settled_before(tmp_path, weights):
    own = {f'backbone.{name}': value for name, value in weights.items()}
    of_pycls = convert(own, 'ours', 'pycls')
    torch.save(dict(model_state=of_pycls), tmp_path / 'net.pyth')
    found = initialized(f'pycls://{tmp_path}/net.pyth', in_channels=4).conv1.weight
    assert torch.allclose(found, adapt_input_conv(4, KERNELS))


def test_other_ways_are_refused():
    with pytest.raises(ValueError, match='rgb_weights must be one of repeat, mean, zero, but'):
        network(rgb_weights='sum')
    with pytest.raises(ValueError, match="rgb_weights='zero' is for more than 3 channels"):
        network(in_channels=1, rgb_weights='zero')
