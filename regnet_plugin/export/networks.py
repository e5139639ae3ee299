"""Networks for where there is no OpenMMLab: ONNX files and programs of torch.export, compared with
the original.
"""

import copy
import json
import logging
import os
import re
import warnings
from contextlib import contextmanager
from dataclasses import dataclass, field
from importlib.util import find_spec
from pathlib import Path

import torch
from mmcv.cnn.utils.fuse_conv_bn import fuse_conv_bn
from mmengine.config import Config
from mmengine.registry import MODELS, DefaultScope
from torch import nn
from torch.export import Dim

from regnet_plugin.cli.errors import UserError, blame, not_ended, refused
from regnet_plugin.core.arch_argument import arch_of_text, architecture_of
from regnet_plugin.files import folder_beside, remove_unfinished
from regnet_plugin.training.checks.widths import check_widths
from regnet_plugin.weights.addresses import read_checkpoint
from regnet_plugin.weights.conversion import renamed
from regnet_plugin.weights.image_statistics import IMAGE_STATISTICS, colour_order_of
from regnet_plugin.weights.matching import check_weights, own_weights
from regnet_plugin.weights.name_advice import advice_on_names

_ONNX = ('onnx', 'onnxruntime', 'onnxscript')
_NUM_CLASSES = 1000  # of a network that is named, not configured
_SMALLEST = torch.finfo(torch.float32).tiny
# of the largest output; sums of float32 in another order differ by a hundredth of it
_TOLERANCE = 1e-3
# Batches, heights and widths that are compared, of which the first is traced; some necks do not
# take the last.
_SIZES = ((2, 224, 256), (1, 192, 160), (3, 129, 161))


@dataclass(frozen=True)
class Network:
    """What is exported.

    Attributes:
        module (nn.Module): in evaluation mode, from images (N, in_channels, H, W) to a tensor or a
            tuple of them.
        in_channels (int): of the images.
        preprocessing (dict): ``mean`` and ``std`` of the images' values from 0 to 255, which they
            have lost; the order of their ``channels``; ``pad_size_divisor``, where their sides must
            be multiples of it. Default: empty, not known.
    """

    module: nn.Module
    in_channels: int
    preprocessing: dict = field(default_factory=dict)


def load_network(source, checkpoint=None, part='network'):
    """Build what a config or a name describes, and take the part of it that is exported.

    Args:
        source (str): path of a config of mmpretrain or mmdet, a published name, or parameters such
            as 'depth=22,w_0=24,w_a=24.48,w_m=2.54,group_width=16'; the latter two mean a classifier
            of 1000 classes.
        checkpoint (str, optional): address or file of the weights, as in
            `regnet_plugin.weights.addresses`: of all of it, or for the backbone alone at least of
            that. Default: None, new ones.
        part (str): 'network', of a classifier the scores before softmax and of a detector the maps
            of the neck; or 'backbone', the maps that the backbone gives. Default: 'network'.

    Returns:
        Network: without the fast path, which is for PyTorch.

    Raises:
        UserError: if it cannot be built, or the weights are not of it.
    """
    with blame(source), not_ended():
        is_config = source.endswith('.py') or os.path.isfile(source)
        config = Config.fromfile(source) if is_config else _classifier(arch_of_text(source), part)
        if 'backbone' not in config.get('model', {}):
            raise ValueError('a config must have a model with a backbone, but this one has none')
        config.model.backbone.pop('fast_path', None)
        with DefaultScope.overwrite_default_scope(config.get('default_scope')):
            model = MODELS.build(config.model)
        check_widths(model, source)
    if checkpoint is not None:
        with blame(checkpoint):
            with refused(ValueError, OSError):
                weights = read_checkpoint(checkpoint)
            _load(model, weights, part)
    return Network(
        _part_of(model, part).eval(),
        config.model.backbone.get('in_channels', 3),
        _preprocessing(config) if is_config else _preprocessing_of_address(str(checkpoint)),
    )


def _classifier(arch, part):
    """The config of the paper's classifier; all stages are seen where its backbone alone is wanted."""
    widths = architecture_of(arch).widths
    stages = range(len(widths))
    return Config(
        dict(
            default_scope='mmpretrain',
            model=dict(
                type='ImageClassifier',
                backbone=dict(
                    type='regnet_plugin.RegNet',
                    arch=arch,
                    out_indices=tuple(stages if part == 'backbone' else stages[-1:]),
                ),
                neck=dict(type='GlobalAveragePooling'),
                head=dict(type='LinearClsHead', num_classes=_NUM_CLASSES, in_channels=widths[-1]),
            ),
        )
    )


