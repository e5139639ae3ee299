"""Does an exported file compute what its network computes, at any batch, height and width?"""

from collections.abc import Callable, Sequence
from typing import NamedTuple

import torch

from regnet_plugin.export.errors import NotExportable
from regnet_plugin.export.network import ExportedNetwork

Outputs = Sequence[torch.Tensor]
Shape = tuple[int, int, int]  # batch, height and width of images
Run = Callable[[torch.Tensor], Outputs]  # what an exported file computes from images

# Of the largest output. Sums of float32 in another order differ by a hundredth of this.
TOLERANCE = 1e-3
# Batches, heights and widths that are compared, of which the first is traced; the last, whose sides
# are no multiples of 32, some necks do not take.
_SIZES = ((2, 224, 256), (1, 192, 160), (3, 129, 161))
_SMALLEST = torch.finfo(torch.float32).tiny  # instead of a division by 0 where all outputs are 0


class Example(NamedTuple):
    """A batch of images, (N, channels, H, W), and what the network computes from it."""

    images: torch.Tensor
    outputs: Outputs


def make_examples(network: ExportedNetwork, shape: Shape | None = None) -> list[Example]:
    """Compute the outputs of the network for random images of all sides that it takes.

    Three sizes are tried. A network that takes only multiples of 32 is compared at two of them.

    Args:
        network: that is exported.
        shape: the one batch, height and width that the file will take; then two batches of it.
    """
    examples = []
    for count, height, width in (shape, shape) if shape else _SIZES:
        images = torch.randn(count, network.in_channels, height, width)
        try:
            examples.append(Example(images, as_outputs(network.module(images))))
        except RuntimeError:
            if shape or (height % 32 == 0 and width % 32 == 0):
                raise
    return examples


def as_outputs(outputs: torch.Tensor | Outputs) -> Outputs:
    """What a network gives, as a tuple also where it is one tensor."""
    return (outputs,) if isinstance(outputs, torch.Tensor) else tuple(outputs)


def largest_difference(run: Run, examples: Sequence[Example]) -> float:
    """Compare an exported file with its network.

    Args:
        run: computes with the file.
        examples: of the network.

    Returns:
        The largest difference of an output, as a fraction of the largest value of its tensor; NaN
        if any output is.

    Raises:
        NotExportable: if the file takes no images of other sides, or gives other shapes.
    """
    differences = []
    for example in examples:
        found = _outputs(run, example.images)
        differences += _differences(found, example.outputs)
    return float(torch.tensor(differences).max())  # NaN is the largest, unlike in Python's max


def _outputs(run: Run, images: torch.Tensor) -> Outputs:
    """What the file gives.

    Pooling to the size of another map, say, holds on to the sides that it was traced with.
    """
    try:
        return run(images)
    except Exception as error:  # of onnxruntime, or whatever an operator raises
        reason = str(error).strip().partition('\n')[0]
        raise NotExportable(
            'the file must take images of any sides, but something in the network has fixed those '
            f'of {_SIZES[0][1:]}, and for {tuple(images.shape)} it says: {reason}'
        ) from error


def _differences(found: Outputs, expected: Outputs) -> list[float]:
    """The largest difference within each tensor, as a fraction of its largest value."""
    found_shapes = [tuple(value.shape) for value in found]
    expected_shapes = [tuple(value.shape) for value in expected]
    if found_shapes != expected_shapes:
        raise NotExportable(
            f'its outputs must have the shapes of the network, {expected_shapes}, but they have '
            f'{found_shapes}'
        )
    return [
        float((given - wanted).abs().max() / wanted.abs().max().clamp(min=_SMALLEST))
        for given, wanted in zip(found, expected)
    ]
