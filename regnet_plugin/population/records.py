"""Networks with their errors, as arrays, whatever the files that they were read from.

Every statistic and every figure is made from these.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

import numpy as np
from numpy.typing import NDArray

from regnet_plugin.population.measured_error import PERCENT

# Metric of errors where a file does not say it: the paper's.
DEFAULT_METRIC = 'accuracy/top1'


# Epoch and error of each evaluation of a training.
Curve = tuple[tuple[float, float], ...]


@dataclass(frozen=True)
class Records:
    """A population and what its networks learned with one recipe.

    There is a row per network, and at least one.

    Attributes:
        name: for legends; unique on a page.
        source: path that it was read from.
        networks: names of the n networks, each once.
        status: n strings: 'done', 'failed', 'running', 'waiting', or 'sampled': not to be trained,
            as far as is planned.
        reasons: n: of the failures, see `regnet_plugin.population.runs.results.REASONS`; None of
            others.
        last_error, best_error: n floats, in percent from 0 to 100 if that is their unit, means over
            the seeds; NaN where there is none (yet).
        deviation: n floats: standard deviation (n - 1) over the seeds of the last error, NaN for
            one seed.
        seeds: n ints: trainings that ended well.
        failed_seeds: n ints: trainings that failed, also those beside others that ended well.
        columns: n floats each, NaN where unknown, none of them all NaN. ``flops``, ``parameters``,
            ``activations``, ``depth``; of a RegNet ``w_0``, ``w_a``, ``w_m``; ``d_1``, ``w_1``,
            ``b_1``, ``g_1``, … per stage; ``b`` and ``g``, nominal ones where these are known, if
            all stages share them in every network; what a recipe draws (``lr``, ``weight_decay``,
            their product ``lr_weight_decay``, ``resolution``) where it varies; ``seconds`` of
            training; ``draw``, the number of the candidate; ``latency`` and ``training_step`` in
            seconds where they were measured; and numbers of a file of one's own.
        backbones: n: arguments of `regnet_plugin.AnyNet` without ``type``, None where unknown.
        configs: n: paths of the runs' configs, None where there is none.
        metric: that the errors are made of, such as 'accuracy/top1'.
        unit: of the errors: '%', or '' where the metric, better when lower, is the error in its own
            unit.
        space: what is known of the design space: ``name``, ``size`` and ``paper_size`` (numbers of
            networks), ``dimension`` (degrees of freedom), ``low`` and ``high`` flops,
            ``description`` (its config, a dict); of what it was drawn from ``seed`` and
            ``uniforms`` (names), see `population.making.twins`, and ``twins_of``, the name of the
            population whose twins these networks are; of scaled networks ``scaled``: ``of`` (name
            of the population that they were), ``type`` and ``factor`` (None: to flops); entries may
            be missing.
        device: what ``latency`` and ``training_step`` were measured on, '' where that is unknown.
        conditions: n dicts: under what the errors came about, as far as it is known: ``metric``,
            ``data``, ``epochs``, ``recipe``, ``recipe_digest``, ``versions`` (such as
            'torch 2.9.0'), ``num_classes``, ``resolution``; of each all values that occur among the
            trainings of a network.
        curves: n: epoch and error of each evaluation of a training; none where that is unknown,
            also of all networks.
        is_random_part: whether the networks that ended are known to be a random part of all, which
            matters while others are not finished.
        notes: what a person should know, such as of results that cannot be used; a line each.
    """

    name: str
    source: str
    networks: tuple[str, ...]
    status: NDArray[np.str_]
    reasons: tuple[str | None, ...]
    last_error: NDArray[np.float64]
    best_error: NDArray[np.float64]
    deviation: NDArray[np.float64]
    seeds: NDArray[np.int64]
    failed_seeds: NDArray[np.int64]
    columns: dict[str, NDArray[np.float64]] = field(default_factory=dict)
    backbones: tuple[dict[str, Any] | None, ...] = ()
    configs: tuple[str | None, ...] = ()
    metric: str = DEFAULT_METRIC
    unit: str = PERCENT
    space: Mapping[str, Any] = field(default_factory=dict)
    device: str = ''
    conditions: tuple[Mapping[str, tuple[str, ...]], ...] = ()
    curves: tuple[Curve, ...] = ()
    is_random_part: bool = False
    notes: tuple[str, ...] = ()

    def error(self, which: str = 'last') -> NDArray[np.float64]:
        """Give the n errors of the networks.

        Args:
            which: epoch whose error is that of a network: 'last', as in the paper, or 'best'.
        """
        return {'last': self.last_error, 'best': self.best_error}[which]

    def unfinished(self) -> NDArray[np.bool_]:
        """Say which networks are being trained, or wait for it: n booleans."""
        return self._has_status('running', 'waiting')

    def untrained(self) -> NDArray[np.bool_]:
        """Say which networks have not ended, whether they are to be trained or not: n booleans."""
        return self._has_status('running', 'waiting', 'sampled')

    def _has_status(self, *names: str) -> NDArray[np.bool_]:
        """Say which networks have one of some statuses; `np.isin` would sort all of them."""
        found = np.zeros(len(self.status), dtype=np.bool_)
        for name in names:
            found |= self.status == name
        return found

    def rated(self, which: str = 'last') -> NDArray[np.bool_]:
        """Say which networks were trained to their end, with an error.

        The n of every statistic is their number.

        Args:
            which: as `error`'s.

        Returns:
            n booleans.
        """
        rated: NDArray[np.bool_] = (self.status == 'done') & np.isfinite(self.error(which))
        return rated
