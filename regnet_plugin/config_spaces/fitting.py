"""Widths of necks and heads that follow from what stands before them, found as it is counted.

Backbone and neck are built and run once each. What follows is built anew where its widths are not
those that the config has.
"""

from collections.abc import Collection, Iterator, Mapping
from copy import deepcopy
from typing import Any

from mmengine.config import Config, ConfigDict
from torch import Tensor

from regnet_plugin.config_spaces.counting import (
    NetworkCounts,
    build_on_meta,
    image_for,
    run_metered,
)
from regnet_plugin.config_spaces.meter import CannotCount, Meter
from regnet_plugin.training.config.keyed_values import set_value, value_at

# Widths below a head of regions, which are those of the maps that it is given.
_OF_REGIONS = ('bbox_head', 'mask_head'), 'in_channels'
_OF_EXTRACTORS = ('bbox_roi_extractor', 'mask_roi_extractor'), 'out_channels'
_NO_HEADS = ('backbone', 'neck', 'data_preprocessor', 'train_cfg', 'test_cfg')


def count_fitted(
    config: Config, resolution: int, fixed: Collection[str] = ()
) -> tuple[NetworkCounts, dict[str, Any]]:
    """Count the model of a config whose neck and head are given the widths that they need.

    Args:
        config: of a model with a ``backbone``, or of any other one, which is counted as it is. It
            is not changed.
        resolution: side of the image.
        fixed: keys of widths that are given, and stay.

    Returns:
        Counts, and the widths that are others than the config says, by their keys.

    Raises:
        CannotCount: if it cannot be built, does not fit together, or needs values to be run.
    """
    image, meter = image_for(config, resolution), Meter()
    model: Any = build_on_meta(config)  # its parts are modules, which torch's types do not know
    if not isinstance(config.model.get('backbone'), dict) or not hasattr(model, 'backbone'):
        return run_metered(meter, model, image), {}
    fitted = deepcopy(config)
    found: dict[str, Any] = {}
    maps = meter.output_of(model.backbone, image)
    given = _widths(maps)
    changes = _changed(fitted, _neck_widths(fitted, given), fixed)
    model = _with(fitted, changes, model, backbone=maps)
    found.update(changes)
    if getattr(model, 'neck', None) is not None and _neck_key(fitted) is not None:
        gathered = meter.output_of(model.neck, maps)
        given = _widths(gathered)
        changes = _changed(fitted, _head_widths(fitted, given), fixed)
        model = _with(fitted, changes, model, backbone=maps, neck=gathered)
    else:
        changes = _changed(fitted, _head_widths(fitted, given), fixed)
        model = _with(fitted, changes, model, backbone=maps)
    found.update(changes)
    return run_metered(meter, model, image), found


def _with(config: Config, changes: dict[str, Any], model: Any, **outputs: Any) -> Any:
    """The model with other widths, whose first parts are what they were and give what they gave."""
    for name, output in outputs.items():
        getattr(model, name).forward = lambda *_, _output=output, **__: _output
    if not changes:
        return model
    for key, value in changes.items():
        set_value(config, key, value)
    described = deepcopy(config)
    for name in outputs:
        described.model[name] = ConfigDict(type=lambda part=getattr(model, name): part)
    return build_on_meta(described)


def _widths(maps: Any) -> list[int]:
    """The channels of each output: of maps, of vectors, or of tokens, which have them last."""
    several = maps if isinstance(maps, (tuple, list)) else (maps,)
    found = []
    for one in several:
        last = one[-1] if isinstance(one, (tuple, list)) else one  # patches and their class token
        if isinstance(last, Tensor):
            found.append(last.shape[2] if last.dim() == 3 else last.shape[1])
    return found


def _neck_key(config: Config) -> str | None:
    """The key of the widths that the first neck takes; None where it takes any."""
    neck = config.model.get('neck')
    several = isinstance(neck, (list, tuple))
    first = neck[0] if several and neck else neck
    if not isinstance(first, dict) or first.get('in_channels') is None:
        return None
    return 'model.neck.0.in_channels' if several else 'model.neck.in_channels'


def _neck_widths(config: Config, widths: list[int]) -> Iterator[tuple[str, Any]]:
    key = _neck_key(config)
    if key is None or not widths:
        return
    taken = value_at(config, key)
    if isinstance(taken, int):
        yield key, widths[-1]
        return
    if len(taken) != len(widths):
        raise CannotCount(
            f'{key} must have a width for each output of the backbone, which are {widths}, but it '
            f'is {list(taken)}'
        )
    deepest_first = list(taken) == sorted(taken, reverse=True) != list(taken)[::-1]
    yield key, widths[::-1] if deepest_first else widths


def _head_widths(config: Config, widths: list[int]) -> Iterator[tuple[str, Any]]:
    """The widths that heads take of the maps that they are given, whose last is the deepest."""
    if not widths:
        return
    for name, part in config.model.items():
        if name in _NO_HEADS or not isinstance(part, dict):
            continue
        if 'in_index' in part:
            yield from _widths_of_segmentor(f'model.{name}', part, widths)
        elif isinstance(part.get('in_channels'), int):
            yield f'model.{name}.in_channels', widths[-1]
        for names, argument in (_OF_REGIONS, _OF_EXTRACTORS):
            for below in names:
                for key, described in _each(f'model.{name}.{below}', part.get(below)):
                    if isinstance(described.get(argument), int):
                        yield f'{key}.{argument}', widths[-1]


def _each(key: str, part: Any) -> Iterator[tuple[str, dict[str, Any]]]:
    """The parts that stand at a key, one or a list of several, with the key of each."""
    if isinstance(part, dict):
        yield key, part
    elif isinstance(part, (list, tuple)):
        for place, each in enumerate(part):
            yield from _each(f'{key}.{place}', each)


def _widths_of_segmentor(
    key: str, head: Mapping[str, Any], widths: list[int]
) -> Iterator[tuple[str, Any]]:
    """The widths of a head of mmsegmentation, which says by ``in_index`` which maps it takes.

    ``c1_in_channels`` is the width of the first map, where it takes that beside.

    Raises:
        CannotCount: if there is no such map.
    """
    index = head['in_index']
    several = isinstance(index, (list, tuple))
    try:
        taken = [widths[one] for one in index] if several else widths[index]
    except IndexError:
        raise CannotCount(
            f'{key}.in_index must be of maps that there are, 0 to {len(widths) - 1}, but it is '
            f'{index}'
        ) from None
    yield f'{key}.in_channels', taken
    if head.get('c1_in_channels'):
        yield f'{key}.c1_in_channels', widths[0]


def _changed(
    config: Config, wanted: Iterator[tuple[str, Any]], fixed: Collection[str]
) -> dict[str, Any]:
    """What is to be other than a config says, but for what is given."""
    changed = {}
    for key, value in wanted:
        taken = value_at(config, key)
        same = list(taken) == value if isinstance(taken, (list, tuple)) else taken == value
        if not same and key not in fixed:
            changed[key] = value
    return changed
