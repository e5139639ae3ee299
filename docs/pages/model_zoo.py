"""The page docs/reference/model_zoo.md, from the metafiles alone.

It has the networks, their cost, published errors, and weights of others.
"""

import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import yaml

from regnet_plugin.weights.image_statistics import IMAGE_STATISTICS, colour_order_of

_INDEX = 'configs/model-index.yml'
_IMAGENET = '_imagenet'  # what names of these configs end in
_TITLE = """# Model zoo

Written by `docs/make_pages.py` from the metafiles in `configs/`. Flops are multiply-adds of one image of the stated size;
activations are the outputs of conv layers; the error is top-1, in percent; AP is that of COCO val2017, in percent. This
project has trained none of these networks: whose results they are is said above each table.
"""  # noqa: E501  as it is printed
_FOREIGN = """## Weights of others

Weights by address: [pretrained weights](../how_to/weights.md) says how. The accuracy is top-1 on ImageNet-1k in percent, as published for
the test beside it: the short side is resized, the centre is cut out, by bilinear interpolation where it says nothing
else. Images are, for values from 0 to 255 in the data preprocessor:

{images}

The ImageNet configs here feed RGB. OpenMMLab's files load as they are and want BGR:

```sh
tools/test.py CONFIG CLASSIFIER --cfg-options data_preprocessor.to_rgb=False \\
    data_preprocessor.mean={bgr_mean} data_preprocessor.std={bgr_std}
```

These configs test 224 of 256 pixels as pycls does, `*_modern_imagenet.py` 224 of 232 as torchvision does. For another
test, with Pillow as timm and torchvision have it:

```sh
tools/test.py configs/regnety_3.2gf_imagenet.py timm://regnety_032.ra_in1k --cfg-options \\
    test_dataloader.dataset.pipeline.1.scale=288 test_dataloader.dataset.pipeline.2.crop_size=288 \\
    test_dataloader.dataset.pipeline.1.interpolation=bicubic test_dataloader.dataset.pipeline.1.backend=pillow
```

What is marked as a backbone has no classifier, or one under other names, and goes into `init_cfg` alone; so do weights
of other classes, unless `model.head.num_classes` is theirs. `open-mmlab://` gives pycls's weights. timm's regnetz_005
and regnety_040_sgn have no weights.

"""  # noqa: E501  as it is printed
_OTHER = """
Networks without a link have no config here. This is their backbone, in a copy of a RegNet's config, with
`out_indices=(3, )` added and its last width as `model.head.in_channels`. torchvision rounds three sizes otherwise than
the paper: RegNet refuses those weights, torchvision's and timm's, and an AnyNet takes them.

"""  # noqa: E501  as it is printed
_DETECTION = """## Detectors on COCO

What there is and how to use it: [detectors](../how_to/detection.md). The files are of mmdet's own detectors and load as they are.
Those marked RGB, and the AP beside them, come from RGB images on weights that want BGR ones, as the config feeds them; test
them with

```sh
tools/test.py CONFIG DETECTOR --cfg-options model.data_preprocessor.bgr_to_rgb=True \\
    model.data_preprocessor.mean=[123.675,116.28,103.53] model.data_preprocessor.std=[58.395,57.12,57.375]
```
"""  # noqa: E501  as it is printed

# An entry of a metafile, whose keys OpenMMLab names; ours are 'Foreign Weights' and what is in it.
Entry = dict[str, Any]


@dataclass(frozen=True)
class Collection:
    """Networks of one kind, of one metafile.

    Attributes:
        entry: what is said of all of them.
        models: the entries of the networks.
    """

    entry: Entry
    models: list[Entry]

    @property
    def is_of_detectors(self) -> bool:
        """Whether the networks are detectors, or else classifiers."""
        return bool(self.entry['Metadata']['Training Data'] == 'COCO')


def model_zoo(root: str | Path) -> str:
    """Write the page.

    Args:
        root: folder with ``configs/model-index.yml``; the page's links hold in a folder below it.

    Returns:
        Markdown, a section for each collection, then one for the weights of others.
    """
    index = yaml.safe_load(Path(root, _INDEX).read_text())
    metafiles = [yaml.safe_load(Path(root, path).read_text()) for path in index['Import']]
    collections = [collection for metafile in metafiles for collection in _collections_of(metafile)]
    detectors = [collection for collection in collections if collection.is_of_detectors]
    classifiers = [collection for collection in collections if not collection.is_of_detectors]
    others = [network for metafile in metafiles for network in metafile.get('Other Networks', ())]
    return '\n'.join(
        [
            _TITLE,
            *map(_classifiers, classifiers),
            _foreign_weights(_models(classifiers), others, _models(detectors)),
            _DETECTION,
            *map(_detectors, detectors),
        ]
    )


