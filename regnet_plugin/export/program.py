"""Programs of torch.export: traced, written, and run in PyTorch without the package."""

import re
from pathlib import Path

import torch
from torch import nn
from torch.export import Dim, ExportedProgram

from regnet_plugin.export.comparison import Outputs, Run, as_outputs
from regnet_plugin.export.errors import NotExportable
from regnet_plugin.export.form import Form

_FREE = (0, 2, 3)  # dimensions of the images: batch, height, width


def trace(module: nn.Module, images: torch.Tensor, *, free: bool = True) -> ExportedProgram:
    """Trace a module with batch, height and width free, or as those of the example.

    Args:
        module: in evaluation mode.
        images: an example, (N, channels, H, W).
        free: whether these may be others later.

    Raises:
        NotExportable: if that is not possible.
    """
    shapes = (dict.fromkeys(_FREE, Dim.DYNAMIC),) if free else None
    said = 'free' if free else 'fixed'
    try:
        program = torch.export.export(module, (images,), dynamic_shapes=shapes)
    except Exception as error:  # PyTorch's own, or whatever a module raises that is given no values
        reason = re.split(r'[\n!]', str(error).strip())[0]
        raise NotExportable(
            f'torch.export must be able to trace it with batch, height and width {said}, but says: '
            f'{type(error).__name__}: {reason}'
        ) from error
    for node in program.graph.nodes:
        node.meta.pop('stack_trace', None)  # paths of this machine
    return program


def write_program(
    program: ExportedProgram, path: Path, num_outputs: int, preprocessing: str, form: Form
) -> None:
    """Write a traced network as a program of torch.export.

    Args:
        program: loses its example of images, which would be in the file.
        path: of the file.
        num_outputs: tensors that the network gives; the program knows them.
        preprocessing: what is written under this name among the extra files.
        form: of the file, which the program knows.
    """
    program.example_inputs = None
    torch.export.save(program, path, extra_files=dict(preprocessing=preprocessing))


def run_program(path: Path) -> Run:
    """A function that computes with a program of torch.export."""
    module = torch.export.load(path).module()

    def run(images: torch.Tensor) -> Outputs:
        return as_outputs(module(images))

    return run
