"""Populations as a report sees them: which networks count, and with which error."""

from collections import Counter
from dataclasses import dataclass, replace
from functools import cached_property
from typing import Tuple

import numpy as np

from regnet_plugin.analysis import EDF, edf, empirical_bootstrap
from regnet_plugin.population.measured_error import PERCENT
from regnet_plugin.population.records import Records

FAILED = ('outside', 'counted')
_TIE = 1e-5  # points; float32 has a digit less at 100


@dataclass(frozen=True)
class Rules:
    """What counts, and how.

    Attributes:
        error (str): 'last' or 'best': the epoch whose error is that of a network.
        failed (str): failed networks are 'outside' of n, or 'counted' in it as worse than all
            others.
        level (float): confidence of intervals; the level of tests is 1 - level.
    """

    error: str = 'last'
    failed: str = 'outside'
    level: float = 0.95

    @property
    def text(self):
        """Two sentences of it."""
        failed = (
            'Networks that failed are not part of n'
            if self.failed == 'outside'
            else 'Networks of which a training failed are part of n, with an error above all others'
        )
        return f'The error of a network is that of its {self.error} epoch. {failed}.'


@dataclass(frozen=True, eq=False)
class ReportedPopulation:
    """A population with the n networks that count.

    Attributes:
        records (Records): all of it.
        rows (np.ndarray): indices of the networks that count, ascending.
        errors (np.ndarray): n errors; +inf for networks that count as failed. Ties are exact, see
            `reported_populations`.
        rules (Rules): what they were chosen by.
    """

    records: Records
    rows: np.ndarray
    errors: np.ndarray
    rules: Rules

    @classmethod
    def of(cls, records, rules):
        """Choose the networks of a population that count."""
        counts = records.rated(rules.error)
        errors = np.where(counts, records.error(rules.error), np.inf)
        if rules.failed == 'counted':
            errors[records.failed_seeds > 0] = np.inf
            counts = counts | (records.status == 'failed')
        rows = np.flatnonzero(counts)
        return cls(records, rows, errors[rows], rules)

    @property
    def name(self):
        return self.records.name

    @property
    def n(self):
        return len(self.rows)

    @property
    def trained(self):
        """Networks that count with an error."""
        return int(np.isfinite(self.errors).sum())

    @property
    def rated(self):
        """Networks with an error of some training."""
        return int(self.records.rated(self.rules.error).sum())

    @cached_property
    def edf(self) -> EDF:
        return edf(self.errors)

    @property
    def mean(self):
        return self.edf.mean

    @property
    def median(self):
        """The least error that half of the networks do not exceed; inf where more than half failed."""
        return float(np.sort(self.errors)[(self.n - 1) // 2]) if self.n else float('nan')

    @cached_property
    def networks(self) -> Tuple[str, ...]:
        """Names of the networks that count."""
        return tuple(self.records.networks[row] for row in self.rows)

    @cached_property
    def backbones(self):
        """Arguments of their backbones, None where unknown."""
        return tuple(self.records.backbones[row] for row in self.rows)

    @cached_property
    def reasons(self):
        """Number of failed networks by reason."""
        return Counter(
            reason or 'failed'
            for reason, status in zip(self.records.reasons, self.records.status)
            if status == 'failed'
        )

    @property
    def partly_failed(self):
        """Networks with an error of which some training failed, and how many such trainings."""
        failed = self.records.failed_seeds[self.records.rated(self.rules.error)]
        return int((failed > 0).sum()), int(failed.sum())

    @cached_property
    def seeds(self):
        """Numbers of trainings that errors are means over."""
        return frozenset(self.records.seeds[self.records.rated(self.rules.error)].tolist())

    def condition(self, name):
        """All values of a condition (see `Records.conditions`) among the networks that count; none
        where it is unknown.
        """
        found = {self.records.conditions[row].get(name, ()) for row in self.rows}
        return set().union(*found)

    @property
    def failed(self):
        return sum(self.reasons.values())

    @property
    def unfinished(self):
        """Networks that are being trained or wait."""
        return int(np.isin(self.records.status, ('running', 'waiting')).sum())

    @property
    def unrated(self):
        """Networks that were trained to their end and have no error of the kind that counts."""
        return int((self.records.status == 'done').sum()) - self.rated

    @property
    def order(self):
        """Indices into `rows`, the best network first; failed ones are left out."""
        return np.argsort(self.errors, kind='stable')[: self.trained]

    @property
    def best(self):
        """Indices into `rows` of the networks that the empirical bootstrap rests on, the best
        first.
        """
        return self.order[
            : empirical_bootstrap(np.zeros(self.n), self.errors, self.rules.level).networks
        ]

    def column(self, name):
        """Values of the networks that count; NaN where unknown."""
        values = self.records.columns.get(name)
        return np.full(self.n, np.nan) if values is None else values[self.rows]

    def varies(self, name):
        """Whether a column has two different values among the networks that count."""
        values = self.column(name)
        values = values[np.isfinite(values)]
        return len(values) > 1 and values.min() < values.max()


def reported_populations(records, rules):
    """Populations with the networks that count.

    Errors in percent that differ by less than float32 can tell, 1e-5 points, are ties: they become
    the least of them, so that the same network has the same error wherever it was measured or
    written.

    Args:
        records (Iterable[Records]): of the populations.
        rules (Rules): which networks count, and how.

    Returns:
        list[ReportedPopulation]: in the same order.
    """
    entries = [ReportedPopulation.of(one, rules) for one in records]
    errors = np.unique(
        np.concatenate([[], *(entry.errors for entry in entries if entry.records.unit)])
    )
    tied = _tied(errors)
    return [
        replace(entry, errors=tied[errors.searchsorted(entry.errors)])
        if entry.records.unit
        else entry
        for entry in entries
    ]


def _tied(errors):
    """Ascending numbers, each as the first of those that it is tied with."""
    tied = errors.copy()
    for place in np.flatnonzero(np.diff(errors) < _TIE) + 1:
        if errors[place] - tied[place - 1] < _TIE:
            tied[place] = tied[place - 1]
    return tied


def error_label(entries):
    """What the errors of populations are called on an axis."""
    metrics, units = (
        {getattr(entry.records, name) for entry in entries} for name in ('metric', 'unit')
    )
    (metric,) = metrics if len(metrics) == 1 else ('',)
    if '' in units:  # a metric that is better when lower, as it stands
        return (
            f'{metric} (lower is better)'
            if metric and len(units) == 1
            else 'error (of different metrics)'
        )
    if not metric or 'accuracy' in metric or 'top1' in metric:
        return 'error (%)'
    return f'error: 100 \u2212 {metric.rpartition("/")[2]}'


def unit_of(entries):
    """'%' if the errors of some of these populations are in percent, else '': they are a metric in
    its own unit.
    """
    return PERCENT if any(entry.records.unit for entry in entries) else ''


def by_error(entries):
    """Populations by mean error, or by median error where failed networks count; those without
    networks last.

    Returns:
        tuple[list[ReportedPopulation], str]: and 'mean' or 'median'.
    """
    entries = [entry for entry in entries if entry.n] + [entry for entry in entries if not entry.n]
    what = 'mean' if all(np.isfinite(entry.edf.mean) for entry in entries if entry.n) else 'median'
    return sorted(entries, key=lambda entry: getattr(entry, what) if entry.n else np.inf), what


def drawn_alone(entries, brief):
    """Populations with figures of their own: all, or the best one if the report is to be brief."""
    return by_error(entries)[0][:1] if brief else entries


def flops_overlap(entries):
    """Whether some flops lie within the range of every population whose flops are known."""
    known = [flops[np.isfinite(flops)] for flops in (entry.column('flops') for entry in entries)]
    known = [flops for flops in known if len(flops)]
    return not known or max(flops.min() for flops in known) <= min(flops.max() for flops in known)
