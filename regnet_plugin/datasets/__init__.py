from regnet_plugin.datasets.digits import Digits
from regnet_plugin.datasets.transforms import Lighting, RandomResizedCrop

__all__ = ['Digits', 'Lighting', 'RandomResizedCrop']
