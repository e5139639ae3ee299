"""The published and pretrained networks that one can choose from: what the metafiles list.

They are `configs/metafile.yml` and those beside it, from which docs/reference/model_zoo.md is
written, too.
"""

import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import yaml

from regnet_plugin.choice.candidates import Candidate
from regnet_plugin.core.arch_argument import architecture_of
from regnet_plugin.core.architecture import Architecture
from regnet_plugin.core.complexity import complexity

TASKS = ('classification', 'detection')
# What detectors of mmdet are tested at: the short side is 800, the long one at most 1333, and both
# are padded to multiples of 32.
DETECTOR_IMAGE = (800, 1344)
_INDEX = 'configs/model-index.yml'
_NAME = re.compile(r'(regnet[xy])_([\d.]+[mg]f)')
# Whose results they are, by the scheme of an address.
_SOURCES = {'pycls': 'pycls', 'timm': 'timm', 'tv': 'torchvision', 'https': 'OpenMMLab'}
# What trainings have in common whose accuracies compare, if any do.
USUAL, LONGER, MORE_DATA = KINDS = (
    '100 epochs of ImageNet-1k',
    'longer, or with more augmentation',
    'more images first',
)
# Recipe and kind of training by the name that an address ends in.
_RECIPES = {
    'pycls_in1k': ("the paper's, 100 epochs", USUAL),
    'imagenet1k_v1': ("torchvision's first, 100 epochs", USUAL),
    'imagenet1k_v2': ("torchvision's of 2021, 600 epochs", LONGER),
    'tv2_in1k': ("torchvision's of 2021, 600 epochs", LONGER),
    'ra_in1k': ("timm's RA", LONGER),
    'ra3_in1k': ("timm's RA3", LONGER),
    'deit_in1k': ("DeiT's", LONGER),
    'sw_in12k_ft_in1k': ("timm's, on ImageNet-12k first", MORE_DATA),
    'lion_in12k_ft_in1k': ("timm's, on ImageNet-12k first", MORE_DATA),
    'swag_ft_in1k': ('SWAG, tuned as a whole', MORE_DATA),
    'imagenet1k_swag_e2e_v1': ('SWAG, tuned as a whole', MORE_DATA),
    'swag_lc_in1k': ('SWAG, a linear classifier', MORE_DATA),
    'imagenet1k_swag_linear_v1': ('SWAG, a linear classifier', MORE_DATA),
    'seer_ft_in1k': ('SEER, tuned', MORE_DATA),
}


def published_candidates(root: Path, task: str) -> list[Candidate]:
    """Return all networks with a published accuracy.

    Args:
        root: folder with ``configs``.
        task: of `TASKS`.

    Returns:
        One for each accuracy: the same weights tested at another resolution are another candidate,
        as they cost more.

    Raises:
        OSError: if a metafile cannot be read.
    """
    index = yaml.safe_load((root / _INDEX).read_text())
    candidates: list[Candidate] = []
    for path in index['Import']:
        metafile = yaml.safe_load((root / path).read_text())
        collections = {entry['Name']: entry for entry in metafile['Collections']}
        for model in metafile['Models']:
            collection = collections[model['In Collection']]
            is_detector = collection['Metadata']['Training Data'] == 'COCO'
            if is_detector == (task == 'detection'):
                candidates += (
                    _detector(model, collection) if is_detector else _of(model, collection)
                )
        if task == 'classification':
            for other in metafile.get('Other Networks', ()):
                candidates += _of_others(other)
    return candidates


def _of(model: dict[str, Any], collection: dict[str, Any]) -> Iterator[Candidate]:
    """A classifier with a config: trained by its recipe, and with the weights of others."""
    metadata, name = model['Metadata'], Path(model['Config']).stem.removesuffix('_imagenet')
    architecture = _published(name)
    for result in model.get('Results') or ():
        if result['Dataset'] == 'ImageNet-1k':
            yield Candidate(
                network=name,
                accuracy=result['Metrics']['Top 1 Accuracy'],
                metric='top-1',
                recipe=', '.join(collection['Metadata']['Training Techniques']),
                kind=LONGER if '2021' in collection['Name'] else USUAL,
                source=collection['Metadata']['Source of Results'],
                weights=None,
                config=model['Config'],
                architecture=architecture,
                resolution=metadata['Image Size'],
                flops=metadata['FLOPs'],
                parameters=metadata['Parameters'],
            )
    for weights in model.get('Foreign Weights') or ():
        yield from _tested(name, weights, architecture, model['Config'], None)


