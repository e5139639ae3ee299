"""The published populations of *On Network Design Spaces for Visual Recognition*.

Radosavovic et al., ICCV 2019. A file of facebookresearch/nds is a list of jobs, each a training of
a network, or, where networks were trained again and again, an object with such a list for the
``top`` and one for the ``mid`` of a population. In a job's ``net`` the lists have an entry for the
stem first; ``bot_muls`` are 1 / b, and ``num_gs`` numbers of groups.
"""

import json
from collections.abc import Mapping, Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any

from regnet_plugin.core.architecture import Architecture
from regnet_plugin.core.limits import check_network_size
from regnet_plugin.core.number_checks import is_real
from regnet_plugin.population.readers.checks import (
    epochs_in,
    error_in_percent,
    is_nan,
    known_numbers,
    object_in,
    ratio_of_multiplier,
)
from regnet_plugin.population.readers.network_rows import (
    NetworkRow,
    backbone_of,
    name_apart,
    or_nan,
    records_of,
    rows_of_jobs,
    stage_numbers,
)
from regnet_plugin.population.records import Records
from regnet_plugin.population.runs.results import deviation_over_seeds, mean_over_seeds
from regnet_plugin.population.store import PopulationError

PARTS = ('top', 'mid')
# Our names of blocks, by the beginnings of theirs.
_BLOCKS = dict(double_plain='V2', res_basic='VR2', res_bottleneck='X')
# The lists of a network; those that every network has are the first three: depths, widths, strides.
_ALWAYS = ('ds', 'ws', 'ss')
_LISTS = (*_ALWAYS, 'bot_muls', 'num_gs')


def is_nds(data: Any) -> bool:
    """Whether JSON is that of the 2019 paper, by its first job."""
    jobs = data
    if isinstance(data, dict) and set(data) == set(PARTS):
        jobs = next(iter(data.values()))
    first = jobs[0] if isinstance(jobs, list) and jobs else None
    return isinstance(first, dict) and {'net', 'test_ep_top1'} <= set(first)


def read_nds(path: Path, data: Any, name: str) -> list[Records]:
    """Read what is in a file.

    Args:
        path: of the file.
        data: its JSON, for which `is_nds` holds.
        name: of the population.

    Returns:
        One, with a network per job; or two, named 'name · top' and 'name · mid', of networks that
        were trained several times, with means over these. ``flops`` are as published: beside
        multiply-adds they count five for each output of a conv layer.

    Raises:
        PopulationError: naming the file and the job that breaks a rule.
    """
    if isinstance(data, list):
        return [_records(path, _rows(path, data), name)]
    return [
        _records(path, _rows_over_seeds(path, data[part], part), f'{name} · {part}')
        for part in PARTS
    ]


def _records(path: Path, rows: Sequence[NetworkRow], name: str) -> Records:
    name_apart(rows)
    rows = [replace(row, conditions=_conditions(path)) for row in rows]
    return records_of(rows, name=name, source=str(path), space=dict(name=name))


def _conditions(path: Path) -> dict[str, tuple[str, ...]]:
    """The data that networks were trained on, by the name of the file.

    Files of ImageNet have names such as ``ResNet_in.json`` and ``ResNet_lr-wd_in.json``; the others
    are of CIFAR-10.
    """
    if '_in' in path.stem:
        return dict(data=('ImageNet',), num_classes=('1000',), resolution=('224',))
    return dict(data=('CIFAR-10',), num_classes=('10',), resolution=('32',))


def _rows_over_seeds(path: Path, jobs: Any, part: str) -> list[NetworkRow]:
    """A row per network, of all trainings of the same network with the same settings."""
    trainings: dict[str, list[NetworkRow]] = {}
    for job, row in zip(jobs, _rows(path, jobs, f'{part}, '), strict=True):
        network = json.dumps([job['net'], job.get('optim')], sort_keys=True)
        trainings.setdefault(network, []).append(row)
    return [_over_seeds(rows) for rows in trainings.values()]


def _over_seeds(trainings: Sequence[NetworkRow]) -> NetworkRow:
    """One row of a network's trainings; what does not depend on the seed is the first one's."""
    done = [row for row in trainings if row.status == 'done']
    failed = len(trainings) - len(done)
    if not done:
        return replace(trainings[0], failed_seeds=failed)
    last_errors = [row.last_error for row in done]
    return replace(
        done[0],
        last_error=or_nan(mean_over_seeds(last_errors)),
        best_error=or_nan(mean_over_seeds([row.best_error for row in done])),
        deviation=or_nan(deviation_over_seeds(last_errors)),
        seeds=len(done),
        failed_seeds=failed,
    )


