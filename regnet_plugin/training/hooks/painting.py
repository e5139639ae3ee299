"""Painted predictions of classifiers.

Imports mmpretrain, so that only who paints imports this module.
"""

from collections.abc import Sequence
from pathlib import Path
from typing import Any

import numpy as np
from mmengine.runner import Runner
from mmpretrain.engine.hooks import VisualizationHook as _VisualizationHook
from mmpretrain.structures import DataSample
from numpy.typing import NDArray
from torch import Tensor

from regnet_plugin.training.checks.images import blue_comes_first


class VisualizationHook(_VisualizationHook):
    """mmpretrain's hook, but that pictures have their colours, and none is lost.

    mmpretrain paints what the loader gives as if it were RGB, where OpenCV reads BGR; images of one
    file name, as in folders of classes, overwrite each other, and it cannot paint what test-time
    augmentation gives.
    """

    def before_val_epoch(self, runner: Runner) -> None:
        self._begin('val_dataloader', runner)

    def before_test_epoch(self, runner: Runner) -> None:
        self._begin('test_dataloader', runner)

    def _begin(self, loader: str, runner: Runner) -> None:
        self._blue_first = blue_comes_first(runner.cfg, loader)
        self._seen = 0  # images in the batches before
        self._names: set[str] = set()

    def _draw_samples(
        self,
        batch_idx: int,
        data_batch: dict[str, Any],
        data_samples: Sequence[DataSample],
        step: int = 0,
    ) -> None:
        """Paint every ``interval``-th image; mmpretrain calls it after each batch."""
        if not self.enable:
            return
        images = data_batch['inputs']
        if images[0].ndim == 4:  # batches, one of each augmentation
            images = images[0]
        for number, (image, sample) in enumerate(zip(images, data_samples), self._seen):
            if number % self.interval == 0:
                self._draw(_picture(image, self._blue_first), sample, number, step)
        self._seen += len(data_samples)

    def _draw(self, image: NDArray[np.uint8], sample: DataSample, number: int, step: int) -> None:
        """Paint one image, by the name of its file, or by its number where that is taken."""
        path = sample.get('img_path')
        name = Path(path).name if path else str(number)
        if name in self._names:
            name = f'{number}_{name}'
        self._names.add(name)
        settings = dict(self.draw_args)
        if self.out_dir is not None:
            settings['out_file'] = str(Path(self.out_dir, f'{name}_{step}.png'))
        self._visualizer.visualize_cls(
            image=image, data_sample=sample, step=step, name=name, **settings
        )


def _picture(image: Tensor, blue_first: bool) -> NDArray[np.uint8]:
    """An image of the loader, channels x height x width, as height x width x RGB."""
    if blue_first and len(image) == 3:
        image = image.flip(0)
    return image.permute(1, 2, 0).cpu().numpy().astype('uint8')
