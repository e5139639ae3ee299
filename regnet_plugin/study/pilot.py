"""The page of a pilot: the spread of errors beside the noise between seeds, and schedules."""

from pathlib import Path

import numpy as np

from regnet_plugin.analysis import SeedNoise, schedule_agreement, seed_noise
from regnet_plugin.files import replace
from regnet_plugin.report.document import Table
from regnet_plugin.report.drawing.plot import Cell
from regnet_plugin.report.populations import ReportedPopulation
from regnet_plugin.report.units import units_of_errors
from regnet_plugin.study.markdown import table
from regnet_plugin.study.results import Results

_COLUMNS = (
    'candidate',
    'mean error',
    'highest',
    'between networks',
    'between seeds',
    'share of the networks',
    'low',
    'high',
    'networks',
    'seeds',
    'failed',
    'seconds, mean',
    'seconds, most',
)
_SCHEDULE_COLUMNS = (
    'short training',
    'long training',
    'tau',
    'tau of two seeds',
    'ratio',
    'low',
    'high',
    'change of rank explained by depth',
    'highest error',
    'networks',
)


def write_pilot(results: Results, path: str | Path, introduction: str = '') -> None:
    """Write how far the errors of each candidate spread beyond the noise between seeds.

    Candidates whose networks differ most, beside that noise, come first. Those of one seed follow,
    and schedules, where the plan has some.

    Args:
        results: of a pilot's parts.
        path: of the page; one that is there is replaced.
        introduction: Markdown that comes first. Default: ''.

    Raises:
        ValueError: naming a candidate with too few networks or seeds.
    """
    tables = [make(results) for make in (_noise_table, _error_table, _schedule_table)]
    lines = [line for one in tables if one.rows for line in ['', *table(one)]]
    replace(path, '\n'.join([introduction, *lines]).strip() + '\n')


def _noise_table(results: Results) -> Table:
    """The spread of errors beside that of seeds, of candidates that have several."""
    candidates = [(one, _noise(one)) for one in results.populations.values() if _seeds_of(one) != 1]
    candidates.sort(key=lambda candidate: -candidate[1].share)
    caption = (
        'Errors are means over the seeds, their standard deviations in points; the share of the '
        'variance that is due to the network, with its 95% interval (intraclass correlation, '
        'analysis of variance); seconds of a training on one core.'
    )
    rows = [_row(population, noise) for population, noise in candidates]
    spread = ['between networks', 'between seeds']
    units = units_of_errors(['mean error', 'highest'], spread)
    return Table('pilot', '', _COLUMNS, rows, caption, units=units)


def _error_table(results: Results) -> Table:
    """The errors of candidates with one seed, the lowest median first."""
    compared = {key for one in results.plan.schedules for key in (one.short, one.long, one.again)}
    candidates = [
        one
        for key, one in results.populations.items()
        if _seeds_of(one) == 1 and key not in compared
    ]
    rows: list[tuple[Cell, ...]] = [
        (
            one.name,
            float(np.median(one.errors)),
            one.mean,
            float(one.errors.max()),
            one.n,
            one.failed,
            float(one.column('seconds').mean()),
        )
        for one in candidates
    ]
    rows.sort(key=lambda row: (row[1], row[0]))
    columns = ('candidate', 'median error', 'mean', 'highest', 'networks', 'failed', 'seconds')
    units = units_of_errors(['median error', 'mean', 'highest'])
    return Table('settings', '', columns, rows, 'One training of each network.', units=units)


def _schedule_table(results: Results) -> Table:
    """Schedules that are carried out, as the plan orders them."""
    rows: list[tuple[Cell, ...]] = []
    for compared in results.plan.schedules:
        populations = results.get(compared.short, compared.long, compared.again)
        if populations is None:
            continue
        short, long, again = populations
        found = schedule_agreement(
            short.errors, long.errors, again.errors, short.column('depth'), level=0.95
        )
        rows.append(
            (
                short.name,
                long.name,
                found.tau,
                found.tau_of_seeds,
                found.ratio,
                found.low,
                found.high,
                found.depth_share,
                float(short.errors.max()),
                found.n,
            )
        )
    caption = (
        "Kendall's tau between the errors of the short and of the long training, between two seeds "
        'of the long one, and their ratio with its 95% interval (jackknife); the part of the '
        'variance of the change of rank that a line through the depth explains.'
    )
    units = units_of_errors(['highest error'])
    return Table('schedules', '', _SCHEDULE_COLUMNS, rows, caption, units=units)


def _seeds_of(population: ReportedPopulation) -> int:
    """Trainings of each network; 0 where nothing is trained."""
    return int(population.records.seeds[population.rows].min()) if population.n else 0


def _noise(population: ReportedPopulation) -> SeedNoise:
    records, rows = population.records, population.rows
    try:
        return seed_noise(population.errors, records.deviation[rows], _seeds_of(population))
    except ValueError as error:
        raise ValueError(f'{population.name}: {error}') from None


def _row(population: ReportedPopulation, noise: SeedNoise) -> tuple[Cell, ...]:
    seconds = population.column('seconds')
    return (
        population.name,
        population.mean,
        float(population.errors.max()),
        noise.between,
        noise.within,
        noise.share,
        noise.low,
        noise.high,
        noise.n,
        noise.seeds,
        population.failed,
        float(seconds.mean()),
        float(seconds.max()),
    )