def _rows(path: Path, jobs: Any, part: str = '') -> list[NetworkRow]:
    """A row per job.

    Args:
        jobs: JSON of any kind.
        part: as messages name it.
    """
    if not isinstance(jobs, list) or not jobs:
        raise PopulationError(f'{path}: {part}there must be a list of jobs, at least one')
    return rows_of_jobs(path, jobs, _row, part)


def _row(job: Mapping[str, Any]) -> NetworkRow:
    """A training.

    Its best error is the published one; where that or the last one is no number, it diverged.
    """
    net, optim = object_in(job, 'net'), object_in(job, 'optim')
    counts = known_numbers(dict(flops=job.get('flops'), parameters=job.get('params')))
    lists = _stages(net)
    shape = known_numbers(dict(depth=net.get('depth'), width=net.get('width')))
    numbers = {
        **counts,
        **(stage_numbers(lists) if lists else shape),
        **known_numbers(
            dict(
                lr=optim.get('base_lr'),
                weight_decay=optim.get('wd'),
                training_step=job.get('iter_time'),
            )
        ),
    }
    if 'min_test_top1' not in job:
        raise ValueError('a job must have min_test_top1, the least error of its epochs')
    last, best = epochs_in(job, 'test_ep_top1')[-1], job['min_test_top1']
    row = NetworkRow(str(job.get('job_id', '')), numbers=numbers, backbone=_backbone(net, lists))
    if last is None or best is None or is_nan(last) or is_nan(best):
        return replace(row, status='failed', reason='diverged', failed_seeds=1)
    return replace(
        row,
        status='done',
        last_error=error_in_percent(last, 'the last of test_ep_top1'),
        best_error=error_in_percent(best, 'min_test_top1'),
        seeds=1,
    )


def _stages(net: Mapping[str, Any]) -> dict[str, Any] | None:
    """Lists of a network's stages, without the stem's entries, by the names that we give them.

    Bottleneck ratios and group widths are None where the block has none.

    Returns:
        None for the cells of neural architecture search.
    """
    if 'ds' not in net:
        return None
    given = {name: net.get(name) or [] for name in _LISTS}
    lengths = {name: len(row) for name, row in given.items() if row}
    same_length = len(set(lengths.values())) == 1
    if not set(_ALWAYS) <= set(lengths) or not same_length or lengths['ds'] < 2:
        raise ValueError(
            'ds, ws and ss must have an entry for the stem and for each stage, but the lengths are '
            f'{lengths}'
        )
    stages = {name: row[1:] for name, row in given.items()}
    for row in stages.values():
        if not all(is_real(value) and value > 0 for value in row):
            raise ValueError(
                'ds, ws, ss, bot_muls and num_gs must be positive numbers in each stage, but they '
                f'are {list(stages.values())}'
            )
    check_network_size(stages['ds'], stages['ws'])
    ratios = [ratio_of_multiplier(multiplier) for multiplier in stages['bot_muls']]
    return dict(
        depths=stages['ds'],
        widths=stages['ws'],
        strides=stages['ss'],
        bottleneck_ratios=ratios or None,
        group_widths=_group_widths(stages, ratios) or None,
    )


def _group_widths(stages: Mapping[str, Any], ratios: Sequence[float]) -> list[int]:
    """Group widths, of numbers of groups; none where there are no bottlenecks or no groups."""
    bottlenecks = [width / ratio for width, ratio in zip(stages['ws'], ratios)]
    group_widths = [width / count for width, count in zip(bottlenecks, stages['num_gs'])]
    if any(group_width % 1 for group_width in group_widths):
        raise ValueError(
            f'num_gs must divide the bottleneck widths, but ws={stages["ws"]}, '
            f'bot_muls={stages["bot_muls"]} and num_gs={stages["num_gs"]}'
        )
    return [int(group_width) for group_width in group_widths]


def _backbone(net: Mapping[str, Any], lists: Mapping[str, Any] | None) -> dict[str, Any] | None:
    """Arguments of AnyNet; None of what it cannot build.

    It has the stem of CIFAR; how the strides of other stems are made up is not published.
    """
    block = _block(str(net.get('block_type')))
    if lists is None or block is None or net['ss'][0] != 1:
        return None
    if block != 'X':
        lists = dict(lists, bottleneck_ratios=None, group_widths=None)
    elif lists['group_widths'] is None:
        block = 'R'
    architecture = Architecture.from_lists(
        **lists, block=block, stem='cifar', stem_width=net['ws'][0]
    )
    return backbone_of(architecture.to_dict())


def _block(theirs: str) -> str | None:
    """Our name of a block; None of one that we do not have."""
    for beginning, ours in _BLOCKS.items():
        if theirs.startswith(beginning):
            return ours
    return None
