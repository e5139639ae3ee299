"""Detection sets by name: what needs mmdet is imported when one of them is built, not with the
other datasets.
"""

from regnet_plugin.registry import DATASETS


@DATASETS.register_module(name='DigitDetection')
def build_digit_detection(**kwargs):
    """Build `regnet_plugin.datasets.coco.DigitDetection`, which is imported here since it needs
    mmdet.
    """
    from regnet_plugin.datasets.coco import DigitDetection

    return DigitDetection(**kwargs)
