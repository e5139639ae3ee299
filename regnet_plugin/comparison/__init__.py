"""Design spaces that are compared while their networks are trained, until it is decided."""

from regnet_plugin.comparison.course import Comparison, compare_spaces
from regnet_plugin.comparison.plan import ComparisonPlan, plan_comparison
from regnet_plugin.comparison.rounds import trainer

__all__ = ['Comparison', 'ComparisonPlan', 'compare_spaces', 'plan_comparison', 'trainer']
