"""Are the images those that the weights were trained on?

If not, nothing fails: the network is only worse.
"""

import logging
from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np
from mmengine.config import Config

from regnet_plugin.training.config.entries import class_name, network_of, preprocessor_of
from regnet_plugin.training.config.loaders import datasets_of
from regnet_plugin.training.config.pipelines import reads_files, transforms_of
from regnet_plugin.weights.image_statistics import IMAGE_STATISTICS, colour_order_of

# Settings of data preprocessors of which any gives RGB, or else BGR.
_GIVES_RGB = ('to_rgb', 'bgr_to_rgb', 'rgb_to_bgr')
# Transforms of mmpretrain that exchange red and blue, if this is true.
_EXCHANGING = {'NumpyToPIL': 'to_rgb', 'PILToNumpy': 'to_bgr'}
# Statistics that differ by less are the same ones, rounded.
_ROUNDING = 1e-3


def warn_of_images(config: Config, loader: str, name: str, logger: logging.Logger) -> None:
    """Say in one line that a data preprocessor does not suit the weights that a config starts from.

    Weights that nobody published, and images that do not come from files, are not judged.

    Args:
        config: of a training or a test; what it names as ``load_from`` comes before its backbone's
            ``init_cfg``.
        loader: of the images, such as 'train_dataloader'.
        name: what the message calls the config.
        logger: gets the warning.
    """
    address = str(config.get('load_from') or _checkpoint_of_backbone(config))
    wanted = colour_order_of(address)
    if wanted is None or not _reads_files(config, loader):
        return
    statistics: Mapping[str, Sequence[float]] = IMAGE_STATISTICS[wanted]
    settings = preprocessor_of(config)
    if not all(settings.get(key) for key in statistics):
        return
    given = 'RGB' if any(settings.get(key) for key in _GIVES_RGB) else 'BGR'
    is_same = all(_equal(settings[key], statistics[key]) for key in statistics)
    if given != wanted or not is_same:
        logger.warning(
            f'{name}: {address} wants {_in_words(wanted, statistics)}, but data_preprocessor gives '
            f'{_in_words(given, settings)}'
        )


def blue_comes_first(config: Config, loader: str) -> bool:
    """Whether the images that a loader gives are BGR.

    They are where OpenCV reads them from files and nothing turns them; sets that are kept in memory
    are RGB. The data preprocessor's word comes before that of the pipeline.

    Args:
        config: of a training or a test.
        loader: of the images, such as 'test_dataloader'.
    """
    settings = preprocessor_of(config)
    if any(settings.get(key) for key in _GIVES_RGB):
        # It exchanges red and blue: 'rgb_to_bgr' is for images that are RGB.
        return not settings.get('rgb_to_bgr')
    blue_first = _reads_files(config, loader)
    for dataset in datasets_of(config, loader):
        for step in transforms_of(dataset):
            argument = _EXCHANGING.get(class_name(step))
            if argument is not None and step.get(argument):
                blue_first = argument == 'to_bgr'
    return blue_first


def _checkpoint_of_backbone(config: Config) -> str | None:
    """The checkpoint that a backbone's ``init_cfg`` names."""
    given = (network_of(config).get('backbone') or {}).get('init_cfg') or ()
    for one in given if isinstance(given, (list, tuple)) else [given]:
        if one.get('type') == 'Pretrained':
            return one.get('checkpoint')
    return None


def _reads_files(config: Config, loader: str) -> bool:
    return any(reads_files(dataset) for dataset in datasets_of(config, loader))


def _equal(one: Sequence[float], other: Sequence[float]) -> bool:
    return len(one) == len(other) and np.allclose(one, other, rtol=_ROUNDING)


def _in_words(order: str, settings: Mapping[str, Any]) -> str:
    return f'{order} images with mean {list(settings["mean"])} and std {list(settings["std"])}'
