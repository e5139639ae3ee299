"""Populations that this package sampled and trained, see `regnet_plugin.population.store` and
`runs`.

The lines of a population are read as plain JSON: to build each `Sample` takes three times as long
as all that is done here, and 10^5 networks are to be read in seconds.
"""

import math
import statistics

from regnet_plugin.core.vocabulary import DEFAULT_ACTIVATION, activation_config
from regnet_plugin.files import folders_in, is_there, naming, read_text, unambiguous
from regnet_plugin.population.attempts import attempts_of
from regnet_plugin.population.columns import COUNTS, LISTS, NETWORK, check_parameter
from regnet_plugin.population.latency import read_latencies
from regnet_plugin.population.measured_error import PERCENT
from regnet_plugin.population.readers.checks import known_numbers, space_of
from regnet_plugin.population.readers.entries import Entry, keep_shared, records_of, stage_numbers
from regnet_plugin.population.recipes import conditions_of
from regnet_plugin.population.results import BROKEN, read_result_or_failure, shorten
from regnet_plugin.population.runs import CONFIG, RECIPE, RUNS, networks_with_runs, of_networks
from regnet_plugin.population.store import Network, Population, PopulationError

# parameters whose columns are called otherwise
_NOMINAL = dict(bottleneck_ratio='b', group_width='g')
_KEYS = frozenset((*LISTS, *NETWORK))
# parameters that the stages say
_OF_STAGES = ('depth', 'depths', 'widths', 'bottleneck_ratios', 'group_widths')


def read_population(path, recipe=None, name=None):
    """Read a population's directory, whatever has been sampled, trained and measured until now.

    Args:
        path (str | Path): of the directory.
        recipe (str, optional): name of the only one that is wanted. Default: None, all.
        name (str, optional): of the population. Default: None, that of the directory.

    Returns:
        tuple[Records]: one per recipe, in the order of their names; one of networks that wait if
            there is no recipe.

    Raises:
        PopulationError: naming the file, and its line, that cannot be read, or the recipes if there
            is none of this name.
    """
    population = Population.open(path)
    # before the networks, so that none of them can be missing there
    planned = _planned_runs(population)
    if recipe is not None and recipe not in planned:
        raise PopulationError(
            f'a recipe must be one that networks of {population.directory} are trained with '
            f'({", ".join(planned) or "none yet"}), but it is {recipe}'
        )
    sampled = _sampled(population)
    title = name or population.directory.resolve().name
    several = len(planned) > 1 and not (name and recipe)
    known = dict(source=str(path), space=_space(population))
    if not planned:
        return (_records(population, sampled, {}, name=title, **known),)
    return tuple(
        _records(
            population,
            sampled,
            _outcomes(population, trained, planned[trained], sampled),
            name=f'{title} · {trained}' if several else title,
            **known,
        )
        for trained in ([recipe] if recipe else planned)
    )


def _records(population, sampled, outcomes, **known):
    latencies, device = _latencies(population)
    metric, unit = next(
        (
            outcome['measured']
            for outcome in outcomes.values()
            if outcome.get('measured', [None])[0]
        ),
        ('accuracy/top1', PERCENT),
    )
    notes = tuple(note for outcome in outcomes.values() for note in outcome.pop('notes'))
    entries = [
        _entry(network, *found, latencies.get(network, {}), **outcomes.get(network, {}))
        for network, found in sampled.items()
    ]
    keep_shared(entries)
    return records_of(entries, metric=metric, unit=unit, device=device, notes=notes, **known)


def _entry(
    network,
    numbers,
    backbone,
    counted_at,
    latency,
    seconds=None,
    measured=None,
    conditions=None,
    **outcome,
):
    took = {} if seconds is None else dict(seconds=seconds)
    return Entry(
        network=network,
        numbers={**numbers, **took, **latency},
        backbone=backbone,
        conditions={**counted_at, **(conditions or {})},
        **outcome,
    )


def _planned_runs(population):
    """Per recipe the networks and the seeds that they are trained with."""
    place = population.directory / RUNS
    planned = {name: networks_with_runs(place / name) for name in folders_in(place)}
    return {name: runs for name, runs in planned.items() if runs or is_there(place / name / RECIPE)}


