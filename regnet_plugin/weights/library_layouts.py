"""What each library calls the tensors of a RegNet, and in which order it takes the colours.

Shapes are the same everywhere. pycls, which the paper's authors trained with, has three names for
the parts of a block, ``f.a``, ``f.b`` and ``f.c``, a letter less for the projection's
normalization, and blue first.
"""

import re
from collections.abc import Mapping
from dataclasses import dataclass, field, replace

# Where a layer is: 'stem.0' (conv), 'stem.1' (normalization), 'classifier', or in a block
# (stage from 1, block from 0, row of the table below). RegNetZ has 'head.0' and 'head.1', too.
Place = str | tuple[int, int, int]

# The layers of a block by library, in the order of ours: three convs, each with its normalization,
# the two convs of squeeze-and-excitation, and the shortcut's conv and normalization. A block that
# lacks one of them lacks its name. ClassyVision's names are vissl's, too.
# fmt: off
_LAYERS = {
    'openmmlab': (
        'conv1', 'bn1', 'conv2', 'bn2', 'conv3', 'bn3',
        'se.fc1', 'se.fc2', 'downsample.0', 'downsample.1',
    ),
    'pycls': (
        'f.a', 'f.a_bn', 'f.b', 'f.b_bn', 'f.c', 'f.c_bn',
        'f.se.f_ex.0', 'f.se.f_ex.2', 'proj', 'bn',
    ),
    'timm': (
        'conv1.conv', 'conv1.bn', 'conv2.conv', 'conv2.bn', 'conv3.conv', 'conv3.bn',
        'se.fc1', 'se.fc2', 'downsample.conv', 'downsample.bn',
    ),
    # Normalizations before convs, and a bare conv in the shortcut, perhaps behind pooling.
    "timm's RegNetV": (
        'conv1', 'norm1', 'conv2', 'norm2', 'conv3', 'norm3',
        'se.fc1', 'se.fc2', 'downsample', 'downsample.1',
    ),
    'torchvision': (
        'f.a.0', 'f.a.1', 'f.b.0', 'f.b.1', 'f.c.0', 'f.c.1',
        'f.se.fc1', 'f.se.fc2', 'proj.0', 'proj.1',
    ),
    'transformers': (
        'layer.0.convolution', 'layer.0.normalization',
        'layer.1.convolution', 'layer.1.normalization',
        'layer.2.convolution', 'layer.2.normalization',
        'layer.2.attention.0', 'layer.2.attention.2',
        'shortcut.convolution', 'shortcut.normalization',
    ),
    'classy_vision': (
        'f.a.0', 'f.a.1', 'f.b.0', 'f.b.1', 'f.c', 'f.final_bn',
        'f.se.excitation.0', 'f.se.excitation.2', 'proj', 'bn',
    ),
}
# fmt: on
SQUEEZING_LAYERS = (6, 7)  # of these, those of squeeze-and-excitation
# In a block of transformers that has these the last conv is one further.
_LAST, _ONE_FURTHER = 'layer.2.', 'layer.3.'


# What libraries call a stage in the name of a block, and which number the first one has there.
_STAGES = {'stage': 1, 'level': 0, 'resolution': 2}


@dataclass(frozen=True)
class LibraryLayout:
    """Names of a library's tensors, and the order of colours of its images.

    Attributes:
        stem: names of its conv and its normalization.
        block: what the names of a block begin with: ``{stage}`` from 1, ``{level}`` the same from
            0, ``{resolution}`` the same from 2; ``{number}`` of the block from 1 or ``{index}``
            from 0.
        layers: names within a block, in the order of ours.
        classifier: the last linear layer; None where there is none.
        blue_first: whether images come in as blue, green, red.
        prefix: of the names of stem and blocks.
        has_other_parts: whether files may hold a neck and heads as well, whose names nobody else
            has; else any other name is an error.
        head: names of the conv and the normalization between the last stage and pooling; None
            where there are no such networks.
        variants: layouts of the library's other networks, by what is different in these: 'squeezed'
            with squeeze-and-excitation, 'pre-activated' without a normalization behind the stem.
    """

    stem: tuple[str, str]
    block: str
    layers: tuple[str, ...]
    classifier: str | None
    blue_first: bool
    prefix: str = ''
    has_other_parts: bool = False
    head: tuple[str, str] | None = None
    variants: Mapping[str, 'LibraryLayout'] = field(default_factory=dict)

    def place(self, name: str) -> Place | None:
        """Where a layer is; None if this library has no layer of that name."""
        if name == self.classifier:
            return 'classifier'
        if self.head and name in self.head:
            return f'head.{self.head.index(name)}'
        if not name.startswith(self.prefix):
            return None
        name = name[len(self.prefix) :]
        if name in self.stem:
            return f'stem.{self.stem.index(name)}'
        found = re.fullmatch(_pattern(self.block) + r'\.(?P<layer>.+)', name)
        if not found or found['layer'] not in self.layers:
            return None
        numbers = found.groupdict()
        stages = {
            int(numbers[kind]) - first + 1 for kind, first in _STAGES.items() if kind in numbers
        }
        if len(stages) > 1:  # as res2.block2-0, which no network has
            return None
        index = int(numbers['index']) if 'index' in numbers else int(numbers['number']) - 1
        return stages.pop(), index, self.layers.index(found['layer'])

    def name(self, place: Place) -> str:
        """The layer's name at a place; the inverse of `place`."""
        if place == 'classifier':
            assert self.classifier is not None  # who converts leaves it out where there is none
            return self.classifier
        if isinstance(place, str) and place.startswith('head.'):
            if self.head is None:
                raise ValueError('no network of this library has a conv between stages and pooling')
            return self.head[int(place[-1])]
        if isinstance(place, str):
            return self.prefix + self.stem[int(place[-1])]
        stage, index, layer = place
        stages = {kind: stage + first - 1 for kind, first in _STAGES.items()}
        block = self.block.format(**stages, index=index, number=index + 1)
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


