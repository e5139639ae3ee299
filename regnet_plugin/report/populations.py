"""Populations as a report sees them: which networks count, and with which error."""

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from functools import cached_property
from typing import Any, TypeVar

import numpy as np
from numpy.typing import NDArray

from regnet_plugin.analysis import (
    EDF,
    AdjustedEDF,
    AdjustedMean,
    DrawnPopulation,
    adjusted_edf,
    adjusted_mean,
    edf,
    empirical_bootstrap,
)
from regnet_plugin.cli.wording import counted
from regnet_plugin.device.device_model import DeviceModel
from regnet_plugin.population.columns import DRAW
from regnet_plugin.population.features import features_of
from regnet_plugin.population.measured_error import PERCENT
from regnet_plugin.population.records import Records

_Value = TypeVar('_Value')

# Points by which errors may differ and still be the same: float32 has a digit less at 100.
_TIE = 1e-5
MOST_TOLD = 6  # pairs that each get a sentence; of more, only neighbours do


@dataclass(frozen=True)
class Rules:
    """What counts, and how.

    Attributes:
        error: 'last' or 'best': the epoch whose error is that of a network.
        failed: failed networks are 'outside' of n, or 'counted' in it as worse than all others.
        level: confidence of intervals, between 0 and 1; the level of tests is 1 - level.
        cost: column on axes of what networks cost: 'flops', or one of `columns.PREDICTIONS`.
        device: that predicts it of published networks.
    """

    error: str = 'last'
    failed: str = 'outside'
    level: float = 0.95
    cost: str = 'flops'
    device: DeviceModel | None = None

    @property
    def text(self) -> str:
        """The rules as two sentences."""
        if self.failed == 'outside':
            failed = 'Networks that failed are not part of n'
        else:
            failed = (
                'Networks of which a training failed are part of n, with an error above all others'
            )
        return f'The error of a network is that of its {self.error} epoch. {failed}.'


