"""The configs of the tree, what their metafiles say, and what the tests make of them."""

from copy import deepcopy
from functools import cache
from unittest.mock import patch

import mmengine.optim  # noqa: F401 - registers wrappers and schedulers
import torch
import yaml
from killing import ROOT
from mmengine.config import Config
from mmengine.config import utils as config_utils
from mmengine.registry import MODELS, OPTIM_WRAPPERS, PARAM_SCHEDULERS, DefaultScope
from own_files import own_files

# folders of other files
NO_CLASSIFIERS = {
    '_base_',
    'design_spaces',
    'detection',
    'pose',
    'recipes',
    'segmentation',
    'study',
    'yolo',
}
PATHS = {
    path.stem: path
    for path in own_files('configs', '**/*.py')
    if not NO_CLASSIFIERS & set(path.parts)
}
RECIPES = {path.stem: path for path in own_files('configs/recipes', '*.py')}
METAFILES = [
    yaml.safe_load((ROOT / path).read_text())
    for path in yaml.safe_load((ROOT / 'configs/model-index.yml').read_text())['Import']
    if not NO_CLASSIFIERS & set(path.split('/'))
]
MODELS_OF_METAFILES = {
    ROOT / model['Config']: model for metafile in METAFILES for model in metafile['Models']
}


_parse = cache(config_utils.load)


@cache
def _read(path):
    """mmdet's hundred metafiles are parsed once, not for every `mmdet::` anew."""
    with patch.object(config_utils, 'load', _parse):
        return Config.fromfile(path)


def read(path):
    """The config in a file, which is read once."""
    return deepcopy(_read(path))


def load(name):
    """The config of a file's stem, such as 'resnet50_imagenet'."""
    return read({**PATHS, **RECIPES}[name])


def build(config):
    """The classifier, as a Runner builds it."""
    preprocessor = dict(config.data_preprocessor, type='ClsDataPreprocessor')
    with DefaultScope.overwrite_default_scope('mmpretrain'):
        return MODELS.build(dict(config.model, data_preprocessor=preprocessor))


def rates(config, epochs):
    """Learning rates of the epochs, by MMEngine's own optimizer wrapper and schedulers.

    By default these end last.
    """
    model = torch.nn.Linear(1, 1)
    with DefaultScope.overwrite_default_scope('mmengine'):
        optimizer = torch.optim.SGD(model.parameters(), lr=config.optim_wrapper.optimizer.lr)
        wrapper = OPTIM_WRAPPERS.build(dict(type='OptimWrapper', optimizer=optimizer))
        schedulers = [
            PARAM_SCHEDULERS.build(
                {'end': epochs, **scheduler}, default_args=dict(optimizer=wrapper)
            )
            for scheduler in config.param_scheduler
        ]
    for _ in range(epochs):
        yield wrapper.get_lr()['lr'][0]
        optimizer.step()
        for scheduler in schedulers:
            scheduler.step()
