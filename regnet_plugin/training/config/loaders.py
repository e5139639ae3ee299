"""The data loaders of a config: their datasets, whatever wraps them, and whether they are there."""

from collections.abc import Iterator, Mapping, Sequence
from contextlib import redirect_stdout, suppress
from dataclasses import dataclass
from importlib import import_module
from io import StringIO
from pathlib import Path
from typing import Any

from mmengine.config import Config

from regnet_plugin.cli.printing import say
from regnet_plugin.training.config.entries import class_name

TRAINING_LOADERS = ('train_dataloader', 'val_dataloader')
# Both libraries print this, though at the level DEBUG, where that package is missing.
_OPTIONAL = 'Could not import OneDL'
# What a dataset makes itself where it is missing needs not be there.
_MADE_WHEN_MISSING = ('DigitDetection', 'DigitKeypoints', 'DigitSegmentation')


def import_datasets(library: str | None) -> None:
    """Import a library's datasets, as MMEngine would when one of them is built.

    The remark of the library on a package that nobody asked for is left out.

    Args:
        library: a config's default scope; nothing is done where there is no library of that name.
    """
    with redirect_stdout(StringIO()) as said, suppress(ImportError):
        import_module(f'{library}.datasets')
    for line in said.getvalue().splitlines():
        if not line.startswith(_OPTIONAL):
            say(line)


def dataset_of(config: Config, loader: str) -> Any:
    """Return what a config says of a loader's dataset; None where there is no such loader."""
    return (config.get(loader) or {}).get('dataset')


def datasets_of(config: Config, loader: str) -> list[dict[str, Any]]:
    """Return the configs of a loader's dataset and of those that it wraps, from the outside in."""
    return datasets_in(dataset_of(config, loader))


def datasets_in(described: Any) -> list[dict[str, Any]]:
    """Return a dataset's config and those that it wraps, from the outside in; none for None."""
    return [dataset for _, dataset in named_datasets('', described)]


def named_datasets(key: str, described: Any) -> Iterator[tuple[str, dict[str, Any]]]:
    """Yield a dataset's config and those that it wraps, each with its key.

    Args:
        key: of the dataset itself, such as 'train_dataloader.dataset'.
        described: the config of a dataset, several of them, or None.
    """
    if isinstance(described, (list, tuple)):
        for number, part in enumerate(described):
            yield from named_datasets(f'{key}.{number}', part)
    elif described:
        yield key, described
        inner = 'dataset' if described.get('dataset') else 'datasets'
        yield from named_datasets(f'{key}.{inner}', described.get(inner))


def is_wrapper(dataset: Mapping[str, Any]) -> bool:
    """Whether a dataset's config only wraps others: it repeats, concatenates or balances them."""
    return bool(dataset.get('dataset') or dataset.get('datasets'))


def is_coco(dataset: Mapping[str, Any]) -> bool:
    """Whether a config describes images with a file of COCO's annotations."""
    return class_name(dataset) == 'CocoDataset'


def required_paths(dataset: Mapping[str, Any]) -> list[str]:
    """Return what must be there below the root of a dataset, by the rule of its kind.

    Returns:
        paths of files and folders, relative to ``data_root``; '' is the root itself.
    """
    kind = class_name(dataset)
    if kind in _MADE_WHEN_MISSING:
        return []
    if is_coco(dataset):
        folders = (dataset.get('data_prefix') or {}).values()
        return [path for path in (dataset.get('ann_file'), *folders) if path]
    if kind == 'ImageNet':
        return [dataset.get('split') or '']
    if kind == 'CIFAR10':
        return ['cifar-10-batches-py']
    return ['']


@dataclass(frozen=True)
class MissingDataset:
    """A dataset of a config of which something is not there.

    Attributes:
        loader: that has it, such as 'train_dataloader'.
        key: of the dataset, such as 'train_dataloader.dataset.dataset'.
        dataset: its config, with ``data_root``.
        path: the first file or folder that is missing.
    """

    loader: str
    key: str
    dataset: dict[str, Any]
    path: Path


def missing_datasets(config: Config, loaders: Sequence[str]) -> Iterator[MissingDataset]:
    """Yield each dataset of which the folder, or what must be in it, is not there.

    Datasets without a root, or with one that is no place on this machine, are passed over.
    """
    for loader in loaders:
        for key, dataset in named_datasets(f'{loader}.dataset', dataset_of(config, loader)):
            root = dataset.get('data_root')
            if not root or '://' in root:
                continue
            paths = [Path(root, part) for part in required_paths(dataset)]
            missing = [path for path in paths if not path.exists()]
            if missing:
                yield MissingDataset(loader, key, dataset, missing[0])


def is_here(config: Config, loaders: Sequence[str]) -> bool:
    """Whether the folders of a config's datasets are there."""
    return not any(missing_datasets(config, loaders))
