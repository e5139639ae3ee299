"""The side of the images that a recipe gives its network, and how it is made to give another one."""

from copy import deepcopy

from mmengine.registry import DATASETS, DefaultScope

from regnet_plugin.cli.errors import in_one_line
from regnet_plugin.training.loaders import TRAINING_LOADERS, datasets_of, import_datasets, is_here

# Those of a training say it first: what is tested later may be left over from a base whose data
# another one replaced.
_LOADERS = ('val_dataloader', 'train_dataloader', 'test_dataloader')
_found = {}  # sides of images that were loaded, by their scope and dataset
# The argument in which a transform has the side of what it gives.
_RESIZING = {
    'Resize': 'scale',
    'ResizeEdge': 'scale',
    'RandomResizedCrop': 'scale',
    'EfficientNetRandomCrop': 'scale',
    'EfficientNetCenterCrop': 'crop_size',
    'torchvision/Resize': 'size',
    'torchvision/RandomResizedCrop': 'size',
}
_CUTTING = {
    'CenterCrop': 'crop_size',
    'RandomCrop': 'crop_size',
    'torchvision/CenterCrop': 'size',
    'torchvision/RandomCrop': 'size',
}
_ARGUMENTS = {**_RESIZING, **_CUTTING}


def stated_side(config):
    """Return the side of the images that a config says its classifier is evaluated with, or else
    trained with.

    It is that of the last transform that resizes or crops, or the dataset's ``image_size``.

    Args:
        config (mmengine.Config): with pipelines of mmpretrain.

    Returns:
        int | tuple[int, int] | None: None where the config does not say it.
    """
    return next(filter(None, (_stated(config, loader) for loader in _LOADERS)), None)


def image_side(config):
    """Return the side of the images that a config's classifier is evaluated with, or else trained
    with.

    Where the pipeline does not say it, as of a dataset of one's own, an image is loaded.

    Returns:
        int | tuple[int, int] | None: None where the config does not say it and there is no data.

    Raises:
        ValueError: if an image cannot be loaded.
    """
    return next(filter(None, (_side(config, loader) for loader in _LOADERS)), None)


def set_image_side(config, side):
    """Make a recipe give images of another side, in proportion: short side 256 and crop 224 become
    366 and 320.

    Crops get the side itself; what they are cut from is rounded to an even number, so that the
    centre is the centre. Images of a later test stay as they are where they cannot be resized.

    Args:
        config (mmengine.Config): of a classifier; it is changed.
        side (int): in pixels.

    Raises:
        ValueError: if the size of the images cannot be known, or a loader does not resize them and
            gives others.
    """
    used = [
        loader for loader in _LOADERS if loader in TRAINING_LOADERS and _datasets(config, loader)
    ] or _LOADERS
    loader, given = next(
        ((loader, found) for loader in used if (found := _side(config, loader))), (None, None)
    )
    if given == side:
        return
    if not isinstance(given, int):
        said = (
            f'{loader} gives {_said(given)} pixels'
            if given
            else f'{" and ".join(used)} do not tell it'
        )
        raise ValueError(
            f'a recipe must give square images of a known side to train a network for {side} '
            'pixels: by a '
            'transform that resizes or crops, by image_size of its dataset, or by an image that is '
            'there; but ' + said
        )
    for loader in _LOADERS:
        datasets = _datasets(config, loader)
        if loader in used and datasets and not any(map(_can_resize, datasets)):
            own = _side(config, loader)
            if own != side:
                said = f'those of {_said(own)} pixels' if own else 'them'
                raise ValueError(
                    f'a recipe must resize its images to train a network for {side} pixels, but '
                    f'{loader} '
                    f'gives {said} as they are'
                )
        for dataset in datasets:
            _scale(dataset, given, side)
    for name, pipeline in config.items():
        # that of test-time augmentation, and those that the loaders were written with
        if name.endswith('_pipeline'):
            _scale(dict(pipeline=pipeline), given, side)


def type_name(described):
    """The name of the class that a config's dict describes, without scope or module."""
    return (
        described['type'].split('.')[-1]
        if isinstance(described['type'], str)
        else described['type'].__name__
    )


def _stated(config, loader):
    """The side that a loader's pipeline or dataset says."""
    for dataset in _datasets(config, loader):
        sides = [step[name] for step, name in _sized(dataset.get('pipeline', ()))]
        if sides or 'image_size' in dataset:
            return _simple(sides[-1] if sides else dataset['image_size'])
    return None


def _side(config, loader):
    return _stated(config, loader) or _loaded(config, loader)


def _loaded(config, loader):
    """The side of a loader's first image; None where its data is not here."""
    dataset, scope = (config.get(loader) or {}).get('dataset'), config.get('default_scope')
    key = scope, repr(dataset)
    if not dataset or not is_here(config, (loader,)):
        return None
    if key not in _found:
        import_datasets(scope)
        try:
            with DefaultScope.overwrite_default_scope(scope):
                image = DATASETS.build(deepcopy(dataset))[0]['inputs']
        except Exception as error:  # whatever a dataset of one's own does
            raise ValueError(
                f'{loader} must give images, whose side the network is made for, but the first one '
                'gives '
                f'{type(error).__name__}: {in_one_line(error)}'
            ) from error
        _found[key] = _simple(tuple(image.shape[:-3:-1]))
    return _found[key]


def _said(side):
    return 'x'.join(map(str, side)) if isinstance(side, tuple) else str(side)


def _datasets(config, loader):
    return list(datasets_of((config.get(loader) or {}).get('dataset')))


def steps_of(pipeline):
    """All transforms, those that others wrap included."""
    for step in pipeline:
        if isinstance(step, (list, tuple)):
            yield from steps_of(step)
        else:
            yield step
            yield from steps_of(step.get('transforms', ()))


def _sized(pipeline):
    for step in steps_of(pipeline):
        name = _ARGUMENTS.get(type_name(step))
        if name in step:
            yield step, name


def _can_resize(dataset):
    return 'image_size' in dataset or any(
        type_name(step) in _RESIZING for step in steps_of(dataset.get('pipeline', ()))
    )


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
