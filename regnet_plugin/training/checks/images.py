"""Are the images those that the weights were trained on? If not, nothing fails: the network is only
worse.
"""

import numpy as np

from regnet_plugin.training.image_size import steps_of, type_name
from regnet_plugin.training.loaders import datasets_of
from regnet_plugin.weights.image_statistics import IMAGES, images_of

# transforms that exchange red and blue, if this is true
_TURNED = {'NumpyToPIL': 'to_rgb', 'PILToNumpy': 'to_bgr'}


def warn_of_images(config, loader, name, logger):
    """Say in one line that a data preprocessor does not suit the published weights that a config
    starts from.

    Weights that nobody published, and images that do not come from files, are not judged.

    Args:
        config (mmengine.Config): of a training or a test; what it names as ``load_from`` comes
            before its backbone's ``init_cfg``.
        loader (str): of the images, such as 'train_dataloader'.
        name (str): what the message calls the config.
        logger (logging.Logger): gets the warning.
    """
    model = config.model.get('module', config.model)  # test-time augmentation is around it
    address = str(config.get('load_from') or _checkpoint(model))
    wanted = images_of(address)
    settings = model.get('data_preprocessor') or config.get('data_preprocessor') or {}
    known = wanted and all(settings.get(key) for key in IMAGES[wanted])
    if not known or not _reads_files(config.get(loader) or {}):
        return
    given = (
        'RGB' if any(settings.get(key) for key in ('to_rgb', 'bgr_to_rgb', 'rgb_to_bgr')) else 'BGR'
    )
    statistics = IMAGES[wanted]
    if given != wanted or any(not _equal(settings[key], statistics[key]) for key in statistics):
        logger.warning(
            f'{name}: {address} wants {_said(wanted, statistics)}, but data_preprocessor gives '
            f'{_said(given, settings)}'
        )


def blue_comes_first(config, loader):
    """Whether the images that a loader gives are BGR.

    They are where OpenCV reads them from files and nothing turns them; sets that are kept in memory
    are RGB.

    Args:
        config (mmengine.Config): of a training or a test.
        loader (str): of the images, such as 'test_dataloader'.

    Returns:
        bool: the data preprocessor's word comes before that of the pipeline.
    """
    model = config.model.get('module', config.model)
    settings = model.get('data_preprocessor') or config.get('data_preprocessor') or {}
    if any(settings.get(key) for key in ('to_rgb', 'bgr_to_rgb', 'rgb_to_bgr')):
        return not settings.get('rgb_to_bgr')
    blue_first = _reads_files(config.get(loader) or {})
    for dataset in datasets_of((config.get(loader) or {}).get('dataset')):
        for step in steps_of(dataset.get('pipeline') or ()):
            if step.get(_TURNED.get(type_name(step))):
                blue_first = type_name(step) == 'PILToNumpy'
    return blue_first


def _checkpoint(model):
    """Of the backbone's ``init_cfg``, or None."""
    given = (model.get('backbone') or {}).get('init_cfg') or ()
    return next(
        (
            one.get('checkpoint')
            for one in (given if isinstance(given, (list, tuple)) else [given])
            if one.get('type') == 'Pretrained'
        ),
        None,
    )


def _reads_files(loader):
    """Whether images are read as OpenCV does, blue first."""
    return any(
        str(step.get('type')).split('.')[-1] == 'LoadImageFromFile'
        for dataset in datasets_of(loader.get('dataset'))
        for step in dataset.get('pipeline') or ()
    )


def _equal(one, other):
    return len(one) == len(other) and np.allclose(one, other, rtol=1e-3)


def _said(order, settings):
    return f'{order} images with mean {list(settings["mean"])} and std {list(settings["std"])}'
