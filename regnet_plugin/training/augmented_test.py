"""Test-time augmentation where a config has none of its own: mirror images, or sizes where training
knows none.
"""

from copy import deepcopy

from mmengine.config import Config, ConfigDict

from regnet_plugin.training.image_size import steps_of, type_name
from regnet_plugin.training.loaders import datasets_of

_MODELS = {
    'mmpretrain': dict(type='AverageClsScoreTTA'),
    'mmdet': dict(
        type='DetTTAModel', tta_cfg=dict(nms=dict(type='nms', iou_threshold=0.5), max_per_img=100)
    ),
}
_PACKED = ('img_id', 'img_path', 'ori_shape', 'img_shape', 'scale_factor', 'flip', 'flip_direction')
# of mmcv, torchvision, Albumentations
_FLIPS = ('RandomFlip', 'RandomHorizontalFlip', 'HorizontalFlip', 'Flip')
_SIZES = (0.875, 1.0, 1.125)  # of the test's own


def enable_tta(config: Config) -> None:
    """Wrap the model and the test pipeline, which the config's ``tta_model`` and ``tta_pipeline``
    may give.

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
        config.tta_pipeline = _pipeline(config, deepcopy(dataset.pipeline))
    config.model = ConfigDict(**config.tta_model, module=config.model)
    dataset.pipeline = config.tta_pipeline


def _pipeline(config: Config, transforms: list) -> list:
    detects = config.get('default_scope') == 'mmdet'
    *transforms, pack = transforms
    if detects:
        pack = dict(type='PackDetInputs', meta_keys=_PACKED)
    if _knows_mirror_images(config):
        flips = [dict(type='RandomFlip', prob=1.0), dict(type='RandomFlip', prob=0.0)]
        return [*transforms, dict(type='TestTimeAug', transforms=[flips, [pack]])]
    if not detects:
        sizes = [dict(type='Resize', scale_factor=size) for size in _SIZES]
        return [*transforms, dict(type='TestTimeAug', transforms=[sizes, [pack]])]
    place = next(
        (
            index
            for index, step in enumerate(transforms)
            if type_name(step) == 'Resize' and 'scale' in step
        ),
        None,
    )
    if place is None:
        raise ValueError(
            '--tta needs tta_pipeline here: the training knows no mirror images, and the test has '
            'no Resize '
            'whose scale could be varied'
        )
    resize = transforms[place]
    sizes = [
        dict(resize, scale=tuple(round(side * size) for side in resize['scale'])) for size in _SIZES
    ]
    after = [[step] for step in transforms[place + 1 :]]
    # what merges detections asks if they were flipped
    unflipped = [dict(type='RandomFlip', prob=0.0)]
    return [
        *transforms[:place],
        dict(type='TestTimeAug', transforms=[sizes, unflipped, *after, [pack]]),
    ]


def _knows_mirror_images(config: Config) -> bool:
    """Whether the training flips left and right; where none is described, it is taken for granted."""
    datasets = list(datasets_of((config.get('train_dataloader') or {}).get('dataset')))
    return not datasets or any(
        _flips(step) for dataset in datasets for step in steps_of(dataset.get('pipeline') or ())
    )


def _flips(step: dict) -> bool:
    directions = step.get('direction', 'horizontal')
    return type_name(step) in _FLIPS and bool(
        {'horizontal', 'diagonal'}
        & {*([directions] if isinstance(directions, str) else directions)}
    )
