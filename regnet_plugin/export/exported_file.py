"""Networks as files for where there is no OpenMMLab, each compared with the original."""

import copy
import json
import logging
import os
import warnings
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import NamedTuple

import torch
from mmcv.cnn.utils.fuse_conv_bn import fuse_conv_bn
from torch import nn
from torch.export import ExportedProgram

from regnet_plugin.cli.errors import UserError, blame
from regnet_plugin.export.comparison import TOLERANCE, Run, largest_difference, make_examples
from regnet_plugin.export.errors import NotExportable
from regnet_plugin.export.form import Form
from regnet_plugin.export.network import ExportedNetwork
from regnet_plugin.export.onnx import check_packages, run_onnx, write_onnx
from regnet_plugin.export.program import run_program, trace, write_program
from regnet_plugin.files import folder_beside, remove_unfinished

_STEPS = 4  # computing, tracing, writing, comparing: as many as progress is told of


class _Format(NamedTuple):
    """How files of a kind are written, and how they are computed with."""

    write: Callable[[ExportedProgram, Path, int, str, Form], None]
    run: Callable[[Path], Run]


_FORMATS = {
    '.onnx': _Format(write_onnx, run_onnx),
    '.pt2': _Format(write_program, run_program),
}


def check_path(path: str | Path) -> None:
    """See whether a file can be written, before what takes long.

    Raises:
        UserError: if its format is another one, its folder is missing or not ours, or packages are.
    """
    path = Path(path)
    if path.suffix not in _FORMATS:
        raise UserError(f'an exported file must end in {" or ".join(_FORMATS)}, but it is {path}')
    if path.is_dir():
        raise UserError(f'an exported file must be a file, but {path} is a folder')
    if not path.absolute().parent.is_dir():
        raise UserError(
            f'an exported file must be in a folder that exists, but {path.parent} does not'
        )
    if not os.access(path.parent, os.W_OK | os.X_OK):
        raise UserError(
            f'an exported file must be in a folder that can be written, but {path.parent} cannot'
        )
    if path.suffix == '.onnx':
        check_packages()


def _say_nothing(done: int, total: int, text: str) -> None:
    """The progress that nobody wants to know of."""


def export(
    network: ExportedNetwork,
    path: str | Path,
    progress: Callable[[int, int, str], None] = _say_nothing,
    form: Form = Form(),
) -> float:
    """Write a network and compare the file with it.

    Its batch normalizations are folded into the convolutions. Batch, height and width of its images
    are free; three of each are compared, or two where the network takes no sides but multiples of
    32. What the images must have undergone is in the file, as JSON: in ONNX among the metadata, in
    a program among the extra files, as ``preprocessing``.

    Args:
        network: from `load_network`; it stays as it is.
        path: ends in .onnx, or in .pt2 for a program of torch.export. It is there once it is whole
            and compared; weights of 2 GB or more lie beside an .onnx. A hidden folder of its name
            beside it, which a killed export leaves, is removed by the next one.
        progress: told before each step how many are done, how many there are, and what comes now.
        form: whether batch, height and width are fixed, and the version of ONNX's operators.

    Returns:
        The largest difference of an output, as a fraction of the largest value of its tensor.

    Raises:
        UserError: if the network has something that cannot be exported, the file cannot be written,
            or the outputs differ.
    """
    path = Path(path)
    check_path(path)
    if form.opset is not None and path.suffix != '.onnx':
        raise UserError(f'opset is of ONNX files, but the file is {path}')
    _check_operators(network.module, path)
    with blame(str(path)):
        remove_unfinished(path)
    with (
        blame(str(path)),
        _with_a_way_out(network.module),
        folder_beside(path) as folder,
        torch.no_grad(),
        _quiet(),
    ):
        difference = _write_compared(network, folder / path.name, progress, form)
        _publish(folder, path)
        progress(_STEPS, _STEPS, 'compared')
    return difference


def _write_compared(
    network: ExportedNetwork, path: Path, progress: Callable[[int, int, str], None], form: Form
) -> float:
    """Write a file and return how much it differs; a ValueError if that is too much."""
    file_format = _FORMATS[path.suffix]
    progress(0, _STEPS, 'computing')
    examples = make_examples(network, form.shape)
    progress(1, _STEPS, 'tracing')
    fused = fuse_conv_bn(copy.deepcopy(network.module))
    program = trace(fused, examples[0].images, free=form.shape is None)
    progress(2, _STEPS, 'writing')
    preprocessing = json.dumps(network.preprocessing)
    file_format.write(program, path, len(examples[0].outputs), preprocessing, form)
    progress(3, _STEPS, 'comparing')
    difference = largest_difference(file_format.run(path), examples)
    if not difference <= TOLERANCE:  # NaN is no smaller than anything
        raise ValueError(
            f'its outputs must be those of the network, but they differ by {difference:.2g} of the '
            'largest'
        )
    return difference


def _check_operators(module: nn.Module, path: Path) -> None:
    """Refuse mmcv's deformable convs, for which neither format has an operator."""
    deformable = [name for name, part in module.named_modules() if hasattr(part, 'conv_offset')]
    if deformable:
        raise UserError(
            f"{path}: a network must be made of PyTorch's own operators, but {len(deformable)} "
            f"convs are mmcv's deformable ones, first {deformable[0]}"
        )


@contextmanager
def _with_a_way_out(module: nn.Module) -> Iterator[None]:
    """Let the error of a network that cannot be exported say what can be, where it has a neck."""
    try:
        yield
    except NotExportable as error:
        if not isinstance(module, nn.Sequential):  # a backbone, or a classifier
            raise
        neck = module[1]
        parts = neck if isinstance(neck, nn.Sequential) else [neck]
        kinds = ' and '.join(type(part).__name__ for part in parts)
        raise ValueError(
            f'{error}; the neck is {kinds}, and --part backbone leaves it out'
        ) from error


def _publish(folder: Path, path: Path) -> None:
    """Move what is whole to its place.

    The file comes after the weights beside it, and never with those of another one.
    """
    beside = [file for file in folder.iterdir() if file.name != path.name]
    if beside:
        path.unlink(missing_ok=True)
    for file in (*beside, folder / path.name):
        file.replace(path.parent / file.name)


@contextmanager
def _quiet() -> Iterator[None]:
    """Within it, PyTorch does not warn of what its exporters themselves do."""
    logger = logging.getLogger('torch.onnx')
    level = logger.level
    logger.setLevel(logging.ERROR)
    try:
        with warnings.catch_warnings():
            warnings.simplefilter('ignore')
            yield
    finally:
        logger.setLevel(level)
