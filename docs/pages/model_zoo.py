"""The page docs/model_zoo.md: networks, their cost, published errors, and weights of others, from
the metafiles alone.
"""

import re
from pathlib import Path

import yaml

from regnet_plugin.weights.image_statistics import IMAGE_STATISTICS, colour_order_of

_INDEX = 'configs/model-index.yml'
_IMAGENET = '_imagenet'  # what names of these configs end in
_TITLE = """# Model zoo

Written by `docs/make_pages.py` from the metafiles in `configs/`. Flops are multiply-adds of one image of the stated size;
activations are the outputs of conv layers; the error is top-1, in percent; AP is that of COCO val2017, in percent. This
project has trained none of these networks: whose results they are is said above each table.
"""
_FOREIGN = """## Weights of others

Weights by address: [weights.md](weights.md) says how. The accuracy is top-1 on ImageNet-1k in percent, as published for
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
of other classes, unless `model.head.num_classes` is theirs. `open-mmlab://` gives pycls's weights. timm's regnetv and
regnetz have other blocks, and its regnety_040_sgn has no weights.

"""
_OTHER = """
Networks without a link have no config here. This is their backbone, in a copy of a RegNet's config, with
`out_indices=(3, )` added and its last width as `model.head.in_channels`. torchvision rounds three sizes otherwise than
the paper: RegNet refuses those weights, torchvision's and timm's, and an AnyNet takes them.

"""
_DETECTION = """## Detectors on COCO

What there is and how to use it: [detection.md](detection.md). The files are of mmdet's own detectors and load as they are.
Those marked RGB, and the AP beside them, come from RGB images on weights that want BGR ones, as the config feeds them; test
them with

```sh
tools/test.py CONFIG DETECTOR --cfg-options model.data_preprocessor.bgr_to_rgb=True \\
    model.data_preprocessor.mean=[123.675,116.28,103.53] model.data_preprocessor.std=[58.395,57.12,57.375]
```
"""


def model_zoo(root):
    """Write the page.

    Args:
        root (str | Path): folder with ``configs/model-index.yml``; the page's links hold in a
            folder below it.

    Returns:
        str: Markdown, a section for each collection, then one for the weights of others.
    """
    metafiles = [
        yaml.safe_load(Path(root, path).read_text())
        for path in yaml.safe_load(Path(root, _INDEX).read_text())['Import']
    ]
    collections = [
        (
            collection,
            [model for model in metafile['Models'] if model['In Collection'] == collection['Name']],
        )
        for metafile in metafiles
        for collection in metafile['Collections']
    ]
    detectors = [
        collection
        for collection in collections
        if collection[0]['Metadata']['Training Data'] == 'COCO'
    ]
    classifiers = [collection for collection in collections if collection not in detectors]
    others = [network for metafile in metafiles for network in metafile.get('Other Networks', ())]
    return '\n'.join(
        [
            _TITLE,
            *(_classifiers(*collection) for collection in classifiers),
            _foreign_weights(_models(classifiers), others, _models(detectors)),
            _DETECTION,
            *(_detectors(*collection) for collection in detectors),
        ]
    )


def _models(collections):
    return [model for _, models in collections for model in models]


def _classifiers(collection, models):
    header = ('config', 'image', 'batch', 'flops', 'parameters', 'activations', 'error')
    return f'## {_introduction(collection, "Errors")}\n\n' + _table(
        header, map(_classifier, models)
    )


def _detectors(collection, models):
    header = ('config', 'epochs', 'batch', 'box AP', 'mask AP', 'detector that loads')
    return f'### {_introduction(collection, "AP")}\n\n' + _table(header, map(_detector, models))


def _introduction(collection, results):
    metadata, paper = collection['Metadata'], collection['Paper']
    return (
        f'{collection["Name"]}\n\n'
        f'[{paper["Title"]}]({paper["URL"]}). Data: {metadata["Training Data"]}. Recipe: '
        f'{", ".join(metadata["Training Techniques"])}. {results}: {metadata["Source of Results"]}.'
    )


def _detector(model):
    metadata, metrics = model['Metadata'], _metrics(model)
    (weights,) = model.get('Foreign Weights') or [None]
    file = (
        f'[file]({weights["Weights"]})' + (', RGB' if 'Images' in weights else '')
        if weights
        else '–'
    )
    return (
        _link(model),
        metadata['Epochs'],
        metadata['Batch Size'],
        *(f'{metrics[name]:.1f}' if name in metrics else '–' for name in ('box AP', 'mask AP')),
        file,
    )


