"""The best fit of the quantized linear function, and its distance (section 3.3, figure 8)."""

from regnet_plugin.core.linear_fit.best_fit import DEEPEST, BestFit, e_fit, fit, fit_all

__all__ = ['DEEPEST', 'BestFit', 'e_fit', 'fit', 'fit_all']
