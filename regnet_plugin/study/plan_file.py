"""The config of a study, read as a plan."""

import os
from pathlib import Path
from typing import Iterator

from mmengine.config import Config

from regnet_plugin.study.checks import check_parts, check_selection
from regnet_plugin.study.plan import Part, Plan, Selection


def read_plan(path):
    """Read the config of a study: ``parts``, a list of dicts as `Part`, and, where wanted,
    ``selection``, as `Selection`.

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
    parts = tuple(_made(Part, values, folders) for values in config.get('parts') or ())
    if not parts:
        raise ValueError('a study has parts, a list of dicts, but there are none')
    selection = config.get('selection') and _made(Selection, config.selection, folders)
    check_parts(parts)
    if selection:
        check_selection(selection, parts)
    return Plan(path, parts, selection)


def _folders(path: Path) -> Iterator[Path]:
    """The folder of a config and those of the configs that it is based on, the nearest first."""
    yield path.parent
    for base in Config._get_base_files(str(path)):  # how MMEngine finds them; it has no public name
        found = Path(Config._get_cfg_path(base, str(path))[0])
        if found.is_file():
            yield from _folders(found)


def _made(kind, values, folders):
    """Fill in a dataclass; lists become tuples, and paths begin in the first of some folders that
    has such a file.
    """
    given = {
        name: tuple(value) if isinstance(value, (list, tuple)) else value
        for name, value in dict(values).items()
    }
    for name in {'space', 'recipe'} & given.keys():
        found = [
            path for path in (folder / str(given[name]) for folder in folders) if path.is_file()
        ]
        if not found:
            raise ValueError(
                f'{name} must be the path of a config, from the folder of the plan or of its '
                '_base_, but '
                f'there is no {folders[0] / str(given[name])}'
            )
        given[name] = os.path.normpath(found[0])
    try:
        return kind(**given)
    except TypeError as error:
        raise ValueError(
            f'{kind.__name__} of {given.get("key", given.get("of"))}: {error}'
        ) from None


def commands_of(plan, part, work_dir, results, workers):
    """The commands that carry a part out, in order; each goes on where it was when it is called
    again.

    Args:
        plan (Plan): of the study.
        part (Part): of it.
        work_dir, results (Path): folders of the populations and of the tables.
        workers (int): networks trained at a time.

    Yields:
        list: name of a tool and its arguments.
    """
    folder = work_dir / part.folder
    yield from training_commands(plan, part, work_dir, workers)
    if part.latency:
        yield ['measure_latency.py', folder]
    yield [
        'export_table.py',
        folder,
        '--recipe',
        part.recipe_name,
        '--out',
        results / f'{part.key}.jsonl',
    ]


def training_commands(plan, part, work_dir, workers):
    """Those of them after which the networks of a part are trained."""
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
    yield [
        'train_population.py',
        folder,
        part.recipe,
        '--name',
        part.recipe_name,
        '--workers',
        workers,
        '--seed',
        *part.seeds,
        *_networks(part),
        *_settings(part),
    ]


def _networks(part):
    return ['--networks', *range(part.size)] if part.of else []


def _settings(part):
    return (
        ['--cfg-options', *(f'{name}={value}' for name, value in part.settings.items())]
        if part.settings
        else []
    )


def is_done(part, results):
    """Whether the table of a part is there, with all its networks."""
    table = results / f'{part.key}.jsonl'
    return table.exists() and len(table.read_text().splitlines()) == part.size


def selection_of(plan, work_dir, workers):
    """The command of the selection, and the table that it writes."""
    chosen = plan.selection
    part = plan.part(chosen.of)
    folder = work_dir / part.folder
    return [
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
    ], folder / 'runs' / Path(chosen.recipe).stem / 'best.csv'
