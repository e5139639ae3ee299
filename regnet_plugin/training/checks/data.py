"""Is the data where the config says? Asked before a model is built."""
import re
import traceback
from contextlib import contextmanager, redirect_stdout, suppress
from importlib import import_module
from io import StringIO
from pathlib import Path

from regnet_plugin.cli.errors import UserError, in_one_line

TRAINING_LOADERS = ('train_dataloader', 'val_dataloader')
_LAYOUTS = {
    'ImageNet': 'train/<class>/*.JPEG and val/<class>/*.JPEG, or val/*.JPEG with meta/val.txt',
    'ImageNetV2': 'the folders 0 to 999, each with *.jpeg',
    'CIFAR10': 'cifar-10-batches-py/{data_batch_1 … data_batch_5,test_batch,batches.meta}, as in cifar-10-python.tar.gz',
}


_OPTIONAL = 'Could not import OneDL'  # what both libraries print, though at the level DEBUG, where that package is missing


def import_datasets(library):
    """Import a library's datasets, as MMEngine would when one is built, without the remark on a package nobody asked for.

    Args:
        library (str | None): a config's default scope; nothing is done where there is none of that name.
    """
    with redirect_stdout(StringIO()) as said, suppress(ImportError):
        import_module(f'{library}.datasets')
    for line in said.getvalue().splitlines():
        if not line.startswith(_OPTIONAL):
            print(line)


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
    for loader in loaders:
        for key, dataset in _named(f'{loader}.dataset', (config.get(loader) or {}).get('dataset')):
            root = dataset.get('data_root')
            if root and '://' not in root and not all(Path(root, part).exists() for part in _parts(dataset)):
                missing.append(dataset)
                options += [f'{key}.data_root=FOLDER', *_option_of_evaluator(config, loader, root)]
    if missing:
        root = Path(missing[0].data_root)
        part = next(part for part in _parts(missing[0]) if not Path(root, part).exists())
        raise UserError(f'{name}: no data at {Path(root, part)}. {root} should hold {_layout(missing)}; put it there, or '
                        f'a link to it, or name its place: --cfg-options {" ".join(options)}')


def is_here(config, loaders):
    """Whether the folders of a config's datasets are there."""
    try:
        check_data(config, '', loaders)
    except UserError:
        return False
    return True


@contextmanager
def files_explained(name):
    """Say in one line which file of a dataset is missing or broken, where only reading it tells.

    Args:
        name (str): what the message calls the config.

    Raises:
        UserError: in the place of the error of who read a file of COCO's annotations or, in a worker or not, an image.
    """
    try:
        yield
    except UserError:
        raise
    except Exception as error:
        annotations = _annotations_that_failed(error)
        if annotations:
            raise UserError(f'{name}: {annotations} cannot be used: {_said_of_annotations(error)}') from error
        text = (str(error).strip().splitlines() or [''])[-1]  # that of a worker holds its traceback
        if '!buf.empty()' in text:  # OpenCV's decoder
            raise UserError(f'{name}: a file of an image is empty; find FOLDER -empty says which') from error
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


def _kind(dataset):
    """The name of a dataset's class, without its scope."""
    kind = dataset['type']
    return kind.split('.')[-1] if isinstance(kind, str) else kind.__name__


def _parts(dataset):
    """What must be there, below the root: files and folders by the dataset's rule, or else the root itself."""
    if _kind(dataset) == 'DigitDetection':  # makes what is missing
        return []
    if _is_coco(dataset):
        return [part for part in (dataset.get('ann_file'), *(dataset.get('data_prefix') or {}).values()) if part]
    return [{'ImageNet': dataset.get('split') or '', 'CIFAR10': 'cifar-10-batches-py'}.get(_kind(dataset), '')]


def _layout(missing):
    """What the folder of the first should hold: the usual layout of its kind, or what configs of COCO's kind say."""
    first, kind = missing[0], _kind(missing[0])
    if _is_coco(first):
        same = [dataset for dataset in missing if _is_coco(dataset) and dataset.data_root == first.data_root]
        return ', '.join(dict.fromkeys(part for dataset in same for part in _parts(dataset)))
    return _LAYOUTS.get(kind, f'the files of a {kind}')


def _is_coco(dataset):
    return _kind(dataset) == 'CocoDataset'


def _option_of_evaluator(config, loader, root):
    """The file of annotations has its place a second time, where COCO's metric is asked for."""
    key = loader.replace('dataloader', 'evaluator')
    evaluator = config.get(key)
    file = evaluator.get('ann_file') if isinstance(evaluator, dict) else None
    return [f'{key}.ann_file=FOLDER/{Path(file).relative_to(root)}'] if file and Path(root) in Path(file).parents else []


def datasets_of(dataset):
    """Yield a dataset's config and those that it wraps; nothing for None."""
    return (found for _, found in _named('', dataset))


def _named(key, dataset):
    """Yield them with their keys, which begin with that of the dataset itself."""
    if isinstance(dataset, (list, tuple)):
        for number, part in enumerate(dataset):
            yield from _named(f'{key}.{number}', part)
    elif dataset:
        yield key, dataset
        inner = 'dataset' if dataset.get('dataset') else 'datasets'
        yield from _named(f'{key}.{inner}', dataset.get(inner))
