"""Gradient checkpointing: memory for time, with the results of a network that has none."""
from contextlib import contextmanager, nullcontext
from functools import partial

import torch
from torch import nn
from torch.nn.modules.batchnorm import _BatchNorm
from torch.utils.checkpoint import checkpoint


class CheckpointedStage(nn.Sequential):
    """Blocks of which only the inputs are kept for the backward pass, which computes each block once more.

    Names, outputs, gradients and running statistics are those of ``nn.Sequential``. mmdet's and mmpretrain's ``with_cp``
    update the running statistics twice.
    """

    def forward(self, x):
        if not torch.is_grad_enabled():
            return super().forward(x)
        for block in self:
            x = checkpoint(block, x, use_reentrant=False, context_fn=partial(_contexts, block))
        return x


def _contexts(block):
    """The contexts in which a block is computed for the first and for the second time."""
    return nullcontext(), _kept_statistics(block)


@contextmanager
def _kept_statistics(block):
    """Within it, batch normalization computes as before and leaves its running statistics alone.

    It must go on to track them, if with no weight: PyTorch insists that the second pass saves as many tensors as the first.
    """
    kept = [(norm, norm.momentum, norm.num_batches_tracked) for norm in block.modules() if isinstance(norm, _BatchNorm)]
    for norm, _, batches in kept:
        norm.momentum = 0.0
        norm.num_batches_tracked = None if batches is None else batches.clone()
    try:
        yield
    finally:
        for norm, momentum, batches in kept:
            norm.momentum, norm.num_batches_tracked = momentum, batches
