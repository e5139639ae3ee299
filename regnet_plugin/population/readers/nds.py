"""The published populations of *On Network Design Spaces for Visual Recognition* (Radosavovic et
al., ICCV 2019).

A file of facebookresearch/nds is a list of jobs, each a training of a network, or, where networks
were trained again and again, an object with such a list for the ``top`` and one for the ``mid`` of
a population. In a job's ``net`` the lists have an entry for the stem first; ``bot_muls`` are 1 / b,
and ``num_gs`` numbers of groups.
"""

import json
import math
import statistics
from dataclasses import replace

from regnet_plugin.core.architecture import Architecture
from regnet_plugin.core.limits import check_network_size
from regnet_plugin.core.number_checks import is_real
from regnet_plugin.population.readers.checks import (
    MISREAD,
    known_numbers,
    percent,
    ratio_of,
    section,
    series,
)
from regnet_plugin.population.readers.entries import (
    Entry,
    keep_shared,
    name_apart,
    records_of,
    stage_numbers,
)
from regnet_plugin.population.store import PopulationError

PARTS = ('top', 'mid')
# by the beginnings of their names
_BLOCKS = dict(double_plain='V2', res_basic='VR2', res_bottleneck='X')


def is_nds(data):
    """Whether JSON is that of the 2019 paper, by its first job."""
    jobs = next(iter(data.values())) if isinstance(data, dict) and set(data) == set(PARTS) else data
    first = jobs[0] if isinstance(jobs, list) and jobs else None
    return isinstance(first, dict) and {'net', 'test_ep_top1'} <= set(first)


def read_nds(path, data, name):
    """Read what is in a file.

    Args:
        path (Path): of the file.
        data (list | dict): its JSON.
        name (str): of the population.

    Returns:
        tuple[Records]: one, with a network per job; or two, named 'name · top' and 'name · mid', of
        networks that were trained several times, with means over these. ``flops`` are as published:
        beside multiply-adds they count five for each output of a conv layer.

    Raises:
        PopulationError: naming the file and the job that breaks a rule.
    """
    if isinstance(data, list):
        return (_records(path, _entries(path, data), name),)
    return tuple(
        _records(path, list(map(_mean, _by_network(path, data[part], part))), f'{name} · {part}')
        for part in PARTS
    )


def _records(path, entries, name):
    name_apart(entries)
    keep_shared(entries)
    entries = [replace(entry, conditions=_conditions(path)) for entry in entries]
    return records_of(entries, name=name, source=str(path), space=dict(name=name))


def _conditions(path):
    """Files of ImageNet have names such as ``ResNet_in.json`` and ``ResNet_lr-wd_in.json``; the
    others are of CIFAR-10.
    """
    if '_in' in path.stem:
        return dict(data=('ImageNet',), num_classes=('1000',), resolution=('224',))
    return dict(data=('CIFAR-10',), num_classes=('10',), resolution=('32',))


def _by_network(path, jobs, part):
    """Trainings of the same network with the same settings, together."""
    grouped = {}
    for job, entry in zip(jobs, _entries(path, jobs, f'{part}, ')):
        grouped.setdefault(json.dumps([job['net'], job.get('optim')], sort_keys=True), []).append(
            entry
        )
    return grouped.values()


def _mean(trainings):
    """One entry of a network's trainings; what does not depend on the seed is that of the first
    one.
    """
    done = [entry for entry in trainings if entry.status == 'done']
    failed = len(trainings) - len(done)
    if not done:
        return replace(trainings[0], failed_seeds=failed)
    last = [entry.last_error for entry in done]
    return replace(
        done[0],
        last_error=statistics.fmean(last),
        seeds=len(done),
        failed_seeds=failed,
        best_error=statistics.fmean(entry.best_error for entry in done),
        deviation=statistics.stdev(last) if len(last) > 1 else math.nan,
    )


