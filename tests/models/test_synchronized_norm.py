"""Normalization over processes on CPUs, against PyTorch's own of the whole batch in one process."""

import os
import subprocess
import sys

import pytest
import torch
from killing import ROOT
from small_population import python_path
from torch import nn

from regnet_plugin.models.synchronized_norm import CPUSyncBatchNorm, synchronized_on_cpus

ALONE = """
import sys
import torch
from torch import distributed
from torch.nn.parallel import DistributedDataParallel
from regnet_plugin.models.synchronized_norm import CPUSyncBatchNorm

distributed.init_process_group('gloo')
rank, (path, momentum) = distributed.get_rank(), sys.argv[1:]
batch = torch.load(path)
images, weights = batch['images'].tensor_split([1])[rank], batch['weights'].tensor_split([1])[rank]
norm = CPUSyncBatchNorm(3, momentum=eval(momentum))
norm.load_state_dict(batch['state'])
network = DistributedDataParallel(norm)
images.requires_grad_()
for _ in range(2):  # batches
    norm.zero_grad()
    images.grad = None
    output = network(images)
    (output * weights).sum().backward()
result = dict(
    output=output.detach(), images=images.grad, weight=norm.weight.grad, bias=norm.bias.grad,
    state=norm.state_dict(), tested=norm.eval()(images).detach())
torch.save(result, f'{path}.{rank}')
"""


@pytest.mark.parametrize('momentum', [0.1, pytest.param(None, marks=pytest.mark.acceptance)])
def test_two_processes_are_as_one_with_all_images(tmp_path, momentum):
    generator = torch.Generator().manual_seed(0)
    images = (torch.randn(4, 3, 5, 6, generator=generator) * 3 + 100).requires_grad_()
    weights, expected = (
        torch.randn(4, 3, 5, 6, generator=generator),
        nn.BatchNorm2d(3, momentum=momentum),
    )
    with torch.no_grad():
        expected.weight.uniform_(generator=generator)
    torch.save(
        dict(images=images.detach(), weights=weights, state=expected.state_dict()),
        tmp_path / 'batch',
    )
    (tmp_path / 'alone.py').write_text(ALONE)
    done = subprocess.run(
        [
            sys.executable,
            '-m',
            'torch.distributed.run',
            '--standalone',
            '--nproc-per-node',
            '2',
            tmp_path / 'alone.py',
            tmp_path / 'batch',
            repr(momentum),
        ],
        capture_output=True,
        text=True,
        env={**os.environ, 'PYTHONPATH': python_path(ROOT), 'OMP_NUM_THREADS': '1'},
        timeout=120,
    )
    assert done.returncode == 0, done.stderr
    for _ in range(2):
        expected.zero_grad()
        images.grad = None
        output = expected(images)
        (output * weights).sum().backward()
    parts = [torch.load(tmp_path / f'batch.{rank}') for rank in range(2)]
    close = dict(rtol=1e-4, atol=1e-4)
    torch.testing.assert_close(
        torch.cat([part['output'] for part in parts]), output.detach(), **close
    )
    torch.testing.assert_close(torch.cat([part['images'] for part in parts]), images.grad, **close)
    for part in parts:  # of one image, and of three
        for name in ('weight', 'bias'):
            # DDP takes the mean
            torch.testing.assert_close(2 * part[name], getattr(expected, name).grad, **close)
        torch.testing.assert_close(part['state'], expected.state_dict(), **close)
    torch.testing.assert_close(
        torch.cat([part['tested'] for part in parts]), expected.eval()(images).detach(), **close
    )


def test_it_takes_the_place_of_pytorchs_with_all_that_this_has():
    network = nn.Sequential(
        nn.Conv2d(3, 4, 1), nn.ModuleDict(dict(norm=nn.SyncBatchNorm(4, eps=0.1, momentum=None)))
    )
    network[1].norm.running_mean.fill_(7)
    network[1].norm.eval().weight.requires_grad_(False)
    state = {name: value.clone() for name, value in network.state_dict().items()}
    weight = network[1].norm.weight
    assert synchronized_on_cpus(network) is network
    norm = network[1].norm
    assert type(norm) is CPUSyncBatchNorm and norm.weight is weight and not norm.training
    assert (norm.eps, norm.momentum, norm.num_features, norm.affine) == (0.1, None, 4, True)
    torch.testing.assert_close(network.state_dict(), state, rtol=0, atol=0)
    assert type(synchronized_on_cpus(nn.SyncBatchNorm(2))) is CPUSyncBatchNorm
