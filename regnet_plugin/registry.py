"""Registries of scope ``regnet_plugin``, children of MMEngine's root registries.

A config that says ``type='regnet_plugin.RegNet'`` makes MMEngine import this module and then the
``locations``; nothing else has to be imported. MMEngine hides an ImportError raised here, so
nothing but MMEngine is imported.
"""

from mmengine.registry import DATASETS as ROOT_DATASETS
from mmengine.registry import FUNCTIONS as ROOT_FUNCTIONS
from mmengine.registry import HOOKS as ROOT_HOOKS
from mmengine.registry import MODEL_WRAPPERS as ROOT_MODEL_WRAPPERS
from mmengine.registry import MODELS as ROOT_MODELS
from mmengine.registry import OPTIM_WRAPPER_CONSTRUCTORS as ROOT_OPTIM_WRAPPER_CONSTRUCTORS
from mmengine.registry import TASK_UTILS as ROOT_TASK_UTILS
from mmengine.registry import TRANSFORMS as ROOT_TRANSFORMS
from mmengine.registry import Registry

# Modules of the families of design spaces.
FAMILIES = ('regnet_plugin.design_spaces.anynet', 'regnet_plugin.design_spaces.regnet')
CONFIG_SPACES = 'regnet_plugin.config_spaces.space'  # imports torch, as the families do not

MODELS = Registry(
    'model', parent=ROOT_MODELS, scope='regnet_plugin', locations=['regnet_plugin.models']
)
MODEL_WRAPPERS = Registry(
    'model_wrapper',
    parent=ROOT_MODEL_WRAPPERS,
    scope='regnet_plugin',
    locations=['regnet_plugin.training.running.distributed'],
)
DATASETS = Registry(
    'dataset', parent=ROOT_DATASETS, scope='regnet_plugin', locations=['regnet_plugin.datasets']
)
TRANSFORMS = Registry(
    'transform', parent=ROOT_TRANSFORMS, scope='regnet_plugin', locations=['regnet_plugin.datasets']
)
FUNCTIONS = Registry(  # that put batches together
    'function', parent=ROOT_FUNCTIONS, scope='regnet_plugin', locations=['regnet_plugin.datasets']
)
HOOKS = Registry(
    'hook',
    parent=ROOT_HOOKS,
    scope='regnet_plugin',
    locations=[
        'regnet_plugin.training.workers.result_hook',
        'regnet_plugin.training.hooks.visualization',
    ],
)
OPTIM_WRAPPER_CONSTRUCTORS = Registry(
    'optimizer wrapper constructor',
    parent=ROOT_OPTIM_WRAPPER_CONSTRUCTORS,
    scope='regnet_plugin',
    locations=['regnet_plugin.training.layer_decay'],
)
DESIGN_SPACES = Registry(
    'design space',
    parent=ROOT_TASK_UTILS,
    scope='regnet_plugin',
    locations=[*FAMILIES, CONFIG_SPACES],
)
