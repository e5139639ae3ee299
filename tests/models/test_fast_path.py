"""The fast path changes how a network computes, not what.

Each part is compared with the plain network of the same weights.
"""

import copy
import re

import pytest
import torch
from killing import ROOT
from mmcv.cnn.utils.fuse_conv_bn import fuse_conv_bn
from mmengine.registry import MODELS
from small_detectors import ARCH, DETECTORS, build_detector, detect
from small_detectors import train as train_detector

from regnet_plugin.models.fast_path import FastPath
from regnet_plugin.models.module_complexity import count

SMALL = dict(
    type='regnet_plugin.RegNet',
    arch=dict(depth=3, w_0=24, w_a=24, w_m=2.25, group_width=8, se_ratio=0.25),
)
INNERMOST_ON_CPUS = dict(channels_last='cpu', bfloat16=False, compile=False)
ONLY = {
    part: {other: other == part for other in ('channels_last', 'bfloat16', 'compile')}
    for part in ('channels_last', 'bfloat16', 'compile')
}


def pair(fast_path, **kwargs):
    torch.manual_seed(0)
    plain = MODELS.build(dict(SMALL, **kwargs))
    fast = MODELS.build(dict(SMALL, fast_path=fast_path, **kwargs))
    fast.load_state_dict(plain.state_dict())
    return plain, fast


def distance(plain, fast):
    """Norm of the difference by the norm."""
    return float((plain - fast).norm() / plain.norm())


def backward(outputs):
    sum(output.float().square().mean() for output in outputs).backward()


@pytest.mark.parametrize(
    'part', ['channels_last', pytest.param('compile', marks=pytest.mark.acceptance)]
)
def test_outputs_gradients_and_statistics_stay(part, tolerance=1e-5):
    plain, fast = pair(ONLY[part])
    images = torch.randn(4, 3, 64, 64)
    for network in (plain, fast):
        backward(network(images))
    for ours, theirs in zip(plain(images), fast(images)):
        assert distance(ours, theirs) < tolerance
    assert distance(plain.conv1.weight.grad, fast.conv1.weight.grad) < 5 * tolerance
    assert distance(plain.bn1.running_var, fast.bn1.running_var) < tolerance
    assert list(fast.state_dict()) == list(plain.state_dict())


def test_a_seed_gives_the_same_weights_in_any_memory_format():
    states = []
    for fast_path in (False, ONLY['channels_last']):
        torch.manual_seed(0)
        network = MODELS.build(dict(SMALL, fast_path=fast_path))
        network.init_weights()
        states.append(network.state_dict())
    assert all(torch.equal(value, states[1][key]) for key, value in states[0].items())


def test_bfloat16_is_pytorchs_autocast():
    plain, fast = pair(ONLY['bfloat16'])
    images = torch.randn(4, 3, 64, 64)
    with torch.autocast('cpu', torch.bfloat16):
        expected = plain(images)
    outputs = fast(images)
    assert all(torch.equal(ours.float(), theirs) for ours, theirs in zip(expected, outputs))
    assert all(output.dtype == torch.float32 for output in outputs)
    backward(expected)
    backward(outputs)
    assert torch.equal(plain.conv1.weight.grad, fast.conv1.weight.grad)
    assert all(
        value.dtype == plain.state_dict()[key].dtype for key, value in fast.state_dict().items()
    )


def test_maps_are_channels_last_from_the_first_conv_on_and_leave_as_of_any_backbone():
    _, fast = pair(ONLY['channels_last'])
    seen = []
    for name in ('conv1', 'layer1', 'layer2'):
        getattr(fast, name).register_forward_hook(lambda module, given, output: seen.append(output))
    outputs = fast(torch.randn(2, 3, 64, 64))
    assert all(output.is_contiguous(memory_format=torch.channels_last) for output in seen)
    assert len(seen) == 3 and all(output.is_contiguous() for output in outputs)


@pytest.mark.parametrize('fast_path', [ONLY['channels_last'], INNERMOST_ON_CPUS])
@pytest.mark.parametrize('name', DETECTORS)
def test_a_detector_computes_the_same(name, fast_path):
    """mmcv's RoIAlign reads maps as contiguous ones, whatever they are, and does not say so."""
    backbone = dict(type='regnet_plugin.RegNet', arch=ARCH)
    detectors = []
    for switches in (False, fast_path):
        torch.manual_seed(0)
        detectors.append(build_detector(name, dict(backbone, fast_path=switches)))
        detectors[-1].init_weights()
    plain, fast = map(train_detector, detectors)
    assert all(torch.allclose(plain[key], fast[key], rtol=1e-3) for key in plain)
    gradients = [detector.backbone.conv1.weight.grad for detector in detectors]
    assert distance(*gradients) < 1e-3
    for ours, theirs in zip(*(detect(detector) for detector in detectors)):
        assert all(torch.allclose(one, other, atol=1e-2) for one, other in zip(ours, theirs))


@pytest.mark.parametrize('device, innermost', [('cpu', True), ('cuda', False)])
def test_channels_are_innermost_where_a_cpu_computes(monkeypatch, device, innermost):
    monkeypatch.setattr('regnet_plugin.models.fast_path.get_device', lambda: device)
    _, fast = pair(INNERMOST_ON_CPUS)
    weight = fast.layer1[0].conv2.weight
    assert weight.is_contiguous(memory_format=torch.channels_last) == innermost


def test_true_is_everything_and_a_dict_switches_off():
    assert FastPath.from_config(True) == FastPath() == FastPath(True, True, True)
    assert FastPath.from_config(False) == FastPath(False, False, False)
    assert FastPath.from_config(dict(compile=False)) == FastPath(True, True, False)