@dataclass(frozen=True, eq=False)
class ReportedPopulation:
    """A population with the n networks that count.

    Attributes:
        records: all of it.
        rows: indices of the n networks that count, ascending.
        errors: n errors; +inf for networks that count as failed. Ties are exact, see
            `reported_populations`.
        rules: what the networks were chosen by.
        look: number of its colour and dashes in all figures.
    """

    records: Records
    rows: NDArray[np.intp]
    errors: NDArray[np.float64]
    rules: Rules
    look: int = 0

    @classmethod
    def of(cls, records: Records, rules: Rules, look: int = 0) -> 'ReportedPopulation':
        """Choose the networks of a population that count."""
        counts = records.rated(rules.error)
        errors = np.where(counts, records.error(rules.error), np.inf)
        if rules.failed == 'counted':
            errors[records.failed_seeds > 0] = np.inf
            counts = counts | (records.status == 'failed')
        rows = np.flatnonzero(counts)
        return cls(records, rows, errors[rows], rules, look)

    @property
    def name(self) -> str:
        """Name of the population."""
        return self.records.name

    @property
    def n(self) -> int:
        """Number of the networks that count."""
        return len(self.rows)

    @property
    def trained(self) -> int:
        """Number of the networks that count with an error."""
        return int(np.isfinite(self.errors).sum())

    @property
    def rated(self) -> int:
        """Number of networks with an error of some training."""
        return int(self._are_rated.sum())

    @property
    def _are_rated(self) -> NDArray[np.bool_]:
        """Whether each network of the records has an error of some training."""
        return self.records.rated(self.rules.error)

    @cached_property
    def edf(self) -> EDF:
        """EDF of the errors."""
        return edf(self.errors)

    @property
    def mean(self) -> float:
        """Mean error; inf where a failed network counts, NaN without networks."""
        return self.edf.mean

    @property
    def is_random_part(self) -> bool:
        """Whether networks are not trained, and those that are trained tell of them."""
        return self.untrained > 0 and self.records.is_random_part

    @cached_property
    def adjusted(self) -> AdjustedMean:
        """Mean error adjusted by what is known of untrained networks, if that may be done."""
        return adjusted_mean(*self._sampled, self.rules.level)

    @cached_property
    def adjusted_edf(self) -> AdjustedEDF:
        """EDF of the errors, likewise."""
        return adjusted_edf(*self._sampled, self.rules.level)

    @property
    def drawn(self) -> DrawnPopulation | None:
        """Networks by their candidates' numbers; None where they tell nothing of the space."""
        if self.untrained and not self.is_random_part:
            return None
        errors, features, failed = self._sampled
        return DrawnPopulation(errors, self.records.columns[DRAW], features, failed)

    @property
    def _sampled(self) -> tuple[NDArray[np.float64], NDArray[np.float64], NDArray[np.bool_]]:
        """Errors, what is known, and which failed: as `adjusted_mean` takes them.

        They are those of all networks, or of the ones that ended where these tell nothing of the
        others.
        """
        errors = np.full(len(self.records.networks), np.nan)
        errors[self.rows] = self.errors
        waits = self.records.untrained()
        failed = np.isnan(errors) & ~waits
        told = np.full(len(errors), True) if self.is_random_part else ~waits
        features = features_of(self.records)
        return errors[told], features[told], failed[told]

    @property
    def median(self) -> float:
        """Least error that half of the networks do not exceed.

        It is inf where more than half failed, and NaN without networks.
        """
        if not self.n:
            return float('nan')
        return float(np.sort(self.errors)[(self.n - 1) // 2])

    @cached_property
    def networks(self) -> tuple[str, ...]:
        """Names of the networks that count."""
        return self._chosen(self.records.networks)

    @cached_property
    def backbones(self) -> tuple[Mapping[str, Any] | None, ...]:
        """Arguments of the backbones of the networks that count, None where unknown."""
        return self._chosen(self.records.backbones)

    def _chosen(self, values: tuple[_Value, ...]) -> tuple[_Value, ...]:
        """Those of the networks that count."""
        return values if self._all_count else tuple([values[row] for row in self.rows.tolist()])

    @property
    def _all_count(self) -> bool:
        """Whether no network is left out: then nothing is copied."""
        return self.n == len(self.records.networks)

    @cached_property
    def reasons(self) -> Counter[str]:
        """Number of failed networks by reason."""
        failed = np.flatnonzero(self.records.status == 'failed')
        return Counter(self.records.reasons[row] or 'failed' for row in failed)

    @property
    def partly_failed(self) -> tuple[int, int]:
        """Networks with an error of which some training failed, and how many such trainings."""
        failed = self.records.failed_seeds[self._are_rated]
        return int((failed > 0).sum()), int(failed.sum())

    @cached_property
    def seeds(self) -> frozenset[int]:
        """Numbers of trainings that errors are means over."""
        return frozenset(self.records.seeds[self._are_rated].tolist())

    def condition(self, name: str) -> set[str]:
        """Return all values of a condition among the networks that count; none where unknown.

        Args:
            name: of the condition, see `Records.conditions`.
        """
        return {value for conditions in self._conditions for value in conditions.get(name, ())}

    @cached_property
    def _conditions(self) -> list[Mapping[str, tuple[str, ...]]]:
        """Conditions of the networks that count; those that networks share are there once."""
        conditions = self.records.conditions
        return list({id(conditions[row]): conditions[row] for row in self.rows}.values())

    @property
    def failed(self) -> int:
        """Number of failed networks, whether they count or not."""
        return sum(self.reasons.values())

    @property
    def unfinished(self) -> int:
        """Number of networks that are being trained or wait."""
        return int(self.records.unfinished().sum())

    @property
    def untrained(self) -> int:
        """Number of networks that have not ended, with those that are only sampled."""
        return int(self.records.untrained().sum())

    @property
    def planned(self) -> int:
        """Number of networks that are trained, or are to be."""
        return int((self.records.status != 'sampled').sum())

    @property
    def finished_text(self) -> str:
        """How much of it is finished: '120 of 500 networks of regnetx have ended'."""
        networks = len(self.records.networks)
        ended = networks - self.untrained
        text = f'{ended:,} of {counted(networks, "network")} of {self.name} have ended'
        if self.planned == networks:
            return text
        planned = 'all' if self.planned == ended else f'of {self.planned:,}'
        return f'{text}, {planned} that are to be trained'

    @property
    def unrated(self) -> int:
        """Number of networks trained to their end that have no error of the kind that counts."""
        return int((self.records.status == 'done').sum()) - self.rated

    @cached_property
    def order(self) -> NDArray[np.intp]:
        """Indices into `rows`, the best network first; failed ones are left out."""
        return np.argsort(self.errors, kind='stable')[: self.trained]

    @cached_property
    def best(self) -> NDArray[np.intp]:
        """Indices into `rows` of the networks the empirical bootstrap rests on, best first."""
        # how many there are follows from the errors, whatever the values
        bootstrap = empirical_bootstrap(np.zeros(self.n), self.errors, self.rules.level)
        return self.order[: bootstrap.networks]

    def column(self, name: str) -> NDArray[np.float64]:
        """Return n values of a column of the records; NaN where unknown."""
        values = self.records.columns.get(name)
        if values is None:
            return np.full(self.n, np.nan)
        return values if self._all_count else values[self.rows]

    def varies(self, name: str) -> bool:
        """Whether a column has two different values among the networks that count."""
        values = self.column(name)
        known = values[np.isfinite(values)]
        return len(known) > 1 and bool(known.min() < known.max())


def reported_populations(records: Iterable[Records], rules: Rules) -> list[ReportedPopulation]:
    """Choose the networks of populations that count, with errors that can be compared.

    Errors in percent that differ by less than float32 can tell, 1e-5 points, are ties: they become
    the least of them, so that the same network has the same error wherever it was measured or
    written.

    Args:
        records: of the populations.
        rules: which networks count, and how.

    Returns:
        The populations in the same order.
    """
    populations = [ReportedPopulation.of(one, rules, look) for look, one in enumerate(records)]
    in_percent = [population.errors for population in populations if population.records.unit]
    if not in_percent:
        return populations
    errors = np.unique(np.concatenate(in_percent))
    tied = _tied(errors)
    compared = []
    for population in populations:
        if population.records.unit:
            places = errors.searchsorted(population.errors)
            population = replace(population, errors=tied[places])
        compared.append(population)
    return compared


def _tied(errors: NDArray[np.float64]) -> NDArray[np.float64]:
    """Make each of ascending numbers equal to the first of those that it is tied with."""
    tied = errors.copy()
    for place in np.flatnonzero(np.diff(errors) < _TIE) + 1:
        if errors[place] - tied[place - 1] < _TIE:
            tied[place] = tied[place - 1]
    return tied


def looks_of(populations: Iterable[ReportedPopulation]) -> dict[str, int]:
    """Return the look of each population by its name, as figures take it."""
    return {population.name: population.look for population in populations}


def error_label(populations: Sequence[ReportedPopulation]) -> str:
    """Say what the errors of populations are called on an axis."""
    metrics = {population.records.metric for population in populations}
    units = {population.records.unit for population in populations}
    metric = metrics.pop() if len(metrics) == 1 else ''
    if '' in units:  # a metric that is better when lower, as it stands
        if metric and len(units) == 1:
            return f'{metric} (lower is better)'
        return 'error (of different metrics)'
    if not metric or 'accuracy' in metric or 'top1' in metric:
        return 'error (%)'
    return f'error: 100 \N{MINUS SIGN} {metric.rpartition("/")[2]}'


def unit_of(populations: Iterable[ReportedPopulation]) -> str:
    """Return '%' if errors of some of these populations are in percent.

    Else it is '': they are a metric in its own unit.
    """
    return PERCENT if any(population.records.unit for population in populations) else ''


def by_error(
    populations: Sequence[ReportedPopulation],
) -> tuple[list[ReportedPopulation], str]:
    """Sort populations by mean error, or by median error where failed networks count.

    Returns:
        The populations, those without networks last, and 'mean' or 'median'.
    """
    with_networks = [population for population in populations if population.n]
    without_networks = [population for population in populations if not population.n]
    if all(np.isfinite(population.mean) for population in with_networks):
        what = 'mean'
        with_networks.sort(key=lambda population: population.mean)
    else:
        what = 'median'
        with_networks.sort(key=lambda population: population.median)
    return with_networks + without_networks, what


def drawn_alone(
    populations: Sequence[ReportedPopulation], brief: bool
) -> tuple[ReportedPopulation, Sequence[ReportedPopulation]]:
    """Choose the populations with figures of their own.

    Args:
        populations: at least one.
        brief: only the best one has some.

    Returns:
        The best one, which is seen at once, and the others that have figures, behind a fold.
    """
    best = by_error(populations)[0][0]
    return best, [] if brief else [one for one in populations if one is not best]


def flops_overlap(populations: Iterable[ReportedPopulation]) -> bool:
    """Whether some flops lie within the range of every population whose flops are known."""
    columns = [population.column('flops') for population in populations]
    known = [flops[np.isfinite(flops)] for flops in columns if np.isfinite(flops).any()]
    if not known:
        return True
    return bool(max(flops.min() for flops in known) <= min(flops.max() for flops in known))
