"""A network that was scaled, in a config that trains it: tools/scale_network.py."""

from pathlib import Path
from typing import Any, NamedTuple

from mmengine.config import Config
from mmengine.registry import MODELS, DefaultScope

from regnet_plugin.core.architecture import Architecture
from regnet_plugin.core.compound_scaling import Network, ScaledNetwork, ScalingType, scaled_side
from regnet_plugin.core.named_network import named_network
from regnet_plugin.core.published import OF_BACKBONES
from regnet_plugin.core.vocabulary import DEFAULT_NUM_CLASSES
from regnet_plugin.models.module_complexity import OnMeta
from regnet_plugin.training.config.image_resizing import change_sides, set_image_side
from regnet_plugin.training.config.image_size import image_side
from regnet_plugin.training.populations.experiment import experiment

# What a backbone has beside architecture and training, which a scaled network keeps.
_OF_BACKBONE = ('avg_down', 'final_activation')
# The paper's recipes, and the most flops of a network that each is for: those of 1.6, 16 and 32 GF.
_RECIPES = (
    ('regnety_1.6gf_imagenet.py', 2.4e9),
    ('regnety_16gf_imagenet.py', 24e9),
    ('regnety_32gf_imagenet.py', float('inf')),
)


class Base(NamedTuple):
    """What is scaled.

    Attributes:
        network: its structure.
        resolution: side of its images.
        num_classes: of its classifier.
        backbone: arguments of `AnyNet` that are no architecture.
        config: that it is from; None for a name or parameters.
    """

    network: Network
    resolution: int
    num_classes: int
    backbone: dict[str, Any]
    config: Config | None


def base_of(text: str, resolution: int | None = None, num_classes: int | None = None) -> Base:
    """Make out what is to be scaled.

    Args:
        text: as `named_network` takes it, or the path of the config of a classifier of ours.
        resolution: side of the images. Default: what the network is meant for, or the config says.
        num_classes: Default: 1000, or what the config says.

    Raises:
        ValueError: if it is none of them.
    """
    if not text.endswith('.py'):
        network, side = named_network(text)
        classes = num_classes or DEFAULT_NUM_CLASSES
        return Base(network, resolution or side, classes, dict(OF_BACKBONES.get(text, {})), None)
    config = Config.fromfile(text)
    model = config.get('model') or {}
    backbone = dict(model.get('backbone') or {})
    if 'num_classes' not in (model.get('head') or {}) or not backbone:
        raise ValueError(
            'a config that is scaled must be that of a classifier, with model.backbone and '
            f'model.head.num_classes, but {text} is another one'
        )
    given_side = resolution or image_side(config)
    if not isinstance(given_side, int):
        raise ValueError(
            f'a network that is scaled must have square images, but those of {text} are of '
            f'{given_side or "no known size"}: --resolution'
        )
    kept = {name: backbone[name] for name in _OF_BACKBONE if name in backbone}
    classes = num_classes or config.model.head.num_classes
    return Base(_architecture_in(backbone, config, text), given_side, classes, kept, config)


def _architecture_in(backbone: dict[str, Any], config: Config, path: str) -> Architecture:
    """The architecture of a config's backbone, which is built without memory."""
    backbone.pop('init_cfg', None)
    with DefaultScope.overwrite_default_scope(config.get('default_scope')), OnMeta():
        built = MODELS.build(backbone)
    architecture = getattr(built, 'architecture', None)
    if not isinstance(architecture, Architecture):
        raise ValueError(
            'a config that is scaled must have a backbone of regnet_plugin, RegNet or AnyNet, but '
            f'that of {path} is {backbone.get("type")}'
        )
    return architecture


def recipe_for(flops: float, configs: Path) -> Path:
    """The paper's recipe for a network of so many flops, among the configs of this package."""
    return configs / next(name for name, most in _RECIPES if flops <= most)


def scaled_config(
    base: Base, kind: ScalingType, scaled: ScaledNetwork, recipe: str | Path | Config
) -> Config:
    """Put a scaled network into a recipe, with images of the scaled side.

    Sides that images are resized to before they are cropped are scaled by the same rule.

    Args:
        base: what was scaled.
        kind: how.
        scaled: what became of it.
        recipe: config of a classifier, or the path of one.

    Raises:
        ValueError: for an EfficientNet, which no backbone builds from lists; or as `experiment`
            does.
    """
    if not isinstance(scaled.network, Architecture):
        raise ValueError(
            'a config must be of a network of regnet_plugin, RegNet or AnyNet, but this is an '
            'EfficientNet, which is counted only'
        )
    given = Config.fromfile(recipe) if isinstance(recipe, (str, Path)) else recipe
    config = experiment(scaled.network, given, seed=0)
    config.pop('randomness')
    if 'randomness' in given:
        config.randomness = given.randomness
    config.model.backbone.update(base.backbone)
    config.model.head.num_classes = base.num_classes
    set_image_side(config, base.resolution)
    change_sides(config, lambda side: scaled_side(side, kind, scaled.factor))
    return config
