"""Do the annotations and heads of a detector speak of the same classes?

mmdet drops labels that it does not know, or dies of them in the first batch.
"""

import re
from typing import Any

from torch import nn

from regnet_plugin.training.checks.classes.dataset_classes import (
    listed,
    metainfo_of,
    wrapped_datasets,
)

_HEAD = re.compile(r'(.*\.)?(bbox|mask)_head(\.\d+)?')  # others count stuff or background, too
_SHOWN = 3  # names in a message, which go on with advice


def check_categories(dataset: Any) -> None:
    """Look for each class among the categories of a file of COCO's kind.

    Args:
        dataset: with the ``cat_ids`` that were found, or around such; others are left alone.

    Raises:
        ValueError: which file it is, and how many classes it has.
    """
    for part in wrapped_datasets(dataset):
        expected = metainfo_of(part).get('classes')
        if not hasattr(part, 'cat_ids') or not expected:
            continue
        if isinstance(expected, str):
            raise ValueError(
                f'metainfo.classes must be a list or tuple of names, such as ({expected!r}, ), but '
                f'it is {expected!r}'
            )
        if len(part.cat_ids) != len(expected):
            raise ValueError(
                f'{part.ann_file} must have a category named like each of the classes, but it has '
                f'{len(part.cat_ids)} of the {len(expected)} ({listed(expected, _SHOWN)}); name '
                'yours: dataset.metainfo.classes'
            )


def check_heads(model: nn.Module, dataset: Any) -> None:
    """Compare the number of classes of a detector's heads with the number that the labels have.

    Args:
        model: built; others than detectors are left alone.
        dataset: perhaps around others.

    Raises:
        ValueError: which head has another one. Of too few mmdet dies in training, of too many in
            the evaluation.
    """
    number = max(_number_of_labels(part) for part in wrapped_datasets(dataset))
    if not number or hasattr(model, 'language_model'):  # whose head counts words
        return
    for name, module in model.named_modules():
        classes = getattr(module, 'num_classes', number)
        if _HEAD.fullmatch(name) and classes != number:
            raise ValueError(
                f"model.{name}.num_classes must be the number of the dataset's classes, {number}, "
                f'but it is {classes}'
            )


def _number_of_labels(dataset: Any) -> int:
    """How many categories label a dataset; 0 of others. Of a panoptic set only things are."""
    if not hasattr(dataset, 'cat_ids'):
        return 0
    metainfo = metainfo_of(dataset)
    return len(metainfo.get('thing_classes') or metainfo.get('classes') or ())
