"""The backbones: AnyNet of any stages, and RegNet of parameters."""

from regnet_plugin.models.anynet import AnyNet
from regnet_plugin.models.regnet import RegNet

__all__ = ['AnyNet', 'RegNet']
