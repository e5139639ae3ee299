"""Can the last batch of an epoch be normalized? Asked with the first one.

Batch normalization needs more than one value per channel: not one image with maps of 1x1.
"""

from collections.abc import Sequence
from typing import Any

from mmengine.hooks import Hook
from mmengine.runner import Runner
from torch import nn
from torch.nn.modules.batchnorm import _BatchNorm
from torch.utils.data import BatchSampler, DataLoader

from regnet_plugin.cli.errors import UserError
from regnet_plugin.core.vocabulary import STEMS
from regnet_plugin.models.anynet import AnyNet
from regnet_plugin.training.built_models import unwrapped


class LastBatchHook(Hook):
    """Refuses a training whose last batch cannot be normalized, with the first batch."""

    _looked = False

    def before_train_iter(
        self, runner: Runner, batch_idx: int, data_batch: dict[str, Any] | None = None
    ) -> None:
        """Look at the first batch only.

        Raises:
            UserError: if the last batch is one image, and its maps are 1x1.
        """
        if self._looked:
            return
        self._looked = True
        images = data_batch.get('inputs') if isinstance(data_batch, dict) else None
        if images is None or not len(images) or _images_in_last_batch(runner.train_dataloader) != 1:
            return
        backbone = getattr(unwrapped(runner.model), 'backbone', None)
        if _normalizes_single_values(backbone, images[0].shape[-2:]):
            batch_size = runner.train_dataloader.batch_sampler.batch_size
            raise UserError(
                'a batch must have more than one image where the last maps are 1x1, since batch '
                'normalization needs more than one value per channel, but with '
                f'batch_size={batch_size} the last of an epoch has one: '
                'train_dataloader.drop_last=True, or another batch_size'
            )


def _images_in_last_batch(loader: DataLoader[Any]) -> int | None:
    """How many images the last batch of this process has; None where another sampler decides."""
    sampler = loader.batch_sampler
    if type(sampler) is not BatchSampler or sampler.drop_last:
        return None
    images = len(sampler.sampler)  # type: ignore[arg-type]  # MMEngine's samplers have a length
    return (images - 1) % sampler.batch_size + 1


def _normalizes_single_values(backbone: nn.Module | None, side: Sequence[int]) -> bool:
    """Whether a backbone normalizes maps of 1x1 by their own statistics.

    Args:
        backbone: others than ours are not judged.
        side: height and width of the images.
    """
    if not isinstance(backbone, AnyNet):
        return False
    if not any(isinstance(part, _BatchNorm) and part.training for part in backbone.modules()):
        return False
    architecture = backbone.architecture
    for stride in (STEMS[architecture.stem].stride, *architecture.strides):
        side = [(length - 1) // stride + 1 for length in side]
    return max(side) == 1
