"""Networks in whole numbers of 8 bits, by post-training quantization, and what that costs.

A trained classifier is written as an ONNX file of float32, images of its own training tell in which
ranges its maps are, and onnxruntime writes weights and maps as int8 within these. Both files are
tested as the config says, so that the loss of accuracy is seen.
"""

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import torch
from mmengine.config import Config
from mmengine.evaluator import Evaluator
from mmengine.registry import MODELS, DefaultScope
from mmengine.runner import Runner

from regnet_plugin.cli.errors import UserError, blame
from regnet_plugin.export.comparison import Run
from regnet_plugin.export.exported_file import check_path, export
from regnet_plugin.export.network import load_network
from regnet_plugin.export.onnx import run_onnx
from regnet_plugin.files import folder_beside
from regnet_plugin.training.checks.data import check_data

IMAGES = 512  # of the training that the ranges are taken from
_STEPS = 4  # exporting, testing, quantizing, testing: as many as progress is told of


@dataclass(frozen=True)
class Quantized:
    """What was written, and what it costs.

    Attributes:
        before, after: metrics of the config's own test by name, of float32 and of int8.
        bytes_before, bytes_after: sizes of the two files.
        images: that the ranges were taken from.
    """

    before: Mapping[str, float]
    after: Mapping[str, float]
    bytes_before: int
    bytes_after: int
    images: int


def quantize(
    source: str,
    checkpoint: str,
    path: Path,
    images: int = IMAGES,
    progress: Callable[[int, int, str], None] = lambda done, total, text: None,
) -> Quantized:
    """Write a trained classifier as an ONNX file of int8, and test it beside that of float32.

    Args:
        source: path of the config of a classifier, whose data is here.
        checkpoint: address or file of its weights.
        path: of the new file, which ends in .onnx.
        images: of the training to take ranges from, at least; all where there are fewer.
            Default: `IMAGES`.
        progress: told before each step how many are done, how many there are, and what comes now.

    Raises:
        UserError: if it is no such config, weights or data are not here, or it cannot be exported.
    """
    if path.suffix != '.onnx':
        raise UserError(f'a quantized file must end in .onnx, but it is {path}')
    check_path(path)
    config = _classifier_config(source)
    network = load_network(source, checkpoint)
    with folder_beside(path) as folder, blame(source):
        whole, small = folder / 'float32.onnx', folder / path.name
        progress(0, _STEPS, 'exporting')
        export(network, whole)
        progress(1, _STEPS, 'testing float32')
        before = _tested(config, run_onnx(whole))
        progress(2, _STEPS, 'quantizing')
        seen = _write_int8(whole, small, batches_of(config, 'train_dataloader'), images)
        progress(3, _STEPS, 'testing int8')
        after = _tested(config, run_onnx(small))
        sizes = whole.stat().st_size, small.stat().st_size
        small.replace(path)
        progress(_STEPS, _STEPS, 'compared')
    return Quantized(before, after, *sizes, seen)


def batches_of(config: Config, loader: str) -> Iterator[dict[str, Any]]:
    """Yield normalized images, ``inputs``, and their ``data_samples`` from a loader of a config."""
    settings = config.model.get('data_preprocessor') or config.get('data_preprocessor') or {}
    with DefaultScope.overwrite_default_scope(config.get('default_scope')):
        preprocessor = MODELS.build({'type': 'ClsDataPreprocessor', **settings})
        for batch in Runner.build_dataloader(config[loader], seed=0):
            yield preprocessor(batch, training=False)


def _classifier_config(source: str) -> Config:
    """The config of a classifier with data to test it on."""
    with blame(source):
        config = Config.fromfile(source)
        if 'num_classes' not in (config.get('model', {}).get('head') or {}):
            raise ValueError(
                'a network that is quantized must be a classifier of a config, with model.head and '
                'its num_classes, but this is another one'
            )
    check_data(config, source, ('train_dataloader', 'test_dataloader'))
    return config


def _tested(config: Config, run: Run) -> dict[str, float]:
    """Metrics of the config's own test, of a file that computes scores."""
    with DefaultScope.overwrite_default_scope(config.get('default_scope')):
        evaluator = Evaluator(config.test_evaluator)
    tested = 0
    for batch in batches_of(config, 'test_dataloader'):
        (scores,) = run(batch['inputs'])
        samples = batch['data_samples']
        for sample, score in zip(samples, scores.softmax(1)):
            sample.set_pred_score(score).set_pred_label(score.argmax())
        evaluator.process(data_samples=samples, data_batch=None)
        tested += len(samples)
    return {name: float(value) for name, value in evaluator.evaluate(tested).items()}


def _write_int8(whole: Path, small: Path, batches: Iterator[dict[str, Any]], images: int) -> int:
    """Quantize a file by the ranges of so many images; returns how many there were."""
    # an optional dependency
    from onnxruntime.quantization import CalibrationDataReader, QuantType, quantize_static
    from onnxruntime.quantization.shape_inference import quant_pre_process

    class Images(CalibrationDataReader):
        """Batches until there are enough images."""

        seen = 0

        def get_next(self) -> dict[str, Any] | None:
            batch = next(batches, None) if self.seen < images else None
            if batch is None:
                return None
            inputs: torch.Tensor = batch['inputs']
            self.seen += len(inputs)
            return {'images': inputs.numpy()}

    prepared = whole.with_name('prepared.onnx')
    quant_pre_process(whole, prepared, skip_symbolic_shape=True)
    reader = Images()
    quantize_static(
        prepared,
        small,
        reader,
        per_channel=True,  # grouped convs have scales of their own
        activation_type=QuantType.QUInt8,
        weight_type=QuantType.QInt8,
    )
    return reader.seen
