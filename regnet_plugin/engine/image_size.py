"""The side of the images that a recipe gives its network, and how it is made to give another one."""
from regnet_plugin.engine.data_check import datasets_of

LOADERS = ('test_dataloader', 'val_dataloader', 'train_dataloader')
# The argument in which a transform has the side of what it gives.
_RESIZING = {'Resize': 'scale', 'ResizeEdge': 'scale', 'RandomResizedCrop': 'scale', 'EfficientNetRandomCrop': 'scale',
             'EfficientNetCenterCrop': 'crop_size', 'torchvision/Resize': 'size', 'torchvision/RandomResizedCrop': 'size'}
_CUTTING = {'CenterCrop': 'crop_size', 'RandomCrop': 'crop_size', 'torchvision/CenterCrop': 'size',
            'torchvision/RandomCrop': 'size'}
_ARGUMENTS = {**_RESIZING, **_CUTTING}


def image_side(config):
    """Return the side of the images that a classifier's config tests with, or else trains with.

    It is that of the last transform that resizes or crops, or the dataset's ``image_size``.

    Args:
        config (mmengine.Config): with pipelines of mmpretrain.

    Returns:
        int | tuple[int, int] | None: None where the config does not say it.
    """
    for loader in LOADERS:
        for dataset in _datasets(config, loader):
            sides = [step[name] for step, name in _sized(dataset.get('pipeline', ()))]
            if sides or 'image_size' in dataset:
                return _simple(sides[-1] if sides else dataset['image_size'])
    return None


def set_image_side(config, side):
    """Make a recipe give images of another side, in proportion: short side 256 and crop 224 become 366 and 320.

    Crops get the side itself; what they are cut from is rounded to an even number, so that the centre is the centre.

    Args:
        config (mmengine.Config): of a classifier; it is changed.
        side (int): in pixels.

    Raises:
        ValueError: if the recipe does not say its side, or cannot give another one because it does not resize.
    """
    given = image_side(config)
    if given == side:
        return
    if not isinstance(given, int):
        raise ValueError(f'a recipe must say the side of its square images, by a transform that resizes or crops or by '
                         f'image_size of its dataset, to train a network for {side} pixels, but it is {given}')
    for loader in LOADERS:
        datasets = _datasets(config, loader)
        if datasets and not any(map(_can_resize, datasets)):
            raise ValueError(f'a recipe must resize its images to train a network for {side} pixels, but {loader} gives '
                             f'those of {given} pixels as they are')
        for dataset in datasets:
            _scale(dataset, given, side)
    for name, pipeline in config.items():
        if name.endswith('_pipeline'):  # that of test-time augmentation, and those that the loaders were written with
            _scale(dict(pipeline=pipeline), given, side)


def type_name(described):
    """The name of the class that a config's dict describes, without scope or module."""
    return described['type'].split('.')[-1] if isinstance(described['type'], str) else described['type'].__name__


def _datasets(config, loader):
    return list(datasets_of((config.get(loader) or {}).get('dataset')))


def _steps(pipeline):
    """All transforms, those that others wrap included."""
    for step in pipeline:
        if isinstance(step, (list, tuple)):
            yield from _steps(step)
        else:
            yield step
            yield from _steps(step.get('transforms', ()))


def _sized(pipeline):
    for step in _steps(pipeline):
        name = _ARGUMENTS.get(type_name(step))
        if name in step:
            yield step, name


def _can_resize(dataset):
    return 'image_size' in dataset or any(type_name(step) in _RESIZING for step in _steps(dataset.get('pipeline', ())))


def _scale(dataset, given, side):
    for step, name in _sized(dataset.get('pipeline', ())):
        step[name] = _scaled(step[name], given, side)
    if 'image_size' in dataset:
        dataset['image_size'] = _scaled(dataset['image_size'], given, side)


def _scaled(value, given, side):
    if isinstance(value, (list, tuple)):
        return type(value)(_scaled(entry, given, side) for entry in value)
    return side if value == given else 2 * round(value * side / given / 2)


def _simple(side):
    """One number for a square."""
    return side[0] if isinstance(side, (list, tuple)) and len(set(side)) == 1 else side
