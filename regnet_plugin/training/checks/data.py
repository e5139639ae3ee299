"""Is the data where the config says? Asked before a model is built."""

import re
import traceback
from contextlib import contextmanager
from pathlib import Path

from regnet_plugin.cli.errors import UserError, in_one_line
from regnet_plugin.training.loaders import is_coco, kind_of, missing_datasets, parts_of

_LAYOUTS = {
    'ImageNet': 'train/<class>/*.JPEG and val/<class>/*.JPEG, or val/*.JPEG with meta/val.txt',
    'ImageNetV2': 'the folders 0 to 999, each with *.jpeg',
    'CIFAR10': 'cifar-10-batches-py/{data_batch_1 … data_batch_5,test_batch,batches.meta}, as in '
    'cifar-10-python.tar.gz',
}


def check_data(config, name, loaders):
    """Stop in one line where the folder of a dataset is missing.

    Args:
        config (mmengine.Config): whose loaders are looked at.
        name (str): what the message calls the config.
        loaders (Sequence[str]): such as 'train_dataloader'.

    Raises:
        UserError: what is expected where.
    """
    missing, options = [], []
    for loader, key, dataset in missing_datasets(config, loaders):
        missing.append(dataset)
        options += [
            f'{key}.data_root=FOLDER',
            *_option_of_evaluator(config, loader, dataset.data_root),
        ]
    if missing:
        root = Path(missing[0].data_root)
        part = next(part for part in parts_of(missing[0]) if not Path(root, part).exists())
        raise UserError(
            f'{name}: no data at {Path(root, part)}. {root} should hold {_layout(missing)}; put it '
            'there, or '
            f'a link to it, or name its place: --cfg-options {" ".join(options)}'
        )


@contextmanager
def files_explained(name):
    """Say in one line which file of a dataset is missing or broken, where only reading it tells.

    Args:
        name (str): what the message calls the config.

    Raises:
        UserError: in the place of the error of who read a file of COCO's annotations or, in a
            worker or not, an image.
    """
    try:
        yield
    except UserError:
        raise
    except Exception as error:
        annotations = _annotations_that_failed(error)
        if annotations:
            raise UserError(
                f'{name}: {annotations} cannot be used: {_said_of_annotations(error)}'
            ) from error
        text = (str(error).strip().splitlines() or [''])[-1]  # that of a worker holds its traceback
        if '!buf.empty()' in text:  # OpenCV's decoder
            raise UserError(
                f'{name}: a file of an image is empty; find FOLDER -empty says which'
            ) from error
        if not isinstance(error, FileNotFoundError) and 'failed to load image' not in text:
            raise
        raise UserError(f'{name}: {re.sub("^[A-Za-z]+Error: ", "", text)}') from error


def _annotations_that_failed(error):
    """The file of the dataset of COCO's kind that was being made ready."""
    for frame, _ in traceback.walk_tb(error.__traceback__):
        reader = frame.f_locals.get('self')
        if hasattr(reader, 'COCOAPI') and frame.f_code.co_name == 'full_init':
            return reader.ann_file
    return None


def _said_of_annotations(error):
    if 'need at least one array to concatenate' in str(error):  # MMEngine of an empty list
        return 'no image is left that is large enough and has a label of the classes'
    return f'{type(error).__name__}: {in_one_line(error)}'


def _layout(missing):
    """What the folder of the first should hold: the usual layout of its kind, or what configs of
    COCO's kind say.
    """
    first, kind = missing[0], kind_of(missing[0])
    if is_coco(first):
        same = [
            dataset
            for dataset in missing
            if is_coco(dataset) and dataset.data_root == first.data_root
        ]
        return ', '.join(dict.fromkeys(part for dataset in same for part in parts_of(dataset)))
    return _LAYOUTS.get(kind, f'the files of a {kind}')


def _option_of_evaluator(config, loader, root):
    """The file of annotations has its place a second time, where COCO's metric is asked for."""
    key = loader.replace('dataloader', 'evaluator')
    evaluator = config.get(key)
    file = evaluator.get('ann_file') if isinstance(evaluator, dict) else None
    return (
        [f'{key}.ann_file=FOLDER/{Path(file).relative_to(root)}']
        if file and Path(root) in Path(file).parents
        else []
    )
