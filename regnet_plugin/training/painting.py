"""Painted predictions of classifiers. Imports mmpretrain, so that only who paints imports this
module.
"""

from collections.abc import Sequence
from pathlib import Path

import torch
from mmpretrain.engine.hooks import VisualizationHook as _VisualizationHook

from regnet_plugin.training.checks.images import blue_comes_first


class VisualizationHook(_VisualizationHook):
    """mmpretrain's hook, but that pictures have their colours, and none is lost.

    mmpretrain paints what the loader gives as if it were RGB, where OpenCV reads BGR; images of one
    file name, as in folders of classes, overwrite each other, and it cannot paint what test-time
    augmentation gives.
    """

    def before_val_epoch(self, runner) -> None:
        self._begin('val_dataloader', runner)

    def before_test_epoch(self, runner) -> None:
        self._begin('test_dataloader', runner)

    def _begin(self, loader: str, runner) -> None:
        self._blue_first = blue_comes_first(runner.cfg, loader)
        self._seen = 0  # images in the batches before
        self._names: set[str] = set()

    def _draw_samples(
        self, batch_idx: int, data_batch: dict, data_samples: Sequence, step: int = 0
    ) -> None:
        if not self.enable:
            return
        images = data_batch['inputs']
        if images[0].ndim == 4:  # batches, one of each augmentation
            images = images[0]
        for number, (image, sample) in enumerate(zip(images, data_samples), self._seen):
            if number % self.interval == 0:
                self._draw(_picture(image, self._blue_first), sample, number, step)
        self._seen += len(data_samples)

    def _draw(self, image, sample, number: int, step: int) -> None:
        path = sample.get('img_path')
        name = Path(path).name if path else str(number)
        name = f'{number}_{name}' if name in self._names else name
        self._names.add(name)
        to_file = (
            dict(out_file=str(Path(self.out_dir, f'{name}_{step}.png')))
            if self.out_dir is not None
            else {}
        )
        self._visualizer.visualize_cls(
            image=image, data_sample=sample, step=step, name=name, **self.draw_args, **to_file
        )


def _picture(image: torch.Tensor, blue_first: bool):
    """An image of the loader as height x width x RGB."""
    image = image.flip(0) if blue_first and len(image) == 3 else image
    return image.permute(1, 2, 0).cpu().numpy().astype('uint8')
