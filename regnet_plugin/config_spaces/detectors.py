"""Detectors of mmdet that run without values, so that they can be counted.

What the second stage of a detector costs depends on the number of proposals, which depends on
values. The counter of mmdet 2 ran each box head with 1,000 random boxes and each mask head with 100
(``TwoStageDetector.forward_dummy``), and so the published flops of Mask R-CNN with Swin and
ConvNeXt were counted. Those numbers are what ``test_cfg`` of mmdet's configs has, from where they
are taken here: ``rpn.max_per_img`` proposals, and masks of ``rcnn.max_per_img`` detections.
"""

from collections.abc import Callable
from inspect import signature
from typing import Any

from mmengine.config import Config
from torch import Tensor, nn

from regnet_plugin.config_spaces.meter import CannotCount

RULE = 'a two-stage detector is counted with the proposals and detections that a test has at most'


def run_without_values(config: Config, model: nn.Module) -> None:
    """Make a detector of mmdet one that runs on the meta device; its layers run as they would.

    Detectors are told of the image what they ask for. What becomes of the outputs of a region
    proposal network needs values, and so do the levels and pixels that the features of a region are
    taken from: of these the sizes are known.

    Args:
        config: that the model was built of.
        model: it is changed, where it is a detector.

    Raises:
        CannotCount: if a two-stage detector does not say how many proposals it has.
    """
    from mmdet.models import BaseDetector, BaseRoIExtractor, RPNHead

    if not isinstance(model, BaseDetector):
        return
    model.forward = _told_of_the_image(model.forward)
    if not hasattr(model, 'roi_head'):
        return
    rpn = getattr(model, 'rpn_head', None)
    if rpn is None:
        raise CannotCount(
            f'{RULE}, but this one has no rpn_head: its proposals come with the data. Take a base '
            'with a region proposal network'
        )
    if isinstance(rpn, RPNHead):
        rpn.predict = _proposing(rpn, _most(config, 'rpn'))
    for part in model.roi_head.modules():
        if isinstance(part, BaseRoIExtractor):
            _extract_forms(part)
    if getattr(model.roi_head, 'with_mask', False):
        of_masks = model.roi_head._mask_forward
        model.roi_head._mask_forward = _masking(of_masks, _most(config, 'rcnn'))


def _told_of_the_image(forward: Callable[..., Any]) -> Callable[..., Any]:
    """A detector's forward with what it asks of an image: its size, and that there are no boxes."""
    from mmdet.structures import DetDataSample
    from mmengine.structures import InstanceData

    def told(image: Tensor, mode: str) -> Any:
        side = tuple(image.shape[-2:])
        nothing = InstanceData(bboxes=image.new_empty(0, 4), labels=image.new_empty(0))
        sizes = dict(img_shape=side, ori_shape=side, pad_shape=side, batch_input_shape=side)
        about = DetDataSample(metainfo=dict(sizes, scale_factor=(1.0, 1.0), flip=False))
        about.gt_instances = nothing
        return forward(image, [about], mode=mode)

    return told


def _most(config: Config, stage: str) -> int:
    """How many boxes a stage may hand on at most."""
    settings = (config.model.get('test_cfg') or {}).get(stage) or {}
    most = settings.get('max_per_img')
    if not isinstance(most, int) or most < 1:
        raise CannotCount(
            f'{RULE}: model.test_cfg.{stage}.max_per_img must be from 1, but it is {most!r}'
        )
    return most


def _proposing(rpn: Any, number: int) -> Callable[..., Any]:
    """What a region proposal network proposes: so many boxes, after its layers ran."""
    from mmengine.structures import InstanceData

    def predict(maps: tuple[Tensor, ...], *_: Any, **__: Any) -> list[InstanceData]:
        rpn(maps)
        return [InstanceData(bboxes=maps[0].new_empty(number, 4))]

    return predict


def _extract_forms(extractor: Any) -> None:
    """Let an extractor give features of the right form; layers of its own, if any, run on them."""
    from mmdet.models import SingleRoIExtractor

    for layer in extractor.roi_layers:
        layer.forward = lambda level, regions, size=layer.output_size: level.new_empty(
            len(regions), level.shape[1], *size
        )
    if isinstance(extractor, SingleRoIExtractor):  # each region from one level, whichever it is
        extractor.forward = lambda levels, regions, *_, **__: extractor.roi_layers[0](
            levels[0], regions
        )


def _masking(of_masks: Any, number: int) -> Callable[..., Any]:
    """The branch of masks, run with so many regions, whose outputs are those of all regions."""

    def forward(*args: Any, **named: Any) -> Any:
        given = signature(of_masks).bind(*args, **named)
        regions = given.arguments['rois']
        given.arguments['rois'] = regions[:number]
        found = of_masks(*given.args, **given.kwargs)
        masks = found['mask_preds']
        if not isinstance(masks, Tensor):
            raise CannotCount(
                f'{RULE}: its masks must come at once, but those of a '
                f'{type(of_masks.__self__).__name__} do not. Take a base without masks'
            )
        return dict(found, mask_preds=masks.new_empty(len(regions), *masks.shape[1:]))

    return forward
