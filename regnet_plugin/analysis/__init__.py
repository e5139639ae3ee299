"""The papers' statistics of populations: arrays in, small result objects out."""

from regnet_plugin.analysis.adjustment.adjusted import (
    AdjustedEDF,
    AdjustedMean,
    adjusted_difference,
    adjusted_edf,
    adjusted_mean,
)
from regnet_plugin.analysis.adjustment.estimates import Estimate
from regnet_plugin.analysis.adjustment.powered import PoweredMean, powered_mean
from regnet_plugin.analysis.adjustment.twins import DrawnPopulation, TwinDifference, twin_difference
from regnet_plugin.analysis.bootstrap import (
    Bootstrap,
    empirical_bootstrap,
    empirical_bootstraps,
    win_probabilities,
)
from regnet_plugin.analysis.comparison import Comparison, PairComparison, compare
from regnet_plugin.analysis.edf import EDF, Band, edf
from regnet_plugin.analysis.explained import Bin, Explained, explained
from regnet_plugin.analysis.fits import Fit, fit_activations, fit_latency, fit_parameters
from regnet_plugin.analysis.kolmogorov_smirnov import KolmogorovSmirnov, kolmogorov_smirnov
from regnet_plugin.analysis.looks.boundaries import (
    chance_over_looks,
    crossing_chances,
    look_bounds,
)
from regnet_plugin.analysis.looks.decisions import (
    Decision,
    LookRules,
    Verdict,
    decide,
    pairs_of,
)
from regnet_plugin.analysis.looks.power import (
    TrainingsByLooks,
    trainings_at_once,
    trainings_by_looks,
    trainings_for_equality,
)
from regnet_plugin.analysis.looks.statistic import (
    SampledErrors,
    Statistic,
    difference_of,
    mean_of,
    values_of,
)
from regnet_plugin.analysis.noise import SeedNoise, seed_noise
from regnet_plugin.analysis.normalisation import Bins, common_bins, complexity_weights
from regnet_plugin.analysis.predictors import PredictorComparison, compare_predictors
from regnet_plugin.analysis.restrictions import Restriction, Restrictions, judge_restrictions
from regnet_plugin.analysis.schedules import ScheduleAgreement, schedule_agreement
from regnet_plugin.analysis.search import Search, best_of, draws_needed
from regnet_plugin.analysis.trends import Trend, trend

__all__ = [
    'Decision',
    'LookRules',
    'Verdict',
    'decide',
    'pairs_of',
    'chance_over_looks',
    'crossing_chances',
    'look_bounds',
    'TrainingsByLooks',
    'trainings_at_once',
    'trainings_by_looks',
    'trainings_for_equality',
    'SampledErrors',
    'Statistic',
    'difference_of',
    'values_of',
    'EDF',
    'AdjustedEDF',
    'AdjustedMean',
    'Band',
    'Bin',
    'Bins',
    'Bootstrap',
    'Comparison',
    'DrawnPopulation',
    'Estimate',
    'Explained',
    'Fit',
    'KolmogorovSmirnov',
    'PairComparison',
    'PoweredMean',
    'PredictorComparison',
    'Restriction',
    'Restrictions',
    'Search',
    'ScheduleAgreement',
    'SeedNoise',
    'Trend',
    'TwinDifference',
    'adjusted_difference',
    'adjusted_edf',
    'adjusted_mean',
    'best_of',
    'common_bins',
    'compare',
    'compare_predictors',
    'complexity_weights',
    'draws_needed',
    'edf',
    'empirical_bootstrap',
    'empirical_bootstraps',
    'explained',
    'fit_activations',
    'fit_latency',
    'fit_parameters',
    'judge_restrictions',
    'kolmogorov_smirnov',
    'mean_of',
    'powered_mean',
    'schedule_agreement',
    'seed_noise',
    'trend',
    'twin_difference',
    'win_probabilities',
]
