"""What a trained network says of photographs: one image after the other, through the config's own
test pipeline.
"""

from collections.abc import Iterator, Sequence
from copy import deepcopy
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import mmcv
import torch
from mmengine.config import Config
from mmengine.dataset import Compose, pseudo_collate
from mmengine.registry import DATASETS, MODELS, TRANSFORMS, VISUALIZERS, DefaultScope

from regnet_plugin.training.checks.data import files_explained
from regnet_plugin.training.hooks import check_whole
from regnet_plugin.training.image_size import stated_side, type_name
from regnet_plugin.training.loaders import datasets_of
from regnet_plugin.weights.addresses import read_checkpoint
from regnet_plugin.weights.files import read_classes

IMAGES = ('.jpg', '.jpeg', '.png', '.ppm', '.bmp', '.pgm', '.tif', '.tiff', '.webp')
_MOST = 3  # classes of an image that are told
_SHORTEST = 224  # side of a painted picture, for its text to be read


@dataclass(frozen=True)
class Found:
    """One thing that is said of an image.

    Attributes:
        label: name of the class, or its number where no names are known.
        score: from 0 to 1.
        box: left, top, right, bottom in pixels of the photograph; None of a classifier.
    """

    label: str
    score: float
    box: tuple[float, ...] | None = None


class Predictor:
    """A network and its weights.

    Args:
        config: of mmpretrain or mmdet, with the test pipeline that the images go through.
        checkpoint: file or address of the weights; a training of MMEngine notes the names of the
            classes in it.
        threshold: of the scores of boxes, below which nothing is said.

    Raises:
        ValueError: if the weights are not those of the network.
        Exception: whatever parts of the model raise when they are built.
    """

    def __init__(self, config: Config, checkpoint: str, threshold: float) -> None:
        self._scope = config.get('default_scope')
        self._threshold = threshold
        *_, dataset = datasets_of(config.test_dataloader.dataset)
        self._in_memory, self._side = not _loads_files(dataset), stated_side(config)
        weights = read_checkpoint(checkpoint)
        with DefaultScope.overwrite_default_scope(self._scope):
            described = deepcopy(config.model)
            if 'data_preprocessor' in config:
                described.setdefault('data_preprocessor', config.data_preprocessor)
            self._model = MODELS.build(described)
            self._pipeline = Compose(
                [
                    TRANSFORMS.build(step)
                    for step in dataset.get('pipeline', ())
                    if 'Annotations' not in type_name(step)
                ]
            )
            self.classes = _classes(checkpoint, dataset)
        check_whole(self._model, weights)
        self._model.to('cuda' if torch.cuda.is_available() else 'cpu').eval()
        head = type(getattr(self._model, 'head', None))
        self._several = any(kind.__name__ == 'MultiLabelClsHead' for kind in head.__mro__)
        self._visualizer = None

    def __call__(self, path: Path) -> Any:
        """Return the data sample of a photograph, as the library makes it."""
        with (
            DefaultScope.overwrite_default_scope(self._scope),
            files_explained(str(path)),
            torch.no_grad(),
        ):
            return self._model.test_step(pseudo_collate([self._pipeline(self._record(path))]))[
                0
            ].cpu()

    def found(self, sample: Any) -> list[Found]:
        """What a data sample says: the most likely classes, or the boxes above the threshold; the
        surest first.
        """
        if 'pred_instances' in sample:
            boxes = sample.pred_instances
            found = [
                Found(self._name(label), score, tuple(box))
                for label, score, box in zip(
                    boxes.labels.tolist(), boxes.scores.tolist(), boxes.bboxes.tolist()
                )
                if score >= self._threshold
            ]
        else:
            scores, chosen = sample.pred_score.tolist(), sample.pred_label.tolist()
            if not self._several:  # one label per image: those that come next are told, too
                chosen = sorted(range(len(scores)), key=scores.__getitem__, reverse=True)[:_MOST]
            found = [Found(self._name(label), scores[label]) for label in chosen]
        return sorted(found, key=lambda one: one.score, reverse=True)

    def paint(self, path: Path, sample: Any, out: Path) -> None:
        """Write the photograph with what was found."""
        image = mmcv.imread(str(path), channel_order='rgb')
        out.parent.mkdir(parents=True, exist_ok=True)
        if self._visualizer is None:
            detects = 'pred_instances' in sample
            with DefaultScope.overwrite_default_scope(self._scope):
                self._visualizer = VISUALIZERS.build(
                    dict(
                        type='DetLocalVisualizer' if detects else 'UniversalVisualizer',
                        name=f'of-predictor-{id(self)}',
                    )
                )
            self._visualizer.dataset_meta = dict(classes=self.classes)
        if 'pred_instances' in sample:
            self._visualizer.add_datasample(
                out.stem,
                image,
                sample,
                draw_gt=False,
                pred_score_thr=self._threshold,
                out_file=str(out),
            )
        else:
            resize = _SHORTEST if min(image.shape[:2]) < _SHORTEST else None
            self._visualizer.visualize_cls(
                image, sample, draw_gt=False, resize=resize, out_file=str(out)
            )

    def _record(self, path: Path) -> dict:
        """As of a dataset; in the place of one that is kept in memory, an image as it would keep
        it.
        """
        record = dict(img_path=str(path), img_id=0)
        if self._in_memory:
            image = mmcv.imread(str(path), channel_order='rgb')
            if self._side is not None:
                image = mmcv.imresize(
                    image, (self._side, self._side) if isinstance(self._side, int) else self._side
                )
            record.update(img=image, img_shape=image.shape[:2], ori_shape=image.shape[:2])
        return record

    def _name(self, label: int) -> str:
        return str(self.classes[label]) if self.classes else str(label)


def images_in(places: Sequence[str]) -> Iterator[tuple[Path, Path]]:
    """Yield images, named by themselves or in folders and below, and their paths within what was
    named.

    Raises:
        ValueError: if there is no such file or folder, or a folder holds no images.
    """
    for place in map(Path, places):
        if place.is_dir():
            found = sorted(
                path
                for path in place.rglob('*')
                if path.suffix.lower() in IMAGES and path.is_file()
            )
            if not found:
                raise ValueError(
                    f'a folder must hold images, {", ".join(IMAGES)}, but {place} holds none'
                )
            yield from ((path, path.relative_to(place)) for path in found)
        elif place.is_file():
            yield place, Path(place.name)
        else:
            raise ValueError(f'an image must be a file, but there is none at {place}')


def _loads_files(dataset: dict) -> bool:
    return any(type_name(step) == 'LoadImageFromFile' for step in dataset.get('pipeline', ()))


def _classes(checkpoint: str, dataset: dict) -> tuple[str, ...]:
    """The names that the checkpoint notes, or else those of the config's dataset or of its class."""
    noted = () if '://' in checkpoint else read_classes(checkpoint)
    given = (dataset.get('metainfo') or {}).get('classes')
    return tuple(
        noted
        or given
        or (getattr(DATASETS.get(dataset['type']), 'METAINFO', None) or {}).get('classes')
        or ()
    )
