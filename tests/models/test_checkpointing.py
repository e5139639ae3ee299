"""Gradient checkpointing: less memory, nothing else."""

import pytest
import torch
from torch import nn

from regnet_plugin.models import AnyNet

NETWORK = dict(
    depths=[1, 3],
    widths=[16, 32],
    bottleneck_ratios=[1, 1],
    group_widths=[8, 8],
    block='Y',
    se_ratio=0.25,
)
IMAGES = torch.randn(4, 3, 32, 32, generator=torch.Generator().manual_seed(0))


def step(model):
    torch.manual_seed(0)
    outputs = model(IMAGES)
    sum(output.square().mean() for output in outputs).backward()
    return outputs


@pytest.mark.parametrize(
    'options',
    [
        dict(),
        dict(drop_path_rate=0.5),
        dict(norm_cfg=dict(type='BN', momentum=None)),
        dict(norm_cfg=dict(type='SyncBN')),
        dict(norm_cfg=dict(type='BN', track_running_stats=False)),
        dict(norm_cfg=dict(type='GN', num_groups=4)),
        dict(norm_eval=True),
        dict(frozen_stages=1),
        dict(block='X', se_ratio=0),
        dict(act_cfg=dict(type='SiLU')),
    ],
    ids=str,
)
def test_outputs_gradients_and_statistics_stay(options):
    plain, checkpointed = (
        AnyNet(**{**NETWORK, **options}, with_cp=with_cp) for with_cp in (False, True)
    )
    checkpointed.load_state_dict(plain.state_dict())
    for model in (plain, checkpointed):
        model.train()
    for _ in range(2):  # the second step begins with the statistics that the first one left
        for ours, expected in zip(step(checkpointed), step(plain)):
            assert torch.equal(ours, expected)
    for (name, parameter), expected in zip(checkpointed.named_parameters(), plain.parameters()):
        assert (parameter.grad is None) == (expected.grad is None), name
        assert parameter.grad is None or torch.equal(parameter.grad, expected.grad), name
    for (name, value), expected in zip(
        checkpointed.state_dict().items(), plain.state_dict().values()
    ):
        assert torch.equal(value, expected), name
    assert [
        module.momentum for module in checkpointed.modules() if isinstance(module, nn.BatchNorm2d)
    ] == [module.momentum for module in plain.modules() if isinstance(module, nn.BatchNorm2d)]


def test_a_second_backward_pass_through_one_graph_is_as_without():
    plain, checkpointed = (AnyNet(**NETWORK, with_cp=with_cp) for with_cp in (False, True))
    checkpointed.load_state_dict(plain.state_dict())
    for model in (plain, checkpointed):
        loss = sum(output.square().mean() for output in model(IMAGES))
        loss.backward(retain_graph=True)
        loss.backward()
    for (name, parameter), expected in zip(checkpointed.named_parameters(), plain.parameters()):
        assert torch.equal(parameter.grad, expected.grad), name
    for (name, value), expected in zip(
        checkpointed.state_dict().items(), plain.state_dict().values()
    ):
        assert torch.equal(value, expected), name


def test_a_model_may_be_compiled_around_it():
    """As MMEngine does with ``compile=True``."""
    plain, checkpointed = (AnyNet(**NETWORK, with_cp=with_cp) for with_cp in (False, True))
    checkpointed.load_state_dict(plain.state_dict())
    step(plain)
    step(torch.compile(checkpointed.forward, backend='aot_eager'))
    for (name, parameter), expected in zip(checkpointed.named_parameters(), plain.parameters()):
        assert torch.allclose(parameter.grad, expected.grad, atol=1e-6), name
    for (name, value), expected in zip(
        checkpointed.state_dict().items(), plain.state_dict().values()
    ):
        assert torch.allclose(value, expected, atol=1e-6), name


def saved_bytes(model):
    """Memory of what autograd keeps from the forward pass."""
    tensors = {}

    def keep(tensor):
        tensors[tensor.untyped_storage().data_ptr()] = tensor.untyped_storage().nbytes()
        return tensor

    with torch.autograd.graph.saved_tensors_hooks(keep, lambda tensor: tensor):
        outputs = model(IMAGES)
    del outputs
    return sum(tensors.values())


def test_less_is_kept_for_the_backward_pass():
    plain, checkpointed = AnyNet(**NETWORK), AnyNet(**NETWORK, with_cp=True)
    assert saved_bytes(checkpointed) < 0.5 * saved_bytes(plain)


def test_nothing_is_computed_twice_without_gradients():
    model = AnyNet(**NETWORK, with_cp=True).eval()
    calls = []
    model.layer2[0].register_forward_hook(lambda *_: calls.append(1))
    with torch.no_grad():
        model(IMAGES)
    assert len(calls) == 1
