"""The data loaders of a config: their datasets, whatever wraps them, and whether these are there."""

from contextlib import redirect_stdout, suppress
from importlib import import_module
from io import StringIO
from pathlib import Path

TRAINING_LOADERS = ('train_dataloader', 'val_dataloader')
# what both libraries print, though at the level DEBUG, where that package is missing
_OPTIONAL = 'Could not import OneDL'


def import_datasets(library):
    """Import a library's datasets, as MMEngine would when one is built, without the remark on a
    package nobody asked for.

    Args:
        library (str | None): a config's default scope; nothing is done where there is none of that
            name.
    """
    with redirect_stdout(StringIO()) as said, suppress(ImportError):
        import_module(f'{library}.datasets')
    for line in said.getvalue().splitlines():
        if not line.startswith(_OPTIONAL):
            print(line)


def kind_of(dataset):
    """The name of a dataset's class, without its scope."""
    kind = dataset['type']
    return kind.split('.')[-1] if isinstance(kind, str) else kind.__name__


def parts_of(dataset):
    """What must be there, below the root: files and folders by the dataset's rule, or else the root
    itself.
    """
    if kind_of(dataset) == 'DigitDetection':  # makes what is missing
        return []
    if is_coco(dataset):
        return [
            part
            for part in (dataset.get('ann_file'), *(dataset.get('data_prefix') or {}).values())
            if part
        ]
    return [
        {'ImageNet': dataset.get('split') or '', 'CIFAR10': 'cifar-10-batches-py'}.get(
            kind_of(dataset), ''
        )
    ]


def is_coco(dataset):
    return kind_of(dataset) == 'CocoDataset'


def datasets_of(dataset):
    """Yield a dataset's config and those that it wraps; nothing for None."""
    return (found for _, found in named_datasets('', dataset))


def named_datasets(key, dataset):
    """Yield them with their keys, which begin with that of the dataset itself."""
    if isinstance(dataset, (list, tuple)):
        for number, part in enumerate(dataset):
            yield from named_datasets(f'{key}.{number}', part)
    elif dataset:
        yield key, dataset
        inner = 'dataset' if dataset.get('dataset') else 'datasets'
        yield from named_datasets(f'{key}.{inner}', dataset.get(inner))


def missing_datasets(config, loaders):
    """Yield loader, key and dict of each dataset of a config whose folder, or what must be in it,
    is not there.
    """
    for loader in loaders:
        for key, dataset in named_datasets(
            f'{loader}.dataset', (config.get(loader) or {}).get('dataset')
        ):
            root = dataset.get('data_root')
            if (
                root
                and '://' not in root
                and not all(Path(root, part).exists() for part in parts_of(dataset))
            ):
                yield loader, key, dataset


def is_here(config, loaders):
    """Whether the folders of a config's datasets are there."""
    return not any(missing_datasets(config, loaders))