def _of_others(other: dict[str, Any]) -> Iterator[Candidate]:
    """A network that has weights but no config: its backbone goes into that of a relative."""
    backbone = other['Backbone']
    if backbone['type'] == 'regnet_plugin.AnyNet':
        fields = {key: value for key, value in backbone.items() if key != 'type'}
        architecture = Architecture.from_lists(**fields)
    else:
        architecture = architecture_of(backbone['arch'])
    family = 'regnety' if architecture.se_ratio else 'regnetx'
    config = f'configs/{family}_3.2gf_imagenet.py'
    for weights in other['Foreign Weights']:
        yield from _tested(other['Name'], weights, architecture, config, backbone)


def _tested(
    name: str,
    weights: dict[str, Any],
    architecture: Architecture | None,
    config: str,
    backbone: dict[str, Any] | None,
) -> Iterator[Candidate]:
    """Weights of a whole classifier of ImageNet-1k, in each test with a published accuracy."""
    if architecture is None or weights.get('Part') == 'backbone' or 'Classes' in weights:
        return
    for test in weights['Tests']:
        if 'Top 1 Accuracy' not in test or 'Crop' not in test:
            continue
        side = test['Crop']
        counts = complexity(architecture, side)
        recipe, kind = _recipe_of(weights['Address'])
        yield Candidate(
            network=name,
            accuracy=test['Top 1 Accuracy'],
            metric='top-1',
            recipe=recipe,
            kind=kind,
            source=_SOURCES[weights['Address'].partition('://')[0]],
            weights=weights['Address'],
            config=config,
            architecture=architecture,
            resolution=side,
            flops=counts.flops,
            parameters=counts.parameters,
            backbone=backbone,
            test=test,
            license=weights.get('License', ''),
        )


def _recipe_of(address: str) -> tuple[str, str]:
    """The recipe that weights were trained by, in words, and its kind."""
    if address.startswith('pycls://'):
        return _RECIPES['pycls_in1k']
    if address.startswith('http'):
        return "mmpretrain's, as the paper's", USUAL
    return _RECIPES[address.rpartition('.')[2]]


def _detector(model: dict[str, Any], collection: dict[str, Any]) -> Iterator[Candidate]:
    """A detector with a published AP, which costs what its backbone does at the image's size."""
    found = [
        result['Metrics']['box AP']
        for result in model.get('Results') or ()
        if 'box AP' in result['Metrics']
    ]
    name = Path(model['Config']).stem
    architecture = _published(name)
    if not found or architecture is None:
        return
    weights = (model.get('Foreign Weights') or [{}])[0]
    counts = complexity(architecture, DETECTOR_IMAGE, num_classes=0)
    yield Candidate(
        network=name,
        accuracy=found[0],
        metric='box AP',
        recipe=f'{collection["Name"]}, {model["Metadata"]["Epochs"]} epochs: '
        + ', '.join(collection['Metadata']['Training Techniques']),
        kind=collection['Name'],
        source=collection['Metadata']['Source of Results'],
        weights=weights.get('Weights'),
        config=model['Config'],
        architecture=architecture,
        resolution=DETECTOR_IMAGE,
        flops=counts.flops,
        parameters=counts.parameters,
        num_classes=0,
        colours=weights.get('Images', ''),
    )


def _published(name: str) -> Architecture | None:
    """The RegNet whose name stands in that of a config; None for other networks."""
    found = _NAME.search(name)
    if found is None or 'mdconv' in name:
        return None
    try:
        return architecture_of(f'{found[1]}_{found[2]}')
    except ValueError:  # one of ours, such as regnetx_6.5mf
        return None
