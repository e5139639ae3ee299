"""Samples of a space, recipes, and configs as they are written, read and built."""

from itertools import islice

from killing import ROOT
from mmengine.config import Config
from mmengine.registry import MODELS, DefaultScope

from regnet_plugin.design_spaces.configuration import design_space_of
from regnet_plugin.design_spaces.constraints import Constraints
from regnet_plugin.design_spaces.sampler import Sampler
from regnet_plugin.models.module_complexity import OnMeta
from regnet_plugin.training.checks.widths import check_widths


def samples(name, size=3, **options):
    space = design_space_of(ROOT / f'configs/design_spaces/{name}.py', options)[0]
    return [sample for _, sample in islice(Sampler(space, Constraints(), 5), size)]


def written(config, tmp_path):
    """The config as it is read back from its file, which names no other."""
    config.dump(tmp_path / 'config.py')
    text = (tmp_path / 'config.py').read_text()
    assert '\n_base_' not in f'\n{text}'
    return Config.fromfile(tmp_path / 'config.py')


def built(config):
    with DefaultScope.overwrite_default_scope(config.default_scope), OnMeta():
        model = MODELS.build(config.model)
    check_widths(model, 'config.py')
    return model


def recipe(tmp_path, text, name='recipe'):
    path = tmp_path / f'{name}.py'
    path.write_text(text)
    return path
