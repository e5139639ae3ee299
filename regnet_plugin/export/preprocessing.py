"""What images must have undergone before a network sees them, which goes into an exported file."""

from collections.abc import Mapping
from typing import Any, TypedDict

from mmengine.config import Config

from regnet_plugin.weights.image_statistics import IMAGE_STATISTICS, colour_order_of


class Preprocessing(TypedDict, total=False):
    """How images are normalized; empty where it is not known.

    Attributes:
        mean: of the images' values from 0 to 255, per channel, which they have lost.
        std: what the values are divided by, per channel.
        channels: 'RGB', 'BGR' or 'as the dataset gives them'.
        pad_size_divisor: what the sides must be multiples of; absent where that is 1.
    """

    mean: list[float]
    std: list[float]
    channels: str
    pad_size_divisor: int


def preprocessing_of_config(config: Config) -> Preprocessing:
    """What the data preprocessor of a config does."""
    # looked for in the model first, as MMEngine's Runner does
    settings = config.model.get('data_preprocessor', config.get('data_preprocessor')) or {}
    if not settings.get('mean'):
        return {}
    found: Preprocessing = {
        'mean': [float(value) for value in settings['mean']],
        'std': [float(value) for value in settings['std']],
        'channels': _channels(config, settings),
    }
    divisor = settings.get('pad_size_divisor', 1)
    if divisor > 1:
        found['pad_size_divisor'] = divisor
    return found


def _channels(config: Config, settings: Mapping[str, Any]) -> str:
    """The order of colours that the network sees."""
    if settings.get('to_rgb') or settings.get('bgr_to_rgb'):
        return 'RGB'
    is_loaded = 'LoadImageFromFile' in str(config.get('test_dataloader'))  # by OpenCV
    return 'BGR' if is_loaded or settings.get('rgb_to_bgr') else 'as the dataset gives them'


def preprocessing_of_weights(address: str) -> Preprocessing:
    """What the weights at an address were trained on; empty if the address does not tell."""
    channels = colour_order_of(address)
    if channels is None:
        return {}
    statistics = IMAGE_STATISTICS[channels]
    return {'mean': statistics['mean'], 'std': statistics['std'], 'channels': channels}


def in_words(preprocessing: Preprocessing) -> str:
    """Say for a person what images must have undergone."""
    if 'mean' not in preprocessing:
        return 'as the weights expect them'
    words = (
        f'(value from 0 to 255 - {preprocessing["mean"]}) / {preprocessing["std"]}, channels '
        f'{preprocessing["channels"]}'
    )
    divisor = preprocessing.get('pad_size_divisor', 1)
    return words if divisor == 1 else f'{words}, sides multiples of {divisor}'
