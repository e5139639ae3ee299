"""RegNet, AnyNet and the method of *Designing Network Design Spaces* for OpenMMLab."""

from regnet_plugin import moved

__version__ = '0.2.0'

moved.install()