def _load(model, weights, part):
    """Load all weights of the part; counters of batches, which some libraries leave out, do not
    matter.
    """
    network = model.backbone if part == 'backbone' else model
    # of a model for several GPUs
    weights = renamed(weights, lambda name: name.removeprefix('module.'))
    if part == 'backbone':
        weights = own_weights(network, weights)
    try:
        check_weights(network, weights)
    except ValueError as error:
        raise ValueError(f'{error}{advice_on_names(weights)}') from None
    counters = {
        name: value
        for name, value in network.state_dict().items()
        if name.endswith('num_batches_tracked')
    }
    network.load_state_dict({**counters, **weights})


def _part_of(model, part):
    if part == 'backbone':
        return model.backbone
    # mmpretrain's; mmdet has no head of that name
    if isinstance(getattr(model, 'head', None), nn.Module):
        return model
    neck = getattr(model, 'neck', None)
    return model.backbone if neck is None else nn.Sequential(model.backbone, neck)


def _preprocessing(config):
    # as MMEngine's Runner
    settings = config.model.get('data_preprocessor', config.get('data_preprocessor')) or {}
    if not settings.get('mean'):
        return {}
    values = {name: list(map(float, settings[name])) for name in ('mean', 'std')}
    divisor = settings.get('pad_size_divisor', 1)
    return dict(
        values,
        channels=_channels(config, settings),
        **(dict(pad_size_divisor=divisor) if divisor > 1 else {}),
    )


def _channels(config, settings):
    if settings.get('to_rgb') or settings.get('bgr_to_rgb'):
        return 'RGB'
    is_loaded = 'LoadImageFromFile' in str(config.get('test_dataloader'))  # by OpenCV
    return 'BGR' if is_loaded or settings.get('rgb_to_bgr') else 'as the dataset gives them'


def _preprocessing_of_address(checkpoint):
    channels = colour_order_of(checkpoint)
    return dict(IMAGE_STATISTICS[channels], channels=channels) if channels else {}


def check_path(path):
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
    missing = (
        [package for package in _ONNX if not find_spec(package)] if path.suffix == '.onnx' else []
    )
    if missing:
        raise UserError(
            f'ONNX needs {", ".join(_ONNX)}, but {", ".join(missing)} cannot be found: '
            "pip install 'regnet_plugin[export]'"
        )


def export(network, path, progress=lambda done, total, text: None):
    """Write a network, its batch normalizations folded into the convolutions, and compare the file
    with the network.

    Batch, height and width of its images are free; three of each are compared, or two where the
    network takes no sides but multiples of 32. What the images must have undergone is in the file,
    as JSON: in ONNX among the metadata, in a program among the extra files, as ``preprocessing``.

    Args:
        network (Network): from `load_network`; it stays as it is.
        path (str | Path): ends in .onnx, or in .pt2 for a program of torch.export. It is there once
            it is whole and compared; weights of 2 GB or more lie beside an .onnx. A hidden folder
            of its name beside it, which a killed export leaves, is removed by the next one.
        progress (Callable[[int, int, str], None]): told before each step how many are done, how
            many there are, and what comes now.

    Returns:
        float: the largest difference of an output, as a fraction of the largest value of its
            tensor.

    Raises:
        UserError: if the network has something that cannot be exported, the file cannot be written,
            or the outputs differ.
    """
    path = Path(path)
    check_path(path)
    write, read = _FORMATS[path.suffix]
    deformable = [
        name for name, module in network.module.named_modules() if hasattr(module, 'conv_offset')
    ]
    if deformable:
        raise UserError(
            f"{path}: a network must be made of PyTorch's own operators, but {len(deformable)} "
            'convs are '
            f"mmcv's deformable ones, first {deformable[0]}"
        )
    steps = 4
    with blame(str(path)):
        remove_unfinished(path)
    with blame(str(path)), folder_beside(path) as folder, torch.no_grad(), _quiet():
        progress(0, steps, 'computing')
        pairs = _examples(network)
        progress(1, steps, 'tracing')
        program = _trace(
            fuse_conv_bn(copy.deepcopy(network.module)), pairs[0][0], _way_out(network.module)
        )
        progress(2, steps, 'writing')
        with _every_operator_known(_way_out(network.module)):
            write(program, folder / path.name, len(pairs[0][1]), json.dumps(network.preprocessing))
        progress(3, steps, 'comparing')
        run = read(folder / path.name)
        differences = [
            value
            for images, outputs in pairs
            for value in _differences(
                _outputs(run, images, _way_out(network.module)), outputs, _way_out(network.module)
            )
        ]
        # NaN is the largest, unlike in Python's max
        difference = float(torch.tensor(differences).max())
        if not difference <= _TOLERANCE:
            raise ValueError(
                'its outputs must be those of the network, but they differ by '
                f'{difference:.2g} of the largest'
            )
        _publish(folder, path)
        progress(steps, steps, 'compared')
    return difference


