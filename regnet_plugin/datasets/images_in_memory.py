"""Labelled images of one size that live in memory as one array, and batches cut from it at once."""

from abc import ABC, abstractmethod
from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np
import torch
from mmengine.dataset import Compose, default_collate, force_full_init
from numpy.typing import NDArray
from torch.utils.data import Dataset

from regnet_plugin.registry import FUNCTIONS

_CHANNELS = 3  # that backbones take; those of a grey image are equal


class ImagesInMemory(Dataset[Any], ABC):
    """Grey images of one size with labels, as one array of uint8.

    A sample has ``img``, uint8 of shape (height, width, 3), and ``gt_label``, before the pipeline.
    Without a pipeline samples are what mmpretrain's classifiers take, ``inputs`` and
    ``data_samples``; a loader with ``collate_fn=dict(type='regnet_plugin.whole_batch')`` then cuts
    each batch out of the array in one step, without work for each image.

    Args:
        pipeline: configs of transforms, applied to each sample. Default: none.
        indices: the first so many images, the last so many if it is negative, or the positions of
            those that are used. Default: all.
        test_mode: MMEngine gives it; nothing depends on it here. Default: False.
        lazy_init: load when `full_init` is called, not now. Default: False.
    """

    METAINFO: Mapping[str, Any]

    def __init__(
        self,
        pipeline: Sequence[Any] = (),
        indices: int | Sequence[int] | None = None,
        test_mode: bool = False,
        lazy_init: bool = False,
    ) -> None:
        self.pipeline = Compose(pipeline)
        self.test_mode = test_mode
        self._indices = indices
        self._fully_initialized = False
        if not lazy_init:
            self.full_init()

    @abstractmethod
    def load(self) -> tuple[NDArray[np.uint8], NDArray[np.int64]]:
        """Load images, of shape (n, height, width), and labels, of shape (n,)."""

    @property
    def metainfo(self) -> Mapping[str, Any]:
        """What the dataset tells of itself, such as the names of its classes."""
        return dict(self.METAINFO)

    def full_init(self) -> None:
        """Load the images, if that was not done."""
        if self._fully_initialized:
            return
        images, labels = self.load()
        kept = _kept(self._indices, len(labels))
        self._images, self._labels = torch.from_numpy(images[kept]), labels[kept]
        self._fully_initialized = True

    @force_full_init
    def get_data_info(self, index: int) -> dict[str, Any]:
        """The record of an image, as of MMEngine's datasets."""
        image = self._images[index].numpy()
        return dict(
            img=np.repeat(image[:, :, np.newaxis], _CHANNELS, axis=2),
            gt_label=int(self._labels[index]),
            sample_idx=range(len(self._labels))[index],
        )

    @force_full_init
    def get_cat_ids(self, index: int) -> list[int]:
        """The class of an image, as of mmpretrain's datasets."""
        return [int(self._labels[index])]

    @force_full_init
    def __len__(self) -> int:
        return len(self._labels)

    @force_full_init
    def __getitem__(self, index: int) -> Any:
        if self.pipeline.transforms:
            return self.pipeline(self.get_data_info(index))
        return dict(
            inputs=self._images[index].expand(_CHANNELS, -1, -1),
            data_samples=_data_sample(self._labels[index]),
        )

    @force_full_init
    def __getitems__(self, indices: list[int]) -> 'list[Any] | WholeBatch':
        """Samples of several indices; PyTorch calls this where it is there."""
        if self.pipeline.transforms:
            return [self[index] for index in indices]
        return WholeBatch(self, indices)

    def batch(self, indices: Sequence[int]) -> dict[str, Any]:
        """Cut a batch out of the array.

        Args:
            indices: of n images.

        Returns:
            ``inputs``, uint8 of shape (n, 3, height, width), and ``data_samples``, n DataSamples of
            mmpretrain with ``gt_label``.
        """
        images = self._images[torch.as_tensor(indices)]
        return dict(
            inputs=images[:, np.newaxis].expand(-1, _CHANNELS, -1, -1),
            data_samples=[_data_sample(label) for label in self._labels[indices]],
        )


class WholeBatch(Sequence[Any]):
    """The samples of some indices: one after the other, or cut out of the array at once."""

    def __init__(self, dataset: ImagesInMemory, indices: Sequence[int]) -> None:
        self._dataset, self._indices = dataset, indices

    def __len__(self) -> int:
        return len(self._indices)

    def __getitem__(self, place: Any) -> Any:
        return self._dataset[self._indices[place]]

    def collated(self) -> dict[str, Any]:
        """All of them as a batch, see `ImagesInMemory.batch`."""
        return self._dataset.batch(self._indices)


@FUNCTIONS.register_module()
def whole_batch(samples: Sequence[Any]) -> Any:
    """Put a batch together: at once where the dataset can, else as MMEngine's default_collate."""
    if isinstance(samples, WholeBatch):
        return samples.collated()
    return default_collate(samples)


def _data_sample(label: Any) -> Any:
    """mmpretrain's DataSample of a label."""
    from mmpretrain.structures import DataSample  # heavy, and not needed to look at images

    return DataSample().set_gt_label(int(label))


def _kept(indices: int | Sequence[int] | None, number: int) -> slice | NDArray[np.int64]:
    """Positions of the images that are used."""
    if indices is None:
        return slice(None)
    if isinstance(indices, int):
        if abs(indices) > number:
            raise ValueError(
                f'indices must be at most the number of images, {number}, but it is {indices}'
            )
        return slice(indices) if indices >= 0 else slice(indices, None)
    kept = np.asarray(indices, dtype=np.int64)
    if kept.size and not -number <= kept.min() <= kept.max() < number:
        raise ValueError(
            f'indices must be positions of the {number} images, but they go from {kept.min()} to '
            f'{kept.max()}'
        )
    return kept
