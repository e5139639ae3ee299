"""Gradient checkpointing: memory for time, with the results of a network that has none."""

from contextlib import AbstractContextManager, nullcontext
from functools import partial

import torch
from torch import Tensor, nn
from torch._compile import _disable_dynamo  # torch.compiler.disable imports what takes seconds
from torch.nn.modules.batchnorm import _BatchNorm
from torch.utils.checkpoint import checkpoint

from regnet_plugin.models.tracing import is_traced


class CheckpointedStage(nn.Sequential):
    """Blocks of which only the inputs are kept for the backward pass.

    That computes each block once more. Names, outputs, gradients and running statistics are those
    of ``nn.Sequential``; mmdet's and mmpretrain's ``with_cp`` update the running statistics twice.
    """

    def forward(self, x: Tensor) -> Tensor:
        """Compute the blocks one after the other."""
        outputs: Tensor
        if not torch.is_grad_enabled() or is_traced(x):
            outputs = super().forward(x)  # type: ignore[no-untyped-call]  # torch's own
        else:
            outputs = self._checkpointed(x)
        return outputs

    # What surrounds it may be compiled; the second pass and its statistics are Python's.
    @_disable_dynamo
    def _checkpointed(self, x: Tensor) -> Tensor:
        """The output of the last block, of all of which only the inputs are kept."""
        for block in self:
            contexts = partial(_contexts, block)
            x = checkpoint(block, x, use_reentrant=False, context_fn=contexts)
        return x


def _contexts(
    block: nn.Module,
) -> tuple[AbstractContextManager[None], AbstractContextManager[None]]:
    """The contexts in which a block is computed for the first time, and any further time."""
    return nullcontext(), _KeptStatistics(block)


class _KeptStatistics(AbstractContextManager[None]):
    """Within it, batch normalization leaves its running statistics alone; it may be entered again.

    It computes as before. It must go on to track them, if with no weight: PyTorch insists that the
    second pass saves as many tensors as the first.
    """

    def __init__(self, block: nn.Module) -> None:
        self._norms = [norm for norm in block.modules() if isinstance(norm, _BatchNorm)]
        self._kept: list[tuple[_BatchNorm, float | None, Tensor | None]] = []

    def __enter__(self) -> None:
        self._kept = [(norm, norm.momentum, norm.num_batches_tracked) for norm in self._norms]
        for norm, _, batches in self._kept:
            norm.momentum = 0.0
            norm.num_batches_tracked = None if batches is None else batches.clone()

    def __exit__(self, *_: object) -> None:
        for norm, momentum, batches in self._kept:
            norm.momentum, norm.num_batches_tracked = momentum, batches