def _collections_of(metafile: Entry) -> list[Collection]:
    """The collections of a metafile, each with its models."""
    collections = []
    for entry in metafile['Collections']:
        models = [model for model in metafile['Models'] if model['In Collection'] == entry['Name']]
        collections.append(Collection(entry, models))
    return collections


def _models(collections: Iterable[Collection]) -> list[Entry]:
    return [model for collection in collections for model in collection.models]


def _classifiers(collection: Collection) -> str:
    """The section of a collection of classifiers."""
    header = ('config', 'image', 'batch', 'flops', 'parameters', 'activations', 'error')
    table = _table(header, map(_classifier, collection.models))
    return f'## {_introduction(collection.entry, "Errors")}\n\n{table}'


def _detectors(collection: Collection) -> str:
    """The section of a collection of detectors."""
    header = ('config', 'epochs', 'batch', 'box AP', 'mask AP', 'detector that loads')
    table = _table(header, map(_detector, collection.models))
    return f'### {_introduction(collection.entry, "AP")}\n\n{table}'


def _introduction(collection: Entry, results: str) -> str:
    """What is said above a table: the paper, the data, the recipe, whose results they are."""
    metadata, paper = collection['Metadata'], collection['Paper']
    return (
        f'{collection["Name"]}\n\n'
        f'[{paper["Title"]}]({paper["URL"]}). Data: {metadata["Training Data"]}. Recipe: '
        f'{", ".join(metadata["Training Techniques"])}. {results}: {metadata["Source of Results"]}.'
    )


def _classifier(model: Entry) -> list[str]:
    """The row of a classifier."""
    metadata = model['Metadata']
    results = model.get('Results')
    error = f'{100 - results[0]["Metrics"]["Top 1 Accuracy"]:.1f}' if results else '–'
    counts = [f'{metadata[count]:,}' for count in ('FLOPs', 'Parameters', 'Activations')]
    image, batch = str(metadata['Image Size']), str(metadata['Batch Size'])
    return [_link(model), image, batch, *counts, error]


def _detector(model: Entry) -> list[str]:
    """The row of a detector."""
    metadata, metrics = model['Metadata'], _metrics(model)
    aps = [f'{metrics[name]:.1f}' if name in metrics else '–' for name in ('box AP', 'mask AP')]
    epochs, batch = str(metadata['Epochs']), str(metadata['Batch Size'])
    return [_link(model), epochs, batch, *aps, _detector_file(model)]


def _detector_file(model: Entry) -> str:
    """The link to the file of a detector that loads; a dash where there is none."""
    if not model.get('Foreign Weights'):
        return '–'
    (weights,) = model['Foreign Weights']
    images = ', RGB' if 'Images' in weights else ''
    return f'[file]({weights["Weights"]}){images}'


def _metrics(model: Entry) -> dict[str, float]:
    """All results of a model, by metric."""
    metrics: dict[str, float] = {}
    for result in model.get('Results', ()):
        metrics.update(result['Metrics'])
    return metrics


def _foreign_weights(
    models: Sequence[Entry], others: Sequence[Entry], detectors: Sequence[Entry]
) -> str:
    """The section of the weights of others.

    Args:
        models: our classifiers.
        others: networks that have weights but no config here.
        detectors: of which some weights are the backbone.
    """
    bgr = IMAGE_STATISTICS['BGR']
    text = _FOREIGN.format(
        images='\n'.join(map(_images, IMAGE_STATISTICS)),
        bgr_mean=_listed(bgr['mean']),
        bgr_std=_listed(bgr['std']),
    )
    networks = [  # name, what stands in the table, weights
        (_name(model, _IMAGENET), _link(model, _IMAGENET), model['Foreign Weights'])
        for model in models
        if 'Foreign Weights' in model
    ]
    for other in others:
        weights = [dict(entry, **other) for entry in other['Foreign Weights']]
        networks.append((other['Name'], other['Name'], weights))
    aps = {model['Config']: _metrics(model) for model in detectors}
    rows = [
        [network, *_weights(entry, aps)]
        for _, network, entries in sorted(networks, key=lambda network: _size(network[0]))
        for entry in entries
    ]
    backbones = [[other['Name'], f'`{_as_python(other["Backbone"])}`'] for other in others]
    header = ('network', 'address', 'images', 'test', 'accuracy', 'remarks')
    return (
        text
        + _table(header, rows, ['---'] * len(header))
        + _OTHER
        + _table(('network', 'backbone'), backbones, ['---'] * 2)
    )