def _metrics(model):
    return {
        name: value
        for result in model.get('Results', ())
        for name, value in result['Metrics'].items()
    }


def _classifier(model):
    metadata = model['Metadata']
    results = model.get('Results')
    error = f'{100 - results[0]["Metrics"]["Top 1 Accuracy"]:.1f}' if results else '–'
    return (
        _link(model),
        metadata['Image Size'],
        metadata['Batch Size'],
        *(f'{metadata[count]:,}' for count in ('FLOPs', 'Parameters', 'Activations')),
        error,
    )


def _foreign_weights(models, others, detectors):
    text = _FOREIGN.format(
        images='\n'.join(map(_images, IMAGE_STATISTICS)),
        bgr_mean=_listed(IMAGE_STATISTICS['BGR']['mean']),
        bgr_std=_listed(IMAGE_STATISTICS['BGR']['std']),
    )
    networks = [
        (_name(model), _link(model, _IMAGENET), model['Foreign Weights'])
        for model in models
        if 'Foreign Weights' in model
    ]
    networks += [
        (other['Name'], other['Name'], [dict(entry, **other) for entry in other['Foreign Weights']])
        for other in others
    ]
    aps = {model['Config']: _metrics(model) for model in detectors}
    rows = [
        (network, *_weights(entry, aps))
        for _, network, entries in sorted(networks, key=_size)
        for entry in entries
    ]
    backbones = [(other['Name'], f'`{_as_python(other["Backbone"])}`') for other in others]
    return (
        text
        + _table(
            ('network', 'address', 'images', 'test', 'accuracy', 'remarks'), rows, ('---',) * 6
        )
        + _OTHER
        + _table(('network', 'backbone'), backbones, ('---',) * 2)
    )


def _images(order):
    mean, std = (_listed(IMAGE_STATISTICS[order][key]) for key in ('mean', 'std'))
    return f'- {order}: `mean={mean}`, `std={std}`, `to_rgb={order == "RGB"}` (mmdet: `bgr_to_rgb`)'


def _size(network):
    """X before Y, then by flops."""
    family, number, unit = re.match(r'regnet(x|y)_([\d.]+)(m|g)f', network[0]).groups()
    return family, float(number) * (1000 if unit == 'g' else 1)


def _weights(entry, aps):
    """The cells of an address."""
    address, tests = entry['Address'], entry['Tests']
    accuracies = [f'{test["Top 1 Accuracy"]:.2f}' for test in tests if 'Top 1 Accuracy' in test]
    if 'Detector' in entry:
        accuracies = [f'{name} {value:.1f}' for name, value in aps[entry['Detector']].items()]
    where = (
        f'[{Path(address).stem.rpartition("_")[0]}]({address})'
        if address.startswith('https://')
        else f'`{address}`'
    )
    return (
        where,
        colour_order_of(address),
        '; '.join(map(_test, tests)),
        '; '.join(accuracies) or '–',
        _remarks(entry) or '–',
    )


def _test(test):
    size = f'{test["Crop"]} of {test["Resize"]}' if 'Crop' in test else test['Resize']
    return size if test['Interpolation'] == 'bilinear' else f'{size} {test["Interpolation"]}'


def _remarks(entry):
    remarks = [entry['License']] if 'License' in entry else []
    if entry.get('Backbone', {}).get('type') == 'regnet_plugin.AnyNet':
        remarks.append('AnyNet alone')
    if 'Detector' in entry:
        remarks.append(f'backbone of a [detector](../{entry["Detector"]})')
    elif entry.get('Part') == 'backbone' or entry.get('Classes') == 0:
        remarks.append('backbone')
    elif 'Classes' in entry:
        remarks.append(f'{entry["Classes"]:,} classes')
    return ', '.join(remarks)


def _listed(numbers):
    return str(numbers).replace(' ', '')


def _as_python(value):
    """Of a config: dicts with keywords."""
    if isinstance(value, dict):
        return f'dict({", ".join(f"{key}={_as_python(part)}" for key, part in value.items())})'
    return repr(value)


def _name(model, without=''):
    return Path(model['Config']).stem.removesuffix(without)


def _link(model, without=''):
    return f'[{_name(model, without)}](../{model["Config"]})'


def _table(header, rows, alignment=None):
    lines = [header, alignment or ['---'] + ['--:'] * (len(header) - 1), *rows]
    return ''.join(f'| {" | ".join(map(str, line))} |\n' for line in lines)
