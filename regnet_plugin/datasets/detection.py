"""Sets of other libraries' classes, by name.

What needs mmdet or mmpose is imported when one of them is built, not with the other datasets.
"""

from typing import Any

from regnet_plugin.registry import DATASETS


@DATASETS.register_module(name='DigitDetection')
def build_digit_detection(**kwargs: Any) -> Any:
    """Build ``regnet_plugin.datasets.coco.DigitDetection``, which needs mmdet.

    Args:
        **kwargs: its arguments.
    """
    from regnet_plugin.datasets.coco import DigitDetection  # imports mmdet

    return DigitDetection(**kwargs)


@DATASETS.register_module(name='DigitKeypoints')
def build_digit_keypoints(**kwargs: Any) -> Any:
    """Build ``regnet_plugin.datasets.keypoints.DigitKeypoints``, which needs mmpose.

    Args:
        **kwargs: its arguments.
    """
    from regnet_plugin.datasets.keypoints import DigitKeypoints  # imports mmpose

    return DigitKeypoints(**kwargs)