def _sampled(population):
    """Per network its columns, its backbone and what it is counted at. A last line without its end
    is being written.
    """
    with naming(population.path):
        lines = population.path.read_bytes().split(b'\n')[:-1] if is_there(population.path) else []
    sampled = {}
    for number, line in enumerate(lines, 1):
        try:
            values = _plain(line)
            if values['network'] in sampled:
                raise ValueError(
                    f'each network must be there once, but {values["network"]} is there twice'
                )
            sampled[values['network']] = _numbers(values), _backbone(values), _counted_at(values)
        except (ValueError, RecursionError) as error:
            raise PopulationError(f'{population.path}:{number}: {error}') from None
    if not sampled:
        raise PopulationError(f'there is no network in {population.directory} yet')
    return sampled


def _plain(line):
    """The JSON of a line. What does not look like a network is read with all rules, to say which
    one is broken.
    """
    values = unambiguous(line)
    try:
        looks_right = _looks_right(**values)
    except (TypeError, AttributeError, KeyError, ArithmeticError):
        looks_right = False
    if not looks_right:
        Network.from_line(line)
        raise ValueError('depths, widths and group widths must fit 64 bits')
    return values


def _looks_right(
    network,
    parameters,
    architecture,
    complexity,
    resolution,
    activation,
    num_classes,
    lr=1,
    weight_decay=1,
    **_,
):
    """Whether all that is used here is of the right kind."""
    stages = len(architecture['depths'])
    nominal = [
        number
        for value in parameters.values()
        for number in (value if isinstance(value, list) else [value])
    ]
    counts = [complexity[name] for name in COUNTS]
    return (
        type(network) is str
        and type(activation) is str
        and type(num_classes) is int
        and _KEYS.issuperset(architecture)
        and _are_numbers([*nominal, *counts, resolution, lr, weight_decay], {int, float})
        and all(_is_row(architecture[name], stages, {int}) for name in ('depths', 'widths'))
        and _is_row(architecture['bottleneck_ratios'] or [1] * stages, stages, {int, float})
        and _is_row(architecture['group_widths'] or [1] * stages, stages, {int})
    )


def _is_row(values, stages, kinds):
    return (
        type(values) is list
        and len(values) == stages
        and _are_numbers(values, kinds)
        and min(values) > 0
    )


def _are_numbers(values, kinds):
    """Whether these are numbers that fit 64 bits, not NaN: in a sum these would show."""
    return kinds.issuperset(map(type, values)) and -(2**63) < sum(values) < 2**63


def _numbers(values):
    """Nominal parameters, stages after the group-width rule, and what was drawn beside the
    architecture.
    """
    parameters, counts = values['parameters'], values['complexity']
    numbers = {name: counts[name] for name in COUNTS}
    numbers.update(stage_numbers(values['architecture']))
    shared = dict(b=parameters.get('bottleneck_ratios'), g=parameters.get('group_widths'))
    numbers.update(
        (letter, drawn[0]) for letter, drawn in shared.items() if drawn and len(set(drawn)) == 1
    )
    for name, value in parameters.items():
        if name not in _NOMINAL and name not in _OF_STAGES:
            check_parameter(f'{name}_1' if isinstance(value, list) else name)
        if isinstance(value, list) and name not in _OF_STAGES:
            numbers.update((f'{name}_{stage}', entry) for stage, entry in enumerate(value, 1))
        elif name not in _OF_STAGES:
            numbers[_NOMINAL.get(name, name)] = value
    numbers.update(
        (name, values[name]) for name in ('resolution', 'lr', 'weight_decay') if name in values
    )
    return numbers


def _counted_at(values):
    return {name: (str(values[name]),) for name in ('num_classes', 'resolution')}


def _backbone(values):
    """Arguments of AnyNet; an activation other than ReLU as the run's config has it."""
    backbone = {name: value for name, value in values['architecture'].items() if value is not None}
    if values['activation'] == DEFAULT_ACTIVATION:
        return backbone
    return dict(backbone, act_cfg=activation_config(values['activation']))


