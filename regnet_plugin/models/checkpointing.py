"""Gradient checkpointing: memory for time, with the results of a network that has none."""

from contextlib import nullcontext
from functools import partial

import torch
from torch import nn
from torch._compile import _disable_dynamo  # torch.compiler.disable imports what takes seconds
from torch.nn.modules.batchnorm import _BatchNorm
from torch.utils.checkpoint import checkpoint

from regnet_plugin.models.tracing import is_traced


class CheckpointedStage(nn.Sequential):
    """Blocks of which only the inputs are kept for the backward pass, which computes each block
    once more.

    Names, outputs, gradients and running statistics are those of ``nn.Sequential``. mmdet's and
    mmpretrain's ``with_cp`` update the running statistics twice.
    """

    def forward(self, x):
        if not torch.is_grad_enabled() or is_traced(x):
            return super().forward(x)
        return self._checkpointed(x)

    # what surrounds it may be compiled; the second pass and its statistics are Python's
    @_disable_dynamo
    def _checkpointed(self, x):
        for block in self:
            x = checkpoint(block, x, use_reentrant=False, context_fn=partial(_contexts, block))
        return x


def _contexts(block):
    """The contexts in which a block is computed for the first time, and for the second and any
    further one.
    """
    return nullcontext(), _KeptStatistics(block)


class _KeptStatistics:
    """Within it, batch normalization computes as before and leaves its running statistics alone; it
    may be entered again.

    It must go on to track them, if with no weight: PyTorch insists that the second pass saves as
    many tensors as the first.
    """

    def __init__(self, block):
        self._norms = [norm for norm in block.modules() if isinstance(norm, _BatchNorm)]

    def __enter__(self):
        self._kept = [(norm, norm.momentum, norm.num_batches_tracked) for norm in self._norms]
        for norm, _, batches in self._kept:
            norm.momentum = 0.0
            norm.num_batches_tracked = None if batches is None else batches.clone()

    def __exit__(self, *_):
        for norm, momentum, batches in self._kept:
            norm.momentum, norm.num_batches_tracked = momentum, batches
