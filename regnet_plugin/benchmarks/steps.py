"""Steps of networks, which are what benchmarks time and measure: inference, and training."""

from collections.abc import Callable, Iterable
from dataclasses import dataclass

import torch
from torch import nn


@dataclass(frozen=True)
class Step:
    """What is measured: one step of a network on a batch.

    Attributes:
        run: does it once.
        held_bytes: memory that stays between steps: weights and statistics; in training momentum,
            too.
    """

    run: Callable[[], object]
    held_bytes: int


def _bytes(tensors: Iterable[torch.Tensor]) -> int:
    return sum(tensor.numel() * tensor.element_size() for tensor in tensors)


def evaluation_step(network: nn.Module, compute: Callable[[], object]) -> Step:
    """Return the `Step` that computes something with a network in evaluation mode.

    Args:
        network: is put into that mode.
        compute: calls it.
    """
    network.eval()

    def run() -> None:
        with torch.inference_mode():
            compute()

    return Step(run, _bytes(network.parameters()) + _bytes(network.buffers()))


def optimization_step(
    network: nn.Module, loss: Callable[[], torch.Tensor], learning_rate: float = 1e-4
) -> Step:
    """Return the `Step` that does forward, backward and an SGD step, and lets go of the gradients.

    Args:
        network: is put into training mode.
        loss: calls it, and makes one number of what it says.
        learning_rate: 0 lets every step do the same work.
    """
    network.train()
    trained = [parameter for parameter in network.parameters() if parameter.requires_grad]
    # as the paper trains: Nesterov's momentum of 0.9 and weight decay of 5e-5
    optimizer = torch.optim.SGD(
        trained, lr=learning_rate, momentum=0.9, nesterov=True, weight_decay=5e-5
    )

    def run() -> None:
        loss().backward()  # type: ignore[no-untyped-call]  # PyTorch leaves it without types
        optimizer.step()
        optimizer.zero_grad()

    return Step(run, _bytes(network.parameters()) + _bytes(trained) + _bytes(network.buffers()))


def inference_step(network: nn.Module, images: torch.Tensor) -> Step:
    """Return the `Step` that computes a classifier's outputs for the images."""
    return evaluation_step(network, lambda: network(images))


def training_step(network: nn.Module, images: torch.Tensor) -> Step:
    """Return the `Step` that trains a classifier on the images and made-up labels."""
    # class 0, which is there with any number of classes
    labels = torch.zeros(len(images), dtype=torch.long, device=images.device)
    return optimization_step(network, lambda: nn.functional.cross_entropy(network(images), labels))
