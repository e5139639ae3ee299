"""Which images published weights were trained on: order of colours, mean and standard deviation."""

import re

from regnet_plugin.weights.published_files import library_at

# Per channel, of values from 0 to 255, as data preprocessors have them. All published RegNets X and
# Y share these numbers of ImageNet.
IMAGE_STATISTICS = {
    'RGB': {'mean': [123.675, 116.28, 103.53], 'std': [58.395, 57.12, 57.375]},
    'BGR': {'mean': [103.53, 116.28, 123.675], 'std': [57.375, 57.12, 58.395]},
}
# Names, not places: how a file of one's own was trained is not known. pycls's and detectron2's
# weights are turned to RGB when they are loaded.
_RGB = re.compile(r'(pycls|timm|tv|detectron2|transformers)://[^/\\]+')
_BGR = re.compile(
    r'open-?mmlab://regnetx_.+|'
    r'https?://.+/(pretrain/third_party|mmclassification/v0/regnet)/regnetx[-_][^/]+'
)


def colour_order_of(address: str) -> str | None:
    """The order of colours that the weights at an address want, once they are loaded.

    Args:
        address: as configs name weights.

    Returns:
        A key of `IMAGE_STATISTICS`; None if the address does not tell.
    """
    if _BGR.fullmatch(address):
        return 'BGR'
    return 'RGB' if _RGB.fullmatch(address) or library_at(address) else None
