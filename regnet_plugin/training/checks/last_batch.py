"""Can the last batch of an epoch be normalized? Asked with the first one, or before a population.

Batch normalization needs more than one value per channel: not one image with maps of 1x1.
"""

from collections.abc import Sequence
from math import ceil
from typing import Any

from mmengine.config import Config
from mmengine.hooks import Hook
from mmengine.registry import DefaultScope
from mmengine.runner import Runner
from torch import nn
from torch.nn.modules.batchnorm import _BatchNorm
from torch.utils.data import BatchSampler, DataLoader

from regnet_plugin.cli.errors import UserError
from regnet_plugin.core.vocabulary import STEMS
from regnet_plugin.models.anynet import AnyNet
from regnet_plugin.training.built_models import unwrapped
from regnet_plugin.training.config.image_size import side_of
from regnet_plugin.training.sharing.shared_runner import SharingRunner


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
            raise _refusal(runner.train_dataloader.batch_sampler.batch_size)


def check_last_batch(config: Config, model: nn.Module, processes: int) -> None:
    """Check a population's recipe by the model of its first network, before any is trained.

    Args:
        config: of a run; its data is here.
        model: built by it, with few blocks perhaps.
        processes: that train it together, and share its images.

    Raises:
        UserError: if the last batch of an epoch is one image, and its maps are 1x1.
    """
    side = side_of(config, 'train_dataloader')
    if side is None:
        return
    sides = (side, side) if isinstance(side, int) else side
    model.train()  # some of its layers may stay as they are
    if not _normalizes_single_values(getattr(model, 'backbone', None), sides):
        return
    with DefaultScope.overwrite_default_scope(config.get('default_scope') or 'mmengine'):
        loader: Any = SharingRunner.build_dataloader(config.train_dataloader, seed=0)
    if _images_in_last_batch(loader, processes) == 1:
        raise _refusal(loader.batch_sampler.batch_size)


def _refusal(batch_size: int) -> UserError:
    return UserError(
        'a batch must have more than one image where the last maps are 1x1, since batch '
        f'normalization needs more than one value per channel, but with batch_size={batch_size} '
        'the last of an epoch has one: train_dataloader.drop_last=True, or another batch_size'
    )


def _images_in_last_batch(loader: DataLoader[Any], processes: int = 1) -> int | None:
    """How many images the last batch of a process has; None where another sampler decides.

    Args:
        loader: of training images.
        processes: that the loader's images are still to be divided among, rounded up as MMEngine's
            samplers do. Default: 1, this process has its own ones.
    """
    sampler = loader.batch_sampler
    if type(sampler) is not BatchSampler or sampler.drop_last:
        return None
    images = ceil(len(sampler.sampler) / processes)  # type: ignore[arg-type]  # MMEngine's have one
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
