"""The table of tools/complexity.py: networks named in any way, what they cost, and their stage
widths.
"""

import os
from dataclasses import dataclass
from typing import Optional, Tuple, Union

from regnet_plugin.cli.errors import blame
from regnet_plugin.core.arch_argument import arch_of_text, architecture_of
from regnet_plugin.core.complexity import Complexity, complexity
from regnet_plugin.training.checks.widths import check_widths

_RESOLUTION = 224  # of the paper, where nothing else is said


@dataclass(frozen=True)
class Row:
    """One network of the table; ``widths`` are those of its stages, None for networks that are not
    ours.
    """

    name: str
    resolution: Union[int, Tuple[int, int]]
    complexity: Complexity
    depths: Optional[Tuple[int, ...]] = None
    widths: Optional[Tuple[int, ...]] = None


def table_row(network, resolution=None, num_classes=None):
    """Count one network.

    Args:
        network (str): a published name, the path of a config, or parameters such as
            'depth=22,w_0=24,w_a=24.48,w_m=2.54, group_width=16'.
        resolution (int | tuple[int, int], optional): side of the image, or (height, width).
            Default: that of the test images of a classifier's config, or else of its training
            images; where it does not say it, 224.
        num_classes (int, optional): Default: that of a classifier's config, none for a detector's,
            else 1000.

    Returns:
        Row: by closed form for names and parameters; a config's network is built and counted.

    Raises:
        UserError: if the network cannot be made out or built.
    """
    with blame(network):
        if network.endswith('.py') or os.path.isfile(network):
            return _config_row(network, resolution, num_classes)
        architecture = architecture_of(arch_of_text(network))
        resolution = resolution or _RESOLUTION
        counts = complexity(architecture, resolution, 1000 if num_classes is None else num_classes)
        return Row(network, resolution, counts, architecture.depths, architecture.widths)


def _config_row(path, resolution, num_classes):
    from mmengine.config import Config  # only for configs: names and parameters need no torch
    from mmengine.registry import MODELS, DefaultScope

    from regnet_plugin.models.module_complexity import OnMeta, count
    from regnet_plugin.training.config.image_size import image_side

    config = Config.fromfile(path)
    model = config.model
    is_classifier = 'num_classes' in (model.get('head') or {})
    if is_classifier and num_classes is not None:
        model.head.num_classes = num_classes
    with DefaultScope.overwrite_default_scope(config.get('default_scope')), OnMeta():
        network = MODELS.build(model if is_classifier else model.backbone)
    if is_classifier:
        check_widths(network, path)
    architecture = getattr(network.backbone if is_classifier else network, 'architecture', None)
    if resolution is None and is_classifier:
        resolution = image_side(config)
    resolution = resolution or _RESOLUTION
    return Row(
        path,
        resolution,
        count(network, resolution, model.backbone.get('in_channels', 3)),
        architecture and architecture.depths,
        architecture and architecture.widths,
    )


def format_table(rows):
    """Lay out rows as text: exact counts, then the widths ready to paste into a config."""
    header = ('network', 'resolution', 'flops', 'parameters', 'activations', 'depths', 'widths')
    cells = [
        (
            row.name,
            _sides(row.resolution),
            *(
                f'{count:,}'
                for count in (
                    row.complexity.flops,
                    row.complexity.parameters,
                    row.complexity.activations,
                )
            ),
            *(
                '-' if values is None else ', '.join(map(str, values))
                for values in (row.depths, row.widths)
            ),
        )
        for row in rows
    ]
    sizes = [max(map(len, column)) for column in zip(header, *cells)]
    lines = [
        '  '.join(
            cell.rjust(size) if 1 <= index <= 4 else cell.ljust(size)
            for index, (cell, size) in enumerate(zip(line, sizes))
        ).rstrip()
        for line in (header, *cells)
    ]
    pasted = [
        f'{row.name}: neck.in_channels={list(row.widths)}, head.in_channels={row.widths[-1]}'
        for row in rows
        if row.widths
    ]
    return '\n'.join([*lines, '', *pasted])


def _sides(resolution):
    return str(resolution) if isinstance(resolution, int) else 'x'.join(map(str, resolution))
