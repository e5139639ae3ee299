"""Errors that come while a network runs and are none of the code's: what PyTorch says of them, in a
line that helps.
"""

import re
from contextlib import contextmanager
from typing import Iterator

from mmengine.hooks import Hook
from torch.nn.modules.batchnorm import _BatchNorm
from torch.utils.data import BatchSampler

from regnet_plugin.cli.errors import UserError
from regnet_plugin.models.anynet import AnyNet

_LOADER_DIED = re.compile(r'DataLoader worker.*(killed by signal|exited unexpectedly)')
_ONE_VALUE = re.compile('Expected more than 1 value per channel when training')
_SAYINGS = (
    (
        _LOADER_DIED,
        'a loader process was killed; so a system does when memory runs out, which fewer processes '
        'need less '
        'of: num_workers',
    ),
    (
        _ONE_VALUE,
        'batch normalization needs more than one value per channel to train, but a batch is one '
        'image and has '
        'maps of 1x1: larger batches or images; of a last batch, drop_last=True of the loader',
    ),
)


@contextmanager
def running_errors_told(name: str) -> Iterator[None]:
    """Say in one line what keeps a network from running.

    Args:
        name (str): what the message calls the config.

    Raises:
        UserError: in the place of PyTorch's error.
    """
    try:
        yield
    except (RuntimeError, ValueError) as error:
        said = next((said for symptom, said in _SAYINGS if symptom.search(str(error))), None)
        if said is None:
            raise
        raise UserError(f'{name}: {said}') from error


def is_one_value(error: Exception) -> bool:
    """Whether an error is that of batch normalization that is given one value per channel."""
    return isinstance(error, ValueError) and bool(_ONE_VALUE.search(str(error)))


class LastBatchHook(Hook):
    """Refuses a training whose last batch cannot be normalized, with the first batch: not at the
    end of the epoch.
    """

    _looked = False

    def before_train_iter(self, runner, batch_idx, data_batch=None):
        if self._looked:
            return
        self._looked = True
        images = data_batch.get('inputs') if isinstance(data_batch, dict) else None
        backbone = getattr(getattr(runner.model, 'module', runner.model), 'backbone', None)
        left, batch = _images_of_last_batch(runner.train_dataloader)
        if (
            left == 1
            and images is not None
            and len(images)
            and _has_single_values(backbone, images[0].shape[-2:])
        ):
            raise UserError(
                'a batch must have more than one image where the last maps are 1x1, since batch '
                'normalization '
                f'needs more than one value per channel, but with batch_size={batch} the last of '
                'an epoch has '
                'one: train_dataloader.drop_last=True, or another batch_size'
            )


def _images_of_last_batch(loader):
    """How many images are in the last batch of this process, and in the others; 0 where a sampler
    of one's own decides.
    """
    sampler = loader.batch_sampler
    if type(sampler) is not BatchSampler or sampler.drop_last:
        return 0, 0
    return (len(sampler.sampler) - 1) % sampler.batch_size + 1, sampler.batch_size


def _has_single_values(backbone, side):
    """Whether a backbone normalizes maps of 1x1 of images of this height and width, by their own
    statistics.
    """
    if not isinstance(backbone, AnyNet) or not any(
        isinstance(module, _BatchNorm) and module.training for module in backbone.modules()
    ):
        return False
    stem = {'simple': 2, 'cifar': 1, 'resnet': 4}[backbone.architecture.stem]
    for stride in (stem, *backbone.architecture.strides):
        side = [(length - 1) // stride + 1 for length in side]
    return max(side) == 1
