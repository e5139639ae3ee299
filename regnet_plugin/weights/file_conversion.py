"""A checkpoint written again with the names of another library: tools/convert_weights.py."""

from collections.abc import Mapping
from pathlib import Path
from typing import Any, NamedTuple

from regnet_plugin.weights.addresses import read_checkpoint
from regnet_plugin.weights.conversion import check_complete, convert, library_of
from regnet_plugin.weights.files import write_weights
from regnet_plugin.weights.library_layouts import LIBRARY_LAYOUTS
from regnet_plugin.weights.name_advice import advice_on_names
from regnet_plugin.weights.published_files import SCHEMES


class Conversion(NamedTuple):
    """What was done.

    Attributes:
        source: the library whose names the tensors had.
        tensors: how many were written.
        left_out: how many were not, those of a neck or heads.
    """

    source: str
    tensors: int
    left_out: int


def convert_file(
    checkpoint: str, out: Path, source: str | None, target: str, ema: bool | None = None
) -> Conversion:
    """Read weights, and write them with the names of another library.

    Args:
        checkpoint: file or address.
        out: the file that is written; ``.safetensors`` or a file of PyTorch.
        source: key of `LIBRARY_LAYOUTS`; None where it is to be found out by the names.
        target: one of `TARGETS`.
        ema: whether averages of the weights are taken, as `read_weights`.

    Raises:
        ValueError: in one line, for weights that cannot be read, whose names are nobody's or could
            be of two libraries, or that no network of the target has.
        OSError: if a file cannot be read or written.
    """
    weights = read_checkpoint(checkpoint, ema=ema)
    source = source or _source_of(checkpoint, weights)
    converted = convert(weights, source, target)
    check_complete(converted, target)
    write_weights(out, converted, target)
    return Conversion(source, len(converted), len(weights) - len(converted))


def _source_of(checkpoint: str, weights: Mapping[str, Any]) -> str:
    """Whose names weights have, by their address or else by the names.

    Raises:
        ValueError: if they are nobody's, or OpenMMLab's, which are ours, too.
    """
    scheme = checkpoint.partition('://')[0]
    if scheme in SCHEMES:
        return 'ours'  # they are converted when they are read
    if scheme == 'open-mmlab':
        return 'openmmlab'
    library = library_of(weights)
    if library is None:
        raise ValueError(
            f'{checkpoint}: names must be those of a RegNet of {", ".join(LIBRARY_LAYOUTS)}, but '
            f'the first is {next(iter(weights))}{advice_on_names(weights)}'
        )
    if library == 'openmmlab':
        raise ValueError(
            f'{checkpoint}: names of OpenMMLab are ours, too: --from openmmlab, trained with blue '
            'first, or --from ours'
        )
    return library