def _entries(path, jobs, part=''):
    if not isinstance(jobs, list) or not jobs:
        raise PopulationError(f'{path}: {part}there must be a list of jobs, at least one')
    entries = []
    for number, job in enumerate(jobs, 1):
        try:
            entries.append(_entry(job))
        except MISREAD as error:
            rule = f'there is no {error}' if isinstance(error, KeyError) else error
            raise PopulationError(f'{path}: {part}job {number}: {rule}') from None
    return entries


def _entry(job):
    """A training. Its best error is the published one; where that or the last one is no number, it
    diverged.
    """
    if not isinstance(job, dict):
        raise ValueError(f'a job must be an object, but it is {job!r}')
    net, optim = section(job, 'net'), section(job, 'optim')
    numbers = known_numbers(dict(flops=job.get('flops'), parameters=job.get('params')))
    lists = _stages(net)
    cells = known_numbers(dict(depth=net.get('depth'), width=net.get('width')))
    numbers.update(stage_numbers(lists) if lists else cells)
    numbers.update(
        known_numbers(
            dict(
                lr=optim.get('base_lr'),
                weight_decay=optim.get('wd'),
                training_step=job.get('iter_time'),
            )
        )
    )
    if 'min_test_top1' not in job:
        raise ValueError('a job must have min_test_top1, the least error of its epochs')
    last, best, name = (
        series(job, 'test_ep_top1')[-1],
        job['min_test_top1'],
        str(job.get('job_id', '')),
    )
    if None in (last, best) or last != last or best != best:
        return Entry(
            name,
            'failed',
            'diverged',
            failed_seeds=1,
            numbers=numbers,
            backbone=_backbone(net, lists),
        )
    return Entry(
        name,
        'done',
        last_error=percent(last, 'the last of test_ep_top1'),
        seeds=1,
        numbers=numbers,
        best_error=percent(best, 'min_test_top1'),
        backbone=_backbone(net, lists),
    )


def _stages(net):
    """Depths, widths and so on without the stem's; None for the cells of neural architecture
    search.
    """
    if 'ds' not in net:
        return None
    rows = {name: net.get(name) or [] for name in ('ds', 'ws', 'ss', 'bot_muls', 'num_gs')}
    lengths = {name: len(row) for name, row in rows.items() if row}
    if (
        not {'ds', 'ws', 'ss'} <= set(lengths)
        or len(set(lengths.values())) != 1
        or lengths['ds'] < 2
    ):
        raise ValueError(
            'ds, ws and ss must have an entry for the stem and for each stage, but the lengths are '
            f'{lengths}'
        )
    depths, widths, strides, multipliers, groups = (row[1:] for row in rows.values())
    if not all(
        is_real(value) and value > 0
        for value in (*depths, *widths, *strides, *multipliers, *groups)
    ):
        raise ValueError(
            'ds, ws, ss, bot_muls and num_gs must be positive numbers in each stage, but they are '
            f'{[row[1:] for row in rows.values()]}'
        )
    check_network_size(depths, widths)
    ratios = [ratio_of(multiplier) for multiplier in multipliers]
    group_widths = [width / ratio / count for width, ratio, count in zip(widths, ratios, groups)]
    if any(group_width % 1 for group_width in group_widths):
        raise ValueError(
            f'num_gs must divide the bottleneck widths, but ws={widths}, bot_muls={multipliers} '
            'and '
            f'num_gs={groups}'
        )
    return dict(
        depths=depths,
        widths=widths,
        strides=strides,
        bottleneck_ratios=ratios or None,
        group_widths=list(map(int, group_widths)) or None,
    )


def _backbone(net, lists):
    """AnyNet has the stem of CIFAR; how the strides of other stems are made up is not published."""
    block = next(
        (ours for theirs, ours in _BLOCKS.items() if str(net.get('block_type')).startswith(theirs)),
        None,
    )
    if lists is None or block is None or net['ss'][0] != 1:
        return None
    if block != 'X':
        lists = dict(lists, bottleneck_ratios=None, group_widths=None)
    elif lists['group_widths'] is None:
        block = 'R'
    architecture = Architecture.from_lists(
        **lists, block=block, stem='cifar', stem_width=net['ws'][0]
    )
    return {name: value for name, value in architecture.to_dict().items() if value is not None}
