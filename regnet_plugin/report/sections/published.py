"""Populations beside published networks (figures 17 and 18; tables 2 to 4)."""

import numpy as np

from regnet_plugin.core.complexity import COUNTS
from regnet_plugin.core.published_results import published_results
from regnet_plugin.report.document import Figure, Section, Table
from regnet_plugin.report.entries import error_label
from regnet_plugin.report.figures import Family, published_plot
from regnet_plugin.report.sections.cautions import counted_at
from regnet_plugin.report.sketch import Sketch

_ROWS = {
    'as table 3 (a), equal activations': 'table 3a',
    'as table 3 (b), equal flops': 'table 3b',
    'as table 4': 'table 4',
    'as table 2': 'table 2',
}
_FAMILIES = ('RegNetX', 'RegNetY', 'ResNeXt', 'ResNet', 'EfficientNet')


def published(entries):
    """The section."""
    trained = [entry for entry in entries if entry.trained]
    groups = {'all networks': [_family(entry, entry.order) for entry in trained]}
    alike = list(filter(_is_of_imagenet, trained))
    if not alike:
        return Section(
            'against-complexity',
            'Error against complexity',
            (),
            [
                Figure(
                    Sketch(
                        published_plot, 'error-against-complexity', groups, error_label(entries)
                    ),
                    'Error against complexity',
                )
            ],
        )
    best = [_family(entry, entry.best) for entry in alike]
    groups.update(
        (title, [*best, *_families(published_results(table))]) for title, table in _ROWS.items()
    )
    rows = [row for table in _ROWS.values() for row in _rows(table)]
    return Section(
        'against-complexity',
        'Beside published networks',
        [
            'Published networks have the numbers that the paper prints, of 100 epochs on ImageNet; '
            'in table 2 those of others '
            'are as first reported, with enhancements. Populations are mostly trained for less.'
        ],
        [
            Figure(
                Sketch(published_plot, 'error-against-complexity', groups, error_label(entries)),
                'Error against complexity',
                'Below the first row: the best networks, on which the empirical bootstrap rests, '
                'and published ones, in the '
                'groups of the tables.',
            ),
            Table(
                'published-networks',
                'Published networks',
                (
                    'table',
                    'group',
                    'network',
                    *COUNTS,
                    'error',
                    'deviation',
                    'as first reported',
                    'note',
                ),
                rows,
                'Rows of a group have equal activations (table 3a) or equal flops (tables 3b and '
                '4).',
            ),
        ],
    )


def _is_of_imagenet(entry):
    """Whether a population may stand beside published networks: top-1 errors, 1000 classes, 224
    pixels.
    """
    metric = entry.records.metric
    return (
        ('accuracy' in metric or 'top1' in metric)
        and counted_at(entry, 'num_classes') == {'1000'}
        and counted_at(entry, 'resolution') == {'224'}
    )


def _family(entry, chosen):
    return Family(
        entry.name,
        [entry.networks[index] for index in chosen],
        {name: entry.column(name)[chosen] for name in COUNTS},
        entry.errors[chosen],
    )


def _families(results):
    grouped = {}
    for result in results:
        family = next((name for name in _FAMILIES if result.name.startswith(name)), 'others')
        grouped.setdefault(family, []).append(result)
    return [
        Family(
            name,
            [result.name for result in found],
            {column: _numbers(found, column) for column in COUNTS},
            _numbers(found, 'error'),
            published=True,
        )
        for name, found in grouped.items()
    ]


def _numbers(results, name):
    return np.array(
        [np.nan if getattr(result, name) is None else getattr(result, name) for result in results],
        dtype=float,
    )


def _rows(table):
    return [
        (
            table,
            result.group,
            result.name,
            *(getattr(result, name) for name in COUNTS),
            result.error,
            result.deviation,
            result.original_error,
            result.note,
        )
        for result in published_results(table)
    ]
