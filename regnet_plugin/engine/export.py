"""Networks for where there is no OpenMMLab: ONNX files and programs of torch.export, compared with the original."""
import copy
import logging
import tempfile
import warnings
from contextlib import contextmanager
from dataclasses import dataclass
from importlib.util import find_spec
from pathlib import Path

import torch
from mmcv.cnn.utils.fuse_conv_bn import fuse_conv_bn
from mmengine.config import Config
from mmengine.registry import MODELS, DefaultScope
from torch import nn
from torch.export import Dim

from regnet_plugin.arch import arch_of_text, architecture_of
from regnet_plugin.engine.errors import UserError, blame, not_ended, refused
from regnet_plugin.engine.width_check import check_widths
from regnet_plugin.models.pretrained import check_weights, own_weights
from regnet_plugin.weights.addresses import read_checkpoint

_ONNX = ('onnx', 'onnxruntime', 'onnxscript')
_NUM_CLASSES = 1000  # of a network that is named, not configured
_LARGEST_FILE = 2**31 - 2**24  # of protobuf, less the graph
_TOLERANCE = 1e-3  # of the largest output; sums of float32 in another order differ by a hundredth of it
# Batches, heights and widths that are compared, of which the first is traced; some necks take multiples of 32 only.
_SIZES = ((2, 224, 256), (1, 256, 224), (3, 192, 320))


@dataclass(frozen=True)
class Network:
    """What is exported.

    Attributes:
        module (nn.Module): in evaluation mode, from images (N, in_channels, H, W) to a tensor or a tuple of them.
        in_channels (int): of the images.
        preprocessing (str): what the images must have undergone.
    """

    module: nn.Module
    in_channels: int
    preprocessing: str


def load_network(source, checkpoint=None, part='network'):
    """Build what a config or a name describes, and take the part of it that is exported.

    Args:
        source (str): path of a config of mmpretrain or mmdet, a published name, or parameters such as
            'depth=22,w_0=24,w_a=24.48,w_m=2.54,group_width=16'; the latter two mean a classifier of 1000 classes.
        checkpoint (str, optional): address or file of the weights, as in `regnet_plugin.weights.addresses`: of all of
            it, or for the backbone alone at least of that. Default: None, new ones.
        part (str): 'network', of a classifier the scores before softmax and of a detector the maps of the neck; or
            'backbone', the maps that the backbone gives. Default: 'network'.

    Returns:
        Network: without the fast path, which is for PyTorch.

    Raises:
        UserError: if it cannot be built, or the weights are not of it.
    """
    with blame(source), not_ended():
        is_config = source.endswith('.py') or Path(source).is_file()
        config = Config.fromfile(source) if is_config else _classifier(arch_of_text(source), part)
        if 'backbone' not in config.get('model', {}):
            raise ValueError('a config must have a model with a backbone, but this one has none')
        config.model.backbone.pop('fast_path', None)
        with DefaultScope.overwrite_default_scope(config.get('default_scope')):
            model = MODELS.build(config.model)
        check_widths(model, source)
    if checkpoint is not None:
        with refused(ValueError, OSError):
            weights = read_checkpoint(checkpoint)
        with blame(checkpoint):
            _load(model, weights, part)
    return Network(_part_of(model, part).eval(), config.model.backbone.get('in_channels', 3), _preprocessing(config))


def _classifier(arch, part):
    """The config of the paper's classifier; all stages are seen where its backbone alone is wanted."""
    widths = architecture_of(arch).widths
    stages = range(len(widths))
    return Config(dict(default_scope='mmpretrain', model=dict(
        type='ImageClassifier',
        backbone=dict(type='regnet_plugin.RegNet', arch=arch,
                      out_indices=tuple(stages if part == 'backbone' else stages[-1:])),
        neck=dict(type='GlobalAveragePooling'),
        head=dict(type='LinearClsHead', num_classes=_NUM_CLASSES, in_channels=widths[-1]))))


def _load(model, weights, part):
    """Load all weights of the part; counters of batches, which some libraries leave out, do not matter."""
    network = model.backbone if part == 'backbone' else model
    if part == 'backbone':
        weights = own_weights(network, weights)
    check_weights(network, weights)
    counters = {name: value for name, value in network.state_dict().items() if name.endswith('num_batches_tracked')}
    network.load_state_dict({**counters, **weights})


