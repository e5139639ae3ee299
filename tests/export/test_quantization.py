"""Networks in int8: as accurate as before, up to what is said, and in files of whole numbers."""

import onnx
import onnxruntime
import pytest
import torch
from killing import ROOT
from mmengine.config import Config
from mmengine.registry import MODELS, DefaultScope
from torch.nn.functional import one_hot

from regnet_plugin.export.quantization import batches_of

DIGITS = ROOT / 'configs/regnetx_6.5mf_digits.py'


@pytest.fixture(scope='module')
def checkpoint(tmp_path_factory):
    """A network of random features whose classifier is fitted by least squares: no training."""
    config = Config.fromfile(DIGITS)
    torch.manual_seed(0)
    with DefaultScope.overwrite_default_scope('mmpretrain'):
        model = MODELS.build(config.model).train()
    training = list(batches_of(config, 'train_dataloader'))
    labels = torch.cat([one.gt_label for batch in training for one in batch['data_samples']])
    with torch.no_grad():
        for batch in training:
            model(batch['inputs'])  # running statistics
        model.eval()
        features = torch.cat([model.extract_feat(batch['inputs'])[-1] for batch in training])
        with_one = torch.nn.functional.pad(features, (0, 1), value=1.0)
        ridge = 0.01 * torch.eye(with_one.shape[1])
        fitted = torch.linalg.solve(
            with_one.T @ with_one + ridge, with_one.T @ one_hot(labels, 10).float()
        )
        model.head.fc.weight.copy_(fitted[:-1].T)
        model.head.fc.bias.copy_(fitted[-1])
    path = tmp_path_factory.mktemp('fitted') / 'net.pth'
    torch.save(model.state_dict(), path)
    return path


def accuracy_of(path):
    """As a user of the file computes it."""
    session = onnxruntime.InferenceSession(path, providers=['CPUExecutionProvider'])
    right = tested = 0
    for batch in batches_of(Config.fromfile(DIGITS), 'test_dataloader'):
        (scores,) = session.run(None, {'images': batch['inputs'].numpy()})
        labels = torch.cat([one.gt_label for one in batch['data_samples']]).numpy()
        right, tested = right + (scores.argmax(1) == labels).sum(), tested + len(labels)
    return 100 * right / tested


def test_a_classifier_of_digits(checkpoint, tmp_path, run_tool):
    done = run_tool('quantize.py', DIGITS, checkpoint, '--out', 'int8.onnx', '--images', '256')
    assert done.returncode == 0, done.stderr
    accuracies, sizes, ranges, written = done.stdout.splitlines()
    before, after = (float(word) for word in accuracies.split() if word[0].isdigit())
    assert 80 < before and before - 5 < after == pytest.approx(
        accuracy_of(tmp_path / 'int8.onnx'), abs=0.01
    )
    whole, small = (int(word.replace(',', '')) for word in sizes.split() if word[0].isdigit())
    assert small < 0.4 * whole and small == (tmp_path / 'int8.onnx').stat().st_size
    assert ranges == 'ranges: from 256 images of the training' and 'int8.onnx' in written
    assert [path.name for path in tmp_path.iterdir()] == ['int8.onnx']
    model = onnx.load(tmp_path / 'int8.onnx')
    kept = {one.name: one.data_type for one in model.graph.initializer if len(one.dims) == 4}
    assert kept and set(kept.values()) == {onnx.TensorProto.INT8}
    assert 'preprocessing' in {entry.key for entry in model.metadata_props}


@pytest.mark.parametrize(
    'arguments, message',
    [
        ((DIGITS, 'x.pth', '--out', 'x.pt2'), 'a quantized file must end in .onnx, but it is x'),
        ((DIGITS, 'x.pth', '--out', 'x.onnx', '--images', '0'), '--images must be at least 1'),
        (
            (
                ROOT / 'configs/detection/retinanet_regnetx_800mf_fpn_1x_coco.py',
                'x.pth',
                '--out',
                'x.onnx',
            ),
            'a network that is quantized must be a classifier',
        ),
    ],
)
def test_mistakes_are_one_line(run_tool, arguments, message):
    done = run_tool('quantize.py', *arguments)
    assert done.returncode == 2 and message in done.stderr.splitlines()[-1]
