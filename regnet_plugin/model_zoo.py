"""The page docs/model_zoo.md: networks, their cost, published errors, and weights of others, from the metafiles alone."""
from pathlib import Path

import yaml

_INDEX = 'configs/model-index.yml'
_TITLE = """# Model zoo

Written by `tools/model_zoo.py` from the metafiles in `configs/`. Flops are multiply-adds of one image of the stated size;
activations are the outputs of conv layers; the error is top-1, in percent; AP is that of COCO val2017, in percent. This
project has trained none of these networks: whose results they are is said above each table.
"""
_FOREIGN = """## Weights of others

Top-1 accuracy in percent, published for the publisher's preprocessing. OpenMMLab's files load as they are: the backbone by
`init_cfg=dict(type='Pretrained', checkpoint='open-mmlab://…')`, the classifier (its accuracy is in the column OpenMMLab) by

```sh
tools/test.py CONFIG CLASSIFIER --cfg-options data_preprocessor.to_rgb=False \\
    data_preprocessor.mean=[103.53,116.28,123.675] data_preprocessor.std=[57.375,57.12,58.395]
```

since both were trained on BGR images. The weights of pycls, timm (converted from pycls) and torchvision (where its network
has the paper's widths) load by address, with RGB images and the preprocessing of our configs: [weights.md](weights.md).
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
_OURS = 'OpenMMLab'  # whose names of tensors are ours


def model_zoo(root):
    """Write the page.

    Args:
        root (str | Path): folder with ``configs/model-index.yml``; the page's links hold in a folder below it.

    Returns:
        str: Markdown, a section for each collection, then one for the weights of others.
    """
    metafiles = [yaml.safe_load(Path(root, path).read_text())
                 for path in yaml.safe_load(Path(root, _INDEX).read_text())['Import']]
    collections = [(collection, [model for model in metafile['Models'] if model['In Collection'] == collection['Name']])
                   for metafile in metafiles for collection in metafile['Collections']]
    detectors = [collection for collection in collections if collection[0]['Metadata']['Training Data'] == 'COCO']
    classifiers = [collection for collection in collections if collection not in detectors]
    return '\n'.join([_TITLE, *(_classifiers(*collection) for collection in classifiers),
                      _foreign_weights([model for _, models in classifiers for model in models]),
                      _DETECTION, *(_detectors(*collection) for collection in detectors)])


def _classifiers(collection, models):
    header = ('config', 'image', 'batch', 'flops', 'parameters', 'activations', 'error')
    return f'## {_introduction(collection, "Errors")}\n\n' + _table(header, map(_classifier, models))


def _detectors(collection, models):
    header = ('config', 'epochs', 'batch', 'box AP', 'mask AP', 'detector that loads')
    return f'### {_introduction(collection, "AP")}\n\n' + _table(header, map(_detector, models))


def _introduction(collection, results):
    metadata, paper = collection['Metadata'], collection['Paper']
    return (f'{collection["Name"]}\n\n'
            f'[{paper["Title"]}]({paper["URL"]}). Data: {metadata["Training Data"]}. Recipe: '
            f'{", ".join(metadata["Training Techniques"])}. {results}: {metadata["Source of Results"]}.')


def _detector(model):
    metadata = model['Metadata']
    metrics = {name: value for result in model.get('Results', ()) for name, value in result['Metrics'].items()}
    weights, = model.get('Foreign Weights') or [None]
    file = f'[file]({weights["Weights"]})' + (', RGB' if 'Images' in weights else '') if weights else '–'
    return (_link(model), metadata['Epochs'], metadata['Batch Size'],
            *(f'{metrics[name]:.1f}' if name in metrics else '–' for name in ('box AP', 'mask AP')), file)


def _classifier(model):
    metadata = model['Metadata']
    results = model.get('Results')
    error = f'{100 - results[0]["Metrics"]["Top 1 Accuracy"]:.1f}' if results else '–'
    return (_link(model), metadata['Image Size'], metadata['Batch Size'],
            *(f'{metadata[count]:,}' for count in ('FLOPs', 'Parameters', 'Activations')), error)


def _foreign_weights(models):
    models = [model for model in models if model.get('Foreign Weights')]
    sources = list(dict.fromkeys(weights['Source'] for model in models for weights in model['Foreign Weights']))
    rows = []
    for model in models:
        weights = {entry['Source']: entry for entry in model['Foreign Weights']}
        ours = weights.get(_OURS)
        files = (f'`{ours["Backbone"]}`', f'[file]({ours["Weights"]})') if ours else ('–', '–')
        accuracies = (f'{weights[source]["Top 1 Accuracy"]:.2f}' if source in weights else '–' for source in sources)
        rows.append((_link(model), *accuracies, *files))
    return _FOREIGN + '\n' + _table(('config', *sources, 'backbone that loads', 'classifier that loads'), rows)


def _link(model):
    return f'[{Path(model["Config"]).stem}](../{model["Config"]})'


def _table(header, rows):
    lines = [header, ['---'] + ['--:'] * (len(header) - 1), *rows]
    return ''.join(f'| {" | ".join(map(str, line))} |\n' for line in lines)
