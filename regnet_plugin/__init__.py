"""RegNet, AnyNet and the method of *Designing Network Design Spaces* for OpenMMLab."""

__version__ = '0.1.0'
