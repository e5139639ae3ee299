"""Networks with their errors, as arrays: what every statistic and every figure is made from,
whatever the files.
"""

from dataclasses import dataclass, field
from typing import Dict, Optional, Tuple

import numpy as np

ERRORS = ('last', 'best')  # epoch whose error is that of a network


@dataclass(frozen=True)
class Records:
    """A population and what its networks learned with one recipe: a row per network; there is at
    least one.

    Attributes:
        name (str): for legends; unique on a page.
        source (str): path that it was read from.
        networks (tuple[str]): names of the n networks, each once.
        status (np.ndarray): n strings: 'done', 'failed', 'running' or 'waiting'.
        reasons (tuple[str | None]): of the failures, see
        `regnet_plugin.population.results.REASONS`. last_error, best_error (np.ndarray): n floats,
        in percent from 0 to 100 if that is their unit, means over the seeds;
            NaN where there is none (yet).
        deviation (np.ndarray): n floats: standard deviation (n - 1) over the seeds of the last
            error, NaN for one.
        seeds (np.ndarray): n ints: trainings that ended well.
        failed_seeds (np.ndarray): n ints: trainings that failed, also those beside others that
            ended well.
        columns (dict[str, np.ndarray]): n floats each, NaN where unknown, none of them all NaN.
            ``flops``, ``parameters``, ``activations``, ``depth``; of a RegNet ``w_0``, ``w_a``,
            ``w_m``; ``d_1``, ``w_1``, ``b_1``, ``g_1``, … per stage; ``b`` and ``g``, nominal ones
            where these are known, if all stages share them in every network; what a recipe draws
            (``lr``, ``weight_decay``, their product ``lr_weight_decay``, ``resolution``) where it
            varies; ``seconds`` of training; ``latency`` and ``training_step`` in seconds where they
            were measured; and numbers of a file of one's own.
        backbones (tuple[dict | None]): arguments of `regnet_plugin.AnyNet` without ``type``, None
            where unknown.
        configs (tuple[str | None]): paths of the runs' configs, None where there is none.
        metric (str): that the errors are made of, such as 'accuracy/top1'.
        unit (str): of the errors: '%', or '' where the metric, better when lower, is the error in
            its own unit.
        space (dict): what is known of the design space: ``name``, ``size`` and ``paper_size``
            (numbers of networks), ``dimension`` (degrees of freedom), ``low`` and ``high`` flops,
            ``description`` (its config, a dict); entries may be missing.
        device (str): what ``latency`` and ``training_step`` were measured on, '' where that is
            unknown.
        conditions (tuple[dict[str, tuple[str]]]): n dicts: under what the errors came about, as far
            as it is known: ``metric``, ``data``, ``epochs``, ``recipe``, ``recipe_digest``,
            ``versions`` (such as 'torch 2.9.0'); of each all values that occur among the trainings
            of a network.
        notes (tuple[str]): what a person should know, such as of results that cannot be used; a
            line each.
    """

    name: str
    source: str
    networks: Tuple[str, ...]
    status: np.ndarray
    reasons: Tuple[Optional[str], ...]
    last_error: np.ndarray
    best_error: np.ndarray
    deviation: np.ndarray
    seeds: np.ndarray
    failed_seeds: np.ndarray
    columns: Dict[str, np.ndarray] = field(default_factory=dict)
    backbones: Tuple[Optional[dict], ...] = ()
    configs: Tuple[Optional[str], ...] = ()
    metric: str = 'accuracy/top1'
    unit: str = '%'
    space: dict = field(default_factory=dict)
    device: str = ''
    conditions: Tuple[Dict[str, Tuple[str, ...]], ...] = ()
    notes: Tuple[str, ...] = ()

    def error(self, which='last'):
        """n errors, of the last or of the best epoch."""
        return dict(last=self.last_error, best=self.best_error)[which]

    def rated(self, which='last'):
        """n booleans: trained to its end, with an error; the n of every statistic is their number."""
        return (self.status == 'done') & np.isfinite(self.error(which))
