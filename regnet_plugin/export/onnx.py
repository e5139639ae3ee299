"""ONNX files: written by PyTorch's exporter, run in onnxruntime."""

import re
from collections.abc import Iterator
from contextlib import contextmanager
from importlib.util import find_spec
from pathlib import Path

import torch
from torch.export import ExportedProgram

from regnet_plugin.cli.errors import UserError
from regnet_plugin.export.comparison import Outputs, Run
from regnet_plugin.export.errors import NotExportable
from regnet_plugin.export.form import Form

_PACKAGES = ('onnx', 'onnxruntime', 'onnxscript')  # that PyTorch's exporter and the comparison need
_UNKNOWN_OPERATOR = re.compile(r"No ONNX function found for <OpOverload\(op='([\w.]+)'")


def check_packages() -> None:
    """See whether all that ONNX files need is installed.

    Raises:
        UserError: naming what is missing, and how it is installed.
    """
    missing = [package for package in _PACKAGES if not find_spec(package)]
    if missing:
        raise UserError(
            f'ONNX needs {", ".join(_PACKAGES)}, but {", ".join(missing)} cannot be found: pip '
            "install 'regnet_plugin[export]'"
        )


def write_onnx(
    program: ExportedProgram, path: Path, num_outputs: int, preprocessing: str, form: Form
) -> None:
    """Write a traced network as an ONNX file.

    Args:
        program: with batch, height and width free, or fixed as the form says.
        path: of the file; weights of 2 GB or more are written beside it.
        num_outputs: tensors that the network gives; one is named ``output``, several ``output_0``
            and so on.
        preprocessing: what is written under this name among the metadata.
        form: of the file.

    Raises:
        NotExportable: if ONNX has not all operators, or not in that version.
    """
    if num_outputs == 1:
        names = ['output']
    else:
        names = [f'output_{index}' for index in range(num_outputs)]
    with _every_operator_known():
        written = torch.onnx.export(
            program,
            input_names=['images'],
            output_names=names,
            verbose=False,
            dynamic_shapes=None if form.shape else ({0: 'batch', 2: 'height', 3: 'width'},),
            opset_version=form.opset,
        )
        assert written is not None  # it is for programs of torch.export
        found = written.model.opset_imports['']
        if form.opset not in (None, found):
            raise NotExportable(
                f'the file must have the operators of version {form.opset}, but PyTorch writes '
                f'those of {found} for this network'
            )
        written.model.metadata_props['preprocessing'] = preprocessing
        written.save(path)


@contextmanager
def _every_operator_known() -> Iterator[None]:
    """Say in one line which operator ONNX does not have."""
    try:
        yield
    except torch.onnx.OnnxExporterError as error:  # with pages of advice to its own developers
        operator = _UNKNOWN_OPERATOR.search(str(error))
        if operator is None:
            raise
        raise NotExportable(
            f'ONNX must have all operators of a network, but has none for {operator[1]}'
        ) from error


def run_onnx(path: Path) -> Run:
    """A function that computes with an ONNX file, on the CPU."""
    import onnxruntime  # an optional dependency

    session = onnxruntime.InferenceSession(path, providers=['CPUExecutionProvider'])

    def run(images: torch.Tensor) -> Outputs:
        outputs = session.run(None, {'images': images.numpy()})
        return [torch.from_numpy(output) for output in outputs]

    return run
