"""Batch normalization over the images of all processes on CPUs, where PyTorch's own asks for GPUs."""

import torch
from torch import nn
from torch.distributed.nn.functional import all_reduce
from torch.nn.modules.batchnorm import _BatchNorm


class CPUSyncBatchNorm(_BatchNorm):
    """As `torch.nn.SyncBatchNorm`: statistics are of the whole batch, however its images are
    divided over processes.

    It takes (N, C) or (N, C, ...), N and the rest may differ between processes; all of them must
    call it together.
    """

    def _check_input_dim(self, input: torch.Tensor) -> None:
        if input.dim() < 2:
            raise ValueError(
                f'normalization takes at least two dimensions, but it is given {input.dim()}'
            )

    def forward(self, input: torch.Tensor) -> torch.Tensor:
        """Return the normalized input, of the same shape and type.

        Raises:
            ValueError: in training, if a channel has a single value in all processes.
        """
        self._check_input_dim(input)
        if not self.training:
            return super().forward(input)
        values = input.float()
        others = [dim for dim in range(values.dim()) if dim != 1]
        per_channel = [-1, *[1] * (values.dim() - 2)]
        number = values.new_tensor([values.numel() / values.shape[1]])
        *sums, number = all_reduce(torch.cat([values.sum(others), number])).split(
            [values.shape[1], 1]
        )
        if number <= 1:
            raise ValueError(
                'Expected more than 1 value per channel when training, got input size '
                f'{tuple(input.shape)}'
            )
        mean = sums[0] / number
        centred = values - mean.view(per_channel)
        variance = all_reduce(centred.square().sum(others)) / number
        self._note(mean.detach(), (variance * number / (number - 1)).detach())
        normalized = centred * (variance + self.eps).rsqrt().view(per_channel)
        if self.affine:
            normalized = normalized * self.weight.view(per_channel) + self.bias.view(per_channel)
        return normalized.to(input.dtype)

    def _note(self, mean: torch.Tensor, variance: torch.Tensor) -> None:
        """Move the running statistics by ``momentum``, or make them the averages of all batches
        where that is None.
        """
        if not self.track_running_stats:
            return
        self.num_batches_tracked.add_(1)
        weight = 1 / float(self.num_batches_tracked) if self.momentum is None else self.momentum
        self.running_mean.lerp_(mean, weight)
        self.running_var.lerp_(variance, weight)


def synchronized_on_cpus(module: nn.Module) -> nn.Module:
    """Put a `CPUSyncBatchNorm` in the place of each `torch.nn.SyncBatchNorm`, with its parameters
    and statistics.

    Args:
        module (nn.Module): is changed; one that is a normalization itself is returned anew.
    """
    if isinstance(module, nn.SyncBatchNorm):
        norm = CPUSyncBatchNorm(
            module.num_features,
            module.eps,
            module.momentum,
            module.affine,
            module.track_running_stats,
        )
        norm._parameters, norm._buffers = module._parameters, module._buffers
        return norm.train(module.training)
    for name, child in module.named_children():
        setattr(module, name, synchronized_on_cpus(child))
    return module
