"""The page of a pilot: how far errors spread beyond the noise between seeds."""

from pathlib import Path

from regnet_plugin.analysis import SeedNoise, seed_noise
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


def write_pilot(results: Results, path: str | Path, introduction: str = '') -> None:
    """Write how far the errors of each candidate spread beyond the noise between seeds.

    Candidates whose networks differ most, beside that noise, come first.

    Args:
        results: of parts whose networks were trained with several seeds each.
        path: of the page; one that is there is replaced.
        introduction: Markdown that comes first. Default: ''.

    Raises:
        ValueError: naming a candidate with too few networks or seeds.
    """
    candidates = [(one, _noise(one)) for one in results.populations.values()]
    candidates.sort(key=lambda candidate: -candidate[1].share)
    caption = (
        'Errors are means over the seeds, their standard deviations in points; the share of the '
        'variance that is due to the network, with its 95% interval (intraclass correlation, '
        'analysis of variance); seconds of a training on one core.'
    )
    rows = [_row(population, noise) for population, noise in candidates]
    spread = ['between networks', 'between seeds']
    units = units_of_errors(['mean error', 'highest'], spread)
    lines = [introduction, *table(Table('pilot', '', _COLUMNS, rows, caption, units=units))]
    replace(path, '\n'.join(lines).strip() + '\n')


def _noise(population: ReportedPopulation) -> SeedNoise:
    records, rows = population.records, population.rows
    seeds = int(records.seeds[rows].min()) if population.n else 0
    try:
        return seed_noise(population.errors, records.deviation[rows], seeds)
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
