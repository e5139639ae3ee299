"""A backbone whose outputs end early builds what they need, if it is asked to."""

import pytest
import torch
import torch.distributed as dist
from mmengine.runner import load_checkpoint
from torch.nn.parallel import DistributedDataParallel

from regnet_plugin.models import AnyNet, RegNet
from regnet_plugin.training.hooks.whole_weights import load_whole

NETWORK = dict(
    depths=[1, 1, 2], widths=[16, 32, 64], group_widths=[8] * 3, bottleneck_ratios=[1] * 3
)
IMAGES = torch.randn(2, 3, 32, 32, generator=torch.Generator().manual_seed(0))


def network(**options):
    return AnyNet(**{**NETWORK, **options})


def test_outputs_are_those_of_the_whole_network_with_its_weights(tmp_path):
    whole = network(out_indices=(0, 1)).eval()
    torch.save(dict(state_dict=whole.state_dict()), tmp_path / 'net.pth')
    init_cfg = dict(type='Pretrained', checkpoint=str(tmp_path / 'net.pth'))
    short = network(out_indices=(0, 1), truncate=True, init_cfg=init_cfg).eval()
    assert not hasattr(short, 'layer3') and short.out_channels == whole.out_channels
    short.init_weights()
    torch.testing.assert_close(short(IMAGES), whole(IMAGES))
    for load in (
        lambda one: load_checkpoint(one, str(tmp_path / 'net.pth'), strict=True),
        lambda one: one.load_state_dict(whole.state_dict(), strict=True),
    ):
        again = network(out_indices=(0, 1), truncate=True).eval()
        load(again)
        torch.testing.assert_close(again(IMAGES), whole(IMAGES))
    model = torch.nn.ModuleDict(dict(backbone=network(out_indices=(0,), truncate=True)))
    load_whole(model, {f'backbone.{name}': value for name, value in whole.state_dict().items()})
    assert torch.equal(model.backbone.layer1[0].conv2.weight, whole.layer1[0].conv2.weight)


def test_what_is_built_is_refused_where_it_is_missing(tmp_path):
    weights = network().state_dict()
    del weights['layer1.0.conv1.weight']
    with pytest.raises(RuntimeError, match='layer1.0.conv1.weight'):
        network(out_indices=(0,), truncate=True).load_state_dict(weights)
    weights['layer9.0.conv1.weight'] = torch.ones(1)
    with pytest.raises(RuntimeError, match='layer9.0.conv1.weight'):
        network(out_indices=(0,), truncate=True).load_state_dict(weights)


def test_every_parameter_takes_part_in_distributed_training():
    """Two steps: PyTorch says in the second one what took no part in the first."""
    dist.init_process_group('gloo', store=dist.HashStore(), rank=0, world_size=1)
    try:
        parallel = DistributedDataParallel(network(out_indices=(0, 1), truncate=True))
        for _ in range(2):
            sum(output.mean() for output in parallel(IMAGES)).backward()
        unused = DistributedDataParallel(network(out_indices=(0, 1)))
        sum(output.mean() for output in unused(IMAGES)).backward()
        with pytest.raises(RuntimeError, match='did not receive grad|finished reduction'):
            unused(IMAGES)
    finally:
        dist.destroy_process_group()


def test_arguments_for_all_stages_stay_those_of_the_whole_network():
    whole = network(drop_path_rate=0.3, frozen_stages=3)
    short = network(drop_path_rate=0.3, frozen_stages=3, truncate=True, out_indices=(1,))
    rates = [
        [block.drop_path.drop_prob if block.drop_path else 0 for block in each.layer2]
        for each in (whole, short)
    ]
    assert rates[0] == rates[1]
    assert not [value for value in short.parameters() if value.requires_grad]
    z = RegNet('regnetz_500mf', out_indices=(0, 1), truncate=True)
    assert z.out_channels == (16, 40) and not hasattr(z, 'final_conv')
    assert network(truncate=True).state_dict().keys() == network().state_dict().keys()
