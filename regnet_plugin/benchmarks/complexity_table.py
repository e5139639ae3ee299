"""The table of tools/complexity.py: what networks cost, and the widths of their stages."""

import os
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass

from regnet_plugin.cli.errors import blame
from regnet_plugin.core.arch_argument import arch_of_text, architecture_of
from regnet_plugin.core.architecture import Architecture
from regnet_plugin.core.complexity import Complexity, complexity, structure_of
from regnet_plugin.core.compound_scaling import Network, ScaledNetwork, counted
from regnet_plugin.core.efficientnet import EfficientNet
from regnet_plugin.core.layers.activation_memory import peak_bytes
from regnet_plugin.core.layers.layer_shapes import are_layers_known
from regnet_plugin.device.device_model import DeviceModel
from regnet_plugin.training.checks.widths import check_widths

_RESOLUTION = 224  # of the paper, where nothing else is said
_NUM_CLASSES = 1000  # likewise: those of ImageNet
_HEADER = ('network', 'resolution', 'flops', 'parameters', 'activations', 'depths', 'widths')
_NUMBERS = range(1, 5)  # columns that are aligned on the right

Resolution = int | tuple[int, int]  # side of the image, or (height, width)


@dataclass(frozen=True)
class Row:
    """One network of the table.

    Attributes:
        name: as it was given.
        resolution: at which it is counted.
        complexity: its counts.
        num_classes: of its classifier; 0 where there is none.
        depths: of its stages; None for networks that are not ours.
        widths: of its stages; None for networks that are not ours.
        output_widths: of the maps that neck and head get; None where these are the widths.
        architecture: None for networks that are not ours.
    """

    name: str
    resolution: Resolution
    complexity: Complexity
    num_classes: int
    depths: tuple[int, ...] | None = None
    widths: tuple[int, ...] | None = None
    output_widths: tuple[int, ...] | None = None
    architecture: Architecture | None = None


def complexity_table(
    networks: Iterable[str],
    resolution: Resolution | None = None,
    num_classes: int | None = None,
    device: DeviceModel | None = None,
) -> str:
    """Count networks, and lay out the counts as text.

    Args:
        networks, resolution, num_classes: as `table_row` has them.
        device: whose times of a step are said below, with the peak of activations. Default: None.
    """
    rows = [table_row(network, resolution, num_classes) for network in networks]
    table = format_table(rows)
    if device is None:
        return table
    return '\n'.join([table, '', *_on_device(rows, device, num_classes)])


def _on_device(rows: Sequence[Row], device: DeviceModel, num_classes: int | None) -> Iterator[str]:
    """Yield what is predicted of each network, and for whom the model is a guess."""
    images = f'{device.batch} image{"" if device.batch == 1 else "s"}'
    yield f'{device.step} with {images} on {device.name}, predicted ({device.error}):'
    for row in rows:
        network = row.architecture
        if network is None or not are_layers_known(network.block, network.head_width):
            yield f'{row.name}: layers are not known'
            continue
        classes = row.num_classes if num_classes is None else num_classes
        structure = dict(structure_of(network), resolution=row.resolution, num_classes=classes)
        seconds = device.predict(**structure)[0]
        guess = '' if device.holds(**structure)[0] else ' (a guess: beyond what was measured)'
        peak = peak_bytes(network, 'int8', row.resolution, classes)
        yield f'{row.name}: {1000 * seconds:.3g} ms{guess}, peak of activations {peak:,} elements'


def table_row(
    network: str, resolution: Resolution | None = None, num_classes: int | None = None
) -> Row:
    """Count one network.

    Args:
        network: a published name, the path of a config, or parameters such as
            'depth=22,w_0=24,w_a=24.48,w_m=2.54, group_width=16'.
        resolution: side of the image, or (height, width). Default: that of the test images of a
            classifier's config, or else of its training images; where it does not say it, 224.
        num_classes: Default: that of a classifier's config, none for a detector's, else 1000.

    Returns:
        Counts by closed form for names and parameters; a config's network is built and counted.

    Raises:
        UserError: if the network cannot be made out or built.
    """
    with blame(network):
        if network.endswith('.py') or os.path.isfile(network):
            return _config_row(network, resolution, num_classes)
        architecture = architecture_of(arch_of_text(network))
        resolution = resolution or _RESOLUTION
        classes = _NUM_CLASSES if num_classes is None else num_classes
        counts = complexity(architecture, resolution, classes)
        return _row_of(network, resolution, counts, classes, architecture)


