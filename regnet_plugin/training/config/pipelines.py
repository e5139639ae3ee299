"""The transforms of a dataset's pipeline in a config, whatever wraps them."""

from collections.abc import Iterator, Mapping
from typing import Any

from regnet_plugin.training.config.entries import class_name

# The argument in which a transform has the side of the images that it gives.
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


def transforms_in(pipeline: Any) -> Iterator[dict[str, Any]]:
    """Yield the configs of all transforms of a pipeline, those that others wrap included.

    Args:
        pipeline: list of transforms, or of lists of them, as ``TestTimeAug`` has.
    """
    for step in pipeline:
        if isinstance(step, (list, tuple)):
            yield from transforms_in(step)
        else:
            yield step
            yield from transforms_in(step.get('transforms', ()))


def transforms_of(dataset: Mapping[str, Any]) -> Iterator[dict[str, Any]]:
    """Yield the configs of all transforms of a dataset; none where it has no pipeline."""
    yield from transforms_in(dataset.get('pipeline') or ())


def reads_files(dataset: Mapping[str, Any]) -> bool:
    """Whether a dataset's images are read from files, as OpenCV does it: blue first.

    Those of sets that are kept in memory are RGB.
    """
    return any(class_name(step) == 'LoadImageFromFile' for step in transforms_of(dataset))


def sized_transforms(dataset: Mapping[str, Any]) -> Iterator[tuple[dict[str, Any], str]]:
    """Yield each transform that says the side of what it gives, and the argument that says it."""
    for step in transforms_of(dataset):
        argument = _ARGUMENTS.get(class_name(step))
        if argument is not None and argument in step:
            yield step, argument


def can_resize(dataset: Mapping[str, Any]) -> bool:
    """Whether a dataset can be made to give images of another side."""
    if 'image_size' in dataset:
        return True
    return any(class_name(step) in _RESIZING for step in transforms_of(dataset))
