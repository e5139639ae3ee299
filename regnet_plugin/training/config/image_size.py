"""The side of the images that a config gives its network."""

from copy import deepcopy
from typing import Any

from mmengine.config import Config
from mmengine.registry import DATASETS, DefaultScope

from regnet_plugin.cli.errors import in_one_line
from regnet_plugin.training.config.loaders import dataset_of, datasets_of, import_datasets, is_here
from regnet_plugin.training.config.pipelines import sized_transforms

# Pixels: one number for a square, else width and height.
Side = int | tuple[int, int]
# Those of a training say it first: what is tested later may be left over from a base whose data
# another one replaced.
LOADERS = ('val_dataloader', 'train_dataloader', 'test_dataloader')
# Sides of images that were loaded, by their scope and dataset: loading takes its time.
_loaded: dict[tuple[str | None, str], Side] = {}


def stated_side(config: Config) -> Side | None:
    """Return the side of the images that a config says its classifier is evaluated with.

    Where no evaluation says it, the training does. It is that of the last transform that resizes
    or crops, or else the dataset's ``image_size``.

    Args:
        config: with pipelines of mmpretrain.

    Returns:
        None where the config does not say it.
    """
    for loader in LOADERS:
        side = _stated_side_of(config, loader)
        if side:
            return side
    return None


def image_side(config: Config) -> Side | None:
    """Return the side of the images that a config's classifier is evaluated with, or else trained.

    Where the pipeline does not say it, as of a dataset of one's own, an image is loaded.

    Returns:
        None where the config does not say it and there is no data.

    Raises:
        ValueError: if an image cannot be loaded.
    """
    for loader in LOADERS:
        side = side_of(config, loader)
        if side:
            return side
    return None


def side_of(config: Config, loader: str) -> Side | None:
    """Return the side of the images that a loader gives, as stated or else as loaded.

    Returns:
        None where the config does not say it and there is no data.

    Raises:
        ValueError: if an image cannot be loaded.
    """
    return _stated_side_of(config, loader) or _loaded_side_of(config, loader)


def _stated_side_of(config: Config, loader: str) -> Side | None:
    """The side that a loader's pipeline or dataset says."""
    for dataset in datasets_of(config, loader):
        sides = [step[argument] for step, argument in sized_transforms(dataset)]
        if sides:
            return _one_for_a_square(sides[-1])
        if 'image_size' in dataset:
            return _one_for_a_square(dataset['image_size'])
    return None


def _loaded_side_of(config: Config, loader: str) -> Side | None:
    """The side of a loader's first image; None where its data is not here."""
    dataset = dataset_of(config, loader)
    if not dataset or not is_here(config, (loader,)):
        return None
    scope = config.get('default_scope')
    key = scope, repr(dataset)
    if key not in _loaded:
        import_datasets(scope)
        try:
            with DefaultScope.overwrite_default_scope(scope):
                image = DATASETS.build(deepcopy(dataset))[0]['inputs']
        except Exception as error:  # whatever a dataset of one's own does
            raise ValueError(
                f'{loader} must give images, whose side the network is made for, but the first one '
                f'gives {type(error).__name__}: {in_one_line(error)}'
            ) from error
        height, width = image.shape[-2:]
        _loaded[key] = _one_for_a_square((width, height))
    return _loaded[key]


def _one_for_a_square(side: Any) -> Side:
    """The one number of a square; what is no square stays as it is."""
    if isinstance(side, (list, tuple)) and len(set(side)) == 1:
        return side[0]
    return side
