"""What each library calls the tensors of a RegNet, and in which order it takes the colours.

Shapes are the same everywhere. pycls, which the paper's authors trained with, has three names for
the parts of a block, ``f.a``, ``f.b`` and ``f.c``, a letter less for the projection's
normalization, and blue first.
"""

import re
from dataclasses import dataclass

# Where a layer is: 'stem.0' (conv), 'stem.1' (normalization), 'classifier', or in a block
# (stage from 1, block from 0, row of the table below).
Place = str | tuple[int, int, int]

# The layers of a block, in the order in which ours has them. A block without squeeze-and-excitation
# or without a projection lacks their rows.
# fmt: off
_LIBRARIES_OF_LAYERS = ('openmmlab', 'pycls', 'timm', 'torchvision')
_LAYERS = (
    ('conv1',        'f.a',         'conv1.conv',      'f.a.0'),
    ('bn1',          'f.a_bn',      'conv1.bn',        'f.a.1'),
    ('conv2',        'f.b',         'conv2.conv',      'f.b.0'),
    ('bn2',          'f.b_bn',      'conv2.bn',        'f.b.1'),
    ('conv3',        'f.c',         'conv3.conv',      'f.c.0'),
    ('bn3',          'f.c_bn',      'conv3.bn',        'f.c.1'),
    ('se.fc1',       'f.se.f_ex.0', 'se.fc1',          'f.se.fc1'),
    ('se.fc2',       'f.se.f_ex.2', 'se.fc2',          'f.se.fc2'),
    ('downsample.0', 'proj',        'downsample.conv', 'proj.0'),
    ('downsample.1', 'bn',          'downsample.bn',   'proj.1'),
)
# fmt: on


def _layers_of(library: str) -> tuple[str, ...]:
    """A column of the table."""
    column = _LIBRARIES_OF_LAYERS.index(library)
    return tuple(row[column] for row in _LAYERS)


@dataclass(frozen=True)
class LibraryLayout:
    """Names of a library's tensors, and the order of colours of its images.

    Attributes:
        stem: names of its conv and its normalization.
        block: what the names of a block begin with, of ``{stage}`` from 1 and ``{number}`` from 1
            or ``{index}`` from 0.
        layers: names within a block, in the order of ours.
        classifier: the last linear layer; None where there is none.
        blue_first: whether images come in as blue, green, red.
        prefix: of the names of stem and blocks.
        has_other_parts: whether files may hold a neck and heads as well, whose names nobody else
            has; else any other name is an error.
    """

    stem: tuple[str, str]
    block: str
    layers: tuple[str, ...]
    classifier: str | None
    blue_first: bool
    prefix: str = ''
    has_other_parts: bool = False

    def place(self, name: str) -> Place | None:
        """Where a layer is; None if this library has no layer of that name."""
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

    def name(self, place: Place) -> str:
        """The layer's name at a place; the inverse of `place`."""
        if place == 'classifier':
            assert self.classifier is not None  # who converts leaves it out where there is none
            return self.classifier
        if isinstance(place, str):
            return self.prefix + self.stem[int(place[-1])]
        stage, index, layer = place
        block = self.block.format(stage=stage, index=index, number=index + 1)
        return f'{self.prefix}{block}.{self.layers[layer]}'


def _pattern(block: str) -> str:
    """The regular expression of a block's name.

    A number that comes twice, as torchvision's stage, must be the same both times.
    """
    pattern = ''
    seen = set()
    for text, number in re.findall(r'([^{]*)(?:\{(\w+)\})?', block):
        pattern += re.escape(text)
        if number in seen:
            pattern += f'(?P={number})'
        elif number:
            pattern += f'(?P<{number}>\\d+)'
            seen.add(number)
    return pattern


# Ours and OpenMMLab's files have the same names and differ in the order of colours alone.
LIBRARY_LAYOUTS = {
    'ours': LibraryLayout(
        stem=('conv1', 'bn1'),
        block='layer{stage}.{index}',
        layers=_layers_of('openmmlab'),
        classifier='head.fc',
        blue_first=False,
        prefix='backbone.',
        has_other_parts=True,
    ),
    'openmmlab': LibraryLayout(
        stem=('conv1', 'bn1'),
        block='layer{stage}.{index}',
        layers=_layers_of('openmmlab'),
        classifier='head.fc',
        blue_first=True,
        prefix='backbone.',
        has_other_parts=True,
    ),
    'pycls': LibraryLayout(
        stem=('stem.conv', 'stem.bn'),
        block='s{stage}.b{number}',
        layers=_layers_of('pycls'),
        classifier='head.fc',
        blue_first=True,
    ),
    'detectron2': LibraryLayout(  # pycls's blocks in a detector
        stem=('stem.conv', 'stem.bn'),
        block='s{stage}.b{number}',
        layers=_layers_of('pycls'),
        classifier=None,
        blue_first=True,
        prefix='backbone.bottom_up.',
        has_other_parts=True,
    ),
    'timm': LibraryLayout(
        stem=('stem.conv', 'stem.bn'),
        block='s{stage}.b{number}',
        layers=_layers_of('timm'),
        classifier='head.fc',
        blue_first=False,
    ),
    'torchvision': LibraryLayout(
        stem=('stem.0', 'stem.1'),
        block='trunk_output.block{stage}.block{stage}-{index}',
        layers=_layers_of('torchvision'),
        classifier='fc',
        blue_first=False,
    ),
}
