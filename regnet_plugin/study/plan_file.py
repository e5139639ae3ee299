"""The config of a study, read as a plan."""

import os
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any, TypeVar

from mmengine.config import Config

from regnet_plugin.population.folder import RUNS
from regnet_plugin.study.checks import check_looks, check_parts, check_schedules, check_selection
from regnet_plugin.study.plan import Looks, Part, Plan, Schedules, Selection

Command = list[str | float | Path]  # the name of a tool and its arguments

_Entry = TypeVar('_Entry', Part, Selection, Schedules, Looks)


def read_plan(path: str | Path) -> Plan:
    """Read the config of a study.

    It has ``parts``, a list of dicts as `Part`, and, where wanted, ``selection``, as `Selection`,
    ``schedules``, a list of dicts as `Schedules`, and ``looks``, as `Looks`, whose ``margins`` are
    a list of two keys and a number each.
    Paths of spaces and recipes begin in the config's own folder, or else in that of a config of its
    ``_base_``.

    Raises:
        ValueError: if an entry is missing, unknown, there twice, or names something that is not
            there.
        OSError: if the config cannot be read.
    """
    path = Path(path)
    config = Config.fromfile(str(path))
    folders = tuple(dict.fromkeys(_folders(path)))
    parts = tuple(_filled_in(Part, values, folders) for values in config.get('parts') or ())
    if not parts:
        raise ValueError('a study has parts, a list of dicts, but there are none')
    check_parts(parts)
    selection = None
    if config.get('selection'):
        selection = _filled_in(Selection, config.selection, folders)
        check_selection(selection, parts)
    schedules = tuple(
        _filled_in(Schedules, values, folders) for values in config.get('schedules') or ()
    )
    check_schedules(schedules, parts)
    looks = None
    if config.get('looks'):
        values = dict(config.looks)
        margins = {(first, second): margin for first, second, margin in values.pop('margins', ())}
        looks = _filled_in(Looks, values, folders)
        pairs = tuple((first, second) for first, second in looks.pairs)
        looks = replace(looks, pairs=pairs, margins=margins)
        check_looks(looks, parts)
    return Plan(path, parts, selection, schedules, looks)


def _folders(path: Path) -> Iterator[Path]:
    """Yield the folder of a config and those of the configs that it is based on, nearest first."""
    yield path.parent
    for base in Config._get_base_files(str(path)):  # how MMEngine finds them; it has no public name
        found = Path(Config._get_cfg_path(base, str(path))[0])
        if found.is_file():
            yield from _folders(found)


def _filled_in(kind: type[_Entry], values: Mapping[str, Any], folders: Sequence[Path]) -> _Entry:
    """Make a `Part`, a `Selection`, `Schedules` or `Looks` of an entry of the config.

    Lists become tuples, and paths begin in the first of some folders that has such a file.
    """
    given: dict[str, Any] = {
        name: tuple(value) if isinstance(value, (list, tuple)) else value
        for name, value in values.items()
    }
    for name in ('space', 'recipe'):
        if name in given:
            given[name] = _path_of_config(name, str(given[name]), folders)
    try:
        return kind(**given)
    except TypeError as error:
        key = given.get('key', given.get('of', given.get('short')))
        raise ValueError(f'{kind.__name__} of {key}: {error}') from None


def _path_of_config(name: str, given: str, folders: Sequence[Path]) -> str:
    for folder in folders:
        if (folder / given).is_file():
            return os.path.normpath(folder / given)
    raise ValueError(
        f'{name} must be the path of a config, from the folder of the plan or of its _base_, but '
        f'there is no {folders[0] / given}'
    )


def commands_of(
    plan: Plan, part: Part, work_dir: Path, results: Path, workers: int
) -> Iterator[Command]:
    """Yield the commands that carry a part out, in order; called again, each goes on where it was.

    Args:
        plan: of the study.
        part: of it.
        work_dir: folder of the populations.
        results: folder of the tables.
        workers: networks trained at a time.
    """
    folder = work_dir / part.folder
    yield from training_commands(plan, part, work_dir, workers)
    if part.latency:
        yield ['measure_latency.py', folder]
    table = results / f'{part.key}.jsonl'
    yield ['export_table.py', folder, '--recipe', part.recipe_name, '--out', table]


def commands_of_some(
    plan: Plan, part: Part, networks: Sequence[int], work_dir: Path, table: Path, workers: int
) -> Iterator[Command]:
    """Yield the commands that train, and time, some networks of a part and write the table of all.

    Args:
        plan: of the study.
        part: of it.
        networks: their numbers.
        work_dir: folder of the populations.
        table: where the results are written.
        workers: networks trained at a time.
    """
    sampling, training = training_commands(plan, part, work_dir, workers)
    place = training.index('--seed')
    yield sampling
    yield [*training[:place], '--networks', *networks, *training[place:]]
    folder = work_dir / part.folder
    if part.latency:
        yield ['measure_latency.py', folder, '--networks', *networks]
    yield ['export_table.py', folder, '--recipe', part.recipe_name, '--out', table]


def training_commands(plan: Plan, part: Part, work_dir: Path, workers: int) -> Iterator[Command]:
    """Yield those of `commands_of` after which the networks of a part are trained."""
    folder, sampled = work_dir / part.folder, plan.part(part.folder)
    yield [
        'sample_population.py',
        sampled.space,
        '--size',
        sampled.size,
        '--flops',
        *sampled.flops,
        '--seed',
        sampled.seed,
        '--out',
        folder,
        '--resume',
    ]
    command: Command = ['train_population.py', folder, part.recipe]
    command += ['--name', part.recipe_name, '--workers', workers, '--seed', *part.seeds]
    if part.of:
        command += ['--networks', *range(part.size)]
    if part.settings:
        settings = [f'{name}={value}' for name, value in part.settings.items()]
        command += ['--cfg-options', *settings]
    yield command


def is_done(part: Part, results: Path) -> bool:
    """Return whether the table of a part is there, with all its networks."""
    table = results / f'{part.key}.jsonl'
    return table.exists() and len(table.read_text().splitlines()) == part.size


def selection_of(plan: Plan, work_dir: Path, workers: int) -> tuple[Command, Path]:
    """Return the command of the selection, which the plan has, and the table that it writes."""
    chosen = plan.selection
    if chosen is None:
        raise ValueError(f'{plan.path} must have a selection, but it has none')
    part = plan.part(chosen.of)
    folder = work_dir / part.folder
    command: Command = [
        'select_best.py',
        folder,
        chosen.recipe,
        '--ranked-by',
        part.recipe_name,
        '--among',
        chosen.among,
        '--seed',
        *chosen.seeds,
        '--baselines',
        *chosen.baselines,
        '--baseline-flops',
        chosen.flops,
        '--workers',
        workers,
    ]
    return command, folder / RUNS / Path(chosen.recipe).stem / 'best.csv'