def _examples(network):
    """Batches of images and the outputs of the network for them, of the sides that it takes."""
    pairs = []
    for count, height, width in _SIZES:
        images = torch.randn(count, network.in_channels, height, width)
        try:
            pairs.append((images, _tensors(network.module(images))))
        except RuntimeError:
            if (height % 32, width % 32) == (0, 0):
                raise
    return pairs


def _way_out(module: nn.Module) -> str:
    """The end of a sentence on a network that cannot be exported: what can be, where there is a
    neck.
    """
    if not isinstance(module, nn.Sequential):  # a backbone, or a classifier
        return ''
    neck = module[1]
    kinds = ' and '.join(
        type(part).__name__ for part in (neck if isinstance(neck, nn.Sequential) else [neck])
    )
    return f'; the neck is {kinds}, and --part backbone leaves it out'


@contextmanager
def _every_operator_known(way_out: str):
    try:
        yield
    except (
        Exception
    ) as error:  # PyTorch's exporter has many, with pages of advice to its own developers
        operator = re.search(r"No ONNX function found for <OpOverload\(op='([\w.]+)'", str(error))
        if operator is None:
            raise
        raise ValueError(
            f'ONNX must have all operators of a network, but has none for {operator[1]}{way_out}'
        ) from error


def _outputs(run, images: torch.Tensor, way_out: str):
    """What the file gives; pooling to the size of another map, say, holds on to the sides that it
    was traced with.
    """
    try:
        return run(images)
    except Exception as error:  # of onnxruntime, or whatever an operator raises
        reason = str(error).strip().partition('\n')[0]
        raise ValueError(
            'the file must take images of any sides, but something in the network has fixed those '
            'of '
            f'{_SIZES[0][1:]}, and for {tuple(images.shape)} it says: {reason}{way_out}'
        ) from error


def _trace(module, images, way_out: str):
    free = dict.fromkeys((0, 2, 3), Dim.DYNAMIC)
    try:
        program = torch.export.export(module, (images,), dynamic_shapes=(free,))
    except (
        Exception
    ) as error:  # PyTorch's own ones, and whatever a module raises when it is given no values
        reason = re.split(r'[\n!]', str(error).strip())[0]
        raise ValueError(
            'torch.export must be able to trace it with batch, height and width free, but says: '
            f'{type(error).__name__}: {reason}{way_out}'
        ) from error
    for node in program.graph.nodes:
        node.meta.pop('stack_trace', None)  # paths of this machine
    return program


def _publish(folder, path):
    """Move what is whole to its place: the file after the weights beside it, and never with those
    of another one.
    """
    beside = [file for file in folder.iterdir() if file.name != path.name]
    if beside:
        path.unlink(missing_ok=True)
    for file in (*beside, folder / path.name):
        file.replace(path.parent / file.name)


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


def _write_onnx(program, path, num_outputs, preprocessing):
    written = torch.onnx.export(
        program,
        input_names=['images'],
        output_names=_names(num_outputs),
        verbose=False,
        dynamic_shapes=({0: 'batch', 2: 'height', 3: 'width'},),
    )
    written.model.metadata_props['preprocessing'] = preprocessing
    written.save(path)


def _run_onnx(path):
    import onnxruntime

    session = onnxruntime.InferenceSession(path, providers=['CPUExecutionProvider'])
    return lambda images: [
        torch.from_numpy(output) for output in session.run(None, {'images': images.numpy()})
    ]


def _write_program(program, path, num_outputs, preprocessing):
    program.example_inputs = None  # they would be in the file
    torch.export.save(program, path, extra_files=dict(preprocessing=preprocessing))


def _run_program(path):
    module = torch.export.load(path).module()
    return lambda images: _tensors(module(images))


_FORMATS = {'.onnx': (_write_onnx, _run_onnx), '.pt2': (_write_program, _run_program)}


def _names(number):
    return ['output'] if number == 1 else [f'output_{index}' for index in range(number)]


def _tensors(outputs):
    return (outputs,) if isinstance(outputs, torch.Tensor) else tuple(outputs)


def _differences(found, expected, way_out: str = ''):
    shapes, wanted = ([tuple(value.shape) for value in values] for values in (found, expected))
    if shapes != wanted:
        raise ValueError(
            f'its outputs must have the shapes of the network, {wanted}, but they have '
            f'{shapes}{way_out}'
        )
    return [
        float((mine - its).abs().max() / its.abs().max().clamp(min=_SMALLEST))
        for mine, its in zip(found, expected)
    ]