@pytest.mark.parametrize(
    'value',
    [
        None,
        'compile',
        ['compile'],
        dict(amp=True),
        dict(compile=1),
        dict(compile='cpu'),
        dict(channels_last='cuda'),
    ],
)
def test_anything_else_is_refused(value):
    with pytest.raises(
        ValueError,
        match='fast_path must be True, False or a dict of channels_last, bfloat16, compile',
    ):
        MODELS.build(dict(SMALL, fast_path=value))


def test_a_copy_and_a_count_work_beside_compilation():
    plain, fast = pair(True)
    assert count(fast, 64) == count(plain, 64)
    images = torch.randn(2, 3, 64, 64)
    assert distance(plain.eval()(images)[-1], copy.deepcopy(fast).eval()(images)[-1]) < 0.03


def test_folded_normalization_gives_the_same_outputs():
    plain, fused = pair(dict(bfloat16=False, compile=False))
    images = torch.randn(8, 3, 64, 64)
    for network in (plain, fused):
        network(images)  # statistics other than 0 and 1
    fused = fuse_conv_bn(fused.eval())
    assert not any(isinstance(module, torch.nn.BatchNorm2d) for module in fused.modules())
    for ours, theirs in zip(plain.eval()(images), fused(images)):
        assert distance(ours, theirs) < 1e-4


class Outer(torch.nn.Module):
    def __init__(self, backbone):
        super().__init__()
        self.backbone = backbone

    def forward(self, x):
        return self.backbone(x)[-1]


def exported(network, images):
    return torch.export.export(network, (images,)).module()


@pytest.mark.parametrize('around', [lambda network: network, Outer], ids=['alone', 'in a model'])
@pytest.mark.parametrize(
    'trace',
    [
        lambda network, images: torch.fx.symbolic_trace(network),
        torch.jit.trace,
        lambda network, images: torch.jit.script(network),
        exported,
    ],
    ids=['fx', 'trace', 'script', 'export'],
)
def test_a_trace_is_that_of_the_plain_network(trace, around):
    plain, fast = pair(True)
    images = torch.randn(2, 3, 32, 32)
    traced, expected = trace(around(fast.eval()), images)(images), around(plain.eval())(images)
    assert all(torch.allclose(ours, theirs, atol=1e-5) for ours, theirs in zip(traced, expected))


def test_a_script_is_whole(tmp_path):
    """It takes other sides and modes than it was made in, and has the network's weights."""
    network = MODELS.build(dict(SMALL, with_cp=True, drop_path_rate=0.2)).eval()
    script = torch.jit.script(network)
    script.save(tmp_path / 'net.pt')
    loaded = torch.jit.load(tmp_path / 'net.pt')
    assert loaded.state_dict().keys() == network.state_dict().keys()
    for sides in ((48, 64), (33, 70)):
        images = torch.randn(1, 3, *sides)
        assert all(map(torch.equal, loaded(images), network(images)))


def grad_cam(network, layer, images, score):
    """Selvaraju et al., 2017: maps of a layer, weighted by the means of their gradients."""
    seen = {}

    def keep(module, given, output):
        seen['maps'] = output
        output.register_hook(lambda gradient: seen.update(gradient=gradient))

    handle = layer.register_forward_hook(keep)
    score(network(images)).backward()
    handle.remove()
    weights = seen['gradient'].mean((2, 3), keepdim=True)
    return (weights * seen['maps']).sum(1).relu().detach()


def test_grad_cam_is_that_of_the_plain_network():
    plain, fast = (network.eval() for network in pair(True))
    images = torch.randn(2, 3, 64, 64)
    wanted, found = (
        grad_cam(
            network, network.layer2[-1], images, lambda maps: maps[-1].mean((2, 3))[:, 7].sum()
        )
        for network in (plain, fast)
    )
    assert wanted.abs().max() > 0 and wanted.shape == (2, 8, 8)
    assert distance(wanted, found) < 1e-4


def test_the_page_on_deployment_runs_as_it_stands(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    page = (ROOT / 'docs/how_to/deployment.md').read_text()
    names = {}
    for block in re.findall(r'^```python\n(.*?)^```', page, re.M | re.S):
        if 'openvino' not in block:  # tests/acceptance/test_export.py
            exec(block, names)
    assert names['heat'].shape == (1, 4, 4) and names['heat'].max() > 0
    plain = MODELS.build(dict(type='regnet_plugin.RegNet', arch='regnety_200mf')).eval()
    plain.load_state_dict(names['network'].state_dict())
    images = torch.randn(1, 3, 64, 64)
    for traced in (torch.jit.load('regnety_200mf.pt'), names['program'].module()):
        assert distance(plain(images)[-1], traced(images)[-1]) < 1e-5


@pytest.mark.parametrize('before', [False, True])
def test_hooks_see_every_batch_in_float32(before, monkeypatch):
    """As those of Grad-CAM, which wants activations and gradients as numpy arrays."""
    compile_module = torch.nn.Module.compile
    monkeypatch.setattr(
        torch.nn.Module, 'compile', lambda self: compile_module(self, backend='eager')
    )
    _, fast = pair(True)
    images, seen = torch.randn(2, 3, 32, 32), []
    if before:
        fast.eval()(images)

    def look(module, given, output):
        seen.append(output.detach().numpy())
        output.register_hook(lambda gradient: seen.append(gradient.numpy()))

    handle = fast.layer2[-1].register_forward_hook(look)
    fast.eval()(images)[-1].sum().backward()
    assert [array.dtype.name for array in seen] == ['float32', 'float32']
    handle.remove()
    assert not fast.fast_path.is_set_aside(fast, images)
