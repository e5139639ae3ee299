"""Batch normalization over the images of all processes on CPUs; PyTorch's own asks for GPUs."""

import torch
from torch import Tensor, nn
from torch.distributed.nn.functional import all_reduce
from torch.nn.modules.batchnorm import _BatchNorm


class CPUSyncBatchNorm(_BatchNorm):
    """As `torch.nn.SyncBatchNorm`: statistics are of the whole batch, on whatever processes it is.

    It takes (N, C) or (N, C, ...); N and the rest may differ between processes. All of them must
    call it together.
    """

    def _check_input_dim(self, input: Tensor) -> None:
        if input.dim() < 2:
            raise ValueError(
                f'normalization takes at least two dimensions, but it is given {input.dim()}'
            )

    def forward(self, input: Tensor) -> Tensor:
        """Return the normalized input, of the same shape and type.

        Raises:
            ValueError: in training, if a channel has a single value in all processes.
        """
        self._check_input_dim(input)
        if not self.training:
            return super().forward(input)
        values = input.float()
        channels = values.shape[1]
        others = [dim for dim in range(values.dim()) if dim != 1]
        per_channel = [-1, *[1] * (values.dim() - 2)]  # so that it is broadcast over the others
        # Sums of all channels and the number of their values, in one message.
        own_number = values.new_tensor([values.numel() / channels])
        message = _sum_over_processes(torch.cat([values.sum(others), own_number]))
        sums, number = message[:-1], message[-1:]
        if number <= 1:
            raise ValueError(
                'Expected more than 1 value per channel when training, got input size '
                f'{tuple(input.shape)}'
            )
        mean = sums / number
        centred = values - mean.view(per_channel)
        variance = _sum_over_processes(centred.square().sum(others)) / number
        self._note(mean.detach(), (variance * number / (number - 1)).detach())
        normalized = centred * (variance + self.eps).rsqrt().view(per_channel)
        if self.affine:
            normalized = normalized * self.weight.view(per_channel) + self.bias.view(per_channel)
        return normalized.to(input.dtype)

    def _note(self, mean: Tensor, variance: Tensor) -> None:
        """Move the running statistics towards those of a batch.

        They move by ``momentum``, or become the averages of all batches where that is None.
        """
        known_mean, known_variance = self.running_mean, self.running_var
        batches = self.num_batches_tracked
        if known_mean is None or known_variance is None or batches is None:
            return  # they are not tracked
        if not self.track_running_stats:
            return
        batches.add_(1)
        weight = 1 / float(batches) if self.momentum is None else self.momentum
        known_mean.lerp_(mean, weight)
        known_variance.lerp_(variance, weight)


def _sum_over_processes(values: Tensor) -> Tensor:
    """The sum of a tensor over all processes, through which gradients flow."""
    total: Tensor = all_reduce(values)  # type: ignore[no-untyped-call]  # torch's own
    return total


def synchronized_on_cpus(module: nn.Module) -> nn.Module:
    """Put a `CPUSyncBatchNorm` in the place of each `torch.nn.SyncBatchNorm`.

    Parameters and statistics go over to it.

    Args:
        module: is changed in place, unless it is a normalization itself.

    Returns:
        The module, or what takes its place.
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
