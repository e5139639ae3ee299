"""Exported files run as their users run them, and compared with the networks they are of."""

import json

import numpy as np
import onnx
import onnxruntime
import torch
from mmengine.config import Config
from mmengine.model import revert_sync_batchnorm
from mmengine.registry import MODELS, DefaultScope
from parity import randomize
from torch.nn.modules.batchnorm import _BatchNorm

# batches, heights and widths: none that the export itself compares
SHAPES = ((1, 224, 224), (5, 101, 200))


def in_onnxruntime(path, images):
    model = onnx.load(path)
    onnx.checker.check_model(path)
    assert not any(node.op_type == 'BatchNormalization' for node in model.graph.node)
    session = onnxruntime.InferenceSession(path, providers=['CPUExecutionProvider'])
    return session.run(None, {'images': images.numpy()})


def in_pytorch(path, images):
    program = torch.export.load(path)
    assert not any('batch_norm' in str(node.target) for node in program.graph.nodes)
    outputs = program.module()(images)
    return [
        output.detach().numpy()
        for output in ([outputs] if isinstance(outputs, torch.Tensor) else outputs)
    ]


RUNS = {'.onnx': in_onnxruntime, '.pt2': in_pytorch}


def preprocessing_in(path):
    """What the file says that its images must have undergone."""
    if path.suffix == '.onnx':
        session = onnxruntime.InferenceSession(path, providers=['CPUExecutionProvider'])
        return json.loads(session.get_modelmeta().custom_metadata_map['preprocessing'])
    found = dict(preprocessing='')
    torch.export.load(path, extra_files=found)
    return json.loads(found['preprocessing'])


def check_outputs(path, expected_of, in_channels=3, shapes=SHAPES, tolerance=1e-5):
    """Compare outputs with the network's, to a fraction of the largest of each tensor."""
    for count, *sides in shapes:
        images = torch.randn(count, in_channels, *sides)
        with torch.no_grad():
            expected = expected_of(images)
        outputs = RUNS[path.suffix](path, images)
        assert len(outputs) == len(expected)
        for found, wanted in zip(outputs, expected):
            np.testing.assert_allclose(
                found, wanted, rtol=0, atol=tolerance * float(wanted.abs().max())
            )


def plain_model(path):
    """The float32 network of a config, built as MMEngine does, with weights of some size.

    Its statistics are those of its maps.

    With other statistics values grow from block to block, until rounding is a thousandth of the
    largest.
    """
    config = Config.fromfile(path)
    config.model.backbone.pop('fast_path', None)
    with DefaultScope.overwrite_default_scope(config.default_scope):
        model = randomize(revert_sync_batchnorm(MODELS.build(config.model)), torch.float32).eval()
    for module in model.modules():
        if isinstance(module, _BatchNorm):
            module.reset_running_stats()
            module.momentum = None  # the average of all batches
            module.train()
    with torch.no_grad():
        maps = model.backbone(torch.randn(4, config.model.backbone.get('in_channels', 3), 128, 128))
        if model.with_neck:
            model.neck(maps)
    return model.eval()