def _part_of(model, part):
    if part == 'backbone':
        return model.backbone
    if isinstance(getattr(model, 'head', None), nn.Module):  # mmpretrain's; mmdet has no head of that name
        return model
    neck = getattr(model, 'neck', None)
    return model.backbone if neck is None else nn.Sequential(model.backbone, neck)


def _preprocessing(config):
    settings = {**(config.get('data_preprocessor') or {}), **(config.model.get('data_preprocessor') or {})}
    if not settings.get('mean'):
        return 'as the weights expect them'
    is_rgb = settings.get('to_rgb') or settings.get('bgr_to_rgb')
    order = 'RGB' if is_rgb else 'as the images are read, by OpenCV BGR'
    return f'(value - {list(settings["mean"])}) / {list(settings["std"])}, channels {order}'


def export(network, path):
    """Write a network, its batch normalizations folded into the convolutions, and compare the file with the network.

    Batch, height and width of its images are free; three of each are compared.

    Args:
        network (Network): from `load_network`; it stays as it is.
        path (str | Path): ends in .onnx, or in .pt2 for a program of torch.export. It is there once it is whole and
            compared; weights of 2 GB or more lie beside an .onnx.

    Returns:
        float: the largest difference of an output, as a fraction of the largest value of its tensor.

    Raises:
        UserError: if the network has something that cannot be exported, packages are missing, or the outputs differ.
    """
    path = Path(path)
    write, read = _FORMATS[path.suffix]
    if path.suffix == '.onnx' and not all(map(find_spec, _ONNX)):
        raise UserError(f"ONNX needs {', '.join(_ONNX)}: pip install 'regnet_plugin[export]'")
    deformable = [name for name, module in network.module.named_modules() if hasattr(module, 'conv_offset')]
    if deformable:
        raise UserError(f"{path}: a network must be made of PyTorch's own operators, but {len(deformable)} convs are "
                        f"mmcv's deformable ones, first {deformable[0]}")
    folded = fuse_conv_bn(copy.deepcopy(network.module))
    batches = [torch.randn(count, network.in_channels, height, width) for count, height, width in _SIZES]
    with tempfile.TemporaryDirectory(dir=path.parent) as folder, torch.no_grad(), blame(str(path)), _quiet():
        expected = [_tensors(network.module(images)) for images in batches]
        free = dict.fromkeys((0, 2, 3), Dim.DYNAMIC)
        program = torch.export.export(folded, (batches[0], ), dynamic_shapes=(free, ))
        write(program, Path(folder, path.name), len(expected[0]))
        run = read(Path(folder, path.name))
        difference = max(_difference(run(images), outputs) for images, outputs in zip(batches, expected))
        if not difference <= _TOLERANCE:
            raise ValueError('its outputs must be those of the network, but they differ by '
                             f'{difference:.2g} of the largest')
        for file in Path(folder).iterdir():
            file.replace(path.parent / file.name)
    return difference


@contextmanager
def _quiet():
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


def _write_onnx(program, path, num_outputs):
    size = sum(value.numel() * value.element_size() for value in program.state_dict.values())
    torch.onnx.export(program, f=path, input_names=['images'], output_names=_names(num_outputs), verbose=False,
                      dynamic_shapes=({0: 'batch', 2: 'height', 3: 'width'}, ), external_data=size > _LARGEST_FILE)


def _run_onnx(path):
    import onnxruntime

    session = onnxruntime.InferenceSession(path, providers=['CPUExecutionProvider'])
    return lambda images: [torch.from_numpy(output) for output in session.run(None, {'images': images.numpy()})]


def _write_program(program, path, num_outputs):
    program.example_inputs = None  # they would be in the file
    torch.export.save(program, path)


def _run_program(path):
    module = torch.export.load(path).module()
    return lambda images: _tensors(module(images))


_FORMATS = {'.onnx': (_write_onnx, _run_onnx), '.pt2': (_write_program, _run_program)}


def _names(number):
    return ['output'] if number == 1 else [f'output_{index}' for index in range(number)]


def _tensors(outputs):
    return (outputs, ) if isinstance(outputs, torch.Tensor) else tuple(outputs)


def _difference(found, expected):
    shapes, wanted = ([tuple(value.shape) for value in values] for values in (found, expected))
    if shapes != wanted:
        raise ValueError(f'its outputs must have the shapes of the network, {wanted}, but they have {shapes}')
    return max(float((mine - its).abs().max() / its.abs().max()) for mine, its in zip(found, expected))
