"""What to do about weights whose names are not the network's: whose they are, and how to read them.

Others put something before all names: ``torch.compile`` its '_orig_mod.', a training framework the
name of the part that the network was.
"""

from collections.abc import Mapping
from typing import Any

from regnet_plugin.weights.conversion import library_of
from regnet_plugin.weights.library_layouts import LIBRARY_LAYOUTS

# Libraries whose files are read by an address, and its scheme.
_SCHEMES = {'pycls': 'pycls', 'detectron2': 'detectron2', 'timm': 'timm', 'torchvision': 'tv'}


def hidden_names(weights: Mapping[str, Any]) -> tuple[str, str] | None:
    """What stands before the names of a library, such as '_orig_mod.', and whose they are.

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


def advice_on_names(weights: Mapping[str, Any]) -> str:
    """The rest of a sentence that says how weights of other names are read.

    Empty where nothing is known of them.
    """
    found = hidden_names(weights)
    if found is None:
        return ''
    prefix, library = found
    whose = f'behind {prefix!r} their names are' if prefix else 'their names are'
    if library in _SCHEMES:
        first = f'without {prefix!r} ' if prefix else ''
        return (
            f'; {whose} those of {library}: {first}{_SCHEMES[library]}://PATH in the place of PATH '
            'reads them'
        )
    if not prefix:  # they are ours, and something else is wrong
        return ''
    is_compiled = '_orig_mod.' in prefix
    origin = ', which torch.compile has put there' if is_compiled else ''
    surplus = '_orig_mod.' if is_compiled else prefix
    of_backbone = f'{prefix}backbone.' if f'{prefix}backbone.conv1.weight' in weights else prefix
    return (
        f"; {whose} ours{origin}: an init_cfg with prefix={of_backbone!r} takes a backbone's, and "
        f'a file without {surplus!r} in its names loads everywhere'
    )
