"""What the tensors of a RegNet are called in each library, and in which order it takes the colours.

Shapes are the same everywhere. Names of a block's layers stand in the order of ours; a library has
those of them that its blocks have. pycls, which the paper's authors trained with, has three names
for the parts of a block, `f.a`, `f.b` and `f.c`, a letter less for the projection's normalization,
and blue first.
"""

import re
from dataclasses import dataclass
from typing import Any, Mapping, Optional, Tuple

_LAYERS = (
    'conv1',
    'bn1',
    'conv2',
    'bn2',
    'conv3',
    'bn3',
    'se.fc1',
    'se.fc2',
    'downsample.0',
    'downsample.1',
)
_PYCLS = (
    'f.a',
    'f.a_bn',
    'f.b',
    'f.b_bn',
    'f.c',
    'f.c_bn',
    'f.se.f_ex.0',
    'f.se.f_ex.2',
    'proj',
    'bn',
)


@dataclass(frozen=True)
class Layout:
    """Names of a library.

    Attributes:
        stem (tuple[str, str]): conv and normalization.
        block (str): what the names of a block begin with, of ``{stage}`` from 1 and ``{number}``
            from 1 or ``{index}`` from 0.
        layers (tuple[str]): of a block, see above.
        classifier (str | None): the last linear layer; None where there is none.
        bgr (bool): whether images come in with blue first.
        prefix (str): of stem and blocks. Default: ''.
        whole (bool): whether other names are an error; else they are those of a neck and heads,
            which nobody else has. Default: True.
    """

    stem: Tuple[str, str]
    block: str
    layers: Tuple[str, ...]
    classifier: str
    bgr: bool
    prefix: str = ''
    whole: bool = True

    def place(self, name):
        """Where a layer is: 'stem.0', 'stem.1', 'classifier' or (stage, index, layer); None if it
        has no such name.
        """
        if name == self.classifier:
            return 'classifier'
        if not name.startswith(self.prefix):
            return None
        name = name[len(self.prefix) :]
        if name in self.stem:
            return f'stem.{self.stem.index(name)}'
        found = re.fullmatch(_pattern(self.block) + r'\.(?P<layer>.+)', name)
        if not found or found['layer'] not in self.layers:
            return None
        numbers = found.groupdict()
        index = int(numbers['index']) if 'index' in numbers else int(numbers['number']) - 1
        return int(numbers['stage']), index, self.layers.index(found['layer'])

    def name(self, place):
        """The layer's name at a place; the inverse of `place`."""
        if place == 'classifier':
            return self.classifier
        if isinstance(place, str):
            return self.prefix + self.stem[int(place[-1])]
        stage, index, layer = place
        return f'{self.prefix}{self.block.format(stage=stage, index=index, number=index + 1)}.{self.layers[layer]}'


def _pattern(block):
    """The regular expression of a block's name; what comes again must be the same."""
    pattern, seen = '', set()
    for text, field in re.findall(r'([^{]*)(?:\{(\w+)\})?', block):
        pattern += re.escape(text)
        if field:
            pattern += f'(?P={field})' if field in seen else f'(?P<{field}>\\d+)'
            seen.add(field)
    return pattern


_OPENMMLAB = dict(
    stem=('conv1', 'bn1'),
    block='layer{stage}.{index}',
    layers=_LAYERS,
    classifier='head.fc',
    prefix='backbone.',
    whole=False,
)
LAYOUTS = {
    'ours': Layout(**_OPENMMLAB, bgr=False),
    'openmmlab': Layout(**_OPENMMLAB, bgr=True),
    'pycls': Layout(('stem.conv', 'stem.bn'), 's{stage}.b{number}', _PYCLS, 'head.fc', bgr=True),
    'detectron2': Layout(
        ('stem.conv', 'stem.bn'),
        's{stage}.b{number}',
        _PYCLS,
        None,
        bgr=True,
        prefix='backbone.bottom_up.',
        whole=False,
    ),
    'timm': Layout(
        ('stem.conv', 'stem.bn'),
        's{stage}.b{number}',
        (
            'conv1.conv',
            'conv1.bn',
            'conv2.conv',
            'conv2.bn',
            'conv3.conv',
            'conv3.bn',
            'se.fc1',
            'se.fc2',
            'downsample.conv',
            'downsample.bn',
        ),
        'head.fc',
        bgr=False,
    ),
    'torchvision': Layout(
        ('stem.0', 'stem.1'),
        'trunk_output.block{stage}.block{stage}-{index}',
        (
            'f.a.0',
            'f.a.1',
            'f.b.0',
            'f.b.1',
            'f.c.0',
            'f.c.1',
            'f.se.fc1',
            'f.se.fc2',
            'proj.0',
            'proj.1',
        ),
        'fc',
        bgr=False,
    ),
}


def renamed(weights, name_of):
    """A state dict under other names.

    Args:
        weights (dict[str, T]): by the old ones.
        name_of (Callable[[str], str]): gives the new one.

    Raises:
        ValueError: if two become one, of which one would be lost.
    """
    names = {}
    for name in weights:
        new = name_of(name)
        if new in names:
            raise ValueError(
                f'each tensor must have a name of its own, but {names[new]} and {name} are both '
                f'{new}'
            )
        names[new] = name
    return {new: weights[name] for new, name in names.items()}


