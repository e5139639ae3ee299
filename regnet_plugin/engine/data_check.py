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
    for loader in loaders:
        for dataset in _datasets((config.get(loader) or {}).get('dataset')):
            root = dataset.get('data_root')
            if not root or '://' in root:
                continue
            folder = Path(root, dataset.get('split') or '')
            if not folder.is_dir():
                kind = dataset['type'] if isinstance(dataset['type'], str) else dataset['type'].__name__
                layout = _LAYOUTS.get(kind, f'the files of a {kind}')
                raise UserError(f'{name}: no data at {folder}. {root} should hold {layout}; put it there, or a link to it, '
                                f'or name its place: --cfg-options {loader}.dataset.data_root=FOLDER')


def _datasets(dataset):
    """The dataset and those that it wraps."""
    if isinstance(dataset, (list, tuple)):
        for part in dataset:
            yield from _datasets(part)
    elif dataset:
        yield dataset
        yield from _datasets(dataset.get('dataset') or dataset.get('datasets'))
