"""What to do about weights whose names are not the network's: whose they are, and how to read them.

Others put something before all names, such as a training framework the name of the part that the
network was.
"""

from collections.abc import Mapping
from typing import Any

from regnet_plugin.weights.conversion import library_of
from regnet_plugin.weights.library_layouts import LIBRARY_LAYOUTS

# Libraries whose files are read by an address, and its scheme.
_SCHEMES = {
    'pycls': 'pycls',
    'detectron2': 'detectron2',
    'timm': 'timm',
    'torchvision': 'tv',
    'transformers': 'transformers',
    'classy_vision': 'classy',
    'vissl': 'vissl',
}


def hidden_names(weights: Mapping[str, Any]) -> tuple[str, str] | None:
    """What stands before the names of a library, such as 'encoder.', and whose they are.

    None if there are no names of a library.
    """
    prefixes = dict.fromkeys(_before_a_stem(name) for name in weights)
    for prefix in prefixes:
        if prefix is None:
            continue
        behind = {
            name[len(prefix) :]: value for name, value in weights.items() if name.startswith(prefix)
        }
        library = library_of(behind)
        if library:
            return prefix, library
    return None


def _before_a_stem(name: str) -> str | None:
    """What stands before the name of a library's first conv; None if it is no such name."""
    stems = {
        f'{prefix}{layout.stem[0]}.weight'
        for layout in LIBRARY_LAYOUTS.values()
        for prefix in (layout.prefix, '')
    }
    found = [stem for stem in stems if f'.{name}'.endswith(f'.{stem}')]
    return name[: -len(max(found, key=len))] if found else None


def advice_on_names(weights: Mapping[str, Any], prefix_said: str | None = None) -> str:
    """The rest of a sentence that says how weights of other names are read.

    Empty where nothing is known of them.

    Args:
        weights: by name.
        prefix_said: that was said to stand before their names.
    """
    found = hidden_names(weights)
    if found is None:
        return ''
    prefix, library = found
    whose = f'behind {prefix!r} their names are' if prefix else 'their names are'
    if library in _SCHEMES:
        also = f' and prefix={prefix!r}' if prefix else ''
        return (
            f'; {whose} those of {library}: {_SCHEMES[library]}://PATH in the place of PATH{also} '
            'reads them'
        )
    of_backbone = f'{prefix}backbone.' if f'{prefix}backbone.conv1.weight' in weights else prefix
    if prefix_said is not None and not _has(weights, prefix_said):
        right = f'prefix={of_backbone!r}' if of_backbone else 'no prefix'
        return f'; no name begins with {prefix_said!r}, those of a backbone need {right}'
    if not prefix:  # they are ours, and something else is wrong
        return ''
    return (
        f"; {whose} ours: an init_cfg with prefix={of_backbone!r} takes a backbone's, and a file "
        f'without {prefix!r} in its names loads everywhere'
    )


def _has(weights: Mapping[str, Any], prefix: str) -> bool:
    return any(name.startswith(prefix) for name in weights)
