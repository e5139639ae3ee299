"""Is the data where the config says? Asked before a model is built."""

from collections.abc import Sequence
from pathlib import Path

from mmengine.config import Config

from regnet_plugin.cli.errors import UserError
from regnet_plugin.cli.guides import guide
from regnet_plugin.training.config.entries import class_name
from regnet_plugin.training.config.loaders import (
    MissingDataset,
    is_coco,
    missing_datasets,
    required_paths,
)

# What the folder of a dataset should hold, by its kind.
_LAYOUTS = {
    'ImageNet': 'train/<class>/*.JPEG and val/<class>/*.JPEG, or val/*.JPEG with meta/val.txt',
    'ImageNetV2': 'the folders 0 to 999, each with *.jpeg',
    'CIFAR10': 'cifar-10-batches-py/{data_batch_1 … data_batch_5,test_batch,batches.meta}, as in '
    'cifar-10-python.tar.gz',
}


def check_data(config: Config, name: str, loaders: Sequence[str]) -> None:
    """Stop in one line where the folder of a dataset is missing.

    Args:
        config: whose loaders are looked at.
        name: what the message calls the config.
        loaders: such as 'train_dataloader'.

    Raises:
        UserError: what is expected where, and the options that name another place.
    """
    missing = list(missing_datasets(config, loaders))
    if not missing:
        return
    options = []
    for one in missing:
        options.append(f'{one.key}.data_root=FOLDER')
        options += _option_of_evaluator(config, one)
    root = Path(missing[0].dataset['data_root'])
    raise UserError(
        f'{name}: no data at {missing[0].path}. {root} should hold {_layout(missing)}; put it '
        f'there, or a link to it (guide: {guide("own_data")}), or name its place: --cfg-options '
        f'{" ".join(options)}'
    )


def _layout(missing: Sequence[MissingDataset]) -> str:
    """What the folder of the first should hold.

    It is the usual layout of its kind, or what all configs of COCO's kind of this folder say.
    """
    first = missing[0].dataset
    if not is_coco(first):
        kind = class_name(first)
        return _LAYOUTS.get(kind, f'the files of a {kind}')
    paths: list[str] = []
    for one in missing:
        if is_coco(one.dataset) and one.dataset['data_root'] == first['data_root']:
            paths += required_paths(one.dataset)
    return ', '.join(dict.fromkeys(paths))  # each once, in order


def _option_of_evaluator(config: Config, missing: MissingDataset) -> list[str]:
    """The option for COCO's metric, which has the place of the annotations a second time."""
    key = missing.loader.replace('dataloader', 'evaluator')
    evaluator = config.get(key)
    file = evaluator.get('ann_file') if isinstance(evaluator, dict) else None
    root = Path(missing.dataset['data_root'])
    if not file or root not in Path(file).parents:
        return []
    return [f'{key}.ann_file=FOLDER/{Path(file).relative_to(root)}']
