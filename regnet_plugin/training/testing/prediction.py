"""What a trained network says of photographs.

One image after the other goes through the config's own test pipeline.
"""

from collections.abc import Mapping, Sequence
from copy import deepcopy
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import mmcv
import torch
from mmengine.config import Config
from mmengine.dataset import Compose, pseudo_collate
from mmengine.model import BaseModel
from mmengine.registry import DATASETS, MODELS, TRANSFORMS, VISUALIZERS, DefaultScope
from mmengine.structures import BaseDataElement
from mmengine.visualization import Visualizer

from regnet_plugin.training.built_models import is_a
from regnet_plugin.training.checks.unreadable_files import files_explained
from regnet_plugin.training.config.entries import class_name
from regnet_plugin.training.config.image_size import stated_side
from regnet_plugin.training.config.loaders import datasets_in
from regnet_plugin.training.config.pipelines import reads_files
from regnet_plugin.training.hooks.whole_weights import load_whole
from regnet_plugin.weights.addresses import read_checkpoint
from regnet_plugin.weights.files import read_classes

_TOLD = 3  # classes of an image, for a person to read
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

    Attributes:
        classes: their names; none where nobody says them.

    Raises:
        ValueError: if the weights are not those of the network.
        Exception: whatever parts of the model raise when they are built.
    """

    def __init__(self, config: Config, checkpoint: str, threshold: float) -> None:
        self._scope = config.get('default_scope')
        self._threshold = threshold
        dataset = datasets_in(config.test_dataloader.dataset)[-1]
        self._in_memory = not reads_files(dataset)
        self._side = stated_side(config)
        weights = read_checkpoint(checkpoint)
        with DefaultScope.overwrite_default_scope(self._scope):
            self._model = _built_model(config)
            self._pipeline = _built_pipeline(dataset)
            self.classes = _classes(checkpoint, dataset)
        load_whole(self._model, weights)
        self._model.to('cuda' if torch.cuda.is_available() else 'cpu').eval()
        self._gives_several_labels = is_a(getattr(self._model, 'head', None), 'MultiLabelClsHead')
        self._visualizer: Visualizer | None = None

    def __call__(self, path: Path) -> BaseDataElement:
        """Return the data sample of a photograph, as the library makes it.

        Raises:
            UserError: if the file cannot be read.
        """
        with (
            DefaultScope.overwrite_default_scope(self._scope),
            files_explained(str(path)),
            torch.no_grad(),
        ):
            batch = pseudo_collate([self._pipeline(self._record(path))])
            return self._model.test_step(batch)[0].cpu()

    def found(self, sample: BaseDataElement) -> list[Found]:
        """Return what a data sample says, the surest first.

        That is the most likely classes, or the boxes above the threshold.
        """
        found = self._boxes(sample) if _has_boxes(sample) else self._labels(sample)
        return sorted(found, key=lambda one: one.score, reverse=True)

    def paint(self, path: Path, sample: BaseDataElement, out: Path) -> None:
        """Write the photograph with what was found."""
        image = mmcv.imread(str(path), channel_order='rgb')
        out.parent.mkdir(parents=True, exist_ok=True)
        if self._visualizer is None:
            self._visualizer = self._built_visualizer(detects=_has_boxes(sample))
        if _has_boxes(sample):
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

    def _boxes(self, sample: BaseDataElement) -> list[Found]:
        boxes = sample.pred_instances
        return [
            Found(self._name(label), score, tuple(box))
            for label, score, box in zip(
                boxes.labels.tolist(), boxes.scores.tolist(), boxes.bboxes.tolist()
            )
            if score >= self._threshold
        ]

    def _labels(self, sample: BaseDataElement) -> list[Found]:
        scores = sample.pred_score.tolist()
        if self._gives_several_labels:
            chosen = sample.pred_label.tolist()
        else:  # one label per image: those that come next are told, too
            by_score = sorted(range(len(scores)), key=scores.__getitem__, reverse=True)
            chosen = by_score[:_TOLD]
        return [Found(self._name(label), scores[label]) for label in chosen]

    def _built_visualizer(self, detects: bool) -> Visualizer:
        """The visualizer of the library, with the names of the classes."""
        kind = 'DetLocalVisualizer' if detects else 'UniversalVisualizer'
        with DefaultScope.overwrite_default_scope(self._scope):
            # MMEngine keeps visualizers by their names: this one must be new.
            visualizer = VISUALIZERS.build(dict(type=kind, name=f'of-predictor-{id(self)}'))
        visualizer.dataset_meta = dict(classes=self.classes)
        return visualizer

    def _record(self, path: Path) -> dict[str, Any]:
        """A photograph as a dataset gives it to its pipeline.

        In the place of a dataset that is kept in memory, it is an image as that would keep it.
        """
        record: dict[str, Any] = dict(img_path=str(path), img_id=0)
        if self._in_memory:
            image = mmcv.imread(str(path), channel_order='rgb')
            if self._side is not None:
                square = isinstance(self._side, int)
                image = mmcv.imresize(image, (self._side, self._side) if square else self._side)
            record.update(img=image, img_shape=image.shape[:2], ori_shape=image.shape[:2])
        return record

    def _name(self, label: int) -> str:
        return str(self.classes[label]) if self.classes else str(label)


def _has_boxes(sample: BaseDataElement) -> bool:
    return 'pred_instances' in sample


def _built_model(config: Config) -> BaseModel:
    """The network of a config, whose data preprocessor may stand beside it."""
    described = deepcopy(config.model)
    if 'data_preprocessor' in config:
        described.setdefault('data_preprocessor', config.data_preprocessor)
    return MODELS.build(described)


def _built_pipeline(dataset: Mapping[str, Any]) -> Compose:
    """The transforms of a dataset, but for those that load annotations: photographs have none."""
    return Compose(
        [
            TRANSFORMS.build(step)
            for step in dataset.get('pipeline', ())
            if 'Annotations' not in class_name(step)
        ]
    )


def _classes(checkpoint: str, dataset: Mapping[str, Any]) -> tuple[str, ...]:
    """The names of the classes that a network was trained on; none where nobody says them.

    The checkpoint notes them, or else the config's dataset or its class does.
    """
    noted = () if '://' in checkpoint else read_classes(checkpoint)
    if noted:
        return tuple(noted)
    given = (dataset.get('metainfo') or {}).get('classes')
    if given:
        return tuple(given)
    of_class = getattr(DATASETS.get(dataset['type']), 'METAINFO', None) or {}
    return tuple(of_class.get('classes') or ())


def lines_of(path: Path, found: Sequence[Found], threshold: float) -> list[str]:
    """What is said of an image: a line with its classes, or a line per object.

    Args:
        path: of the image.
        found: in it; of a classifier without boxes.
        threshold: lowest score of a box that is told.
    """
    if not found:
        return [f'{path}: nothing with a score of at least {threshold:g}']
    if found[0].box is None:
        return [f'{path}: ' + ', '.join(f'{one.label} {one.score:.3f}' for one in found)]
    return [
        f'{path}: {one.label} {one.score:.3f} at ' + ' '.join(f'{edge:.0f}' for edge in one.box)
        for one in found
        if one.box is not None
    ]
