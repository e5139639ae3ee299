"""Test-time augmentation: the config's own, or else mirror images or three sizes.

Sizes are for networks that were trained without mirror images, such as those of digits.
"""

from copy import deepcopy
from typing import Any

from mmengine.config import Config, ConfigDict

from regnet_plugin.training.config.entries import class_name
from regnet_plugin.training.config.loaders import datasets_of
from regnet_plugin.training.config.pipelines import transforms_of

# The models of the libraries that merge what is found on the variants of an image. The settings of
# mmdet's are those of its own configs with test-time augmentation.
_MODELS = {
    'mmpretrain': dict(type='AverageClsScoreTTA'),
    'mmdet': dict(
        type='DetTTAModel', tta_cfg=dict(nms=dict(type='nms', iou_threshold=0.5), max_per_img=100)
    ),
}
# What mmdet must know of an image to merge boxes.
_PACKED = ('img_id', 'img_path', 'ori_shape', 'img_shape', 'scale_factor', 'flip', 'flip_direction')
# Transforms that mirror images: of mmcv, torchvision, Albumentations.
_FLIPS = ('RandomFlip', 'RandomHorizontalFlip', 'HorizontalFlip', 'Flip')
_LEFT_TO_RIGHT = {'horizontal', 'diagonal'}  # directions of a flip that exchange left and right
# Of the test's own size: an eighth less and more, where a network still sees what it knows.
_SIZES = (0.875, 1.0, 1.125)
_UNFLIPPED = dict(type='RandomFlip', prob=0.0)


def enable_tta(config: Config) -> None:
    """Wrap the model and the test pipeline of a config, in place.

    The config's own ``tta_model`` and ``tta_pipeline`` are taken where it has them.

    Raises:
        ValueError: if mirror images are none that the network was trained on, and nothing else can
            be tried.
    """
    if 'tta_model' not in config:
        config.tta_model = _MODELS[config.get('default_scope', 'mmpretrain')]
    dataset = config.test_dataloader.dataset
    while 'dataset' in dataset:
        dataset = dataset.dataset
    if 'tta_pipeline' not in config:
        config.tta_pipeline = _augmented(config, deepcopy(dataset.pipeline))
    config.model = ConfigDict(**config.tta_model, module=config.model)
    dataset.pipeline = config.tta_pipeline


def _augmented(config: Config, pipeline: list[dict[str, Any]]) -> list[dict[str, Any]]:
    """A test pipeline that gives several variants of each image."""
    detects = config.get('default_scope') == 'mmdet'
    *transforms, pack = pipeline
    if detects:
        pack = dict(type='PackDetInputs', meta_keys=_PACKED)
    if _knows_mirror_images(config):
        flips = [dict(type='RandomFlip', prob=1.0), dict(_UNFLIPPED)]
        return [*transforms, _variants(flips, [pack])]
    if not detects:
        sizes = [dict(type='Resize', scale_factor=size) for size in _SIZES]
        return [*transforms, _variants(sizes, [pack])]
    return _in_several_sizes(transforms, pack)


def _in_several_sizes(
    transforms: list[dict[str, Any]], pack: dict[str, Any]
) -> list[dict[str, Any]]:
    """A detector's pipeline, of which the first Resize is varied.

    Raises:
        ValueError: if there is no Resize with a scale.
    """
    place = _place_of_resize(transforms)
    if place is None:
        raise ValueError(
            '--tta needs tta_pipeline here: the training knows no mirror images, and the test has '
            'no Resize whose scale could be varied'
        )
    resize = transforms[place]
    sizes = []
    for size in _SIZES:
        scale = tuple(round(side * size) for side in resize['scale'])
        sizes.append(dict(resize, scale=scale))
    after = [[step] for step in transforms[place + 1 :]]
    # What merges detections asks each variant if it was flipped.
    return [*transforms[:place], _variants(sizes, [dict(_UNFLIPPED)], *after, [pack])]


def _place_of_resize(transforms: list[dict[str, Any]]) -> int | None:
    for place, step in enumerate(transforms):
        if class_name(step) == 'Resize' and 'scale' in step:
            return place
    return None


def _variants(*steps: list[dict[str, Any]]) -> dict[str, Any]:
    """The transform that goes through these steps, once for each choice of one transform a step."""
    return dict(type='TestTimeAug', transforms=list(steps))


def _knows_mirror_images(config: Config) -> bool:
    """Whether the training flips left and right; without a training dataset it is taken so."""
    datasets = datasets_of(config, 'train_dataloader')
    if not datasets:
        return True
    return any(_mirrors(step) for dataset in datasets for step in transforms_of(dataset))


def _mirrors(step: dict[str, Any]) -> bool:
    """Whether a transform exchanges left and right."""
    if class_name(step) not in _FLIPS:
        return False
    directions = step.get('direction', 'horizontal')
    if isinstance(directions, str):
        directions = [directions]
    return not _LEFT_TO_RIGHT.isdisjoint(directions)
