"""Networks on a GPU: what a CPU computes, on every part of the fast path, in memory that counts."""

import pytest
import torch
from mmcv.ops import get_compiling_cuda_version
from small_detectors import ARCH as ARCH_OF_DETECTOR
from small_detectors import DETECTORS, build_detector
from small_detectors import train as train_detector

from regnet_plugin.benchmarks.library_networks import networks_of_libraries
from regnet_plugin.benchmarks.step_memory import peak_memory
from regnet_plugin.benchmarks.steps import inference_step
from regnet_plugin.cli.errors import is_out_of_memory
from regnet_plugin.models import RegNet

pytestmark = pytest.mark.skipif(not torch.cuda.is_available(), reason='needs a GPU')

NO_OPS = 'mmcv has its ops for CPUs only: make ops'
ARCH = dict(depth=3, w_0=24, w_a=24, w_m=2.25, group_width=8, se_ratio=0.25)
OFF = dict(channels_last=False, bfloat16=False, compile=False)


@pytest.fixture(autouse=True)
def in_full_precision(monkeypatch):
    """Without TF32, whose ten bits would hide what is to be seen."""
    monkeypatch.setattr(torch.backends.cudnn, 'allow_tf32', False)


def distance(ours, theirs):
    """Relative to the norm of the second."""
    ours, theirs = ours.cpu().float(), theirs.cpu().float()
    return ((ours - theirs).norm() / theirs.norm()).item()


def computed(network, images):
    """Maps and the gradient of the first conv."""
    maps = network(images)
    sum(each.square().mean() for each in maps).backward()
    return maps, network.conv1.weight.grad


@pytest.mark.parametrize(
    'switches, limit',
    [
        ({}, 1e-4),
        ({'channels_last': True}, 1e-4),
        ({'bfloat16': True}, 0.1),
        ({'channels_last': True, 'bfloat16': True, 'compile': True}, 0.1),
    ],
    ids=str,
)
def test_a_gpu_computes_what_a_cpu_computes(switches, limit):
    torch.manual_seed(0)
    plain = RegNet(ARCH)
    fast = RegNet(ARCH, fast_path={**OFF, **switches})
    fast.load_state_dict(plain.state_dict())
    images = torch.randn(8, 3, 64, 64)
    expected, gradient = computed(plain, images)
    maps, ours = computed(fast.to('cuda'), images.to('cuda'))
    assert all(each.is_cuda and each.is_contiguous() for each in maps)
    assert all(distance(*pair) < limit for pair in zip(maps, expected))
    assert distance(ours, gradient) < 5 * limit


def test_channels_are_innermost_on_a_gpu_only_where_that_is_asked_for():
    for value, innermost in ((True, True), ('cpu', False)):
        network = RegNet(ARCH, fast_path={**OFF, 'channels_last': value}).to('cuda')
        weight = network.layer1[0].conv2.weight
        assert weight.is_contiguous(memory_format=torch.channels_last) == innermost


@pytest.mark.skipif(get_compiling_cuda_version() == 'not available', reason=NO_OPS)
@pytest.mark.parametrize('name', DETECTORS)
def test_a_detector_trains_with_the_channels_innermost_as_without(name):
    backbone = dict(type='regnet_plugin.RegNet', arch=ARCH_OF_DETECTOR)
    losses = []
    for channels_last in (False, True):
        torch.manual_seed(0)
        fast_path = {**OFF, 'channels_last': channels_last}
        detector = build_detector(name, dict(backbone, fast_path=fast_path))
        detector.init_weights()
        losses.append(train_detector(detector.to('cuda')))
    plain, fast = losses
    assert all(torch.allclose(plain[key], fast[key], rtol=1e-2) for key in plain)


def test_gradient_checkpointing_computes_the_same_in_less_memory():
    torch.manual_seed(0)
    plain, checkpointed = (RegNet('regnetx_400mf', with_cp=cp).to('cuda') for cp in (False, True))
    checkpointed.load_state_dict(plain.state_dict())
    images = torch.randn(8, 3, 224, 224, device='cuda')
    peaks, gradients = [], []
    for network in (plain, checkpointed):
        torch.cuda.reset_peak_memory_stats()
        gradients.append(computed(network, images)[1])
        peaks.append(torch.cuda.max_memory_allocated())
    assert distance(gradients[1], gradients[0]) < 1e-3 and peaks[1] < peaks[0]


def test_memory_is_counted_to_the_block_of_the_allocator():
    linear = torch.nn.Linear(1000, 500, bias=False).to('cuda')
    images = torch.ones(8, 1000, device='cuda')
    step = inference_step(linear, images)
    step.run()  # cuBLAS takes memory of its own
    expected = 4 * 1000 * 500 + 4 * 8 * 500
    assert expected <= peak_memory(step) <= expected + 1024


def test_full_memory_is_told_from_other_errors():
    with pytest.raises(RuntimeError) as caught:
        torch.empty(2**50, device='cuda')
    assert is_out_of_memory(caught.value)


def test_networks_of_libraries_are_made_on_the_gpu():
    """As the benchmarks make them, since there it is faster; none may be left out."""
    with torch.device('cuda'):
        networks = networks_of_libraries('regnety_400mf', ('ours', 'timm', 'torchvision'))
    assert list(networks) == ['ours', 'timm', 'torchvision']
    images = torch.randn(4, 3, 64, 64, device='cuda')
    ours, *others = (network.eval()(images) for network in networks.values())
    assert all(distance(theirs, ours) < 1e-3 for theirs in others)
