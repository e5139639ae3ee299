"""Is the data where the config says? Asked before a model is built."""
from contextlib import redirect_stdout, suppress
from importlib import import_module
from io import StringIO
from pathlib import Path

from regnet_plugin.engine.errors import UserError

_LAYOUTS = {
    'ImageNet': 'train/<class>/*.JPEG and val/<class>/*.JPEG, or val/*.JPEG with meta/val.txt',
    'ImageNetV2': 'the folders 0 to 999, each with *.jpeg',
    'CIFAR10': 'cifar-10-batches-py/{data_batch_1 … data_batch_5,test_batch,batches.meta}, as in cifar-10-python.tar.gz',
    'CocoDataset': 'annotations/instances_{train,val}2017.json, train2017/*.jpg and val2017/*.jpg',
}
_MAKE_THEMSELVES = {'DigitDetection'}  # datasets that need none


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
    missing = {}
    for loader in loaders:
        for key, dataset in _named(f'{loader}.dataset', (config.get(loader) or {}).get('dataset')):
            root = dataset.get('data_root')
            if not root or '://' in root or _kind(dataset) in _MAKE_THEMSELVES:
                continue
            if not _folder(dataset).is_dir():
                missing[key] = dataset
    if missing:
        dataset = next(iter(missing.values()))
        folder, kind = _folder(dataset), _kind(dataset)
        options = ' '.join(f'{key}.data_root=FOLDER' for key in missing)
        raise UserError(f'{name}: no data at {folder}. {dataset.data_root} should hold '
                        f'{_LAYOUTS.get(kind, f"the files of a {kind}")}; put it there, or a link to it, or name its '
                        f'place: --cfg-options {options}')


def _kind(dataset):
    """The name of a dataset's class, without its scope."""
    kind = dataset['type']
    return kind.split('.')[-1] if isinstance(kind, str) else kind.__name__


def _folder(dataset):
    """The folder that must be there: a subfolder where that is the dataset's rule."""
    subfolders = {'ImageNet': dataset.get('split') or '', 'CIFAR10': 'cifar-10-batches-py'}
    return Path(dataset['data_root'], subfolders.get(_kind(dataset), ''))


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
