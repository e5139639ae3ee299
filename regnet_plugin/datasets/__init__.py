from regnet_plugin.datasets.digits import Digits

__all__ = ['Digits']