def _config_row(path: str, resolution: Resolution | None, num_classes: int | None) -> Row:
    """Count the network of a config: a classifier, or the backbone of a detector."""
    from mmengine.config import Config  # only for configs: names and parameters need no torch
    from mmengine.registry import MODELS, DefaultScope

    from regnet_plugin.config_spaces.counting import count_network
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
        resolution = image_side(config) if resolution is None else resolution
    resolution = resolution or _RESOLUTION
    classes = int(model.head.num_classes) if is_classifier else 0
    backbone = network.backbone if is_classifier else network
    architecture = getattr(backbone, 'architecture', None)  # of ours
    if architecture is None and is_classifier:  # its attention counts, which no layer shows
        return Row(path, resolution, count_network(config, resolution).complexity, classes)
    counts = count(network, resolution, model.backbone.get('in_channels', 3))
    if architecture is None:
        return Row(path, resolution, counts, classes)
    return _row_of(path, resolution, counts, classes, architecture)


def _row_of(
    name: str, resolution: Resolution, counts: Complexity, num_classes: int, network: Network
) -> Row:
    """The row of a network whose stages are known."""
    return Row(
        name,
        resolution,
        counts,
        num_classes,
        network.depths,
        network.widths,
        network.output_widths,
        network if isinstance(network, Architecture) else None,
    )


def format_table(rows: Sequence[Row]) -> str:
    """Lay out rows as text: exact counts, then the widths ready to paste into a config."""
    cells = [_HEADER, *map(_cells, rows)]
    sizes = [max(map(len, column)) for column in zip(*cells)]
    lines = [_line(row, sizes) for row in cells]
    pasted = [
        f'{row.name}: neck.in_channels={list(row.output_widths)}, '
        f'head.in_channels={row.output_widths[-1]}'
        for row in rows
        if row.output_widths
    ]
    return '\n'.join([*lines, '', *pasted])


def _cells(row: Row) -> tuple[str, ...]:
    """The texts of a row, in the order of the header."""
    return (
        row.name,
        _sides(row.resolution),
        f'{row.complexity.flops:,}',
        f'{row.complexity.parameters:,}',
        f'{row.complexity.activations:,}',
        _listed(row.depths),
        _listed(row.widths),
    )


def _line(cells: Sequence[str], sizes: Sequence[int]) -> str:
    """A line of the table, with cells of these sizes."""
    padded = [
        cell.rjust(size) if column in _NUMBERS else cell.ljust(size)
        for column, (cell, size) in enumerate(zip(cells, sizes))
    ]
    return '  '.join(padded).rstrip()


def _listed(values: Sequence[int] | None) -> str:
    return '-' if values is None else ', '.join(map(str, values))


def _sides(resolution: Resolution) -> str:
    return str(resolution) if isinstance(resolution, int) else 'x'.join(map(str, resolution))


def format_scaled(
    name: str, base: Network, resolution: int, num_classes: int, scaled: ScaledNetwork
) -> str:
    """Lay out a network before and after it was scaled, and its lists to build it from.

    Args:
        name: as it was given.
        base, resolution, num_classes: what was scaled.
        scaled: what became of it.
    """
    factor = f'times {scaled.factor:g}'
    rows = [
        _row_of(name, resolution, counted(base, resolution, num_classes), num_classes, base),
        _row_of(factor, scaled.resolution, scaled.complexity, num_classes, scaled.network),
    ]
    network = scaled.network
    if isinstance(network, EfficientNet):
        lists = dict(stem_width=network.stem_width, head_width=network.head_width)
    else:
        lists = {key: value for key, value in network.to_dict().items() if value is not None}
    said = ', '.join(f'{key}={value!r}' for key, value in lists.items())
    return f'{format_table(rows)}\n{factor}: {said}'