def _outcomes(population, recipe, planned, sampled):
    """Per network with runs what `Entry` says of its training, its seconds, metric and unit, and
    notes on it.
    """
    folder = population.directory / RUNS / recipe
    conditions = _recipe_conditions(folder)
    seeds, outcomes = {}, {}
    for network, seed in of_networks(planned, sampled, folder):
        seeds.setdefault(network, []).append(seed)
    for network in seeds:
        runs = [folder / f'{network}-{seed}' for seed in sorted(seeds[network])]
        config = runs[0] / CONFIG
        results = [read_result_or_failure(run, sampled[network][0]) for run in runs]
        notes = [result.message for result in results if result and result.reason == BROKEN]
        outcomes[network] = dict(
            _outcome(runs, results),
            conditions=_conditions(results, conditions),
            notes=notes,
            config=str(config) if is_there(config) else None,
        )
    return outcomes


def _recipe_conditions(folder):
    try:
        return conditions_of(folder.name, read_text(folder / RECIPE))
    except (FileNotFoundError, ValueError):  # there is none, or it is no text
        return dict(recipe=(folder.name,))


def _conditions(results, known):
    """Those of the recipe's text, and what the trainings of a network noted."""
    ended = list(filter(None, results))
    noted = dict(
        metric={result.metric for result in ended if result.metric and result.status == 'done'},
        recipe_digest={result.recipe_digest for result in ended if result.recipe_digest},
        versions={
            shorten(f'{name} {version}')
            for result in ended
            for name, version in result.versions.items()
            if isinstance(version, str)
        },
    )
    return {**{name: tuple(sorted(values)) for name, values in noted.items() if values}, **known}


def _outcome(runs, results):
    """What the runs of a network come to: their mean as soon as one ended well, a failure when all
    failed.
    """
    done = [result for result in results if result and result.status == 'done']
    failed = [result for result in results if result and result.status == 'failed']
    failures = dict(failed_seeds=len(failed))
    if done:
        known = {
            name: [getattr(result, name) for result in done if getattr(result, name) is not None]
            for name in ('last_error', 'best_error', 'seconds')
        }
        errors = known['last_error']
        return dict(
            status='done',
            seeds=len(done),
            **failures,
            measured=(done[0].metric, done[0].unit),
            deviation=statistics.stdev(errors) if len(errors) > 1 else math.nan,
            **{name: statistics.fmean(values) for name, values in known.items() if values},
        )
    if len(failed) == len(runs):
        return dict(status='failed', reason=failed[0].reason, **failures)
    held = any(_is_held(run) for run, result in zip(runs, results) if result is None)
    return dict(status='running' if held else 'waiting', **failures)


def _is_held(run):
    """Whether somebody trains a run, as far as one can see at first sight: on another machine, or
    was killed there.
    """
    attempts = attempts_of(run)
    return bool(attempts) and not attempts[-1].over


def _latencies(population):
    """Per network its times on the device, at the batch, with which most networks were measured;
    and what that is.
    """
    groups = {}
    for latency in read_latencies(population):
        where = latency.device, latency.threads, latency.batch, latency.resolution
        groups.setdefault(where, {})[latency.network] = latency
    if not groups:
        return {}, ''
    (device, threads, batch, side), found = max(groups.items(), key=lambda group: len(group[1]))
    measured = {
        network: known_numbers(dict(latency=latency.inference, training_step=latency.training))
        for network, latency in found.items()
    }
    used = f', {threads} thread{"" if threads == 1 else "s"}' if threads else ''
    return measured, f'{device}{used}, batch {batch}, {side} pixels'


def _space(population):
    """What the manifest says of the space; one that was written by hand may lack anything."""
    manifest = population.manifest
    constraints = manifest.get('constraints')
    flops = constraints.get('flops') if isinstance(constraints, dict) else None
    low, high = flops if isinstance(flops, list) and len(flops) == 2 else (None, None)
    numbers = dict(
        size=manifest.get('space_size'),
        paper_size=manifest.get('space_size_of_the_paper'),
        dimension=manifest.get('dimension'),
        low=low,
        high=high,
    )
    return dict(
        name=population.directory.resolve().name,
        **space_of({**numbers, 'description': manifest.get('space')}),
    )
