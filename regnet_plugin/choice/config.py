"""The config of a network that was chosen: it trains from its weights, and tests as published."""

from pathlib import Path
from typing import Any

from mmengine.config import Config

from regnet_plugin.choice.candidates import Candidate
from regnet_plugin.weights.image_statistics import IMAGE_STATISTICS, colour_order_of

# Libraries that test with Pillow's resizing.
_PILLOW = ('timm', 'torchvision')


def write_config(candidate: Candidate, root: Path, path: Path) -> None:
    """Write the config of a network, whole, so that it stands wherever it lies.

    A training starts from its weights; images and test are those of the published accuracy.

    Args:
        candidate: the network.
        root: folder with ``configs``.
        path: of the new config.

    Raises:
        ValueError: if the path does not end in .py.
    """
    if path.suffix != '.py':
        raise ValueError(f'a config must be a file whose name ends in .py, but it is {path}')
    config = Config.fromfile(root / candidate.config)
    config.merge_from_dict(_options(candidate))
    if candidate.backbone is not None and candidate.architecture is not None:
        config.model.backbone = dict(candidate.backbone, out_indices=(3,))
        config.model.head.in_channels = candidate.architecture.output_widths[-1]
    path.parent.mkdir(parents=True, exist_ok=True)
    config.dump(path)


def _options(candidate: Candidate) -> dict[str, Any]:
    """What is other than in the project's own config, by dotted names."""
    options: dict[str, Any] = {}
    if candidate.weights is not None:
        options['load_from'] = candidate.weights
    if candidate.metric == 'box AP':
        if candidate.colours == 'RGB':
            options.update(_preprocessor('model.data_preprocessor', 'bgr_to_rgb', 'RGB'))
        return options
    if candidate.weights is not None and colour_order_of(candidate.weights) == 'BGR':
        options.update(_preprocessor('data_preprocessor', 'to_rgb', 'BGR'))
    if candidate.test is not None:
        resize, crop = (f'test_dataloader.dataset.pipeline.{place}' for place in (1, 2))
        options[f'{resize}.scale'] = candidate.test['Resize']
        options[f'{resize}.interpolation'] = candidate.test['Interpolation']
        options[f'{crop}.crop_size'] = candidate.test['Crop']
        if candidate.source in _PILLOW:
            options[f'{resize}.backend'] = 'pillow'
    return options


def _preprocessor(place: str, switch: str, order: str) -> dict[str, Any]:
    """Options by which a data preprocessor feeds an order of colours."""
    statistics = IMAGE_STATISTICS[order]
    return {
        f'{place}.mean': statistics['mean'],
        f'{place}.std': statistics['std'],
        f'{place}.{switch}': order == 'RGB',
    }
