"""Figures, one function each: values in, a `Plot` or drawn axes out, no statistics."""

from regnet_plugin.report.figures.choice import Rated, choice_plot
from regnet_plugin.report.figures.distribution import distribution_plot
from regnet_plugin.report.figures.edf import draw_edf, edf_plot
from regnet_plugin.report.figures.forest import Interval, forest_plot
from regnet_plugin.report.figures.lines import width_plot
from regnet_plugin.report.figures.networks import RatedNetwork, networks_plot
from regnet_plugin.report.figures.parameters import ParameterPanel, parameter_plot
from regnet_plugin.report.figures.published import Family, published_plot, scaling_plot
from regnet_plugin.report.figures.search import search_plot
from regnet_plugin.report.figures.steps import steps_plot
from regnet_plugin.report.figures.training import training_curves
from regnet_plugin.report.figures.trends import (
    complexity_plot,
    latency_plot,
    predicted_plot,
    trend_plot,
)

__all__ = [
    'Family',
    'Interval',
    'ParameterPanel',
    'Rated',
    'RatedNetwork',
    'choice_plot',
    'complexity_plot',
    'distribution_plot',
    'draw_edf',
    'edf_plot',
    'forest_plot',
    'latency_plot',
    'networks_plot',
    'parameter_plot',
    'predicted_plot',
    'published_plot',
    'scaling_plot',
    'search_plot',
    'steps_plot',
    'training_curves',
    'trend_plot',
    'width_plot',
]
