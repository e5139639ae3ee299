"""A recipe is made to give its network images of another side."""

from collections.abc import Callable
from typing import Any

from mmengine.config import Config

from regnet_plugin.training.config.image_size import LOADERS, Side, side_of
from regnet_plugin.training.config.loaders import TRAINING_LOADERS, datasets_of
from regnet_plugin.training.config.pipelines import can_resize, sized_transforms


def set_image_side(config: Config, side: int) -> None:
    """Make a recipe give images of another side, in proportion.

    With short side 256 and crop 224 these become 366 and 320. Crops get the side itself; what they
    are cut from is rounded to an even number, so that the centre is the centre. Images of a later
    test stay as they are where they cannot be resized.

    Args:
        config: of a classifier; it is changed.
        side: in pixels.

    Raises:
        ValueError: if the size of the images cannot be known, or a loader does not resize them and
            gives others.
    """
    used = _loaders_in_use(config)
    given = _given_side(config, used, side)
    if given == side:
        return
    for loader in used:
        _check_resizable(config, loader, side)
    change_sides(config, lambda length: _in_proportion(length, given, side))


def change_sides(config: Config, change: Callable[[int], int]) -> None:
    """Change whatever a classifier's config says of the sides of images.

    Args:
        config: it is changed.
        change: gives the new length of an old one.
    """
    for loader in LOADERS:
        for dataset in datasets_of(config, loader):
            _change(dataset, change)
    for name, pipeline in config.items():
        # That of test-time augmentation, and those that the loaders were written with.
        if name.endswith('_pipeline'):
            _change(dict(pipeline=pipeline), change)


def _loaders_in_use(config: Config) -> list[str]:
    """The loaders of the training, as far as there are; without any, all that a config may have."""
    of_training = [
        loader for loader in LOADERS if loader in TRAINING_LOADERS and datasets_of(config, loader)
    ]
    return of_training or list(LOADERS)


def _given_side(config: Config, loaders: list[str], wanted: int) -> int:
    """The side of the images that the first loader gives that tells it.

    Args:
        loaders: of which the first that tells is believed.
        wanted: the side that the message says.

    Raises:
        ValueError: if none tells it, or the images are no squares.
    """
    said = f'{" and ".join(loaders)} do not tell it'
    for loader in loaders:
        side = side_of(config, loader)
        if isinstance(side, int) and side:
            return side
        if side:
            said = f'{loader} gives {_in_words(side)} pixels'
            break
    raise ValueError(
        f'a recipe must give square images of a known side to train a network for {wanted} pixels: '
        'by a transform that resizes or crops, by image_size of its dataset, or by an image that '
        f'is there; but {said}'
    )


def _check_resizable(config: Config, loader: str, side: int) -> None:
    """Check that a loader's images can be resized, where they are of another side.

    Raises:
        ValueError: which loader gives which.
    """
    datasets = datasets_of(config, loader)
    if not datasets or any(can_resize(dataset) for dataset in datasets):
        return
    own = side_of(config, loader)
    if own == side:
        return
    said = f'those of {_in_words(own)} pixels' if own else 'them'
    raise ValueError(
        f'a recipe must resize its images to train a network for {side} pixels, but {loader} gives '
        f'{said} as they are'
    )


def _change(dataset: dict[str, Any], change: Callable[[int], int]) -> None:
    """Change what a dataset and its transforms say of sides, in place."""
    for step, argument in sized_transforms(dataset):
        step[argument] = _changed(step[argument], change)
    if 'image_size' in dataset:
        dataset['image_size'] = _changed(dataset['image_size'], change)


def _changed(value: Any, change: Callable[[int], int]) -> Any:
    """A length, or several, with new values."""
    if isinstance(value, (list, tuple)):
        return type(value)(_changed(entry, change) for entry in value)
    return change(value)


def _in_proportion(length: int, given: int, side: int) -> int:
    """A length in the proportion of ``side`` to ``given``."""
    if length == given:
        return side
    return 2 * round(length * side / given / 2)  # even, so that the centre is the centre


def _in_words(side: Side) -> str:
    return 'x'.join(map(str, side)) if isinstance(side, tuple) else str(side)
