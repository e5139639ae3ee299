from regnet_plugin.design_spaces.anynet import AnyNetSpace
from regnet_plugin.design_spaces.regnet import RegNetSpace

__all__ = ['AnyNetSpace', 'RegNetSpace']
