from regnet_plugin.datasets.decoded import Decoded
from regnet_plugin.datasets.detection import build_digit_detection, build_digit_keypoints
from regnet_plugin.datasets.digit_detection import make_digit_detection
from regnet_plugin.datasets.digits import Digits
from regnet_plugin.datasets.fashion import FashionMNIST, FashionPairs
from regnet_plugin.datasets.imagenet_v2 import ImageNetV2
from regnet_plugin.datasets.images_in_memory import whole_batch
from regnet_plugin.datasets.segmentation import DigitSegmentation
from regnet_plugin.datasets.transforms import Lighting, RandomResizedCrop

__all__ = [
    'Decoded',
    'DigitSegmentation',
    'Digits',
    'FashionMNIST',
    'FashionPairs',
    'ImageNetV2',
    'Lighting',
    'RandomResizedCrop',
    'build_digit_detection',
    'build_digit_keypoints',
    'make_digit_detection',
    'whole_batch',
]
