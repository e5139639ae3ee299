"""Weights under the names of another library, and whose names weights have."""

import re
from collections.abc import Callable, Iterable, Mapping
from typing import Any, TypeVar

import torch

from regnet_plugin.weights.library_layouts import (
    LIBRARY_LAYOUTS,
    SQUEEZING_LAYERS,
    LibraryLayout,
    Place,
)

T = TypeVar('T')

_OUR_BLOCK = re.compile(r'backbone\.layer\d+\.\d+\.')


def renamed(weights: Mapping[str, T], name_of: Callable[[str], str]) -> dict[str, T]:
    """Return a state dict under other names.

    Args:
        weights: tensors by their old names.
        name_of: gives the new name of an old one.

    Raises:
        ValueError: if two names become one, of which one would be lost.
    """
    old_names: dict[str, str] = {}
    for old in weights:
        new = name_of(old)
        if new in old_names:
            raise ValueError(
                f'each tensor must have a name of its own, but {old_names[new]} and {old} are both '
                f'{new}'
            )
        old_names[new] = old
    return {new: weights[old] for new, old in old_names.items()}


def convert(
    weights: Mapping[str, torch.Tensor], source: str, target: str
) -> dict[str, torch.Tensor]:
    """Give weights the names of another library, and the stem its order of colours.

    Args:
        weights: a state dict. OpenMMLab's files of a backbone alone, whose names have no
            ``backbone.`` and whose classifier is ``fc``, are understood.
        source: key of `LIBRARY_LAYOUTS` whose names they have.
        target: key of `LIBRARY_LAYOUTS` whose names they get.

    Returns:
        The weights without a classifier where the target has none.

    Raises:
        ValueError: for names that are not the source's, none that is, or two of one place; for a
            stem that is no conv.
    """
    old = LIBRARY_LAYOUTS[source]
    weights = _of_a_whole_model(weights, old)
    places = _places(weights, source)
    new = _layout_of(LIBRARY_LAYOUTS[target], places.values())
    kept = {
        name: weights[name]
        for name, place in places.items()
        if place != 'classifier' or new.classifier
    }
    converted = renamed(kept, lambda name: f'{new.name(places[name])}.{_kind_of_tensor(name)}')
    stem = f'{new.name("stem.0")}.weight'
    if stem in converted:
        if len(converted[stem].shape) != 4:
            raise ValueError(
                'the weights of the stem must be those of a conv, with four dimensions, but they '
                f'have the shape {tuple(converted[stem].shape)}'
            )
        if old.blue_first != new.blue_first:
            converted[stem] = converted[stem].flip(1)
    return converted


def _of_a_whole_model(weights: Mapping[str, T], layout: LibraryLayout) -> Mapping[str, T]:
    """The weights with the library's prefix, also those of a file of a backbone alone."""
    if not layout.prefix or any(name.startswith(layout.prefix) for name in weights):
        return weights

    def in_the_model(name: str) -> str:
        return f'head.{name}' if name.startswith('fc.') else layout.prefix + name

    return renamed(weights, in_the_model)


def _places(weights: Mapping[str, Any], library: str) -> dict[str, Place]:
    """Where the tensors belong, without those of neck and heads.

    Raises:
        ValueError: for names that are not the library's, or none that is.
    """
    layout = LIBRARY_LAYOUTS[library]
    readings = [_reading(weights, each) for each in (layout, *layout.variants.values())]
    places, unknown = min(readings, key=lambda reading: len(reading[1]))
    if unknown:
        raise ValueError(
            f'names must be those of a RegNet of {library}, but {len(unknown)} of {len(weights)} '
            f'are not, first {unknown[0]}'
        )
    if not places:
        raise ValueError(f'names must be those of a RegNet of {library}, but there is none')
    return places


def _reading(
    weights: Mapping[str, Any], layout: LibraryLayout
) -> tuple[dict[str, Place], list[str]]:
    """Where tensors belong by a layout, and the names that are not of it."""
    places, unknown = {}, []
    for name in weights:
        place = layout.place(name.rpartition('.')[0])
        if place is not None:
            places[name] = place
        elif not layout.has_other_parts or name.startswith(layout.prefix):
            unknown.append(name)
    return places, unknown


def _layout_of(layout: LibraryLayout, places: Iterable[Place]) -> LibraryLayout:
    """The one of a library's layouts in which a network of these places is."""
    found = set(places)
    kinds = {
        'squeezed': any(
            place[2] in SQUEEZING_LAYERS for place in found if not isinstance(place, str)
        ),
        'pre-activated': 'stem.0' in found and 'stem.1' not in found,
    }
    for kind, variant in layout.variants.items():
        if kinds[kind]:
            return variant
    return layout


def _kind_of_tensor(name: str) -> str:
    """What a tensor is in its layer, such as 'weight' or 'running_mean'."""
    return name.rpartition('.')[2]


def check_complete(weights: Mapping[str, torch.Tensor], library: str) -> None:
    """Refuse weights that no network of a library has, though their names are its own.

    OpenMMLab's names are also those of our other blocks and normalizations; the others have blocks
    of three convs only, X, Y and R, with batch normalization.

    Args:
        weights: in the library's layout.
        library: key of `LIBRARY_LAYOUTS`.

    Raises:
        ValueError: how many tensors are missing, and the first of them, by our name.
    """
    if library in ('ours', 'openmmlab'):
        return
    own = convert(weights, library, 'ours')
    blocks = dict.fromkeys(found[0] for name in own if (found := _OUR_BLOCK.match(name)))
    needed = ['backbone.conv1.weight']
    has_norm = any(name.startswith('backbone.bn1.') for name in own)
    if library != 'timm' or has_norm:  # timm's RegNetV has none behind its stem
        needed.append('backbone.bn1.running_mean')
    for block in blocks:
        if library not in ('pycls', 'timm') and _changes_width(own, block):
            needed.append(f'{block}downsample.0.weight')  # RegNetZ's blocks have none
        for number in (1, 2, 3):
            needed += [f'{block}conv{number}.weight', f'{block}bn{number}.running_mean']
    missing = [name for name in needed if name not in own]
    if missing:
        raise ValueError(
            f'networks of {library} have blocks of three convs (X, Y, R) with batch normalization, '
            f'but of this one {len(missing)} tensors are missing, first {missing[0]}'
        )


def _changes_width(weights: Mapping[str, torch.Tensor], block: str) -> bool:
    """Whether what enters a block has other channels than what leaves it."""
    first, last = weights.get(f'{block}conv1.weight'), weights.get(f'{block}conv3.weight')
    return first is not None and last is not None and first.shape[1] != last.shape[0]


def library_of(weights: Mapping[str, Any]) -> str | None:
    """The library whose names these are, 'openmmlab' for ours, too; None if they are nobody's."""
    for name in LIBRARY_LAYOUTS:
        if name == 'ours':
            continue
        try:
            convert(weights, name, name)
        except ValueError:
            continue
        return name
    return None