_TIMM = LibraryLayout(
    stem=('stem.conv', 'stem.bn'),
    block='s{stage}.b{number}',
    layers=_LAYERS['timm'],
    classifier='head.fc',
    blue_first=False,
    head=('final_conv.conv', 'final_conv.bn'),
)
_TRANSFORMERS = LibraryLayout(
    stem=('embedder.embedder.convolution', 'embedder.embedder.normalization'),
    block='encoder.stages.{level}.layers.{index}',
    layers=_LAYERS['transformers'],
    classifier='classifier.1',
    blue_first=False,
    prefix='regnet.',
)
_SQUEEZED = tuple(
    layer if 'attention' in layer else layer.replace(_LAST, _ONE_FURTHER)
    for layer in _TRANSFORMERS.layers
)

# Ours and OpenMMLab's files have the same names and differ in the order of colours alone.
LIBRARY_LAYOUTS = {
    'ours': LibraryLayout(
        stem=('conv1', 'bn1'),
        block='layer{stage}.{index}',
        layers=_LAYERS['openmmlab'],
        classifier='head.fc',
        blue_first=False,
        prefix='backbone.',
        has_other_parts=True,
        head=('backbone.final_conv', 'backbone.final_bn'),
    ),
    'openmmlab': LibraryLayout(
        stem=('conv1', 'bn1'),
        block='layer{stage}.{index}',
        layers=_LAYERS['openmmlab'],
        classifier='head.fc',
        blue_first=True,
        prefix='backbone.',
        has_other_parts=True,
        head=('backbone.final_conv', 'backbone.final_bn'),
    ),
    'pycls': LibraryLayout(
        stem=('stem.conv', 'stem.bn'),
        block='s{stage}.b{number}',
        layers=_LAYERS['pycls'],
        classifier='head.fc',
        blue_first=True,
        head=('head.conv', 'head.bn'),
    ),
    'detectron2': LibraryLayout(  # pycls's blocks in a detector
        stem=('stem.conv', 'stem.bn'),
        block='s{stage}.b{number}',
        layers=_LAYERS['pycls'],
        classifier=None,
        blue_first=True,
        prefix='backbone.bottom_up.',
        has_other_parts=True,
    ),
    'timm': replace(
        _TIMM,
        variants={
            'pre-activated': replace(
                _TIMM, stem=('stem', 'stem.none'), layers=_LAYERS["timm's RegNetV"]
            ),
        },
    ),
    'torchvision': LibraryLayout(
        stem=('stem.0', 'stem.1'),
        block='trunk_output.block{stage}.block{stage}-{index}',
        layers=_LAYERS['torchvision'],
        classifier='fc',
        blue_first=False,
    ),
    'transformers': replace(
        _TRANSFORMERS, variants={'squeezed': replace(_TRANSFORMERS, layers=_SQUEEZED)}
    ),
    'classy_vision': LibraryLayout(
        stem=('stem.stem.0', 'stem.stem.1'),
        block='trunk_output.block{stage}.block{stage}-{index}',
        layers=_LAYERS['classy_vision'],
        classifier='heads.fc',
        blue_first=False,
    ),
    'vissl': LibraryLayout(  # ClassyVision's blocks, and those of SEER
        stem=('_feature_blocks.conv1.stem.0', '_feature_blocks.conv1.stem.1'),
        block='_feature_blocks.res{resolution}.block{stage}-{index}',
        layers=_LAYERS['classy_vision'],
        classifier='heads.0.clf.0',
        blue_first=False,
    ),
}
# Libraries whose files are written; others are only read: detectors, and files that nest trunk and
# heads.
TARGETS = ('ours', 'openmmlab', 'pycls', 'timm', 'torchvision', 'transformers')