def convert(weights, source, target):
    """Give weights the names of another library, and the stem its order of colours.

    Args:
        weights (dict[str, torch.Tensor]): a state dict. OpenMMLab's files of a backbone alone,
            whose names have no ``backbone.`` and whose classifier is ``fc``, are understood.
        source, target (str): keys of `LAYOUTS`.

    Returns:
        dict[str, torch.Tensor]: without a classifier where the target has none.

    Raises:
        ValueError: for names that are not the source's, none that is, or two of one place; for a
            stem that is no conv.
    """
    old, new = LAYOUTS[source], LAYOUTS[target]
    if old.prefix and not any(name.startswith(old.prefix) for name in weights):
        weights = renamed(
            weights, lambda name: f'head.{name}' if name.startswith('fc.') else old.prefix + name
        )
    places = {name: old.place(name.rpartition('.')[0]) for name in weights}
    unknown = [
        name
        for name, place in places.items()
        if place is None and (old.whole or name.startswith(old.prefix))
    ]
    known = {name: place for name, place in places.items() if place is not None}
    if unknown or not known:
        found = (
            f'{len(unknown)} of {len(weights)} are not, first {unknown[0]}'
            if unknown
            else 'there is none'
        )
        raise ValueError(f'names must be those of a RegNet of {source}, but {found}')
    kept = {
        name: weights[name]
        for name, place in known.items()
        if place != 'classifier' or new.classifier
    }
    converted = renamed(kept, lambda name: f'{new.name(known[name])}.{name.rpartition(".")[2]}')
    stem = f'{new.name("stem.0")}.weight'
    if stem in converted and len(converted[stem].shape) != 4:
        raise ValueError(
            'the weights of the stem must be those of a conv, with four dimensions, but they have '
            'the shape '
            f'{tuple(converted[stem].shape)}'
        )
    if stem in converted and old.bgr != new.bgr:
        converted[stem] = converted[stem].flip(1)
    return converted


def check_complete(weights, library):
    """Refuse weights that no network of a library has, though their names are its own.

    OpenMMLab's names are also those of our other blocks and normalizations; the others have blocks
    of three convs only, X, Y and R, with batch normalization.

    Args:
        weights (dict[str, torch.Tensor]): in the library's layout.
        library (str): key of `LAYOUTS`.

    Raises:
        ValueError: how many tensors are missing, and the first of them, by our name.
    """
    if LAYOUTS[library].layers == _LAYERS:
        return
    own = convert(weights, library, 'ours')
    blocks = dict.fromkeys(
        re.match(r'backbone\.layer\d+\.\d+\.', name)[0] for name in own if '.layer' in name
    )
    pairs = [('backbone.', 1), *((block, number) for block in blocks for number in (1, 2, 3))]
    needed = [
        f'{place}{layer}'
        for place, number in pairs
        for layer in (f'conv{number}.weight', f'bn{number}.running_mean')
    ]
    missing = [name for name in needed if name not in own]
    if missing:
        raise ValueError(
            f'networks of {library} have blocks of three convs (X, Y, R) with batch normalization, '
            'but of '
            f'this one {len(missing)} tensors are missing, first {missing[0]}'
        )


# schemes of addresses
_READ_BY = {'pycls': 'pycls', 'detectron2': 'detectron2', 'timm': 'timm', 'torchvision': 'tv'}


def hidden_names(weights: Mapping[str, Any]) -> Optional[Tuple[str, str]]:
    """What stands before the names of a library, such as '_orig_mod.', and whose they are; None if
    there are none.
    """
    for prefix in dict.fromkeys(filter(None.__ne__, map(_before_a_stem, weights))):
        library = layout_of(
            {
                name[len(prefix) :]: value
                for name, value in weights.items()
                if name.startswith(prefix)
            }
        )
        if library:
            return prefix, library
    return None


def _before_a_stem(name: str) -> Optional[str]:
    stems = {
        f'{prefix}{layout.stem[0]}.weight'
        for layout in LAYOUTS.values()
        for prefix in (layout.prefix, '')
    }
    found = [stem for stem in stems if f'.{name}'.endswith(f'.{stem}')]
    return name[: -len(max(found, key=len))] if found else None


def advice_on_names(weights: Mapping[str, Any]) -> str:
    """The rest of a sentence that says how weights of other names are read; '' where nothing is
    known of them.
    """
    prefix, library = hidden_names(weights) or ('', None)
    behind = f'behind {prefix!r} their names are' if prefix else 'their names are'
    if library in _READ_BY:
        first = f'without {prefix!r} ' if prefix else ''
        return f'; {behind} those of {library}: {first}{_READ_BY[library]}://PATH in the place of PATH reads them'
    if library is None or not prefix:
        return ''
    compiled = ', which torch.compile has put there' if '_orig_mod.' in prefix else ''
    whole = f'{prefix}backbone.' if f'{prefix}backbone.conv1.weight' in weights else prefix
    surplus = '_orig_mod.' if compiled else prefix
    return (
        f"; {behind} ours{compiled}: an init_cfg with prefix={whole!r} takes a backbone's, and a "
        'file without '
        f'{surplus!r} in its names loads everywhere'
    )


def layout_of(weights):
    """Name of the library whose names these are, 'openmmlab' for ours, too; None if they are
    nobody's.
    """
    for name in ('openmmlab', 'pycls', 'detectron2', 'timm', 'torchvision'):
        try:
            convert(weights, name, name)
        except ValueError:
            continue
        return name
    return None
