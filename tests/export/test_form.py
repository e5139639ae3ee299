"""Files of one shape, and of a version of ONNX's operators that is asked for."""

import onnx
import onnxruntime
import pytest
import torch
from parity import randomize

from regnet_plugin.cli.errors import UserError
from regnet_plugin.export.exported_file import export
from regnet_plugin.export.form import Form
from regnet_plugin.export.network import ExportedNetwork
from regnet_plugin.models import AnyNet


def network_of(block):
    backbone = AnyNet(
        depths=[1, 2],
        widths=[16, 32],
        group_widths=[8, 8],
        bottleneck_ratios=[0.25, 0.25],
        block=block,
        head_width=24,
        out_indices=(1,),
    )
    return ExportedNetwork(randomize(backbone, torch.float32).eval(), 3, {})


@pytest.fixture(scope='module')
def network():
    return network_of('Z')


@pytest.mark.parametrize('opset', [None, 18, 20])
def test_onnx_of_one_shape_and_of_a_version(tmp_path, network, opset):
    path = tmp_path / 'net.onnx'
    assert export(network, path, form=Form((2, 64, 96), opset)) <= 1e-3
    model = onnx.load(path)
    shape = [entry.dim_value for entry in model.graph.input[0].type.tensor_type.shape.dim]
    assert shape == [2, 3, 64, 96]
    (version,) = [entry.version for entry in model.opset_import if entry.domain == '']
    assert opset in (None, version)
    session = onnxruntime.InferenceSession(path, providers=['CPUExecutionProvider'])
    with pytest.raises(Exception, match='invalid dimensions|Got invalid'):
        session.run(None, {'images': torch.randn(1, 3, 64, 96).numpy()})


@pytest.mark.parametrize('block', ['Z', 'PreY'])
def test_a_program_of_one_shape(tmp_path, block):
    path = tmp_path / 'net.pt2'
    assert export(network_of(block), path, form=Form((2, 64, 96))) <= 1e-3
    module = torch.export.load(path).module()
    assert module(torch.randn(2, 3, 64, 96))[0].shape == (2, 24, 8, 12)
    with pytest.raises(Exception, match='shape|Guard'):
        module(torch.randn(1, 3, 64, 96))


def test_mistakes(tmp_path, network):
    with pytest.raises(UserError, match='a fixed shape must be batch, height and width'):
        Form((1, 0, 224))
    with pytest.raises(UserError, match='opset must be a positive whole number'):
        Form(opset=0)
    with pytest.raises(UserError, match='opset is of ONNX files'):
        export(network, tmp_path / 'net.pt2', form=Form(opset=18))
