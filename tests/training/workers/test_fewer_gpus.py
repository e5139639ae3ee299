"""Fewer GPUs by gradient accumulation, and compiled steps, against the plain run."""

import pytest
import torch
from tiny_training import check_equal, steps, train_here, write_config


def test_two_half_batches_accumulated_equal_a_whole_one(tiny_imagenet, one_rank, tmp_path):
    config = write_config(tmp_path / 'config.py', tiny_imagenet[0], batch=16)
    halves = train_here(config, tmp_path / 'halves', 'optim_wrapper.accumulative_counts=2')
    check_equal(steps(halves, parts=2), steps(one_rank))


@pytest.mark.acceptance
def test_compiled_steps_equal_eager_ones(tiny_imagenet, one_rank, tmp_path):
    config = write_config(tmp_path / 'config.py', tiny_imagenet[0])
    torch._dynamo.reset()
    check_equal(steps(train_here(config, tmp_path / 'compiled', 'compile=True')), steps(one_rank))
    assert torch._dynamo.utils.counters['frames']['ok'] > 1