def _images(order: str) -> str:
    """The line on images of an order of colours."""
    mean = _listed(IMAGE_STATISTICS[order]['mean'])
    std = _listed(IMAGE_STATISTICS[order]['std'])
    return f'- {order}: `mean={mean}`, `std={std}`, `to_rgb={order == "RGB"}` (mmdet: `bgr_to_rgb`)'


def _size(name: str) -> tuple[int, float]:
    """What networks are sorted by: X, Y, Z, V, then by flops."""
    found = re.match(r'regnet([xyzv])_([\d.]+)(m|g)f', name)
    if found is None:
        raise ValueError(f'a network must have a name such as regnety_3.2gf, but it is {name}')
    family, number, unit = found.groups()
    return 'xyzv'.index(family), float(number) * (1000 if unit == 'g' else 1)


def _weights(entry: Entry, aps: dict[str, dict[str, float]]) -> list[str]:
    """The cells of an address.

    Args:
        entry: the weights at it.
        aps: of detectors, by their configs.
    """
    address, tests = entry['Address'], entry['Tests']
    accuracies = [f'{test["Top 1 Accuracy"]:.2f}' for test in tests if 'Top 1 Accuracy' in test]
    if 'Detector' in entry:
        accuracies = [f'{name} {value:.1f}' for name, value in aps[entry['Detector']].items()]
    if address.startswith('https://'):
        where = f'[{Path(address).stem.rpartition("_")[0]}]({address})'
    else:
        where = f'`{address}`'
    return [
        where,
        str(colour_order_of(address)),
        '; '.join(map(_test, tests)),
        '; '.join(accuracies) or '–',
        _remarks(entry) or '–',
    ]


def _test(test: Entry) -> str:
    """The size of the images in a test, and their interpolation where it is not bilinear."""
    size = f'{test["Crop"]} of {test["Resize"]}' if 'Crop' in test else test['Resize']
    return str(size) if test['Interpolation'] == 'bilinear' else f'{size} {test["Interpolation"]}'


def _remarks(entry: Entry) -> str:
    """What else a reader should know of weights."""
    remarks = [entry['License']] if 'License' in entry else []
    if entry.get('Backbone', {}).get('type') == 'regnet_plugin.AnyNet':
        remarks.append('AnyNet alone')
    if 'Detector' in entry:
        remarks.append(f'backbone of a [detector](../../{entry["Detector"]})')
    elif entry.get('Part') == 'backbone' or entry.get('Classes') == 0:
        remarks.append('backbone')
    elif 'Classes' in entry:
        remarks.append(f'{entry["Classes"]:,} classes')
    return ', '.join(remarks)


def _listed(numbers: Sequence[float]) -> str:
    """A list for a command line, without spaces."""
    return str(numbers).replace(' ', '')


def _as_python(value: object) -> str:
    """A value as configs have it: dicts with keywords."""
    if isinstance(value, dict):
        return f'dict({", ".join(f"{key}={_as_python(part)}" for key, part in value.items())})'
    return repr(value)


def _name(model: Entry, without: str = '') -> str:
    """The name of a model's config, without an ending."""
    return Path(model['Config']).stem.removesuffix(without)


def _link(model: Entry, without: str = '') -> str:
    """The name as a link to the config."""
    return f'[{_name(model, without)}](../../{model["Config"]})'


def _table(
    header: Sequence[str], rows: Iterable[Sequence[str]], alignment: Sequence[str] | None = None
) -> str:
    """A table in Markdown; by default all but the first column are aligned on the right."""
    lines = [header, alignment or ['---'] + ['--:'] * (len(header) - 1), *rows]
    return ''.join(f'| {" | ".join(line)} |\n' for line in lines)
