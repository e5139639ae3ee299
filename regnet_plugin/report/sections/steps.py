"""Design steps: each population against the one before it, beside the sizes of the spaces (table
1).
"""

import math

from regnet_plugin.analysis import compare
from regnet_plugin.report.document import Figure, Section, Table
from regnet_plugin.report.figures import steps_plot
from regnet_plugin.report.populations import error_label, unit_of
from regnet_plugin.report.sketch import Sketch
from regnet_plugin.report.wording import count, factor, power

_POINTS = {'%': ' points', '': ''}  # of a difference of errors, by their unit


def are_steps(entries):
    """Whether populations, in their order, are steps of a design: spaces of known sizes that never
    grow.
    """
    sizes = [_size(entry) for entry in entries]
    return (
        len(sizes) > 1
        and None not in sizes
        and all(a >= b for a, b in zip(sizes, sizes[1:]))
        and sizes[0] > sizes[-1]
    )


def steps(entries):
    """The section: what each restriction cost or gave."""
    pairs = [(after.name, before.name) for before, after in zip(entries, entries[1:])]
    compared = compare(
        {entry.name: entry.errors for entry in entries}, pairs, level=1 - entries[0].rules.level
    ).pairs
    sizes = [_size(entry) for entry in entries]
    plot = Sketch(
        steps_plot,
        'design-steps',
        {entry.name: entry.edf for entry in entries},
        {entry.name: _size(entry) for entry in entries},
        error_label(entries),
    )
    rows = [
        _row(entry, found, before)
        for entry, found, before in zip(entries, (None, *compared), (None, *sizes))
    ]
    text = [_sentence(pair, found) for pair, found in zip(zip(entries, entries[1:]), compared)]
    last = f'In all, from {entries[0].name} to {entries[-1].name}: {_change(sizes[0], sizes[-1])}'
    change = entries[-1].edf.mean - entries[0].edf.mean
    if math.isfinite(change):
        last += f', mean error {change:+.2f}{_POINTS[unit_of(entries)]}'
    return Section(
        'design',
        'Design steps',
        [*text, f'{last}.'],
        [
            Figure(
                plot,
                'What each restriction cost or gave',
                'Minimum and mean error, and the size of each space (table 1).',
            ),
            Table(
                'steps',
                'Design steps',
                (
                    'space',
                    'degrees of freedom',
                    'size',
                    'against before',
                    'n',
                    'minimum',
                    'mean',
                    'change of the mean',
                    'low',
                    'high',
                    'p',
                ),
                rows,
                'Sizes as the paper counts them. Change against the space before, with its '
                'confidence interval; p of the '
                f'Kolmogorov-Smirnov test, corrected for {count(len(pairs), "step")}, which are '
                'fewer than all pairs.',
            ),
        ],
    )


def _size(entry):
    """As the paper counts where that is defined."""
    return entry.records.space.get('paper_size') or entry.records.space.get('size')


def _change(before, after):
    """Of a size: '27 times smaller'."""
    return (
        f'{factor(before / after)} times smaller'
        if before >= after
        else f'{factor(after / before)} times larger'
    )


def _row(entry, found, before):
    own = _size(entry)
    step = (
        (None,) * 4 if found is None else (found.difference, found.low, found.high, found.p_value)
    )
    return (
        entry.name,
        entry.records.space.get('dimension'),
        power(own),
        before and _change(before, own),
        entry.n,
        entry.edf.minimum,
        entry.edf.mean,
        *step,
    )


def _sentence(entries, found):
    before, after = entries
    text = f'{after.name}: {_restriction(before, after)}{_change(_size(before), _size(after))}'
    verdict = {found.first: 'better', found.second: 'worse'}.get(found.better)
    if verdict is None:
        verdict = (
            'the distributions differ, but which is better is not shown'
            if found.differ
            else 'no difference is shown'
        )
    if not math.isfinite(found.difference):
        return f'{text}; {verdict}.'
    interval = f' ({found.low:+.2f} to {found.high:+.2f})' if math.isfinite(found.low) else ''
    return f'{text}; {verdict}, mean error {found.difference:+.2f}{_POINTS[unit_of(entries)]}{interval}.'


def _restriction(before, after):
    """What the later space's description adds, in its own words: 'shared group width, '."""
    old, new = (entry.records.space.get('description') or {} for entry in (before, after))
    if old.get('type') != new.get('type'):
        return 'widths and depths from the quantized linear function, ' if 'w_0' in new else ''
    added = [(name, value) for name, value in new.items() if old.get(name) != value]
    return ''.join(
        f'{"" if value is True else f"{value} "}{name.replace("_", " ")}, '
        for name, value in added
        if value is True or isinstance(value, str)
    )
