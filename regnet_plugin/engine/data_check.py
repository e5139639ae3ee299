"""Is the data where the config says? Asked before a model is built."""
from pathlib import Path

from regnet_plugin.engine.errors import UserError

_LAYOUTS = {
    'ImageNet': 'train/<class>/*.JPEG and val/<class>/*.JPEG, or val/*.JPEG with meta/val.txt',
    'CocoDataset': 'annotations/instances_{train,val}2017.json, train2017/*.jpg and val2017/*.jpg',
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
    missing = {}
    for loader in loaders:
        for dataset in _datasets((config.get(loader) or {}).get('dataset')):
            root = dataset.get('data_root')
            if root and '://' not in root and not Path(root, dataset.get('split') or '').is_dir():
                missing[loader] = dataset
    if missing:
        dataset = next(iter(missing.values()))
        folder = Path(dataset.data_root, dataset.get('split') or '')
        kind = dataset['type'] if isinstance(dataset['type'], str) else dataset['type'].__name__
        options = ' '.join(f'{loader}.dataset.data_root=FOLDER' for loader in missing)
        raise UserError(f'{name}: no data at {folder}. {dataset.data_root} should hold '
                        f'{_LAYOUTS.get(kind, f"the files of a {kind}")}; put it there, or a link to it, or name its '
                        f'place: --cfg-options {options}')


def _datasets(dataset):
    """The dataset and those that it wraps."""
    if isinstance(dataset, (list, tuple)):
        for part in dataset:
            yield from _datasets(part)
    elif dataset:
        yield dataset
        yield from _datasets(dataset.get('dataset') or dataset.get('datasets'))
