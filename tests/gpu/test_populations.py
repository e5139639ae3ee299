"""A population on one GPU, several networks at a time."""

import os

import pytest
import torch
from small_population import results, sampled, train

pytestmark = pytest.mark.skipif(not torch.cuda.is_available(), reason='needs a GPU')


def test_two_networks_at_a_time_on_one_gpu(tmp_path):
    folder = sampled(tmp_path / 'population', 2)
    first, *_ = os.environ.get('CUDA_VISIBLE_DEVICES', '0').split(',')
    code, output = train(folder, '--workers', 2, CUDA_VISIBLE_DEVICES=first)
    assert code == 0, output
    for result in results(folder).values():
        assert result.status == 'done' and result.device == torch.cuda.get_device_name()
        # PyTorch's memory on the GPU; the process itself has more
        assert 2**20 < result.peak_memory < 2**30
